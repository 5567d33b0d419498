using Callgate.Fixtures;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;
using SdkClient = ModelContextProtocol.Client.McpClient;

namespace Callgate.EndToEnd.Tests.Clients;

/// <summary>A client that was written by others, through the real gate, over every transport toward the server.</summary>
public sealed class SdkClientTests
{
    private const string Token = "sdk-client-tests-token-of-32-characters-and-more";

    public static TheoryData<string, string?> Ways => new()
    {
        { "http", "2025-03-26" }, { "http", "2025-06-18" }, { "http", "2025-11-25" }, { "http", null },
        { "stdio", "2025-11-25" }, { "stdio", null }, { "sse", "2025-11-25" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task SdkClient_ThroughTheGate_SeesAllowedRefusedHiddenAndCapped(string transport, string? version)
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Answers = AnswerForm.Sse });
        await using var gate = await StartAsync(folder, upstream, transport);
        await using var client = await ConnectAsync(gate, version);

        var tools = await client.ListToolsAsync();
        var sum = await client.CallToolAsync("add", new Dictionary<string, object?> { ["a"] = 19, ["b"] = 23 });
        var refused = await client.CallToolAsync("big", new Dictionary<string, object?>());
        var hidden = await Assert.ThrowsAnyAsync<McpException>(() => client.CallToolAsync("vendor", new Dictionary<string, object?>()).AsTask());
        var first = await client.CallToolAsync("echo", new Dictionary<string, object?> { ["text"] = "one" });
        var second = await client.CallToolAsync("echo", new Dictionary<string, object?> { ["text"] = "two" });

        Assert.Equal(version ?? "2026-07-28", client.NegotiatedProtocolVersion);
        Assert.Equal(["add", "big", "echo", "slow"], tools.Select(static tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.Equal("42", TextOf(sum));
        Assert.True(refused.IsError);
        Assert.StartsWith("Denied by policy: too much for one answer", TextOf(refused), StringComparison.Ordinal);
        Assert.Contains("Unknown tool: vendor", hidden.Message, StringComparison.Ordinal);
        Assert.Equal("one", TextOf(first));
        Assert.True(second.IsError);
        Assert.Contains("limit of 1 an hour", TextOf(second), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http", "2025-11-25")]
    [InlineData("http", null)]
    [InlineData("stdio", "2025-11-25")]
    [InlineData("stdio", null)]
    public async Task SdkClient_SlowCall_HearsItsProgress(string transport, string? version)
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Answers = AnswerForm.Sse });
        await using var gate = await StartAsync(folder, upstream, transport);
        await using var client = await ConnectAsync(gate, version);
        var heard = new List<ProgressNotificationValue>();

        await client.CallToolAsync("slow", new Dictionary<string, object?> { ["steps"] = 3, ["ms"] = 30 }, new Collect(heard));

        Assert.NotEmpty(heard);
    }

    private static async Task<GateProcess> StartAsync(TemporaryFolder folder, FixtureServer upstream, string transport)
    {
        folder.Write("p.json", """
            { "version": "1", "default": "deny", "hide": ["vendor"],
              "tools": { "add": {}, "slow": {}, "big": { "action": "deny", "reason": "too much for one answer." },
                         "echo": { "limits": [ { "counter": "echoes", "window": "hour", "max": 1 } ] } } }
            """);
        var server = transport switch
        {
            "http" => $"url: {upstream.Url}",
            "sse" => $"url: {upstream.SseUrl}\n    transport: sse",
            _ => $"command: [\"{GateProcess.DotnetPath}\", \"{GateProcess.Built("callgate-fixture.dll")}\", stdio, --profile, everything]",
        };
        var config = folder.Write("callgate.yaml", $$"""
            servers:
              up:
                {{server}}
            policies:
              p: p.json
            grants:
              agent:
                token: {{Token}}
                servers: { up: p }
            """);
        return await GateProcess.StartAsync(config, folder.File("data"));
    }

    private static Task<SdkClient> ConnectAsync(GateProcess gate, string? version) => SdkClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = gate.Mcp("up"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + Token },
        }),
        new McpClientOptions { ProtocolVersion = version });

    private static string TextOf(CallToolResult result) => Assert.IsType<TextContentBlock>(result.Content[0]).Text;

    /// <summary>Takes each report where it happens; the framework's own class would post them elsewhere.</summary>
    private sealed class Collect(List<ProgressNotificationValue> heard) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value)
        {
            lock (heard)
            {
                heard.Add(value);
            }
        }
    }
}
