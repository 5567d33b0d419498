using System.Text.Json;
using Callgate.Cli.Connecting;

namespace Callgate.Cli.Scanning;

/// <summary>Shows what was found, to people and to scripts. Nothing here has seen a secret whole.</summary>
internal sealed class ScanReport(Scan scan, ClientHome home)
{
    private int Counted => scan.Servers.Count(static server => server.GateServer is null);

    public JsonElement Json() => JsonSerializer.SerializeToElement(new
    {
        files = scan.Files.Select(file => new { client = file.File.Client.Name, file = file.File.Path, findings = file.Findings.Select(Json) }),
        servers = scan.Servers.Select(Json),
        summary = new
        {
            files = scan.Files.Length,
            servers = Counted,
            through_gate = scan.Servers.Length - Counted,
            worst = Word(scan.Worst),
        },
    });

    public void Text(Printer print)
    {
        print.Table(
            ["CLIENT", "FILE", "SERVER", "TRANSPORT", "TARGET", "WORST"],
            scan.Servers.Select(server => (IReadOnlyList<string>)
                [server.File.Client.Title, Shown(server.File), Name(server), server.Entry.Transport, ShownServer.Target(server.Entry), server.GateServer is { } gate ? $"through the gate ({gate})" : Word(server.Worst)]),
            scan.Files.Length == 0 ? "no configuration of a client was found" : "no servers are configured");
        Section(print, "findings", Findings());
        Section(print, "tools", scan.Servers.SelectMany(Tools));
        print.Line("");
        print.Line($"{Counted} servers beside the gate, {scan.Servers.Length - Counted} through it, in {scan.Files.Length} files; worst: {Word(scan.Worst)}");
    }

    public static string Word(Severity severity) => severity.ToString().ToLowerInvariant();

    private static void Section(Printer print, string title, IEnumerable<string> lines)
    {
        foreach (var (line, at) in lines.Select(static (line, at) => (line, at)))
        {
            if (at == 0)
            {
                print.Line("");
                print.Line(title + ":");
            }

            print.Line("  " + Printer.Plain(line));
        }
    }

    private IEnumerable<string> Findings()
    {
        var files = scan.Files.SelectMany(file => file.Findings.Select(finding => (finding, $"{Shown(file.File)} {finding.Message}")));
        var servers = scan.Servers.SelectMany(server => server.Findings.Select(finding =>
            (finding, $"{Shown(server.File)} {Name(server)}{(finding.Where.Length > 0 ? $" {finding.Where}" : "")}: {finding.Message}")));
        return files.Concat(servers).OrderByDescending(static pair => pair.finding.Severity).Select(static pair => $"{Word(pair.finding.Severity),-8}  {pair.Item2}");
    }

    private IEnumerable<string> Tools(ScannedServer server)
    {
        if (server.Asked is not { } asked)
        {
            return [];
        }

        return asked.Fault is { } fault
            ? [$"{"-",-8}  {Shown(server.File)} {Name(server)}: {fault}"]
            : asked.Tools.OrderByDescending(static tool => tool.Risk).Select(tool => $"{Word(tool.Risk),-8}  {Shown(server.File)} {Name(server)}: {tool.Name} ({Category(tool)})");
    }

    private string Shown(ClientFile file) => home.Shown(file.Path);

    private static string Name(ScannedServer server) => ShownServer.Word(server.Entry.Name);

    private static string Category(RiskyTool tool) => tool.Category?.ToString() ?? "not classified";

    private static object Json(ScannedServer server) => new
    {
        client = server.File.Client.Name,
        file = server.File.Path,
        scope = ShownServer.Word(server.Entry.Scope),
        server = Name(server),
        transport = server.Entry.Transport,
        command = server.Entry.Command is { } command ? ShownServer.Arguments(server.Entry).Prepend(ShownServer.Word(command)) : null,
        url = server.Entry.Url is { } url ? ShownServer.Address(url) : null,
        through_gate = server.GateServer,
        worst = Word(server.Worst),
        findings = server.Findings.Select(Json),
        tools = server.Asked is { Fault: null } asked ? asked.Tools.Select(static tool => new { name = tool.Name, category = tool.Category?.ToString(), risk = Word(tool.Risk) }) : null,
        fault = server.Asked?.Fault,
    };

    private static object Json(Finding finding) => new { severity = Word(finding.Severity), kind = finding.Kind, where = finding.Where, message = finding.Message };
}
