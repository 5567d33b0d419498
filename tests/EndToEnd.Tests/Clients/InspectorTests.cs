using System.Text.Json;
using Callgate.EndToEnd.Tests.Peers;
using Callgate.EndToEnd.Tests.Servers;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Clients;

/// <summary>The command line of MCP Inspector before the gate, in each of its eras: what it prints and how it ends.</summary>
public sealed class InspectorTests
{
    private const int Well = 0;
    private const int NoGrant = 3;
    private const int ToolError = 5;

    [Theory]
    [InlineData("legacy", "2025-11-25")]
    [InlineData("auto", "2026-07-28")]
    [InlineData("modern", "2026-07-28")]
    public async Task Inspector_ThroughTheGate_SeesAllowedRefusedHiddenAndCapped(string era, string version)
    {
        using var home = new TemporaryFolder();
        await using var behind = await ClientGate.StartAsync();
        var inspector = new Inspector(behind.Gate.Url, home, era);

        var listed = await inspector.RunAsync(Well, "--method", "tools/list");
        var sum = await inspector.CallAsync(Well, "add", "--tool-arg", "a=19", "b=23");
        var refused = await inspector.CallAsync(ToolError, "big");
        var hidden = await inspector.CallAsync(ToolError, "vendor");
        var capped = await inspector.CallAsync(Well, "echo", "--tool-arg", "text=x", "--load", "--load-requests", "9", "--load-concurrency", "3");

        Assert.Equal(ClientGate.Shown, listed.Member("result").Member("tools").EnumerateArray().Select(static tool => tool.Text("name")).Order(StringComparer.Ordinal));
        Assert.Equal("42", sum.Member("result").Member("content")[0].Text("text"));
        Assert.StartsWith("Denied by policy: too much for one answer. ", refused.Member("result").Member("content")[0].Text("text"), StringComparison.Ordinal);
        Assert.Equal("policy.denied", refused.Member("result").Member("_meta").Member("callgate/denial").Text("code"));
        Assert.Equal("tool_not_found", hidden.Member("error").Text("code"));
        Assert.Equal((ClientGate.MostEchoes, 9 - ClientGate.MostEchoes, 0), (capped.Member("result").Number("ok", -1), capped.Member("result").Number("toolErrors", -1), capped.Member("result").Number("errors", -1)));

        Assert.Equal(["add", "echo", "echo"], behind.Upstream.Recording.Calls.Select(static call => call.Tool));
        Assert.All(behind.Upstream.Recording.Calls, call => Assert.Equal(version, call.Header("MCP-Protocol-Version")));
        Assert.Equal(
            ["add allow answered", "big policy.denied", .. Enumerable.Repeat("echo allow answered", 2), .. Enumerable.Repeat("echo limit.exceeded", 7)],
            (await behind.Gate.JudgementsAsync()).Order(StringComparer.Ordinal));

        var stranger = new Inspector(behind.Gate.Url, home, era) { Token = "nobody-has-this-token-which-has-enough-characters" };
        var unauthorized = await stranger.RunAsync(NoGrant, "--method", "tools/list", "--stored-auth-only");
        Assert.Equal("auth_required", unauthorized.Member("error").Text("code"));
        await behind.Gate.VerifiedAsync();
    }

    /// <summary>A client that tries the newer generation first falls back to the one the server speaks.</summary>
    [Theory]
    [InlineData("legacy")]
    [InlineData("auto")]
    public async Task Inspector_BeforeServerEverything_UsesWhatThePolicyOpens(string era)
    {
        using var home = new TemporaryFolder();
        await using var server = await RealServer.EverythingAsync("stdio");
        await using var gate = await PeerGate.StartAsync(server.Definition, """{ "version": "1", "default": "allow", "methods": { "allow": ["resources/*"] } }""");
        var inspector = new Inspector(gate.Url, home, era);

        var sum = await inspector.CallAsync(Well, "get-sum", "--tool-arg", "a=19", "b=23");
        var read = await inspector.RunAsync(Well, "--method", "resources/read", "--uri", "demo://resource/static/document/features.md");
        var prompts = await inspector.RunAsync(Well, "--method", "prompts/list");

        Assert.Contains("42", sum.Member("result").Member("content")[0].Text("text"), StringComparison.Ordinal);
        Assert.NotEmpty(read.Member("result").Member("contents")[0].Text("text")!);
        Assert.Equal(0, prompts.Member("result").Member("prompts").GetArrayLength());
        await gate.RecordedAsync("get-sum allow answered");
    }

    /// <summary>Inspector as a person runs it, with a home of its own.</summary>
    private sealed class Inspector(Uri url, TemporaryFolder home, string era)
    {
        public string Token { get; init; } = PeerGate.Token;

        public Task<JsonElement> CallAsync(int ends, string tool, params string[] more) =>
            RunAsync(ends, ["--method", "tools/call", "--tool-name", tool, .. more]);

        /// <summary>The one JSON object it prints: the result on stdout, or the error on stderr.</summary>
        public async Task<JsonElement> RunAsync(int ends, params string[] more)
        {
            string[] arguments =
            [
                "--cli", url.ToString(), "--transport", "http", "--header", "Authorization: Bearer " + Token,
                "--protocol-era", era, "--format", "json", "-q", .. more,
            ];
            var run = await NodePeer.RunAsync(
                NodePeer.File("@modelcontextprotocol/inspector/clients/launcher/build/index.js"), arguments, new Dictionary<string, string> { ["HOME"] = home.Root });
            Assert.True(run.ExitCode == ends, run.All);
            return JsonElement.Parse(run.Output.Length > 0 ? run.Output : run.Errors);
        }
    }
}
