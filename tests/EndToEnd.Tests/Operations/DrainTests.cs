using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Cli;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>Security study, F14: SIGTERM ends streams at once, lets calls finish, begins nothing new, and leaves a whole record.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task Terminate_WithACallInFlight_FinishesItAndEndsWith0()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        await using var legacy = await operated.LegacyAsync(token);
        await using var modern = operated.Modern(token);
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = CountAsync(legacy.StreamAsync(opened: opened.SetResult));
        await opened.Task.WaitAsync(OpenCalls.Patience);
        var call = modern.CallAsync("slow", new() { ["steps"] = 100, ["ms"] = 30 });
        await operated.Upstream.Recording.WaitForAsync(static requests => requests.Any(static request => request.Tool == "slow"), OpenCalls.Patience);

        var ended = operated.Gate.TerminateAsync();
        await stream.WithinAsync(TimeSpan.FromSeconds(1));
        var ready = await OperatedGate.HttpAsync(new Uri(operated.Gate.Root, "/readyz"));
        var late = await modern.CallAsync("echo");
        Assert.False(call.IsCompleted, "the slow call was over before the gate was asked anything");

        Assert.Equal((503, 200), (ready.Status, (await OperatedGate.HttpAsync(new Uri(operated.Gate.Root, "/healthz"))).Status));
        Assert.StartsWith("draining", ready.Text, StringComparison.Ordinal);
        Assert.Equal((503, "the gate is stopping; try again later"), (late.Status, late.Error.GetProperty("message").GetString()));
        Assert.Equal("100 steps done", (await call).FirstText);

        // After its last call the gate waits for nothing.
        Assert.Equal(0, await ended.WithinAsync(TimeSpan.FromSeconds(3)));

        var verified = await CommandRun.OfAsync("audit", "verify", "--data", operated.Data);
        Assert.Equal(0, verified.Code);
        await operated.RestartedAsync();
        Assert.Equal("answered", Assert.Single(await operated.RecordsAsync("--tool", "slow")).GetProperty("outcome").GetString());
        Assert.Equal("gateway.draining", Assert.Single(await operated.RecordsAsync("--code", "gateway.draining")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Terminate_Idle_EndsAtOnceWithClientsConnected()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        await using var legacy = await operated.LegacyAsync(token);
        await legacy.ListToolsAsync();

        Assert.Equal(0, await operated.Gate.TerminateAsync().WithinAsync(TimeSpan.FromSeconds(5)));
        Assert.False(File.Exists(Path.Combine(operated.Data, "gate.address")), "the address of a gate that has ended is still there");
    }

    [Fact]
    public async Task Terminate_WhileACallAsksItsClient_StillTakesTheAnswer()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync("""{ "version": "1", "default": "allow", "methods": { "allow": ["elicitation/create"] } }""");
        var (_, token) = await operated.GrantAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var draining = new ManualResetEventSlim();
        await using var client = new McpClient(operated.Gate.Mcp("up"), token)
        {
            Capabilities = new JsonObject { ["elicitation"] = new JsonObject() },
            OnAsked = _ =>
            {
                asked.TrySetResult();
                Assert.True(draining.Wait(OpenCalls.Patience), "the gate did not begin to drain");
                return new JsonObject { ["action"] = "accept", ["content"] = new JsonObject { ["name"] = "Ada" } };
            },
        };
        await client.InitializeAsync();
        var call = Task.Run(() => client.CallAsync("ask_elicitation"));
        await asked.Task.WaitAsync(OpenCalls.Patience);

        var ended = operated.Gate.TerminateAsync();
        await using var second = operated.Modern(token);
        using var limit = new CancellationTokenSource(OpenCalls.Patience);
        while ((await second.CallAsync("echo", null, limit.Token)).Status != 503)
        {
        }

        draining.Set();
        Assert.Contains("Ada", (await call).FirstText, StringComparison.Ordinal);
        Assert.Equal(0, await ended);
    }

    private static async Task<int> CountAsync<T>(IAsyncEnumerable<T> items)
    {
        var count = 0;
        await foreach (var _ in items)
        {
            count++;
        }

        return count;
    }
}
