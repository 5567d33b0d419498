using System.Net;
using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Cli;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>`callgate stop`: refuses at once, survives a restart, lets pass again when released.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task Stop_OfAll_HoldsOverRestartsUntilReleased()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();

        await operated.CommandAsync("stop", "--all");
        Assert.Equal("gateway.stopped", await CodeAsync(operated, token));
        await operated.RestartAsync(kill: false);
        Assert.Equal("gateway.stopped", await CodeAsync(operated, token));
        await operated.RestartAsync(kill: true);
        Assert.Equal("gateway.stopped", await CodeAsync(operated, token));
        Assert.Empty(operated.Upstream.Recording.Calls);

        await operated.CommandAsync("stop", "--all", "--release");
        Assert.Null(await CodeAsync(operated, token));
        Assert.Equal(["operator/release", "operator/stop"], (await operated.RecordsAsync()).Select(static record => record.GetProperty("method").GetString()!).Where(static method => method is "operator/stop" or "operator/release"));
    }

    [Fact]
    public async Task Stop_OfOneGrantOrServer_LeavesTheOthers()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        await operated.CommandAsync("server", "add", "second", operated.Upstream.Url.ToString());
        var (id, stopped) = await operated.GrantAsync("stopped");
        var (_, free) = await operated.GrantAsync("free");
        var (_, second) = await operated.GrantAsync("second", "second=p");

        await operated.CommandAsync("stop", "--grant", id);
        Assert.Equal("gateway.stopped", await CodeAsync(operated, stopped));
        Assert.Null(await CodeAsync(operated, free));
        await operated.CommandAsync("stop", "--server", "up");
        await operated.CommandAsync("stop", "--grant", id, "--release");
        Assert.Equal(("gateway.stopped", "gateway.stopped"), (await CodeAsync(operated, stopped), await CodeAsync(operated, free)));
        Assert.Null(await CodeAsync(operated, second, "second"));
        await operated.CommandAsync("stop", "--server", "up", "--release");
        Assert.Null(await CodeAsync(operated, stopped));

        var unknown = await CommandRun.OfAsync("stop", "--server", "absent", "--data", operated.Data);
        Assert.Equal(1, unknown.Code);
        Assert.Contains("`absent`", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WhileAClientIsConnected_RefusesEveryRequestThatGoesUp()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync("""{ "version": "1", "default": "allow", "methods": { "allow": ["*"] } }""");
        var (_, token) = await operated.GrantAsync();
        await using var client = await operated.LegacyAsync(token);
        await client.ListToolsAsync();

        await operated.CommandAsync("stop", "--all");
        var seen = operated.Upstream.Recording.Requests.Count;
        foreach (var method in new[] { "tools/list", "resources/list", "prompts/list", "logging/setLevel" })
        {
            var answer = await client.RequestAsync(method, method == "logging/setLevel" ? new() { ["level"] = "info" } : null);
            Assert.True(answer.Error.TryGetProperty("data", out var data) && data.GetProperty("code").GetString() == "gateway.stopped", $"{method}: {answer.Text}");
        }

        Assert.Equal(503, await client.NotifyAsync("notifications/roots/list_changed", []));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Assert.ThrowsAsync<HttpRequestException>(async () => await client.StreamAsync().GetAsyncEnumerator().MoveNextAsync())).StatusCode);
        await using var late = new McpClient(operated.Gate.Mcp("up"), token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => late.InitializeAsync());
        Assert.Equal(seen, operated.Upstream.Recording.Requests.Count);
    }

    /// <summary>The code of the refusal of one call, null when it passed.</summary>
    private static async Task<string?> CodeAsync(OperatedGate operated, string token, string server = "up")
    {
        await using var client = new McpClient(operated.Gate.Mcp(server), token, OperatedGate.ModernVersion);
        var answer = await client.CallAsync("echo", new() { ["text"] = "x" });
        Assert.Equal(200, answer.Status);
        return answer.IsToolError ? answer.Denial.GetProperty("code").GetString() : null;
    }

    [Fact]
    public async Task Stop_OfEverything_CutsWhatIsOpen()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync("""{ "version": "1", "default": "allow", "methods": { "allow": ["*"] } }""");
        var (_, token) = await operated.GrantAsync();
        await using var open = await OpenCalls.StartAsync(operated, token);

        await operated.CommandAsync("stop", "--all");

        await open.AllEndedAsync().WaitAsync(OpenCalls.Patience);
    }

    [Fact]
    public async Task Stop_WhileAServerIsInitialized_SaysSoAndRecordsTheEnd()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        await using (await operated.LegacyAsync(token))
        {
            operated.Upstream.Recording.Clear();
        }

        operated.Upstream.Inject(new Fault(FaultKind.NeverAnswer, "initialize"));
        await using var client = new McpClient(operated.Gate.Mcp("up"), token);
        var waiting = client.RequestAsync("initialize", new() { ["protocolVersion"] = "2025-11-25", ["capabilities"] = new JsonObject() });
        await operated.Upstream.Recording.WaitForAsync(static requests => requests.Any(static request => request.RpcMethod == "initialize"), OpenCalls.Patience);

        await operated.CommandAsync("stop", "--all");

        Assert.Equal(503, (await waiting.WaitAsync(OpenCalls.Patience)).Status);
        Assert.Equal("abandoned", (await operated.RecordsAsync()).First(static record => record.GetProperty("method").GetString() == "initialize").GetProperty("outcome").GetString());
        Assert.DoesNotContain("failed in the gate", operated.Gate.Errors, StringComparison.Ordinal);
    }
}
