using System.CommandLine;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary><c>callgate grant …</c>.</summary>
internal static class GrantCommands
{
    public static Command Make() => new("grant", "Grants: which agent may use which servers, under which policy.")
    {
        Create(), List(), Rotate(), Revoke(),
    };

    private static Command Create()
    {
        var servers = new Option<string[]>("--server") { Description = "A server, and after `=` its policy; without a policy everything there is refused.", HelpName = "S[=POLICY]", Required = true };
        var label = new Option<string>("--label") { Description = "What the grant is for.", HelpName = "TEXT", Required = true };
        var identity = new Option<string?>("--identity") { Description = "Whom the agent works for.", HelpName = "WHO" };
        var attributes = new Option<string[]>("--attribute") { Description = "A fact about the grant, as NAME=VALUE.", HelpName = "PAIR" };
        var expires = new Option<string?>("--expires") { Description = "When it ends, as 2027-01-01T00:00:00Z.", HelpName = "TIME" };
        return GateOptions.Command("create", "Creates a grant and shows its token, once.", [servers, label, identity, attributes, expires], async call =>
        {
            var parsed = call.Parsed;
            var answer = await call.Gate.PostAsync(
                "grants",
                new
                {
                    label = parsed.GetRequiredValue(label),
                    servers = Pairs(parsed.GetRequiredValue(servers), "--server", optional: true),
                    identity = parsed.GetValue(identity),
                    attributes = Pairs(parsed.GetValue(attributes) ?? [], "--attribute", optional: false),
                    expires = parsed.GetValue(expires),
                },
                call.Cancel);
            return call.Print.Answer(answer, created => ShowToken(call, created));
        });
    }

    private static Command List() => GateOptions.Command("list", "Lists the grants.", [], async call =>
        call.Print.Answer(await call.Gate.GetAsync("grants", call.Cancel), answer => call.Print.Table(
            ["ID", "LABEL", "IDENTITY", "SERVERS", "EXPIRES", "SOURCE", "STATE"],
            answer.GetProperty("grants").EnumerateArray().Select(static grant => (IReadOnlyList<string>)
            [
                Printer.Text(grant, "id"), Printer.Text(grant, "label"), Printer.Text(grant, "identity"), Printer.Text(grant, "servers"),
                Printer.Text(grant, "expires"), grant.GetProperty("declared").GetBoolean() ? "file" : "store", State(grant),
            ]),
            "no grants; create one with `callgate grant create --server NAME=POLICY --label TEXT`")));

    private static Command Rotate()
    {
        var id = Id();
        return GateOptions.Command("rotate", "Gives a grant another token; the old one ends at once.", [id], async call =>
            call.Print.Answer(
                await call.Gate.PostAsync($"grants/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}/rotate", null, call.Cancel),
                rotated => ShowToken(call, rotated)));
    }

    private static Command Revoke()
    {
        var id = Id();
        return GateOptions.Command("revoke", "Ends a grant at once.", [id], async call =>
            call.Print.Answer(
                await call.Gate.DeleteAsync($"grants/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}", call.Cancel),
                revoked => call.Print.Line($"grant {Printer.Text(revoked, "id")} ({Printer.Cell(Printer.Text(revoked, "label"))}) is revoked")));
    }

    private static Argument<string> Id() => new("id") { Description = "The grant's id, as `grant list` shows it." };

    private static void ShowToken(GateCall call, JsonElement grant)
    {
        call.Print.Line($"grant {Printer.Text(grant, "id")} ({Printer.Cell(Printer.Text(grant, "label"))}): {Printer.Text(grant, "servers")}");
        call.Print.Line(Printer.Text(grant, "token"));
        call.Print.Line("This token is shown only now; the gate keeps no copy. Send it as `Authorization: Bearer`.");
    }

    private static string State(JsonElement grant)
    {
        if (grant.GetProperty("revoked").ValueKind != JsonValueKind.Null)
        {
            return "revoked";
        }

        return grant.GetProperty("stopped").GetBoolean() ? "stopped" : "open";
    }

    private static Dictionary<string, string?> Pairs(string[] given, string option, bool optional)
    {
        var pairs = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
            if (name.Length == 0 || (value is null && !optional) || value is "" || !pairs.TryAdd(name, value))
            {
                throw new CommandFault(ExitCode.Usage, $"callgate: {option} takes {(optional ? "SERVER or SERVER=POLICY" : "NAME=VALUE")}, each name once; `{text}` is not that");
            }
        }

        return pairs;
    }
}
