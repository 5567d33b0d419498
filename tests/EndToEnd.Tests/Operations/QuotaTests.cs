using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>Security study, S5 and F6: exactly `max`, over restarts and under any concurrency.</summary>
public sealed class QuotaTests
{
    private const int Max = 10;
    private const int Parallel = 200;

    private const string Capped = """
        { "version": "1", "default": "deny", "tools": { "echo": { "limits": [ { "counter": "echoes", "window": "month", "max": 10 } ] } } }
        """;

    [Fact]
    public async Task Counter_OverRestarts_GoesOnWhereItWas()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync(Capped);
        var (_, token) = await operated.GrantAsync();

        Assert.Equal(3, await PassedAsync(operated, token, 3));
        await operated.RestartAsync(kill: false);
        Assert.Equal(2, await PassedAsync(operated, token, 2));
        await operated.RestartAsync(kill: true);
        Assert.Equal(1, await PassedAsync(operated, token, 1));
        await operated.RestartAsync(kill: true);
        Assert.Equal(Max - 6, await PassedAsync(operated, token, Max));
        await operated.RestartAsync(kill: false);
        Assert.Equal(0, await PassedAsync(operated, token, 3));
        Assert.Equal(Max, operated.Upstream.Recording.Calls.Count);
    }

    [Fact]
    public async Task Counter_OfCallsThatNeverWentUp_IsGivenBackOnlyThen()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync(Capped);
        var (_, token) = await operated.GrantAsync();
        Assert.Equal(1, await PassedAsync(operated, token, 1));

        // A server that answers badly has been called; one that cannot be reached has not.
        operated.Upstream.Inject(new Fault(FaultKind.Status, "tools/call") { Times = 2 });
        Assert.Equal(0, await PassedAsync(operated, token, 2));
        await operated.RestartAsync(kill: true);
        Assert.Equal(Max - 3, await PassedAsync(operated, token, Max));
    }

    [Fact]
    public Task Counter_UnderParallelCalls_AdmitsExactlyMax() => RaceAsync(50);

    [Fact]
    [Trait("Category", "Full")]
    public Task Counter_UnderParallelCallsOfFiveHundredRounds_AdmitsExactlyMax() => RaceAsync((int)LongRun.Size("CALLGATE_RACES", 500));

    private static async Task RaceAsync(int rounds)
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        folder.Write("p.json", Capped);
        var grants = string.Concat(Enumerable.Range(0, rounds).Select(static round => $"  agent{round}: {{ token: {Token(round)}, servers: {{ up: p }} }}\n"));
        var config = folder.Write("callgate.yaml", $"servers: {{ up: {{ url: \"{upstream.Url}\" }} }}\npolicies: {{ p: p.json }}\ngrants:\n{grants}");
        await using var gate = await GateProcess.StartAsync(config, folder.File("data"));

        for (var round = 0; round < rounds; round++)
        {
            await using var client = new McpClient(gate.Mcp("up"), Token(round), OperatedGate.ModernVersion);
            upstream.Recording.Clear();
            var answers = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(i => client.CallAsync("echo", new JsonObject { ["text"] = $"{i}" })));

            Assert.All(answers, static answer => Assert.Equal(200, answer.Status));
            Assert.Equal(Max, answers.Count(static answer => !answer.IsToolError));
            Assert.All(answers.Where(static answer => answer.IsToolError), static answer => Assert.Equal("limit.exceeded", answer.Denial.GetProperty("code").GetString()));
            Assert.Equal(Max, upstream.Recording.Calls.Count);
        }
    }

    private static string Token(int round) => $"quota-tests-token-of-32-characters-or-more-{round}";

    /// <summary>How many of so many calls, one after the other, were let through and answered well.</summary>
    private static async Task<int> PassedAsync(OperatedGate operated, string token, int calls)
    {
        await using var client = operated.Modern(token);
        var passed = 0;
        for (var i = 0; i < calls; i++)
        {
            passed += (await client.CallAsync("echo", new JsonObject { ["text"] = "x" })).IsToolError ? 0 : 1;
        }

        return passed;
    }
}
