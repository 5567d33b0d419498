using Callgate.EndToEnd.Tests.Operations;
using Xunit;
using static Callgate.EndToEnd.Tests.Policies.RulesOnTheWireTests;

namespace Callgate.EndToEnd.Tests.Policies;

/// <summary>Limits by amount, by value, over a sliding window and by calls in flight, over the wire and across a kill.</summary>
public sealed class LimitsOnTheWireTests
{
    [Fact]
    public async Task Amount_ByValue_IsChargedOnceAndSurvivesAKill()
    {
        await using var gate = await StartAsync("""
            { "version": "1", "default": "deny", "tools": { "structured": { "validation": "off", "limits": [
              { "counter": "spent", "window": "month", "max": 100, "amount": "args.sum", "per": "args.place" } ] } } }
            """);
        await using (var client = await ClientAsync(gate, "2025-11-25"))
        {
            Assert.False((await client.CallAsync("structured", Arguments("""{ "place": "a", "sum": 60.5 }"""))).IsToolError);
            Assert.False((await client.CallAsync("structured", Arguments("""{ "place": "b", "sum": 100 }"""))).IsToolError);
            await RefusedAsync(client, """{ "place": "a", "sum": 39.51 }""", "limit.exceeded", "/tools/structured/limits/0", "limit of 100", "structured");
            await RefusedAsync(client, """{ "place": "a", "sum": 0 }""", "policy.unjudgeable", "/tools/structured/limits/0", "`args.sum`", "structured");
            await RefusedAsync(client, """{ "place": "a", "sum": -5 }""", "policy.unjudgeable", "/tools/structured/limits/0", "`args.sum`", "structured");
            await RefusedAsync(client, """{ "place": "a", "sum": "5" }""", "policy.unjudgeable", "/tools/structured/limits/0", "`args.sum`", "structured");
            await RefusedAsync(client, """{ "place": ["a"], "sum": 5 }""", "policy.unjudgeable", "/tools/structured/limits/0", "`args.place`", "structured");
        }

        await gate.RestartAsync(kill: true);
        await using var again = await ClientAsync(gate, "2025-11-25");
        Assert.False((await again.CallAsync("structured", Arguments("""{ "place": "a", "sum": 39.5 }"""))).IsToolError);
    }

    [Fact]
    public async Task Sliding_Window_HoldsAcrossAKill()
    {
        await using var gate = await OperatedGate.StartAsync();
        await gate.SetUpAsync("""
            { "version": "1", "default": "deny", "tools": { "echo": { "limits": [ { "counter": "c", "window": 3600, "max": 2, "sliding": true, "scope": "server" } ] } } }
            """);
        var (_, token) = await gate.GrantAsync();
        await using (var client = await gate.LegacyAsync(token))
        {
            Assert.False((await client.CallAsync("echo")).IsToolError);
        }

        await gate.RestartAsync(kill: true);
        await using var again = await gate.LegacyAsync(token);
        Assert.False((await again.CallAsync("echo")).IsToolError);
        var denial = await RefusedAsync(again, "{}", "limit.exceeded", "/tools/echo/limits/0", "try again in");
        Assert.InRange(denial.GetProperty("retry_after_seconds").GetInt32(), 3_000, 3_600);
    }

    [Fact]
    public async Task Concurrent_Calls_AreRefusedWhileOthersAreInFlightAndPassAfterwards()
    {
        await using var gate = await StartAsync("""
            { "version": "1", "default": "deny", "tools": { "slow": { "limits": [ { "counter": "in_flight", "concurrent": 2, "scope": "server" } ] } } }
            """);
        await using var one = await ClientAsync(gate, "2025-11-25");
        await using var two = await ClientAsync(gate, "2026-07-28");
        var running = new[] { one, two }.Select(client => client.CallAsync("slow", Arguments("""{ "steps": 1, "ms": 3000 }"""))).ToArray();
        while (gate.Upstream.Recording.Calls.Count < 2)
        {
            await Task.Delay(20);
        }

        await using var three = await ClientAsync(gate, "2025-11-25");
        var denial = await RefusedAsync(three, """{ "steps": 0 }""", "limit.exceeded", "/tools/slow/limits/0", "under way", "slow");
        Assert.False(denial.TryGetProperty("retry_after_seconds", out _));
        Assert.All(await Task.WhenAll(running), answer => Assert.False(answer.IsToolError, answer.Text));
        Assert.False((await three.CallAsync("slow", Arguments("""{ "steps": 0 }"""))).IsToolError);
    }
}
