using Xunit;
using static Callgate.EndToEnd.Tests.Policies.RulesOnTheWireTests;

namespace Callgate.EndToEnd.Tests.Policies;

/// <summary>A policy in shadow mode: enforced until an end is set, then watched only, and enforced again.</summary>
public sealed class ShadowTests
{
    private const string Document = """
        { "version": "1", "default": "deny", "mode": "shadow", "hide": ["log"], "tools": {
          "echo": { "deny_if": [ { "conditions": [ { "path": "args.text", "op": "eq", "value": "no" } ], "on_deny": "Not that." } ],
                    "limits": [ { "counter": "c", "window": "month", "max": 2 } ] } } }
        """;

    [Fact]
    public async Task Shadow_WithAnEnd_PassesAndRecordsWhatWouldHaveBeen()
    {
        await using var gate = await StartAsync(Document);
        await using var client = await ClientAsync(gate, "2025-11-25");
        await RefusedAsync(client, """{ "text": "no" }""", "policy.condition", "/tools/echo/deny_if/0", "Not that");

        await gate.CommandAsync("policy", "shadow", "p", "--until", TimeProvider.System.GetUtcNow().AddDays(1).ToString("O"));
        Assert.Equal("shadow", (await gate.CommandAsync("policy", "list")).GetProperty("policies")[0].GetProperty("mode").GetString());
        Assert.Contains("only watches until", (await Cli.CommandRun.OfAsync("policy", "list", "--data", gate.Data)).Out, StringComparison.Ordinal);
        Assert.Equal("no", (await client.CallAsync("echo", Arguments("""{ "text": "no" }"""))).FirstText);
        Assert.Equal("3", (await client.CallAsync("add", Arguments("""{ "a": 1, "b": 2 }"""))).FirstText);
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal("yes", (await client.CallAsync("echo", Arguments("""{ "text": "yes" }"""))).FirstText);
        }

        Assert.Contains("Unknown tool", (await client.CallAsync("log")).Text, StringComparison.Ordinal);
        await gate.RestartAsync(kill: true);
        var records = (await gate.RecordsAsync("--method", "tools/call")).Reverse().Select(record =>
            $"{record.GetProperty("tool").GetString()} {record.GetProperty("decision").GetString()} {record.GetProperty("code").GetString()} {record.GetProperty("shadow").GetBoolean()} {record.GetProperty("outcome").GetString()}");
        Assert.Equal(
            [
                "echo deny policy.condition False refused",
                "echo deny policy.condition True answered",
                "add deny policy.default_deny True answered",
                "echo allow  True answered",
                "echo allow  True answered",
                "echo deny limit.exceeded True answered",
                "log hide tool.hidden False refused",
            ],
            records);

        // What was only watched has used up nothing of what is enforced.
        await gate.CommandAsync("policy", "shadow", "p", "--end");
        Assert.Contains("shadow without an end", (await Cli.CommandRun.OfAsync("policy", "list", "--data", gate.Data)).Out, StringComparison.Ordinal);
        await using var again = await ClientAsync(gate, "2026-07-28");
        await RefusedAsync(again, """{ "text": "no" }""", "policy.condition", "/tools/echo/deny_if/0", "Not that");
        Assert.False((await again.CallAsync("echo", Arguments("""{ "text": "yes" }"""))).IsToolError);
        Assert.Equal(2, (await gate.RecordsAsync("--method", "operator/policy-shadow")).Count);
    }

    [Fact]
    public async Task Shadow_EndOfOneRevision_DoesNotOpenTheNext()
    {
        await using var gate = await StartAsync(Document);
        await using var client = await ClientAsync(gate, "2025-11-25");
        await gate.CommandAsync("policy", "shadow", "p", "--until", TimeProvider.System.GetUtcNow().AddDays(1).ToString("O"));
        Assert.False((await client.CallAsync("echo", Arguments("""{ "text": "no" }"""))).IsToolError);

        await gate.PolicyAsync(Document.Replace("Not that.", "Never that.", StringComparison.Ordinal));
        await RefusedAsync(client, """{ "text": "no" }""", "policy.condition", "/tools/echo/deny_if/0", "Never that");
    }

    [Fact]
    public async Task Shadow_BadRequests_SayWhatIsWrong()
    {
        await using var gate = await StartAsync("""{ "version": "1", "default": "deny" }""");

        var ahead = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O");
        await FailsAsync(gate, 1, "does not say", "policy", "shadow", "p", "--until", ahead);
        await FailsAsync(gate, 1, "there is no policy `q`", "policy", "shadow", "q", "--until", ahead);
        await FailsAsync(gate, 1, "at most 90 days", "policy", "shadow", "p", "--until", TimeProvider.System.GetUtcNow().AddDays(91).ToString("O"));
        await FailsAsync(gate, 1, "must lie ahead", "policy", "shadow", "p", "--until", "2020-01-01T00:00:00Z");
        await FailsAsync(gate, 2, "needs a time", "policy", "shadow", "p", "--until", "tomorrow");
        await FailsAsync(gate, 2, "one of --until and --end", "policy", "shadow", "p");
    }
}
