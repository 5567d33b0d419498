using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Peers;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using Xunit;

namespace Callgate.EndToEnd.Tests.Clients;

/// <summary>`mcp-remote`, which many clients use to reach a server over HTTP, between a stdio client and the gate.</summary>
public sealed class McpRemoteTests
{
    [Theory]
    [InlineData("2025-11-25", "2025-11-25", "http-first")]
    [InlineData(null, "2026-07-28", "http-only")]
    public async Task McpRemote_BeforeTheGate_PassesAllowedRefusedHiddenAndCapped(string? asked, string version, string strategy)
    {
        using var home = new TemporaryFolder();
        await using var behind = await ClientGate.StartAsync();
        await using var client = await SdkSession.ConnectAsync(Remote(behind.Gate.Url, home, strategy), asked);

        var tools = await client.ToolsAsync();
        var sum = await client.CallAsync("add", new() { ["a"] = 19, ["b"] = 23 });
        var refused = await client.CallAsync("big");
        var hidden = await Assert.ThrowsAsync<McpProtocolException>(() => client.CallAsync("vendor"));
        await client.CallAsync("echo", new() { ["text"] = "one" });
        var last = await client.CallAsync("echo", new() { ["text"] = "two" });
        var capped = await client.CallAsync("echo", new() { ["text"] = "three" });
        await client.CallAsync("slow", new() { ["steps"] = 3, ["ms"] = 30 }, "token-1");

        Assert.Equal(version, client.Version);
        Assert.Equal(ClientGate.Shown, tools.Select(static tool => tool["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal(("42", "two"), (TextOf(sum), TextOf(last)));
        Assert.StartsWith("Denied by policy: too much for one answer. ", TextOf(refused), StringComparison.Ordinal);
        Assert.Equal("policy.denied", refused["_meta"]!["callgate/denial"]!["code"]!.GetValue<string>());
        Assert.Equal(McpErrorCode.InvalidParams, hidden.ErrorCode);
        Assert.Contains("Unknown tool: vendor", hidden.Message, StringComparison.Ordinal);
        Assert.Equal("limit.exceeded", capped["_meta"]!["callgate/denial"]!["code"]!.GetValue<string>());
        Assert.Equal([1, 2, 3], (await client.ProgressAsync(3)).Select(static heard => JsonNode.Parse(heard)!["progress"]!.GetValue<int>()));

        Assert.Equal(["add", "echo", "echo", "slow"], behind.Upstream.Recording.Calls.Select(static call => call.Tool));
        await behind.Gate.RecordedAsync(
            "add allow answered", "big policy.denied", "vendor tool.hidden", "echo allow answered", "echo allow answered",
            "echo limit.exceeded", "slow allow answered");
    }

    /// <summary>It takes the answer to a bad token for an invitation to sign in, and ends when there is nowhere to do so.</summary>
    [Fact]
    public async Task McpRemote_WithABadToken_EndsAndSaysSo()
    {
        using var home = new TemporaryFolder();
        await using var behind = await ClientGate.StartAsync();
        var start = NodePeer.Start(
            NodePeer.File("mcp-remote/dist/proxy.js"),
            [behind.Gate.Url.ToString(), "--header", "Authorization:Bearer nobody-has-this-token-which-has-enough-characters", "--transport", "http-only"],
            new Dictionary<string, string> { ["HOME"] = home.Root, ["MCP_REMOTE_CONFIG_DIR"] = home.File("mcp-auth") });
        var initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}""";

        var run = await NodePeer.RunAsync(start, initialize + "\n");

        Assert.True(run.ExitCode == 1, run.All);
        Assert.Contains("Dynamic Client Registration rejected (HTTP 404)", run.Errors, StringComparison.Ordinal);
        Assert.Empty(run.Output);
        Assert.Empty(behind.Upstream.Recording.Calls);
    }

    public static StdioClientTransport Remote(Uri url, TemporaryFolder home, string strategy) => new(new StdioClientTransportOptions
    {
        Command = NodePeer.Node,
        Arguments = [NodePeer.File("mcp-remote/dist/proxy.js"), url.ToString(), "--header", "Authorization:Bearer " + PeerGate.Token, "--transport", strategy],
        InheritEnvironmentVariables = false,
        EnvironmentVariables = new Dictionary<string, string?>
        {
            ["HOME"] = home.Root,
            ["MCP_REMOTE_CONFIG_DIR"] = home.File("mcp-auth"),
            ["PATH"] = Environment.GetEnvironmentVariable("PATH"),
        },
    });

    private static string TextOf(JsonNode result) => result["content"]![0]!["text"]!.GetValue<string>();
}
