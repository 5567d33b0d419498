using System.CommandLine;
using System.Text.Json;
using Callgate.Gateway.Admin;

namespace Callgate.Cli;

/// <summary><c>callgate backup</c> and <c>callgate restore</c>.</summary>
internal static class BackupCommands
{
    public static Command MakeBackup() => GateOptions.Command("backup", "Writes a backup into `backups` of the gate's data folder. It holds the keys: keep it as secret as the folder.", [], async call =>
        call.Print.Answer(
            await call.Gate.PostAsync("backups", null, call.Cancel),
            answer => call.Print.Line($"backup {Printer.Text(answer, "name")}: {Printer.Text(answer, "bytes")} bytes, journal up to entry {Printer.Text(answer, "journal_seq")}")));

    public static Command MakeRestore()
    {
        var file = new Argument<string>("file") { Description = "The backup." };
        var data = new Option<string>("--data") { Description = "The data folder to make; it must be new or empty.", HelpName = "DIR", Required = true };
        var json = new Option<bool>("--json") { Description = "Print JSON for scripts." };
        var command = new Command("restore", "Unpacks a backup into a new data folder, while no gate runs on it.") { file, data, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(data));
            if (await BackupArchive.RestoreAsync(parsed.GetRequiredValue(file), folder, cancellationToken) is { } fault)
            {
                throw new CommandFault(ExitCode.Failed, $"callgate: {fault}");
            }

            var print = new Printer(parsed.InvocationConfiguration.Output, parsed.GetValue(json));
            return print.Answer(
                JsonSerializer.SerializeToElement(new { restored = folder }),
                _ => print.Line($"restored into {folder}; start the gate with `callgate serve --data {folder}`, which makes a new administrator's token"));
        });
        return command;
    }
}
