using System.CommandLine;
using System.Text;
using Callgate.Gateway.Clients;
using Callgate.Cli.Scanning;

namespace Callgate.Cli.Connecting;

/// <summary><c>callgate connect</c>: sends the servers of a client through the gate, and back.</summary>
internal sealed class ConnectCommand
{
    private const string TokenVariable = "CALLGATE_GRANT";

    private readonly Argument<string> client = new("client") { Description = "Which client: " + ClientBook.Names + "." };
    private readonly Option<string[]> servers = new("--server") { Description = "Only this server of the client, and after `=` the gate's name for it.", HelpName = "NAME[=GATE]" };
    private readonly Option<string?> file = new("--file") { Description = "The file to rewrite instead of the user's own, such as one of a project.", HelpName = "FILE" };
    private readonly Option<string?> home = new("--home") { Description = "Whose files: this folder instead of the user's own.", HelpName = "DIR" };
    private readonly Option<string?> gate = new("--gate") { Description = "Where clients reach the gate; without: the address its administration has.", HelpName = "URL" };
    private readonly Option<string?> grant = new("--grant") { Description = "The token of the grant. Other users of the machine can see it on a command line: better use --grant-file or " + TokenVariable + ".", HelpName = "TOKEN" };
    private readonly Option<string?> grantFile = new("--grant-file") { Description = "A file whose first line is the token of the grant.", HelpName = "FILE" };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Only say what would become of each server." };
    private readonly Option<bool> undo = new("--undo") { Description = "Put the newest backup back." };
    private readonly Option<bool> force = new("--force") { Description = "With --undo: even though the file was changed since." };
    private readonly GateOptions options = new();

    private ConnectCommand()
    {
    }

    public static Command Make()
    {
        var connect = new ConnectCommand();
        var command = new Command("connect", "Rewrites a client's configuration so that its servers go through the gate. What it held is kept beside it.")
        {
            connect.client, connect.servers, connect.file, connect.home, connect.gate, connect.grant, connect.grantFile, connect.dryRun, connect.undo, connect.force,
        };
        connect.options.AddTo(command).SetAction(connect.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var known = ClientBook.Find(parsed.GetValue(client)!)
            ?? throw new CommandFault(ExitCode.Usage, $"callgate: `{Printer.Plain(parsed.GetValue(client)!)}` is no client that is known; known are {ClientBook.Names}");
        var target = await FileAsync(known, parsed);
        var print = new Printer(parsed.InvocationConfiguration.Output, options.Json(parsed));
        return parsed.GetValue(undo)
            ? await new Undoing(known, target, parsed.GetValue(force)).RunAsync(print)
            : await ConnectAsync(known, target, parsed, print, ct);
    }

    private async Task<int> ConnectAsync(McpClient known, UserFile target, ParseResult parsed, Printer print, CancellationToken ct)
    {
        var through = new GateTarget(new GateAddress(parsed.GetValue(gate) ?? options.Address(parsed)), Token(parsed));
        var chosen = Chosen(parsed);
        var (atGate, silence) = await AskGateAsync(parsed, ct);
        if (atGate is null && chosen.Count == 0)
        {
            throw new CommandFault(ExitCode.Failed, $"{silence}", "callgate: without an answer say which servers go through it with --server NAME, or --server NAME=GATE where the gate has another name");
        }

        var bytes = await target.ReadAsync();
        var (document, fault) = ConfigFile.Parse(bytes, known.Format, known.Holders);
        if (document is null)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: `{target.Shown}` {fault}");
        }

        var plan = ConnectPlan.Of(document, known, through, chosen, atGate);
        var (dry, backup) = (parsed.GetValue(dryRun), (Backup?)null);
        if (plan.Changes && !dry)
        {
            backup = Backup.Keep(target.Path, bytes, plan.Content);
            await WriteAsync(target, bytes, plan.Content, backup);
        }

        var report = new ConnectReport(known, target, plan, backup);
        print.Answer(report.Json(), _ => report.Text(print, dry));
        return plan.Servers.Any(static server => server.Standing is Standing.Connected or Standing.Unchanged) ? ExitCode.Fine : ExitCode.Failed;
    }

    private static async Task WriteAsync(UserFile target, byte[] before, byte[] after, Backup backup)
    {
        try
        {
            await target.ReplaceAsync(before, after);
        }
        catch (CommandFault)
        {
            // The file is as it was, so that there is nothing to undo.
            File.Delete(backup.Path);
            throw;
        }
    }

    /// <summary>The named file, or the one file of the user in which this client has servers.</summary>
    private async Task<UserFile> FileAsync(McpClient known, ParseResult parsed)
    {
        var where = ClientHome.Of(parsed.GetValue(home), null);
        if (parsed.GetValue(file) is { } named)
        {
            var given = new UserFile(Path.GetFullPath(named), named);
            given.RefuseLinks(Path.GetDirectoryName(Path.GetDirectoryName(given.Path)) ?? "/");
            return given;
        }

        var own = where.Files(known).Where(static one => one.Folder is null).ToList();
        var found = new List<ClientFile>();
        foreach (var one in own)
        {
            var (bytes, fault) = await ConfigFile.ReadAsync(one.Path);
            var inUse = fault is not null || (bytes is not null && Holds(bytes, known));
            found.AddRange(inUse ? [one] : []);
        }

        var chosen = found switch
        {
            [var only] => only,
            [] => throw new CommandFault(ExitCode.Failed, $"callgate: {known.Title} has no servers in {string.Join(" or ", own.Select(one => where.Shown(one.Path)))}; name another file with --file"),
            _ => throw new CommandFault(ExitCode.Usage, $"callgate: {known.Title} has servers in {string.Join(" and ", found.Select(one => where.Shown(one.Path)))}; name one with --file"),
        };
        var target = new UserFile(chosen.Path, where.Shown(chosen.Path));
        target.RefuseLinks(where.Root);
        return target;
    }

    private static bool Holds(byte[] bytes, McpClient known) =>
        ConfigFile.Parse(bytes, known.Format, known.Holders) is not { Document: { } document } || ServerEntry.In(document.Root, known.Holders).Entries.Count > 0;

    private string Token(ParseResult parsed)
    {
        var given = parsed.GetValue(grant) ?? (parsed.GetValue(grantFile) is { } path ? FirstLine(path) : Environment.GetEnvironmentVariable(TokenVariable));
        if (string.IsNullOrWhiteSpace(given))
        {
            throw new CommandFault(ExitCode.Usage, $"callgate: give the token of a grant with --grant-file or {TokenVariable}; make one with `callgate grant create --server NAME=POLICY --label TEXT`");
        }

        return given.Length <= 4096 && given.All(static c => c is > ' ' and <= '~') ? given : throw new CommandFault(ExitCode.Usage, "callgate: that is no token of a grant");
    }

    private static string FirstLine(string path)
    {
        try
        {
            return File.ReadLines(path, Encoding.UTF8).FirstOrDefault()?.Trim() ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: `{path}` cannot be read");
        }
    }

    private Dictionary<string, string?> Chosen(ParseResult parsed)
    {
        var chosen = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var text in parsed.GetValue(servers) ?? [])
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            var (name, other) = at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
            if (name.Length == 0 || (other is not null && !Gateway.Configuration.Naming.IsName(other)) || !chosen.TryAdd(name, other))
            {
                throw new CommandFault(ExitCode.Usage, "callgate: --server takes NAME, or NAME=GATE with the gate's name of the server, each name once");
            }
        }

        return chosen;
    }

    /// <summary>The servers of the gate, or why it could not be asked.</summary>
    private async Task<(IReadOnlySet<string>? Servers, string? Silence)> AskGateAsync(ParseResult parsed, CancellationToken ct)
    {
        try
        {
            using var asked = options.Connect(parsed);
            var answer = await asked.GetAsync("servers", ct);
            return (answer.GetProperty("servers").EnumerateArray().Select(static server => Printer.Text(server, "name")).ToHashSet(StringComparer.Ordinal), null);
        }
        catch (CommandFault fault)
        {
            return (null, fault.Message);
        }
    }
}
