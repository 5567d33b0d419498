using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Peers;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Callgate.EndToEnd.Tests.Servers;

/// <summary>`@modelcontextprotocol/server-everything` behind the gate, over each of its transports.</summary>
public sealed class EverythingTests
{
    private const string Policy = """
        { "version": "1", "default": "allow", "hide": ["get-env"],
          "tools": { "get-tiny-image": { "action": "deny", "reason": "pictures are not needed here." },
                     "echo": { "limits": [ { "counter": "echoes", "window": "month", "max": 2 } ] } },
          "methods": { "allow": ["*"] } }
        """;

    [Theory]
    [InlineData("stdio")]
    [InlineData("http")]
    [InlineData("sse")]
    public async Task Everything_BehindTheGate_IsTheSameServerWithinThePolicy(string transport)
    {
        await using var server = await RealServer.EverythingAsync(transport);
        await using var gate = await PeerGate.StartAsync(server.Definition, Policy);
        await using var direct = await server.DirectAsync();
        await using var gated = await SdkSession.HttpAsync(gate.Url, PeerGate.Token);
        var both = new SideBySide(direct, gated);

        Assert.Equal(direct.Version, gated.Version);
        Assert.Equal(direct.Instructions, gated.Instructions);
        await both.ListsAgreeAsync(13, "get-env");
        await both.CallsAgreeAsync("get-sum", new() { ["a"] = 19, ["b"] = 23 });
        await both.RefusedAsync("get-sum", new() { ["a"] = "nineteen" }, ("arguments.invalid", "(schema)", "argument `a`: expected a number, got the string \"nineteen\""));
        await both.CallsAgreeAsync("get-structured-content", new() { ["location"] = "Chicago" });
        await both.CallsAgreeAsync("get-annotated-message", new() { ["messageType"] = "error", ["includeImage"] = true });
        await both.CallsAgreeAsync("get-resource-links", new() { ["count"] = 3 });
        await both.CallsAgreeAsync("trigger-long-running-operation", new() { ["duration"] = 0.3, ["steps"] = 3 }, "token-1");
        await both.CallsAgreeAsync("echo", new() { ["message"] = "one" });
        await both.CallsAgreeAsync("echo", new() { ["message"] = "two \u2028 <é&'>" });
        await both.RefusedAsync("echo", new() { ["message"] = "three" }, ("limit.exceeded", "/tools/echo/limits/0", "`echo` has reached its limit of 2 a month"));
        await both.RefusedAsync("get-tiny-image", [], ("policy.denied", "/tools/get-tiny-image/action", "pictures are not needed here."));
        await both.UnknownAsync("get-env", []);
        await ResourcesAndPromptsAgreeAsync(both);

        // It is listed, and runs as a task only, which the gate does not serve.
        var asTask = new JsonObject { ["name"] = "simulate-research-query", ["arguments"] = new JsonObject { ["topic"] = "gates" }, ["task"] = new JsonObject { ["ttl"] = 60000 } };
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => gated.RequestAsync("tools/call", asTask));
        Assert.Contains("calls that run as tasks are not served", refused.ToString(), StringComparison.Ordinal);

        Assert.Equal(await direct.ProgressAsync(3), await gated.ProgressAsync(3));
        await gate.RecordedAsync(
            "get-sum allow answered", "get-sum arguments.invalid", "get-structured-content allow answered", "get-annotated-message allow answered",
            "get-resource-links allow answered", "trigger-long-running-operation allow answered", "echo allow answered", "echo allow answered",
            "echo limit.exceeded", "get-tiny-image policy.denied", "get-env tool.hidden", " request.malformed");
    }

    /// <summary>The server offers more tools to a client that can be asked, and asks it in the middle of a call.</summary>
    [Theory]
    [InlineData("stdio")]
    [InlineData("http")]
    [InlineData("sse")]
    public async Task Everything_AsksItsClient_ThroughTheGateAndGetsTheAnswer(string transport)
    {
        await using var server = await RealServer.EverythingAsync(transport);
        await using var gate = await PeerGate.StartAsync(server.Definition, Policy);
        await using var direct = await server.DirectAsync(Answers());
        await using var gated = await SdkSession.HttpAsync(gate.Url, PeerGate.Token, Answers());
        var both = new SideBySide(direct, gated);

        await both.ListsAgreeAsync(16, "get-env");
        var sample = await both.CallsAgreeAsync("trigger-sampling-request", new() { ["prompt"] = "say something" });
        var input = await both.CallsAgreeAsync("trigger-elicitation-request");
        var roots = await both.CallsAgreeAsync("get-roots-list");

        Assert.Contains("what the client said", sample.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Ada", input.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("file:///a/root", roots.ToJsonString(), StringComparison.Ordinal);
        await gate.RecordedAsync("trigger-sampling-request allow answered", "trigger-elicitation-request allow answered", "get-roots-list allow answered");
    }

    private static async Task ResourcesAndPromptsAgreeAsync(SideBySide both)
    {
        await both.AnswersAgreeAsync("resources/list");
        await both.AnswersAgreeAsync("resources/templates/list");
        await both.AnswersAgreeAsync("resources/read", new() { ["uri"] = "demo://resource/static/document/features.md" });
        await both.AnswersAgreeAsync("prompts/list");
        await both.AnswersAgreeAsync("prompts/get", new() { ["name"] = "args-prompt", ["arguments"] = new JsonObject { ["city"] = "Graz" } });
        await both.AnswersAgreeAsync("completion/complete", new()
        {
            ["ref"] = new JsonObject { ["type"] = "ref/prompt", ["name"] = "completable-prompt" },
            ["argument"] = new JsonObject { ["name"] = "department", ["value"] = "S" },
        });
        await both.AnswersAgreeAsync("logging/setLevel", new() { ["level"] = "error" });
        await both.AnswersAgreeAsync("ping");
    }

    private static McpClientHandlers Answers() => new()
    {
        SamplingHandler = static (_, _, _) => ValueTask.FromResult(new CreateMessageResult
        {
            Model = "none", Role = Role.Assistant, Content = [new TextContentBlock { Text = "what the client said" }],
        }),
        ElicitationHandler = static (_, _) => ValueTask.FromResult(new ElicitResult
        {
            Action = "accept", Content = new Dictionary<string, JsonElement> { ["name"] = JsonElement.Parse("\"Ada\"") },
        }),
        RootsHandler = static (_, _) => ValueTask.FromResult(new ListRootsResult { Roots = [new Root { Uri = "file:///a/root", Name = "a root" }] }),
    };
}
