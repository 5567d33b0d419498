using System.Text.Json;
using Callgate.Gateway.Clients;

namespace Callgate.Cli.Connecting;

/// <summary>Puts the newest backup of a file back, byte for byte. The backup goes then; what lies behind an older one can be undone next.</summary>
internal sealed class Undoing(McpClient client, UserFile file, bool force)
{
    public async Task<int> RunAsync(Printer print)
    {
        var backup = Backup.Newest(file.Path) ?? throw new CommandFault(ExitCode.Failed, $"callgate: there is no backup of `{file.Shown}` to put back");
        var (now, fault) = await ConfigFile.ReadAsync(file.Path);
        if (fault is not null)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: `{file.Shown}` {fault}");
        }

        if (!force && (now is null || !backup.WasFollowedBy(now)))
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: `{file.Shown}` was changed since it was connected; putting `{Path.GetFileName(backup.Path)}` back would lose that. Compare the two, or say --force");
        }

        var (before, missing) = await ConfigFile.ReadAsync(backup.Path);
        if (before is null)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: the backup `{Path.GetFileName(backup.Path)}` {missing ?? "is not there"}");
        }

        await file.ReplaceAsync(now, before);
        File.Delete(backup.Path);
        var answer = JsonSerializer.SerializeToElement(new { client = client.Name, file = file.Path, restored = backup.Path });
        return print.Answer(answer, _ => print.Line($"{Printer.Plain(file.Shown)} is what it was before"));
    }
}
