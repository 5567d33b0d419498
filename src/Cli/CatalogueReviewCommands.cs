using System.CommandLine;
using System.Text.Json;
using Callgate.Catalogue;

namespace Callgate.Cli;

/// <summary><c>callgate catalogue drift</c> and <c>callgate catalogue accept</c>: what servers changed since the review.</summary>
internal static class CatalogueReviewCommands
{
    /// <summary>A server that does not answer is waited for; the others are not kept by it.</summary>
    private const int AskedAtOnce = 8;

    private static readonly JsonElement Nothing = JsonElement.Parse("{}"u8);

    public static Command Drift()
    {
        var server = new Argument<string?>("server") { Description = "Only this server.", Arity = ArgumentArity.ZeroOrOne };
        return GateOptions.Command("drift", "Shows the tools that changed or appeared since the review, and what differs; all servers are asked now.", [server], async call =>
        {
            var names = call.Parsed.GetValue(server) is { } one ? [one]
                : (await call.Gate.GetAsync("servers", call.Cancel)).GetProperty("servers").EnumerateArray().Select(static known => Printer.Text(known, "name")).ToArray();
            var found = new Drifted[names.Length];
            await Parallel.ForAsync(0, names.Length, new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = call.Cancel }, async (at, _) =>
                found[at] = Drifted.Of(names[at], await ToolReview.LookAsync(call, names[at])));
            return call.Print.Answer(JsonSerializer.SerializeToElement(new { servers = found.Select(static one => one.Json()) }), _ => Print(call, found));
        });
    }

    public static Command Accept()
    {
        var server = new Argument<string>("server") { Description = "The server's name." };
        var tools = new Option<string[]>("--tool") { Description = "Accept only this tool.", HelpName = "TOOL" };
        return GateOptions.Command("accept", "Reviews what changed or is new; all of it without --tool.", [server, tools], async call =>
            ToolReview.Print(call, await ToolReview.AcceptAsync(call, call.Parsed.GetRequiredValue(server), call.Parsed.GetValue(tools) ?? [])));
    }

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
        }

        var more = servers.Sum(static one => one.Tools.Count);
        call.Print.Line(more == 0 ? "nothing drifted, and nothing waits" : "accept what you have read with `callgate catalogue accept SERVER --tool NAME`");
    }

    private static void Print(GateCall call, DriftedTool tool)
    {
        call.Print.Line($"  {DefinitionText.Line(tool.Name)} ({tool.State})");
        if (tool.Changes.Count == 0)
        {
            call.Print.Line("    the server shows the reviewed definition again; the tool stays as it is until it is accepted");
        }

        foreach (var line in tool.Changes.SelectMany(DefinitionText.Lines))
        {
            call.Print.Line("    " + line);
        }
    }

    /// <summary>What is not reviewed of one server.</summary>
    private sealed record Drifted(string Name, string? Fault, IReadOnlyList<DriftedTool> Tools)
    {
        public static Drifted Of(string server, JsonElement answer) => new(
            server,
            Printer.Text(answer, "fault") is not "-" and var fault ? fault : null,
            [.. answer.GetProperty("tools").EnumerateArray().Where(static tool => Printer.Text(tool, "state") != "reviewed").Select(DriftedTool.Of)]);

        public object Json() => new { server = Name, fault = Fault, tools = Tools.Select(static tool => tool.Json()) };
    }

    /// <summary>A tool that is not reviewed, and in what it differs. Of one that waits, all of it is new.</summary>
    private sealed record DriftedTool(string Name, string State, JsonElement? Definition, JsonElement? Live, IReadOnlyList<DefinitionChange> Changes)
    {
        public static DriftedTool Of(JsonElement tool)
        {
            var (state, definition) = (Printer.Text(tool, "state"), tool.GetProperty("definition"));
            return state == "waiting"
                ? new DriftedTool(Printer.Text(tool, "name"), state, null, definition, DefinitionDiff.Compare(Nothing, definition))
                : new DriftedTool(Printer.Text(tool, "name"), state, definition, tool.GetProperty("drifted_to"), DefinitionDiff.Compare(definition, tool.GetProperty("drifted_to")));
        }

        public object Json() => new
        {
            name = Name,
            state = State,
            definition = Definition,
            drifted_to = Live,
            changes = Changes.Select(static change => new { place = change.Place, before = change.Before, after = change.After }),
        };
    }
}
