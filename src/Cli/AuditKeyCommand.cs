using System.CommandLine;
using System.Text.Json;
using Callgate.Gateway.Audit;

namespace Callgate.Cli;

/// <summary><c>callgate audit key</c>.</summary>
internal static class AuditKeyCommand
{
    public static Command Make()
    {
        var options = new GateOptions();
        var command = options.AddTo(new Command("key", "Prints the key that the heads of the record are signed with; keep it where the record is checked."));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var print = new Printer(parsed.InvocationConfiguration.Output, options.Json(parsed));
            if (parsed.GetValue(options.DataFolder) is { } folder && GateOptions.RunningAt(folder) is null)
            {
                return print.Answer(JsonSerializer.SerializeToElement(new { key = Beside(folder) }), shown => print.Line(Printer.Text(shown, "key")));
            }

            using var gate = options.Connect(parsed);
            var answer = await gate.GetAsync("audit/key", cancellationToken);
            foreach (var fault in answer.GetProperty("faults").EnumerateArray())
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"callgate: {Printer.Plain(fault.GetString()!)}");
            }

            return print.Answer(answer, shown => print.Line(Printer.Text(shown, "key")));
        });
        return command;
    }

    /// <summary>The key that lies in a data folder.</summary>
    public static string Beside(string folder)
    {
        var path = Path.Combine(folder, JournalKey.PublicFileName);
        return File.Exists(path)
            ? File.ReadAllText(path).Trim()
            : throw new CommandFault(ExitCode.Failed, $"callgate: `{path}` is not there; the gate makes it when it starts");
    }
}
