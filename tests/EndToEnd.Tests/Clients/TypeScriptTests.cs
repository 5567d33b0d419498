using System.Text.Json;
using Callgate.EndToEnd.Tests.Peers;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Clients;

/// <summary>The official TypeScript SDKs of both generations before the gate, in every way they choose a protocol version.</summary>
public sealed class TypeScriptTests
{
    private const string Legacy = "2025-11-25";
    private const string Modern = "2026-07-28";

    public static TheoryData<string, string?, FixtureEras, string> Ways => new()
    {
        { "sdk-v1.mjs", null, FixtureEras.Dual, Legacy },
        { "sdk-v2.mjs", "default", FixtureEras.Dual, Legacy },
        { "sdk-v2.mjs", "auto", FixtureEras.Dual, Modern },
        { "sdk-v2.mjs", Modern, FixtureEras.Dual, Modern },
        { "sdk-v2.mjs", "auto", FixtureEras.Legacy, Legacy },
    };

    public static TheoryData<string, string?, string> Talkers => new()
    {
        { "sdk-v1.mjs", null, Legacy },
        { "sdk-v2.mjs", "default", Legacy },
        { "sdk-v2.mjs", "auto", Modern },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task TypeScriptSdk_ThroughTheGate_SeesAllowedRefusedHiddenAndCapped(string script, string? mode, FixtureEras eras, string version)
    {
        await using var behind = await ClientGate.StartAsync(eras);

        var seen = await SeenAsync(script, behind.Gate.Url, "calls", mode);

        Assert.Equal(version, seen.Text("version"));
        Assert.Equal(ClientGate.Shown, Names(seen.Member("tools")));
        Assert.Equal("42", TextOf(seen.Member("sum")));
        Assert.Equal("Graz", seen.Member("structured").Member("result").Member("structuredContent").Text("place"));
        Assert.Equal("the tool could not do it", TextOf(seen.Member("failed")));
        Refused(seen.Member("refused"), "policy.denied", "Denied by policy: too much for one answer. ");
        Refused(seen.Member("unnamed"), "policy.default_deny", "Denied by policy: ");
        Unknown(seen.Member("hidden"), "vendor");
        Unknown(seen.Member("absent"), "never_was");
        Assert.Equal(["one", "two"], seen.Member("echoes").EnumerateArray().Take(ClientGate.MostEchoes).Select(TextOf));
        Refused(seen.Member("echoes")[ClientGate.MostEchoes], "limit.exceeded", "Denied by policy: `echo` has reached its limit of 2 a month");
        Assert.Equal("3 steps done", TextOf(seen.Member("slow")));
        Assert.Equal([1, 2, 3], seen.Member("progress").EnumerateArray().Select(static heard => heard.Number("progress", 0)));

        Assert.Equal(["add", "structured", "error", "echo", "echo", "slow"], behind.Upstream.Recording.Calls.Select(static call => call.Tool));
        await behind.Gate.RecordedAsync(
            "add allow answered", "structured allow answered", "error allow answered", "big policy.denied", "log policy.default_deny",
            "vendor tool.hidden", "never_was tool.unknown", "echo allow answered", "echo allow answered", "echo limit.exceeded", "slow allow answered");
    }

    /// <summary>What the server asks reaches the client, its answers come back, a list that changed is told, and a call that is given up ends everywhere.</summary>
    [Theory]
    [MemberData(nameof(Talkers))]
    public async Task TypeScriptSdk_ThroughTheGate_IsAskedToldAndCanGiveUp(string script, string? mode, string version)
    {
        await using var behind = await ClientGate.StartAsync(policy: ClientGate.OpenPolicy);

        var seen = await SeenAsync(script, behind.Gate.Url, "talk", mode);

        Assert.Equal(version, seen.Text("version"));
        Assert.Contains("ask_sampling", Names(seen.Member("tools")));
        Assert.Contains("Ada", TextOf(seen.Member("ask_elicitation")), StringComparison.Ordinal);
        Assert.Contains("something", TextOf(seen.Member("ask_sampling")), StringComparison.Ordinal);
        Assert.Contains("file:///a/root", TextOf(seen.Member("ask_roots")), StringComparison.Ordinal);
        Assert.Equal("Ada likes green", TextOf(seen.Member("ask_input")));
        Assert.True(seen.Member("stopped").Has("thrown"), seen.Member("stopped").ToString());
        Assert.Equal("3", TextOf(seen.Member("after")));
        Assert.Equal("heard", seen.Member("changed").Text("result"));

        // The tool is new to the gate, so nobody sees it before it is reviewed.
        Assert.Equal(Names(seen.Member("tools")), Names(seen.Member("toolsAfter")));
        Assert.DoesNotContain("added", Names(seen.Member("toolsAfter")));
        await behind.Upstream.Recording.WaitForAsync(
            requests => version == Modern ? behind.Upstream.Recording.Disconnects > 0 : requests.Any(static request => request.RpcMethod == "notifications/cancelled"),
            TimeSpan.FromSeconds(20));
        await behind.Gate.RecordedInTimeAsync("slow allow abandoned");
        await behind.Gate.VerifiedAsync();
    }

    [Fact]
    public async Task TypeScriptSdk_OfAGenerationTheServerDoesNotSpeak_IsToldWhy()
    {
        await using var legacy = await ClientGate.StartAsync(FixtureEras.Legacy);
        await using var modern = await ClientGate.StartAsync(FixtureEras.Modern);

        var pinned = await RunAsync("sdk-v2.mjs", legacy.Gate.Url, "calls", Modern);
        var first = await RunAsync("sdk-v1.mjs", modern.Gate.Url, "calls", null);

        Assert.NotEqual(0, pinned.ExitCode);
        Assert.NotEqual(0, first.ExitCode);
        Assert.Contains($"the server did not offer pinned protocol version {Modern}", pinned.Errors, StringComparison.Ordinal);
        Assert.Contains($"the server behind this gate speaks {Modern} only, which has no `initialize`", first.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sdk-v1.mjs", null)]
    [InlineData("sdk-v2.mjs", "auto")]
    public async Task TypeScriptSdk_WithABadToken_ThrowsWhatTheGateSays(string script, string? mode)
    {
        await using var behind = await ClientGate.StartAsync();

        var run = await RunAsync(script, behind.Gate.Url, "calls", mode, "nobody-has-this-token-which-has-enough-characters");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("a valid grant is needed", run.Errors, StringComparison.Ordinal);
        Assert.Empty(await behind.Gate.CallsAsync());
    }

    private static async Task<JsonElement> SeenAsync(string script, Uri url, string scenario, string? mode)
    {
        var run = await RunAsync(script, url, scenario, mode);
        Assert.True(run.ExitCode == 0, run.All);
        return JsonElement.Parse(run.Output);
    }

    private static Task<PeerRun> RunAsync(string script, Uri url, string scenario, string? mode, string token = PeerGate.Token)
    {
        NodePeer.Script("scenario.mjs");
        string[] arguments = [url.ToString(), token, scenario, .. mode is null ? Array.Empty<string>() : [mode]];
        return NodePeer.RunAsync(NodePeer.Script(script), arguments);
    }

    private static IEnumerable<string?> Names(JsonElement tools) => tools.EnumerateArray().Select(static tool => tool.Text("name")).Order(StringComparer.Ordinal);

    /// <summary>The text of what was returned; a client that threw has none.</summary>
    private static string? TextOf(JsonElement outcome)
    {
        Assert.False(outcome.Has("thrown"), outcome.ToString());
        return outcome.Member("result").Member("content")[0].Text("text");
    }

    private static void Refused(JsonElement outcome, string code, string text)
    {
        Assert.StartsWith(text, TextOf(outcome), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.True, outcome.Member("result").Member("isError").ValueKind);
        Assert.Equal(code, outcome.Member("result").Member("_meta").Member("callgate/denial").Text("code"));
    }

    private static void Unknown(JsonElement outcome, string tool)
    {
        Assert.Equal(-32602, outcome.Member("thrown").Number("code", 0));
        Assert.EndsWith("Unknown tool: " + tool, outcome.Member("thrown").Text("message"), StringComparison.Ordinal);
    }
}
