using System.CommandLine;
using Callgate.Gateway.Audit;

namespace Callgate.Cli;

/// <summary><c>callgate audit export</c>.</summary>
internal static class AuditExportCommand
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    public static Command Make()
    {
        var filters = AuditCommands.FilterOptions();
        var format = new Option<string>("--format") { Description = "jsonl (the whole journal with its signed heads, for `audit verify`), csv or ocsf.", HelpName = "jsonl|csv|ocsf", DefaultValueFactory = static _ => "jsonl" };
        format.AcceptOnlyFromAmong("jsonl", "csv", "ocsf");
        var output = new Option<string?>("--output", "-o") { Description = "Write to this file instead of stdout.", HelpName = "FILE" };
        var options = new GateOptions();
        var command = options.AddTo(new Command("export", "Writes the record for others: to check it, for a spreadsheet, for a security log.") { format, output });
        foreach (var filter in filters)
        {
            command.Add(filter);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var given = AuditCommands.Query(parsed, filters);
            var name = parsed.GetValue(format)!;
            if (name == "jsonl" && given.Length > 0)
            {
                throw new CommandFault(ExitCode.Usage, "callgate: an export that can be verified is whole: jsonl takes no filters; use `audit search --json`, or --format csv or ocsf");
            }

            var offline = parsed.GetValue(options.DataFolder) is { } folder && GateOptions.RunningAt(folder) is null ? folder : null;
            if (offline is not null && name != "jsonl")
            {
                throw new CommandFault(ExitCode.Failed, $"callgate: {name} is made by a running gate; start one on `{offline}`, or export jsonl");
            }

            await using var target = Open(parsed.GetValue(output));
            await using var counted = new CountedStream(target, ProgressEvery, parsed.InvocationConfiguration.Error);
            if (offline is not null)
            {
                WriteOffline(offline, counted);
            }
            else
            {
                using var gate = options.Connect(parsed);
                await gate.DownloadAsync($"audit/export?format={name}{given}", counted, cancellationToken);
            }

            await counted.FlushAsync(cancellationToken);
            return ExitCode.Fine;
        });
        return command;
    }

    private static Stream Open(string? path)
    {
        try
        {
            return path is null ? Console.OpenStandardOutput() : new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFault(ExitCode.Failed, File.Exists(path)
                ? $"callgate: `{path}` is there already; name another file"
                : $"callgate: `{path}` cannot be written: {exception.Message.TrimEnd('.')}");
        }
    }

    private static void WriteOffline(string folder, Stream output)
    {
        var journal = AuditVerifyCommand.JournalOf(folder);
        using var key = File.Exists(Path.Combine(folder, JournalKey.PublicFileName)) ? NoteKey.TryParse(AuditKeyCommand.Beside(folder)) : null;
        AuditExport.WriteJournal(journal, key, long.MaxValue, output);
    }
}
