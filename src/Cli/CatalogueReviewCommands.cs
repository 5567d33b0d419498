using System.CommandLine;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Approvals;

namespace Callgate.Cli;

/// <summary><c>callgate catalogue drift</c> and <c>callgate catalogue accept</c>: what servers changed since the review.</summary>
internal static class CatalogueReviewCommands
{
    /// <summary>A server that does not answer is waited for; the others are not kept by it.</summary>
    private const int AskedAtOnce = 8;

    private const string Tool = "tool";

    private static readonly JsonElement Nothing = JsonElement.Parse("{}"u8);

    public static Command Drift()
    {
        var server = new Argument<string?>("server") { Description = "Only this server.", Arity = ArgumentArity.ZeroOrOne };
        var history = new Option<bool>("--history") { Description = "Show what became of the definitions so far, newest first, and who accepted what; for one server. It is not asked." };
        return GateOptions.Command("drift", "Shows what changed or appeared since the review, and what differs; all servers are asked now.", [server, history], async call =>
        {
            if (call.Parsed.GetValue(history))
            {
                return await HistoryAsync(call, call.Parsed.GetValue(server) ?? throw new CommandFault(ExitCode.Usage, "callgate: --history goes with one server"));
            }

            var names = call.Parsed.GetValue(server) is { } one ? [one]
                : (await call.Gate.GetAsync("servers", call.Cancel)).GetProperty("servers").EnumerateArray().Select(static known => Printer.Text(known, "name")).ToArray();
            var found = new Drifted[names.Length];
            await Parallel.ForAsync(0, names.Length, new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = call.Cancel }, async (at, _) =>
                found[at] = Drifted.Of(names[at], await ToolReview.LookAsync(call, names[at])));
            return call.Print.Answer(JsonSerializer.SerializeToElement(new { servers = found.Select(static one => one.Json()) }), _ => Print(call, found));
        });
    }

    private static async Task<int> HistoryAsync(GateCall call, string server) => call.Print.Answer(
        await call.Gate.GetAsync($"servers/{Uri.EscapeDataString(server)}/history", call.Cancel),
        answer => call.Print.Table(
            ["TIME", "KIND", "NAME", "WHAT", "WHO", "FROM", "TO"],
            answer.GetProperty("events").EnumerateArray().Select(static one => (IReadOnlyList<string>)
            [
                Printer.Text(one, "time"), Printer.Text(one, "kind"), Printer.Text(one, "name"), Printer.Text(one, "what"), Printer.Text(one, "who"),
                ToolReview.Short(Printer.Text(one, "before")), ToolReview.Short(Printer.Text(one, "after")),
            ]),
            "nothing changed since the review"));

    public static Command Accept()
    {
        var server = new Argument<string>("server") { Description = "The server's name." };
        var one = new Argument<string?>("tool") { Description = "Accept only this tool.", HelpName = "TOOL", Arity = ArgumentArity.ZeroOrOne };
        var tools = Several("--tool", "Accept only this tool; may be given again.", "TOOL");
        var prompts = Several("--prompt", "Accept this prompt.", "NAME");
        var resources = Several("--resource", "Accept this resource.", "ADDRESS");
        var templates = Several("--template", "Accept this template of resources.", "PATTERN");
        var instructions = new Option<bool>("--instructions") { Description = "Accept the server's instructions." };
        var fingerprint = new Option<string?>("--fingerprint") { Description = "Accept only what `catalogue drift` showed with this fingerprint; refused when the server shows something else by now.", HelpName = "HEX" };
        return GateOptions.Command("accept", "Reviews what changed or is new; all of it where nothing is named.", [server, one, tools, prompts, resources, templates, instructions, fingerprint], async call =>
        {
            string[] Given(Option<string[]> option) => call.Parsed.GetValue(option) ?? [];
            string[] chosen = [.. Given(tools), .. call.Parsed.GetValue(one) is { } name ? [name] : Array.Empty<string>()];
            var wanted = new
            {
                tools = chosen,
                prompts = Given(prompts),
                resources = Given(resources),
                templates = Given(templates),
                instructions = call.Parsed.GetValue(instructions),
                fingerprint = call.Parsed.GetValue(fingerprint),
            };
            if (wanted.fingerprint is not null && chosen.Length + wanted.prompts.Length + wanted.resources.Length + wanted.templates.Length + (wanted.instructions ? 1 : 0) > 1)
            {
                throw new CommandFault(ExitCode.Usage, "callgate: --fingerprint goes with one name, or with none for all of a server");
            }

            return ToolReview.Print(call, await ToolReview.AcceptAsync(call, call.Parsed.GetRequiredValue(server), wanted));
        });
    }

    private static Option<string[]> Several(string name, string description, string help) => new(name) { Description = description, HelpName = help };

    private static void Print(GateCall call, Drifted[] servers)
    {
        foreach (var server in servers.Where(static one => one.Fault is not null || one.Tools.Count > 0))
        {
            call.Print.Line($"{Printer.Plain(server.Name)}: {server.Tools.Count(static tool => tool.State == "drifted")} drifted, {server.Tools.Count(static tool => tool.State == "waiting")} waiting");
            if (server.Fault is { } fault)
            {
                call.Print.Line($"  could not be asked now: {Printer.Plain(fault)}");
            }

            foreach (var tool in server.Tools)
            {
                Print(call, tool);
            }

            if (server.Tools.Count > 1 && server.Fingerprint is { } all)
            {
                call.Print.Line($"  all of these: fingerprint {all}");
            }
        }

        var more = servers.Sum(static one => one.Tools.Count);
        call.Print.Line(more == 0 ? "nothing drifted, and nothing waits" : "accept what you have read with `callgate catalogue accept SERVER TOOL --fingerprint HEX`");
    }

    private static void Print(GateCall call, DriftedTool tool)
    {
        call.Print.Line($"  {(tool.Kind == Tool ? "" : tool.Kind + " ")}{DefinitionText.Line(tool.Name)} ({tool.State})");
        if (tool.Changes.Count == 0)
        {
            call.Print.Line("    the server shows the reviewed definition again; it stays as it is until it is accepted");
        }

        foreach (var line in tool.Changes.SelectMany(DefinitionText.Lines))
        {
            call.Print.Line("    " + line);
        }

        foreach (var other in tool.Alike)
        {
            call.Print.Line($"    {(other.IsSame ? "has the name of" : "looks like")} {DefinitionText.Line(other.Tool)} of server {DefinitionText.Line(other.Server)}");
        }

        call.Print.Line(tool.Fingerprint is { } fingerprint ? $"    fingerprint {fingerprint}" : "    the server lists this name more than once; it cannot be accepted before it is listed once");
    }

    /// <summary>What is not reviewed of one server.</summary>
    private sealed record Drifted(string Name, string? Fault, string? Fingerprint, IReadOnlyList<DriftedTool> Tools)
    {
        public static Drifted Of(string server, JsonElement answer) => new(
            server,
            Printer.Text(answer, "fault") is not "-" and var fault ? fault : null,
            Printer.Text(answer, "unreviewed") is not "-" and var all ? all : null,
            [.. answer.GetProperty("tools").EnumerateArray().Concat(answer.GetProperty("others").EnumerateArray()).Where(static tool => Printer.Text(tool, "state") != "reviewed").Select(DriftedTool.Of)]);

        public object Json() => new { server = Name, fault = Fault, fingerprint = Fingerprint, tools = Of(Tool, true), others = Of(Tool, false) };

        private IEnumerable<object> Of(string kind, bool isKind) => Tools.Where(tool => tool.Kind == kind == isKind).Select(static tool => tool.Json());
    }

    /// <summary>A tool, or another thing that a server shows, that is not reviewed, and in what it differs. Of one that waits, all of it is new.</summary>
    private sealed record DriftedTool(string Kind, string Name, string State, string? Fingerprint, JsonElement? Definition, JsonElement? Live, IReadOnlyList<DefinitionChange> Changes)
    {
        public static DriftedTool Of(JsonElement tool)
        {
            var (state, definition) = (Printer.Text(tool, "state"), tool.GetProperty("definition"));
            var kind = tool.TryGetProperty("kind", out var told) ? told.GetString()! : Tool;
            var fingerprint = Printer.Text(tool, "shown_fingerprint") is not "-" and var shown ? shown : null;
            IReadOnlyList<Namesake> alike = tool.TryGetProperty("alike", out var others)
                ? [.. others.EnumerateArray().Select(static other => new Namesake(other.GetProperty("server").GetString()!, other.GetProperty("tool").GetString()!, other.GetProperty("is_same").GetBoolean()))]
                : [];
            return (state == "waiting"
                ? new DriftedTool(kind, Printer.Text(tool, "name"), state, fingerprint, null, definition, DefinitionDiff.Compare(Nothing, definition))
                : new DriftedTool(kind, Printer.Text(tool, "name"), state, fingerprint, definition, tool.GetProperty("drifted_to"), DefinitionDiff.Compare(definition, tool.GetProperty("drifted_to")))) with { Alike = alike };
        }

        /// <summary>Tools that this one can be taken for.</summary>
        public IReadOnlyList<Namesake> Alike { get; init; } = [];

        public object Json() => new
        {
            kind = Kind,
            name = Name,
            state = State,
            fingerprint = Fingerprint,
            definition = Definition,
            drifted_to = Live,
            alike = Alike.Select(static other => new { server = other.Server, tool = other.Tool, is_same = other.IsSame }),
            changes = Changes.Select(static change => new { place = change.Place, before = change.Before, after = change.After }),
        };
    }
}
