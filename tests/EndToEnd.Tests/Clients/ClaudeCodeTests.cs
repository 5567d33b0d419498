using System.Diagnostics;
using System.Text.Json;
using Callgate.EndToEnd.Tests.Peers;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Clients;

/// <summary>Claude Code before the gate, driven by a model that follows a script: what reaches the model of what the gate says.</summary>
public sealed class ClaudeCodeTests
{
    private static readonly ScriptedCall[] Script =
    [
        new("toolu_sum", "mcp__gw__add", new() { ["a"] = 19, ["b"] = 23 }),
        new("toolu_big", "mcp__gw__big", []),
        new("toolu_vendor", "mcp__gw__vendor", []),
        new("toolu_echo1", "mcp__gw__echo", new() { ["text"] = "said" }),
        new("toolu_echo2", "mcp__gw__echo", new() { ["text"] = "said" }),
        new("toolu_echo3", "mcp__gw__echo", new() { ["text"] = "said" }),
    ];

    [Theory]
    [InlineData(FixtureEras.Dual, "2026-07-28")]
    [InlineData(FixtureEras.Legacy, "2025-11-25")]
    [Trait("Category", "Full")]
    public async Task ClaudeCode_ThroughTheGate_ShowsTheModelAllowedRefusedAndCapped(FixtureEras eras, string version)
    {
        using var home = new TemporaryFolder();
        await using var model = await ScriptedModel.StartAsync(Script);
        await using var behind = await ClientGate.StartAsync(eras);
        await RunAsync(home, model, "mcp", "add", "--transport", "http", "gw", behind.Gate.Url.ToString(), "--header", "Authorization: Bearer " + PeerGate.Token);
        var health = await RunAsync(home, model, "mcp", "list");

        var run = await RunAsync(home, model, "-p", "go", "--output-format", "json", "--allowedTools", "mcp__gw");

        Assert.Contains("Connected", health.Output, StringComparison.Ordinal);
        Assert.Equal(ScriptedModel.LastWord, JsonElement.Parse(run.Output).Text("result"));
        var offered = model.Conversation[0].Member("tools").EnumerateArray().Select(static tool => tool.Text("name")!);
        Assert.Equal(ClientGate.Shown.Select(static name => "mcp__gw__" + name), offered.Where(static name => name.StartsWith("mcp__", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        Assert.Equal(("42", false), Heard(model, "toolu_sum"));
        var (refusal, isError) = Heard(model, "toolu_big");
        var record = Assert.Single(await behind.Gate.CallsAsync(), static call => call.Text("tool") == "big");
        Assert.Equal(($"Denied by policy: too much for one answer. Do not retry unchanged. ref {record.Text("id")}", true), (refusal, isError));
        Assert.True(Heard(model, "toolu_vendor").IsError);
        var echoes = new[] { "toolu_echo1", "toolu_echo2", "toolu_echo3" }.Select(id => Heard(model, id)).ToArray();
        Assert.Equal(ClientGate.MostEchoes, echoes.Count(static echo => echo == ("said", false)));
        Assert.StartsWith("Denied by policy: `echo` has reached its limit of 2 a month", Assert.Single(echoes, static echo => echo.IsError).Text, StringComparison.Ordinal);

        Assert.All(behind.Upstream.Recording.Calls, call => Assert.Equal(version, call.Header("MCP-Protocol-Version")));
        Assert.Equal(["add", "echo", "echo"], behind.Upstream.Recording.Calls.Select(static call => call.Tool).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["add allow answered", "big policy.denied", "echo allow answered", "echo allow answered", "echo limit.exceeded"],
            (await behind.Gate.JudgementsAsync()).Order(StringComparer.Ordinal));
        await behind.Gate.VerifiedAsync();
        Assert.Empty(model.Elsewhere);
    }

    [Fact]
    [Trait("Category", "Full")]
    public async Task ClaudeCode_WithABadToken_IsNotConnected()
    {
        using var home = new TemporaryFolder();
        await using var model = await ScriptedModel.StartAsync(Script);
        await using var behind = await ClientGate.StartAsync();
        await RunAsync(home, model, "mcp", "add", "--transport", "http", "gw", behind.Gate.Url.ToString(), "--header", "Authorization: Bearer nobody-has-this-token-which-has-enough-characters");

        var health = await RunAsync(home, model, "mcp", "list");
        await RunAsync(home, model, "-p", "go", "--output-format", "json", "--allowedTools", "mcp__gw");

        Assert.Contains("Failed to connect", health.Output, StringComparison.Ordinal);
        Assert.Contains("a valid grant is needed", health.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("mcp__gw__", model.Conversation[0].Member("tools").GetRawText(), StringComparison.Ordinal);
        Assert.Empty(await behind.Gate.CallsAsync());
        Assert.Empty(model.Elsewhere);
    }

    /// <summary>What the last request to the model says came of one call; a remark of the client's own may follow in further parts.</summary>
    private static (string Text, bool IsError) Heard(ScriptedModel model, string id)
    {
        var blocks = model.Conversation[^1].Member("messages").EnumerateArray()
            .Where(static message => message.Member("content").ValueKind == JsonValueKind.Array)
            .SelectMany(static message => message.Member("content").EnumerateArray());
        var result = blocks.Single(block => block.Text("tool_use_id") == id);
        var text = result.Text("content") ?? result.Member("content")[0].Text("text")!;
        return (text.TrimEnd('\n'), result.Member("is_error").ValueKind == JsonValueKind.True);
    }

    /// <summary>One run in a home of its own; whatever it would send elsewhere goes to the scripted model, which refuses it.</summary>
    private static async Task<PeerRun> RunAsync(TemporaryFolder home, ScriptedModel model, params string[] arguments)
    {
        var start = new ProcessStartInfo(NodePeer.ClaudeCode)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.Root,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var own = model.Root.ToString().TrimEnd('/');
        var environment = new Dictionary<string, string?>
        {
            ["HOME"] = home.Root, ["PATH"] = Environment.GetEnvironmentVariable("PATH"), ["NO_COLOR"] = "1",
            ["ANTHROPIC_BASE_URL"] = own, ["ANTHROPIC_API_KEY"] = "no-key-at-all", ["ANTHROPIC_MODEL"] = "claude-sonnet-4-5",
            ["HTTP_PROXY"] = own, ["HTTPS_PROXY"] = own, ["NO_PROXY"] = "127.0.0.1",
            ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1", ["DISABLE_TELEMETRY"] = "1", ["DISABLE_ERROR_REPORTING"] = "1",
            ["DISABLE_AUTOUPDATER"] = "1", ["ENABLE_TOOL_SEARCH"] = "false",
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var run = await NodePeer.RunAsync(start);
        Assert.True(run.ExitCode == 0, run.All);
        return run;
    }
}
