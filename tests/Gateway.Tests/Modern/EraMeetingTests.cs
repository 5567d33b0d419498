using System.Text;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hostile;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Modern;

/// <summary>Clients and upstreams of different eras: the answer that lets a client of both fall back, and never a hang.</summary>
public sealed class EraMeetingTests
{
    [Fact]
    public async Task NewestClient_BeforeALegacyServer_IsSentBackByEveryMethod()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions { Eras = FixtureEras.Legacy });
        await using var client = gate.Client();
        await client.RequestAsync("server/discover");
        var before = gate.Upstream.Recording.Requests.Count;
        foreach (var method in new[] { "server/discover", "tools/list", "resources/list", "subscriptions/listen", "no/such" })
        {
            var answer = await client.RequestAsync(method);
            Assert.Equal(404, answer.Status);
            Assert.Equal(-32601, answer.Error.GetProperty("code").GetInt32());
            Assert.True(answer.Message.GetProperty("id").GetInt32() > 0);
        }

        Assert.Equal(404, (await client.CallAsync("echo", new JsonObject { ["text"] = "hi" })).Status);
        Assert.Equal(before, gate.Upstream.Recording.Requests.Count);
        await using var legacy = new McpClient(gate.Gate.Mcp("up"), RunningGate.Token);
        await legacy.InitializeAsync();
        Assert.Equal("hi", (await legacy.CallAsync("echo", new JsonObject { ["text"] = "hi" })).FirstText);
    }

    [Fact]
    public async Task LegacyClient_BeforeAServerOfTheNewestVersion_IsToldWhy()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions { Eras = FixtureEras.Modern });
        await using var legacy = new McpClient(gate.Gate.Mcp("up"), RunningGate.Token);
        var answer = await legacy.RequestAsync("initialize", new JsonObject { ["protocolVersion"] = "2025-11-25", ["capabilities"] = new JsonObject() });
        Assert.Equal(200, answer.Status);
        Assert.Contains("2026-07-28", answer.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Mcp-Session-Id"));
        await using var client = gate.Client();
        Assert.Equal("hi", (await client.CallAsync("echo", new JsonObject { ["text"] = "hi" })).FirstText);
    }

    [Fact]
    public async Task BothEras_AtOneServer_AreServedSideBySide()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions());
        await using var modern = gate.Client();
        await using var legacy = new McpClient(gate.Gate.Mcp("up"), RunningGate.Token);
        await legacy.InitializeAsync();
        foreach (var (client, era) in new[] { (modern, "2026-07-28"), (legacy, "2025-11-25") })
        {
            var answer = await client.CallAsync("echo", new JsonObject { ["text"] = "hi" });
            Assert.Equal(era, answer.Result.GetProperty("_meta").GetProperty("fixture/era").GetString());
        }
    }

    [Theory]
    [InlineData("GET", 405)]
    [InlineData("DELETE", 405)]
    [InlineData("PUT", 405)]
    [InlineData("PATCH", 405)]
    [InlineData("OPTIONS", 405)]
    public async Task Method_WithoutASession_IsNotAllowed(string method, int status)
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions { Eras = FixtureEras.Modern });
        await using var raw = await RawClient.ConnectAsync(gate.Gate.Address);
        await raw.SendAsync(RawClient.Request(method, gate.Gate.Mcp("up"), [], [("Authorization", "Bearer " + RunningGate.Token), ("Accept", "text/event-stream"), ("MCP-Protocol-Version", "2026-07-28")]));
        var answer = await raw.ReadResponseAsync();
        Assert.Equal(status, answer.Status);
        Assert.Contains("POST", answer.Header("Allow"), StringComparison.Ordinal);
        Assert.DoesNotContain(gate.Upstream.Recording.Requests, request => request.Method == method && request.Method is not ("GET" or "DELETE"));
    }

    [Fact]
    public async Task Initialize_ThatClaimsTheNewestVersion_DoesNotExist()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions());
        await using var raw = await RawClient.ConnectAsync(gate.Gate.Address);
        var body = Bodies.Request(true, "initialize", "\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}");
        await raw.SendAsync(RawClient.Request("POST", gate.Gate.Mcp("up"), Encoding.UTF8.GetBytes(body), ModernGate.Headers("initialize")));
        var answer = await raw.ReadResponseAsync();
        Assert.Equal(404, answer.Status);
        Assert.Equal(-32601, HostileGate.CodeOf(answer));
        Assert.Null(answer.Header("Mcp-Session-Id"));
    }

    [Fact]
    public async Task SessionHeader_OnANewestRequest_IsIgnored()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions());
        await using var raw = await RawClient.ConnectAsync(gate.Gate.Address);
        await raw.SendAsync(RawClient.Request("POST", gate.Gate.Mcp("up"), Encoding.UTF8.GetBytes(Bodies.Call(true)), [.. ModernGate.Headers("tools/call", "echo"), ("Mcp-Session-Id", "anything")]));
        var answer = await raw.ReadResponseAsync();
        Assert.Equal(200, answer.Status);
        Assert.Null(answer.Header("Mcp-Session-Id"));
        Assert.Null(gate.Upstream.Recording.Calls[^1].Header("Mcp-Session-Id"));
    }
}
