using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>After <c>connect</c> a client gets through the gate with what stands in its file and nothing else.</summary>
public sealed class ConnectedClientTests : IDisposable
{
    private readonly FakeHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task SdkClient_WithTheFileOfAProject_CallsThroughTheGate()
    {
        await using var gate = await DeclaredGate.StartAsync();
        var data = gate.Process.DataDirectory;
        var file = home.Write("project/.mcp.json", $$"""{ "mcpServers": { "up": { "command": "npx", "args": ["-y", "up-mcp"], "env": { "UP_TOKEN": "{{FakeHome.Canary}}" } }, "Else Where": { "url": "https://else.example.com/mcp?token={{FakeHome.Password}}1", "headers": { "X-Key": "{{FakeHome.Canary}}" } } } }""");
        var token = home.Write("grant", DeclaredGate.Token + "\n");

        var run = await home.RunAsync("connect", "claude-code", "--file", file, "--grant-file", token, "--data", data);
        var json = JsonElement.Parse((await home.RunAsync("connect", "claude-code", "--file", file, "--grant-file", token, "--data", data, "--json")).Out);
        var entry = JsonElement.Parse(await File.ReadAllTextAsync(file)).GetProperty("mcpServers").GetProperty("up");
        var options = new HttpClientTransportOptions
        {
            Endpoint = new Uri(entry.GetProperty("url").GetString()!),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = entry.GetProperty("headers").EnumerateObject().ToDictionary(static header => header.Name, static header => header.Value.GetString()!),
        };
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(options));
        var result = await client.CallToolAsync("echo", new Dictionary<string, object?> { ["text"] = "through" });

        Assert.Equal(0, run.Code);
        Assert.Equal("through", Assert.IsType<TextContentBlock>(result.Content[0]).Text);
        Assert.Contains("callgate server add else-where \"https://else.example.com/mcp?token=${ELSE_WHERE_SECRET}\" --header \"X-Key: ${ELSE_WHERE_X_KEY}\"", run.Out, StringComparison.Ordinal);
        Assert.Equal(["unchanged", "unknown to the gate"], json.GetProperty("servers").EnumerateArray().Select(static server => server.GetProperty("state").GetString()));
        Assert.False(json.GetProperty("changed").GetBoolean());
    }

    [Fact]
    public async Task Connect_NamesOfTheGate_AreFoundNearOrAsSaid()
    {
        await using var gate = await DeclaredGate.StartAsync();
        var data = gate.Process.DataDirectory;
        var file = home.Write("mcp.json", """{ "mcpServers": { "UP": { "command": "a" }, "mine": { "command": "b" } } }""");

        var near = await home.RunAsync("connect", "cursor", "--file", file, "--grant", DeclaredGate.Token, "--data", data, "--dry-run", "--json");
        var said = await home.RunAsync("connect", "cursor", "--file", file, "--grant", DeclaredGate.Token, "--data", data, "--server", "mine=up", "--json");
        var wrong = await home.RunAsync("connect", "cursor", "--file", file, "--grant", DeclaredGate.Token, "--data", data, "--server", "UP=down");

        Assert.Equal(["up", null], JsonElement.Parse(near.Out).GetProperty("servers").EnumerateArray().Select(static server => server.GetProperty("gate_server").GetString()));
        Assert.Equal((0, 1), (said.Code, wrong.Code));
        Assert.Contains($"\"mine\": {{ \"url\": \"{gate.Process.Mcp("up")}\"", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Contains("callgate server add UP -- a", wrong.Out, StringComparison.Ordinal);
    }
}
