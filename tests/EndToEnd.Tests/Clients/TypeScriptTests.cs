using System.Text.Json;
using Callgate.EndToEnd.Tests.Peers;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Clients;

/// <summary>The official TypeScript SDKs of both generations before the gate, in every way they choose a protocol version.</summary>
public sealed class TypeScriptTests
{
    public static TheoryData<string, string?, string> Ways => new()
    {
        { "sdk-v1.mjs", null, "2025-11-25" },
        { "sdk-v2.mjs", "default", "2025-11-25" },
        { "sdk-v2.mjs", "auto", "2026-07-28" },
        { "sdk-v2.mjs", "2026-07-28", "2026-07-28" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task TypeScriptSdk_ThroughTheGate_SeesAllowedRefusedHiddenAndCapped(string script, string? mode, string version)
    {
        await using var behind = await ClientGate.StartAsync();

        var seen = await RunAsync(script, behind.Gate.Url, mode);

        Assert.Equal(version, seen.Text("version"));
        Assert.Equal(ClientGate.Shown, seen.Member("tools").EnumerateArray().Select(static tool => tool.Text("name")).Order(StringComparer.Ordinal));
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

    private static async Task<JsonElement> RunAsync(string script, Uri url, string? mode)
    {
        NodePeer.Script("scenario.mjs");
        string[] arguments = [url.ToString(), PeerGate.Token, .. mode is null ? Array.Empty<string>() : [mode]];
        var run = await NodePeer.RunAsync(NodePeer.Script(script), arguments);
        Assert.True(run.ExitCode == 0, run.All);
        return JsonElement.Parse(run.Output);
    }

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
