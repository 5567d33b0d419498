using System.CommandLine;
using System.Text.Json;
using Callgate.Gateway.Policies;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary><c>callgate policy diff</c>: what becomes of each tool.</summary>
internal static class PolicyDiffCommand
{
    public static Command Make()
    {
        var before = new Argument<string>("old") { Description = "The document in force." };
        var after = new Argument<string>("new") { Description = "The document to come." };
        var fail = new Option<bool>("--fail-on-looser") { Description = "Exit with 3 when something becomes looser." };
        var (gate, source) = (new GateOptions(), new ToolSource());
        var command = new Command("diff", "Compares two documents by what they do to tools, not by their text.") { before, after, fail };
        source.AddTo(command);
        gate.AddTo(command).SetAction(async (parsed, ct) =>
        {
            var (one, other) = (PolicyFiles.Policy(parsed.GetRequiredValue(before)), PolicyFiles.Policy(parsed.GetRequiredValue(after)));
            var tools = await source.ReadAsync(parsed, gate, ct);
            var reply = DiffReply.Of(PolicyDiff.Compare(one, other, tools));
            var print = new Printer(parsed.InvocationConfiguration.Output, gate.Json(parsed));
            print.Answer(JsonSerializer.SerializeToElement(reply, TraceReply.Options), _ => Text(print, reply));
            return reply.Looser && parsed.GetValue(fail) ? ExitCode.Refused : ExitCode.Fine;
        });
        return command;
    }

    public static void Text(Printer print, DiffReply reply)
    {
        foreach (var subject in reply.Differences)
        {
            foreach (var change in subject.Changes)
            {
                print.Line(Printer.Plain($"{change.Leaning,-8}  {subject.Title()}: {change.What} {change.Before ?? "(none)"} -> {change.After ?? "(none)"}"));
            }
        }

        print.Line(reply.Differences.Count == 0
            ? "no tool is treated differently"
            : $"{reply.Differences.Count} differences, {reply.Differences.Count(static one => one.Looser)} of them looser");
    }
}
