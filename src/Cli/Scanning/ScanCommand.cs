using System.Collections.Immutable;
using System.CommandLine;
using System.Runtime.InteropServices;
using Callgate.Cli.Connecting;
using Callgate.Gateway.Clients;
using Callgate.Gateway.Configuration;

namespace Callgate.Cli.Scanning;

/// <summary><c>callgate scan</c>: which servers the clients on this machine use, and what is wrong with that.</summary>
internal sealed class ScanCommand
{
    private readonly Option<string[]> files = new("--file") { Description = "Read this file instead of those of the clients.", HelpName = "FILE" };
    private readonly Option<string?> home = new("--home") { Description = "Whose files: this folder instead of the user's own.", HelpName = "DIR" };
    private readonly Option<string?> project = new("--project") { Description = "The folder whose project files are read too; without: the current one.", HelpName = "DIR" };
    private readonly Option<bool> start = new("--start") { Description = "Start each server, or call it, and list its tools; asks before each." };
    private readonly Option<bool> yes = new("--yes") { Description = "With --start: do not ask." };
    private readonly Option<string> limit = new("--timeout") { Description = "With --start: how long a server may take.", HelpName = "LENGTH", DefaultValueFactory = static _ => "60s" };
    private readonly Option<string?> failOn = new("--fail-on") { Description = "Exit with 3 when a finding or a tool is that bad or worse: low, medium, high or critical. Servers behind the gate do not count.", HelpName = "SEVERITY" };
    private readonly Option<string?> gate = new("--gate") { Description = "Address of the gate, to know which servers go through it (or CALLGATE_URL; without: " + GateOptions.DefaultUrl + ").", HelpName = "URL" };
    private readonly Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
    private readonly TextReader? input;

    private ScanCommand(TextReader? input) => this.input = input;

    public static Command Make(TextReader? input)
    {
        var scan = new ScanCommand(input);
        var command = new Command("scan", "Finds the MCP servers that clients on this machine are configured with, and the secrets and risks in that. Exit codes: 0 fine, 1 failed, 2 usage, 3 --fail-on is met.")
        {
            scan.files, scan.home, scan.project, scan.start, scan.yes, scan.limit, scan.failOn, scan.gate, scan.json,
        };
        command.SetAction(scan.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var threshold = Threshold(parsed);
        var starts = parsed.GetValue(start);
        if (starts && !parsed.GetValue(yes) && input is null && Console.IsInputRedirected)
        {
            throw new CommandFault(ExitCode.Usage, "callgate: there is no terminal to ask before each server; say --yes to start them all");
        }

        var where = ClientHome.Of(parsed.GetValue(home), parsed.GetValue(project));
        var given = parsed.GetValue(files) ?? [];
        var candidates = given.Length > 0
            ? given.Select(static path => new ClientFile(ClientBook.Of(path), Path.GetFullPath(path), null))
            : ClientBook.All.SelectMany(where.Files);
        var scan = await Scan.OfAsync(candidates, Gate(parsed), named: given.Length > 0);
        scan = starts ? scan with { Servers = await AskAsync(scan, parsed, ct) } : scan;

        var report = new ScanReport(scan, where);
        var print = new Printer(parsed.InvocationConfiguration.Output, parsed.GetValue(json));
        print.Answer(report.Json(), _ => report.Text(print));
        return threshold is { } met && scan.Worst >= met ? ExitCode.RiskFound : ExitCode.Fine;
    }

    private Severity? Threshold(ParseResult parsed)
    {
        if (parsed.GetValue(failOn) is not { } word)
        {
            return null;
        }

        return Enum.GetValues<Severity>().Where(static severity => severity != Severity.None).Cast<Severity?>().FirstOrDefault(severity => ScanReport.Word(severity!.Value) == word)
            ?? throw new CommandFault(ExitCode.Usage, "callgate: --fail-on takes low, medium, high or critical");
    }

    private GateAddress Gate(ParseResult parsed) =>
        new(parsed.GetValue(gate) ?? (Environment.GetEnvironmentVariable("CALLGATE_URL") is { Length: > 0 } variable ? variable : GateOptions.DefaultUrl));

    private async Task<ImmutableArray<ScannedServer>> AskAsync(Scan scan, ParseResult parsed, CancellationToken ct)
    {
        var length = Quantity.TryDuration(parsed.GetValue(limit)!) is { } given && given > TimeSpan.Zero
            ? given
            : throw new CommandFault(ExitCode.Usage, "callgate: --timeout takes a length such as 30s");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        using var probe = new ServerProbe(length, [.. scan.Files.Select(static file => file.File.Path)]);
        if (scan.Servers.Any(static server => server.Entry.Transport == "stdio") && !await probe.IsIsolatedAsync())
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync("callgate: what is started here can read the configurations and their secrets; install bubblewrap to keep it from them");
        }

        var asked = ImmutableArray.CreateBuilder<ScannedServer>(scan.Servers.Length);
        foreach (var server in scan.Servers)
        {
            var starts = server.GateServer is null && (parsed.GetValue(yes) || await AgreesAsync(server, parsed));
            asked.Add(starts ? server with { Asked = await AskAsync(probe, server, stop.Token) } : server);
        }

        return ScannedNames.Told(asked.MoveToImmutable());
    }

    private static async Task<Asked> AskAsync(ServerProbe probe, ScannedServer server, CancellationToken stop)
    {
        try
        {
            return await probe.AskAsync(server.Entry, server.File.Folder, stop);
        }
        catch (OperationCanceledException)
        {
            throw new CommandFault(ExitCode.Failed, "callgate: interrupted; what was started has been ended");
        }
    }

    private async Task<bool> AgreesAsync(ScannedServer server, ParseResult parsed)
    {
        var verb = server.Entry.Transport == "stdio" ? "start" : "call";
        var question = $"{verb} `{ShownServer.Word(server.Entry.Name)}` of {server.File.Client.Title}: {ShownServer.Whole(server.Entry)} ? [y/N] ";
        await parsed.InvocationConfiguration.Error.WriteAsync(Printer.Plain(question));
        return (await (input ?? Console.In).ReadLineAsync())?.Trim().ToLowerInvariant() is "y" or "yes";
    }
}
