using System.CommandLine;
using System.Text.Json;
using Callgate.Gateway.Configuration;

namespace Callgate.Cli;

/// <summary><c>callgate policy simulate</c>: what recorded calls would have met under another document.</summary>
internal static class PolicySimulateCommand
{
    public static Command Make()
    {
        var policy = new Option<string>("--policy") { Description = "The document to try.", HelpName = "FILE", Required = true };
        var since = new Option<string>("--since") { Description = "How far back: a time, or a length such as 7d, 12h.", HelpName = "WHEN", DefaultValueFactory = static _ => "7d" };
        var server = new Option<string?>("--server") { Description = "Only calls to this server.", HelpName = "NAME" };
        var grant = new Option<string?>("--grant") { Description = "Only calls of this grant.", HelpName = "ID" };
        var replaces = new Option<string?>("--replaces") { Description = "Only calls that were judged by the policy of this name.", HelpName = "POLICY" };
        var all = new Option<bool>("--all") { Description = "Show the calls too for which nothing changes." };
        return GateOptions.Command(
            "simulate",
            "Judges recorded calls by a document that is not in force. The record keeps no values of arguments: what depends on them is said to be unclear.",
            [policy, since, server, grant, replaces, all],
            async call =>
            {
                var document = PolicyFiles.Document(call.Parsed.GetRequiredValue(policy));
                var query = new List<string> { $"from={Uri.EscapeDataString(Quantity.Show(From(call.Parsed.GetRequiredValue(since))))}" };
                foreach (var (name, value) in new[] { ("server", call.Parsed.GetValue(server)), ("grant", call.Parsed.GetValue(grant)), ("replaces", call.Parsed.GetValue(replaces)) })
                {
                    if (value is not null)
                    {
                        query.Add($"{name}={Uri.EscapeDataString(value)}");
                    }
                }

                var answer = await call.Gate.PostAsync($"policies/simulate?{string.Join('&', query)}", document, call.Cancel);
                return call.Print.Answer(answer, told => Text(call.Print, told, call.Parsed.GetValue(all)));
            });
    }

    private static DateTimeOffset From(string text)
    {
        if (Quantity.TryInstant(text) is { } instant)
        {
            return instant;
        }

        return Quantity.TryDuration(text) is { } length && length > TimeSpan.Zero
            ? TimeProvider.System.GetUtcNow() - length
            : throw new CommandFault(ExitCode.Usage, "callgate: --since takes a time such as 2026-01-31T00:00:00Z, or a length such as 7d");
    }

    private static void Text(Printer print, JsonElement told, bool all)
    {
        var groups = told.GetProperty("groups").EnumerateArray().Where(group => all || group.GetProperty("changed").GetBoolean() || group.GetProperty("after").GetString() == "unclear");
        print.Table(
            ["CALLS", "GRANT", "SERVER", "TOOL", "BEFORE", "AFTER", "RULE"],
            groups.Select(static group => (IReadOnlyList<string>)
            [
                Printer.Text(group, "calls"), Printer.Text(group, "grant"), Printer.Text(group, "server"), Printer.Text(group, "tool"),
                Word(group, "before"), Word(group, "after"), Printer.Text(group, "unjudged") is not "-" and var rules ? $"? {rules}" : Printer.Text(group, "after_rule"),
            ]),
            "no recorded call would have met another decision");
        foreach (var rule in told.GetProperty("unjudged").EnumerateArray())
        {
            print.Line(Printer.Plain($"{Printer.Text(rule, "rule")} reads what the record does not keep; it touches {Printer.Text(rule, "calls")} calls"));
        }

        print.Line($"{Printer.Text(told, "records")} calls: {Printer.Text(told, "changed")} changed, {Printer.Text(told, "unclear")} unclear, {Printer.Text(told, "same")} the same, {Printer.Text(told, "skipped")} judged by no policy");
        if (!told.GetProperty("complete").GetBoolean())
        {
            print.Line($"there are more: only calls up to {Printer.Text(told, "until")} were judged");
        }
    }

    private static string Word(JsonElement group, string member) =>
        Printer.Text(group, member + "_code") is not "-" and var code ? $"{Printer.Text(group, member)} {code}" : Printer.Text(group, member);
}
