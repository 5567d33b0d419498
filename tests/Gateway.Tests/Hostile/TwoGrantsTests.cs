using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Attacks A28 and B34: two grants at one server at once, with equal ids; nothing of one reaches the other.</summary>
public sealed class TwoGrantsTests
{
    [Theory]
    [InlineData("2026-07-28", AnswerForm.Json)]
    [InlineData("2026-07-28", AnswerForm.Sse)]
    [InlineData("2025-11-25", AnswerForm.Sse)]
    public async Task ManyRequests_OfTwoGrantsUnderEqualIds_NeverMix(string version, AnswerForm answers)
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Answers = answers });
        await using var gate = await RunningGate.StartAsync(
            $$"""
            servers:
              up: { url: {{upstream.Url}} }
            policies:
              left: left.json
              right: right.json
            grants:
              left: { token: {{RunningGate.Token}}, servers: { up: left } }
              right: { token: {{HostileGate.OtherToken}}, servers: { up: right } }
            """,
            ("left.json", """{"version":"1","default":"allow","hide":["add"]}"""),
            ("right.json", """{"version":"1","default":"allow","hide":["error"]}"""));
        await using var left = await ClientAsync(gate, RunningGate.Token, version);
        await using var right = await ClientAsync(gate, HostileGate.OtherToken, version);
        await Task.WhenAll(Enumerable.Range(0, 200).SelectMany(number => new[] { OneAsync(left, "left", "error", "add", number), OneAsync(right, "right", "add", "error", number) }));
    }

    private static async Task OneAsync(McpClient client, string mark, string own, string other, int number)
    {
        var names = (await client.ListToolsAsync()).Select(static tool => tool.GetProperty("name").GetString()).ToList();
        Assert.Contains(own, names);
        Assert.DoesNotContain(other, names);
        var text = mark + number;
        Assert.Equal(text, (await client.CallAsync("echo", new JsonObject { ["text"] = text })).FirstText);
        Assert.Equal("Unknown tool: " + other, (await client.CallAsync(other)).Error.GetProperty("message").GetString());
    }

    private static async Task<McpClient> ClientAsync(RunningGate gate, string token, string version)
    {
        var client = new McpClient(gate.Mcp("up"), token, version);
        if (!client.IsModern)
        {
            await client.InitializeAsync();
        }

        return client;
    }
}
