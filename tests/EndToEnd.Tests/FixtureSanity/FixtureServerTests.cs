using System.Text.Json;
using Callgate.Fixtures;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;
using SdkClient = ModelContextProtocol.Client.McpClient;

namespace Callgate.EndToEnd.Tests.FixtureSanity;

/// <summary>The fixture server is proven by a client that was written by others.</summary>
public sealed class FixtureServerTests
{
    public static TheoryData<string> LegacyVersions => new("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25");

    public static TheoryData<string, int> Systems => new()
    {
        { "dagster", 9 }, { "trigger", 14 }, { "databricks", 38 }, { "flowforge", 49 }, { "piloty", 17 },
    };

    [Theory]
    [MemberData(nameof(LegacyVersions))]
    public async Task Http_LegacyVersionAsked_IsSpoken(string version)
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Answers = AnswerForm.Sse });
        await using var client = await ConnectAsync(server.Url, new McpClientOptions { ProtocolVersion = version });

        var answer = await client.CallToolAsync("echo", new Dictionary<string, object?> { ["text"] = "hello" });

        Assert.Equal(version, client.NegotiatedProtocolVersion);
        Assert.Equal("hello", TextOf(answer));
        Assert.Single(server.SessionIds);
    }

    [Fact]
    public async Task Http_ModernClient_SpeaksModernWithoutASession()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var client = await ConnectAsync(server.Url, new McpClientOptions());

        var tools = await client.ListToolsAsync();
        var answer = await client.CallToolAsync("add", new Dictionary<string, object?> { ["a"] = 19, ["b"] = 23 });

        Assert.Equal("2026-07-28", client.NegotiatedProtocolVersion);
        Assert.Contains(tools, t => t.Name == "structured");
        Assert.Equal("42", TextOf(answer));
        Assert.Empty(server.SessionIds);
        Assert.DoesNotContain(server.Recording.Requests, r => r.RpcMethod == "initialize");
    }

    [Fact]
    public async Task Http_LegacyOnlyServer_MakesAModernClientFallBack()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Eras = FixtureEras.Legacy });
        await using var client = await ConnectAsync(server.Url, new McpClientOptions());

        Assert.Equal("2025-11-25", client.NegotiatedProtocolVersion);
        Assert.Equal("x", TextOf(await client.CallToolAsync("echo", new Dictionary<string, object?> { ["text"] = "x" })));
    }

    [Fact]
    public async Task Stdio_ModernAndLegacyClient_BothServed()
    {
        foreach (var version in new[] { "2025-11-25", null })
        {
            await using var client = await SdkClient.CreateAsync(Stdio("everything"), new McpClientOptions { ProtocolVersion = version });

            Assert.Equal(version ?? "2026-07-28", client.NegotiatedProtocolVersion);
            Assert.Equal("x", TextOf(await client.CallToolAsync("echo", new Dictionary<string, object?> { ["text"] = "x" })));
        }
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task System_OverStdioAndHttp_ServesItsList(string profile, int count)
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Profile = profile });
        var legacy = new McpClientOptions { ProtocolVersion = profile == "dagster" ? "2024-11-05" : "2025-11-25" };
        await using var overHttp = await ConnectAsync(server.Url, legacy);
        await using var overStdio = await SdkClient.CreateAsync(Stdio(profile), legacy);

        Assert.Equal(count, (await overHttp.ListToolsAsync()).Count);
        Assert.Equal(count, (await overStdio.ListToolsAsync()).Count);
    }

    [Fact]
    public async Task Http_AwkwardEvents_AreReadAsMessages()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { AwkwardEvents = true, Answers = AnswerForm.Sse });
        await using var client = await ConnectAsync(server.Url, new McpClientOptions { ProtocolVersion = "2025-11-25" });

        Assert.Equal("y", TextOf(await client.CallToolAsync("echo", new Dictionary<string, object?> { ["text"] = "y" })));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OldSse_DagsterClient_ListsAndCalls(bool awkward)
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Profile = "dagster", AwkwardEvents = awkward });
        var transport = new HttpClientTransport(new HttpClientTransportOptions { Endpoint = server.SseUrl, TransportMode = HttpTransportMode.Sse });
        await using var client = await SdkClient.CreateAsync(transport, new McpClientOptions { ProtocolVersion = "2024-11-05" });

        var answer = await client.CallToolAsync("terminate_run", new Dictionary<string, object?> { ["run_id"] = "nobody" });

        Assert.NotEqual(true, answer.IsError);
        Assert.Contains("\"success\":false", TextOf(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task AskTools_ClientThatAnswers_ReachTheirEnd(string version)
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var client = await ConnectAsync(server.Url, Answering(version));

        Assert.Contains("sampled", TextOf(await client.CallToolAsync("ask_sampling")), StringComparison.Ordinal);
        Assert.Contains("file:///root", TextOf(await client.CallToolAsync("ask_roots")), StringComparison.Ordinal);
        Assert.Contains("accept", TextOf(await client.CallToolAsync("ask_elicitation")), StringComparison.Ordinal);
        Assert.Equal("Ada likes Ada", TextOf(await client.CallToolAsync("ask_input")));
    }

    [Fact]
    public async Task Lists_InPages_AreWhole()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { PageSize = 2 });
        await using var client = await ConnectAsync(server.Url, new McpClientOptions { ProtocolVersion = "2025-11-25" });

        Assert.Equal(20, (await client.ListToolsAsync()).Count);
        Assert.Equal(3, (await client.ListResourcesAsync()).Count);
        Assert.Single(await client.ListResourceTemplatesAsync());
        Assert.Equal(3, (await client.ListPromptsAsync()).Count);
    }

    [Fact]
    public async Task Demo_OverStdio_ServesTheShopInBothEras()
    {
        foreach (var version in new[] { "2025-11-25", null })
        {
            var transport = new StdioClientTransport(new() { Command = GateProcess.DotnetPath, Arguments = [GateProcess.Built("callgate-demo.dll")] });
            await using var client = await SdkClient.CreateAsync(transport, new McpClientOptions { ProtocolVersion = version });

            Assert.Equal(version ?? "2026-07-28", client.NegotiatedProtocolVersion);
            Assert.Equal(6, (await client.ListToolsAsync()).Count);
            Assert.Contains("A-1001", TextOf(await client.CallToolAsync("list_orders")), StringComparison.Ordinal);
            Assert.True((await client.CallToolAsync("get_order", new Dictionary<string, object?> { ["order_id"] = "A-9999" })).IsError);
            Assert.Single(await client.ListPromptsAsync());
            Assert.Single(await client.ListResourcesAsync());
        }
    }

    private static McpClientOptions Answering(string version) => new()
    {
        ProtocolVersion = version,
        Handlers = new McpClientHandlers
        {
            SamplingHandler = (_, _, _) => ValueTask.FromResult(new CreateMessageResult
            {
                Role = Role.Assistant,
                Model = "none",
                Content = [new TextContentBlock { Text = "sampled" }],
            }),
            RootsHandler = (_, _) => ValueTask.FromResult(new ListRootsResult { Roots = [new Root { Uri = "file:///root" }] }),
            ElicitationHandler = (asked, _) => ValueTask.FromResult(new ElicitResult
            {
                Action = "accept",
                Content = asked!.RequestedSchema!.Properties.Keys.ToDictionary(k => k, _ => JsonSerializer.SerializeToElement("Ada")),
            }),
        },
    };

    private static Task<SdkClient> ConnectAsync(Uri url, McpClientOptions options) => SdkClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions { Endpoint = url, TransportMode = HttpTransportMode.StreamableHttp }), options);

    private static StdioClientTransport Stdio(string profile) => new(new StdioClientTransportOptions
    {
        Command = GateProcess.DotnetPath,
        Arguments = [GateProcess.Built("callgate-fixture.dll"), "stdio", "--profile", profile],
    });

    private static string TextOf(CallToolResult result) => ((TextContentBlock)result.Content[0]).Text;
}
