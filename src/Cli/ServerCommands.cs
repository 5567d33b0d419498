using System.CommandLine;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary><c>callgate server …</c>.</summary>
internal static class ServerCommands
{
    public static Command Make() => new("server", "Servers behind the gate.")
    {
        Add(), List(), Show(), Credentials(), Remove(), Tools(), Test(),
    };

    private static Command Add()
    {
        var name = Name();
        var target = new Argument<string[]>("target") { Description = "The URL of the server, or after `--` the command that starts it.", Arity = ArgumentArity.OneOrMore };
        var transport = new Option<string?>("--transport") { Description = "http (default) or sse, for a URL.", HelpName = "KIND" };
        var headers = new Option<string[]>("--header") { Description = "A header for the server, as `Name: value`; kept sealed.", HelpName = "HEADER" };
        var env = new Option<string[]>("--env") { Description = "A variable for the command, as NAME=VALUE; kept sealed.", HelpName = "PAIR" };
        var methods = new Option<string[]>("--allow-method") { Description = "A method beyond the protocol that the server may be asked for.", HelpName = "METHOD" };
        var open = new Option<bool>("--public") { Description = "Show the server on public pages." };
        var drift = new Option<string?>("--on-drift") { Description = "block (default), report, or approve to ask a person about each call, when a tool changes.", HelpName = "WHAT" };
        var fresh = new Option<string?>("--on-new") { Description = "block (default) or categorise, when a tool appears.", HelpName = "WHAT" };
        var kept = new Option<string?>("--record-arguments") { Description = "names (default), or sealed to keep the values of arguments too, under the operator key.", HelpName = "WHAT" };
        return GateOptions.Command("add", "Adds a server.", [name, target, transport, headers, env, methods, open, drift, fresh, kept], async call =>
        {
            var parsed = call.Parsed;
            var given = parsed.GetRequiredValue(target);
            var isUrl = given is [var only] && only.Contains("://", StringComparison.Ordinal);
            var body = new Dictionary<string, object?>
            {
                ["name"] = parsed.GetRequiredValue(name),
                [isUrl ? "url" : "command"] = isUrl ? given[0] : given,
                ["transport"] = parsed.GetValue(transport),
                ["headers"] = Pairs(parsed.GetValue(headers), ':', "--header takes `Name: value`"),
                ["env"] = Pairs(parsed.GetValue(env), '=', "--env takes NAME=VALUE"),
                ["methods_allow"] = parsed.GetValue(methods) ?? [],
                ["public"] = parsed.GetValue(open),
                ["on_drift"] = parsed.GetValue(drift),
                ["on_new"] = parsed.GetValue(fresh),
                ["recorded_arguments"] = parsed.GetValue(kept),
            };
            var answer = await call.Gate.PostAsync("servers", body, call.Cancel);
            return call.Print.Answer(answer, added => call.Print.Line($"server {Printer.Text(added, "name")} added; see what it offers with `callgate server tools {Printer.Text(added, "name")}`"));
        });
    }

    private static Command List() => GateOptions.Command("list", "Lists the servers.", [], async call =>
        call.Print.Answer(await call.Gate.GetAsync("servers", call.Cancel), answer => call.Print.Table(
            ["NAME", "TRANSPORT", "TARGET", "TOOLS", "DRIFTED", "WAITING", "SOURCE", "STATE"],
            answer.GetProperty("servers").EnumerateArray().Select(static server => (IReadOnlyList<string>)
            [
                Printer.Text(server, "name"), Printer.Text(server, "transport"), Target(server), Printer.Text(server, "tools_reviewed"),
                Printer.Text(server, "tools_drifted"), Printer.Text(server, "tools_waiting"), Source(server), State(server),
            ]),
            "no servers; add one with `callgate server add NAME URL`")));

    private static Command Show()
    {
        var name = Name();
        return GateOptions.Command("show", "Shows one server.", [name], async call =>
            call.Print.Answer(await call.Gate.GetAsync($"servers/{Escaped(call, name)}", call.Cancel), answer => call.Print.Table(
                ["MEMBER", "VALUE"],
                answer.EnumerateObject().Select(member => (IReadOnlyList<string>)[member.Name, Printer.Text(answer, member.Name)]),
                string.Empty)));
    }

    private static Command Credentials()
    {
        var name = Name();
        var headers = new Option<string[]>("--header") { Description = "A header to set, as `Name: value`; kept sealed.", HelpName = "HEADER" };
        var env = new Option<string[]>("--env") { Description = "A variable to set, as NAME=VALUE; kept sealed.", HelpName = "PAIR" };
        var remove = new Option<string[]>("--remove") { Description = "A header or variable to take away.", HelpName = "NAME" };
        return GateOptions.Command("credentials", "Gives headers or variables of a server other values; what is not named stays.", [name, headers, env, remove], async call =>
        {
            var body = new Dictionary<string, object?>
            {
                ["headers"] = Pairs(call.Parsed.GetValue(headers), ':', "--header takes `Name: value`"),
                ["env"] = Pairs(call.Parsed.GetValue(env), '=', "--env takes NAME=VALUE"),
                ["remove"] = call.Parsed.GetValue(remove) ?? [],
            };
            var answer = await call.Gate.PutAsync($"servers/{Escaped(call, name)}/credentials", body, call.Cancel);
            return call.Print.Answer(answer, changed => call.Print.Line($"server {Printer.Text(changed, "name")} has them from now on"));
        });
    }

    private static Command Remove()
    {
        var name = Name();
        return GateOptions.Command("remove", "Removes a server and what was reviewed of it.", [name], async call =>
            call.Print.Answer(
                await call.Gate.DeleteAsync($"servers/{Escaped(call, name)}", call.Cancel),
                answer => call.Print.Line($"server {Printer.Text(answer, "name")} removed")));
    }

    private static Command Tools()
    {
        var name = Name();
        var accept = new Option<bool>("--accept") { Description = "Review what changed or is new, as `callgate catalogue accept` does; all of it without --tool." };
        var tools = new Option<string[]>("--tool") { Description = "Accept only this tool.", HelpName = "TOOL" };
        return GateOptions.Command("tools", "Lists the tools of a server and what became of them since they were reviewed.", [name, accept, tools], async call =>
        {
            var chosen = call.Parsed.GetValue(tools) ?? [];
            var accepts = call.Parsed.GetValue(accept);
            if (chosen.Length > 0 && !accepts)
            {
                throw new CommandFault(ExitCode.Usage, "callgate: --tool goes with --accept");
            }

            var server = call.Parsed.GetRequiredValue(name);
            return ToolReview.Print(call, accepts ? await ToolReview.AcceptAsync(call, server, new { tools = chosen }) : await ToolReview.LookAsync(call, server));
        });
    }

    private static Command Test()
    {
        var name = Name();
        return GateOptions.Command("test", "Connects to a server and lists its tools, changing nothing.", [name], async call =>
        {
            var answer = await call.Gate.PostAsync($"servers/{Escaped(call, name)}/test", null, call.Cancel);
            var reached = answer.GetProperty("reached").GetBoolean();
            call.Print.Answer(answer, shown => call.Print.Line(reached
                ? $"reached: protocol {Printer.Cell(Printer.Text(shown, "protocol_version"))}, {Printer.Text(shown, "tools")} tools, {Printer.Text(shown, "duration_ms")} ms"
                : $"not reached: {Printer.Plain(Printer.Text(shown, "fault"))}"));
            return reached ? ExitCode.Fine : ExitCode.Failed;
        });
    }

    private static Argument<string> Name() => new("name") { Description = "The server's name." };

    private static string Escaped(GateCall call, Argument<string> name) => Uri.EscapeDataString(call.Parsed.GetRequiredValue(name));

    private static string Target(JsonElement server) => Printer.Text(server, "url") is not "-" and var url ? url : Printer.Text(server, "command").Replace(", ", " ", StringComparison.Ordinal);

    private static string Source(JsonElement element) => element.GetProperty("declared").GetBoolean() ? "file" : "store";

    private static string State(JsonElement element) => element.GetProperty("stopped").GetBoolean() ? "stopped" : "open";

    private static Dictionary<string, string> Pairs(string[]? given, char separator, string usage)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in given ?? [])
        {
            var at = text.IndexOf(separator, StringComparison.Ordinal);
            if (at <= 0 || !pairs.TryAdd(text[..at].Trim(), separator == ':' ? text[(at + 1)..].Trim() : text[(at + 1)..]))
            {
                // The text may be a secret, so it is not repeated.
                throw new CommandFault(ExitCode.Usage, $"callgate: {usage}, each name once");
            }
        }

        return pairs;
    }
}
