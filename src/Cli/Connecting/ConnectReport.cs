using System.Text.Json;
using Callgate.Gateway.Clients;
using Callgate.Cli.Scanning;

namespace Callgate.Cli.Connecting;

/// <summary>Says what became of a client's servers.</summary>
/// <param name="backup">Where the file of before lies; null when nothing was written.</param>
internal sealed class ConnectReport(McpClient client, UserFile file, ConnectPlan plan, Backup? backup)
{
    public JsonElement Json() => JsonSerializer.SerializeToElement(new
    {
        client = client.Name,
        file = file.Path,
        changed = backup is not null,
        backup = backup?.Path,
        servers = plan.Servers.Select(static server => new
        {
            server = ShownServer.Word(server.Entry.Name),
            scope = ShownServer.Word(server.Entry.Scope),
            gate_server = server.GateServer,
            state = Word(server.Standing),
            add = server.Standing == Standing.Unknown ? AddLine.Of(server.Entry) : null,
        }),
    });

    public void Text(Printer print, bool dryRun)
    {
        print.Table(
            ["SERVER", "AT THE GATE", "STATE"],
            plan.Servers.Select(server => (IReadOnlyList<string>)[ShownServer.Word(server.Entry.Name), server.GateServer ?? "-", dryRun && server.Standing == Standing.Connected ? "would be connected" : Word(server.Standing)]),
            $"no servers are configured in {file.Shown}");
        var unknown = plan.Servers.Where(static server => server.Standing == Standing.Unknown).ToList();
        if (unknown.Count > 0)
        {
            print.Line("");
            print.Line("the gate does not know all of them; add one, give the grant its policy there, and connect again:");
            unknown.ForEach(server => print.Line("  " + AddLine.Of(server.Entry)));
        }

        if (backup is null)
        {
            return;
        }

        print.Line("");
        print.Line($"{Printer.Plain(file.Shown)} is rewritten; `callgate connect {client.Name} --undo` puts {Path.GetFileName(backup.Path)} back");
        if (file.IsOpenToOthers())
        {
            print.Line("other users of this machine can read the file, and with it the grant's token: chmod 600 it");
        }
    }

    private static string Word(Standing standing) => standing switch
    {
        Standing.Connected => "connected",
        Standing.Unchanged => "unchanged",
        Standing.Unknown => "unknown to the gate",
        _ => "not changed: change its entry by hand",
    };
}
