using System.Text.Json;
using Callgate.EndToEnd.Tests.Peers;
using Callgate.Fixtures;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Callgate.EndToEnd.Tests.Clients;

/// <summary>Clients of others make a call that a person has to approve: each gets its result, by what it says it can do.</summary>
public sealed class ApprovalClientsTests
{
    private const string Policy = """{ "version": "1", "default": "allow", "tools": { "add": { "action": "require_approval", "reason": "adding is serious" } } }""";

    private const string Legacy = "2025-11-25";
    private const string Modern = "2026-07-28";

    public static TheoryData<string, string?, string> Sdks => new()
    {
        { "sdk-v1.mjs", null, Legacy }, { "sdk-v2.mjs", "default", Legacy }, { "sdk-v2.mjs", "auto", Modern },
    };

    /// <summary>It opens no page and knows no tasks, so that its call is held until somebody answers.</summary>
    [Theory]
    [MemberData(nameof(Sdks))]
    public async Task TypeScriptSdk_WithoutCapabilities_IsHeldAndGetsTheResult(string script, string? mode, string version)
    {
        await using var behind = await ClientGate.StartAsync(policy: Policy);
        await using var approver = await Approver.StartAsync(behind.Gate.Root, behind.Gate.AdminToken);

        var seen = await RunAsync(script, behind.Gate.Url, "calls", mode);

        Assert.Equal((version, "42"), (seen.Text("version"), seen.Member("sum").Member("result").Member("content")[0].Text("text")));
        AssertAsked(approver, behind);
        Assert.Equal(["add approval.required", "add allow answered"], (await behind.Gate.JudgementsAsync()).Take(2));
    }

    [Theory]
    [MemberData(nameof(Sdks))]
    public async Task TypeScriptSdk_ThatOpensPages_IsSentToThePageAndGetsTheResult(string script, string? mode, string version)
    {
        await using var behind = await ClientGate.StartAsync(policy: Policy);
        await using var approver = await Approver.StartAsync(behind.Gate.Root, behind.Gate.AdminToken);

        var seen = await RunAsync(script, behind.Gate.Url, "pages", mode);

        Assert.Equal((version, "42"), (seen.Text("version"), seen.Member("sum").Member("result").Member("content")[0].Text("text")));
        AssertAsked(approver, behind);
        var page = seen.Member("pages")[0];
        Assert.Equal(("url", new Uri(behind.Gate.Root, "/approvals/" + approver.Seen[0].Text("id")).ToString()), (page.Text("mode"), page.Text("url")));
    }

    [Theory]
    [MemberData(nameof(Sdks))]
    public async Task TypeScriptSdk_WhoseCallIsRefused_ReadsWhy(string script, string? mode, string version)
    {
        await using var behind = await ClientGate.StartAsync(policy: Policy);
        await using var approver = await Approver.StartAsync(behind.Gate.Root, behind.Gate.AdminToken, "not on a Friday");

        var seen = await RunAsync(script, behind.Gate.Url, "pages", mode);

        Assert.Equal(version, seen.Text("version"));
        Assert.StartsWith("Denied by policy: a person has refused this call: not on a Friday. ", seen.Member("sum").Member("result").Member("content")[0].Text("text"), StringComparison.Ordinal);
        Assert.Empty(behind.Upstream.Recording.Calls);
    }

    [Theory]
    [InlineData("legacy")]
    [InlineData("auto")]
    [InlineData("modern")]
    public async Task Inspector_InEachOfItsEras_GetsTheResult(string era)
    {
        using var home = new TemporaryFolder();
        await using var behind = await ClientGate.StartAsync(policy: Policy);
        await using var approver = await Approver.StartAsync(behind.Gate.Root, behind.Gate.AdminToken);

        var run = await NodePeer.RunAsync(
            NodePeer.File("@modelcontextprotocol/inspector/clients/launcher/build/index.js"),
            [
                "--cli", behind.Gate.Url.ToString(), "--transport", "http", "--header", "Authorization: Bearer " + PeerGate.Token, "--protocol-era", era, "--format", "json", "-q",
                "--method", "tools/call", "--tool-name", "add", "--tool-arg", "a=19", "b=23",
            ],
            new Dictionary<string, string> { ["HOME"] = home.Root });

        Assert.True(run.ExitCode == 0, run.All);
        Assert.Equal("42", JsonElement.Parse(run.Output).Member("result").Member("content")[0].Text("text"));
        AssertAsked(approver, behind);
    }

    [Theory]
    [InlineData(Legacy, "http-first")]
    [InlineData(null, "http-only")]
    public async Task McpRemote_BetweenAClientAndTheGate_PassesTheResult(string? asked, string strategy)
    {
        using var home = new TemporaryFolder();
        await using var behind = await ClientGate.StartAsync(policy: Policy);
        await using var approver = await Approver.StartAsync(behind.Gate.Root, behind.Gate.AdminToken);
        await using var client = await SdkSession.ConnectAsync(McpRemoteTests.Remote(behind.Gate.Url, home, strategy), asked);

        var sum = await client.CallAsync("add", new() { ["a"] = 19, ["b"] = 23 });

        Assert.Equal("42", sum["content"]![0]!["text"]!.GetValue<string>());
        AssertAsked(approver, behind);
    }

    [Theory]
    [InlineData(Legacy, false)]
    [InlineData(Legacy, true)]
    [InlineData(null, false)]
    [InlineData(null, true)]
    public async Task SdkClient_WithAndWithoutPages_GetsTheResult(string? version, bool opensPages)
    {
        await using var behind = await ClientGate.StartAsync(policy: Policy);
        await using var approver = await Approver.StartAsync(behind.Gate.Root, behind.Gate.AdminToken);
        var pages = new List<string?>();
        var options = new McpClientOptions { ProtocolVersion = version };
        if (opensPages)
        {
            options.Capabilities = new ClientCapabilities { Elicitation = new ElicitationCapability { Url = new UrlElicitationCapability() } };
            options.Handlers = new McpClientHandlers
            {
                ElicitationHandler = (asked, _) =>
                {
                    pages.Add(asked?.Url);
                    return ValueTask.FromResult(new ElicitResult { Action = "accept" });
                },
            };
        }

        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = behind.Gate.Url,
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + PeerGate.Token },
        });
        await using var client = await McpClient.CreateAsync(transport, options);
        var sum = await client.CallToolAsync("add", new Dictionary<string, object?> { ["a"] = 19, ["b"] = 23 });

        Assert.Equal("42", Assert.IsType<TextContentBlock>(sum.Content[0]).Text);
        AssertAsked(approver, behind);
        Assert.Equal(opensPages, pages.Count > 0);
        Assert.All(pages, page => Assert.Contains("/approvals/" + approver.Seen[0].Text("id"), page, StringComparison.Ordinal));
    }

    /// <summary>One person was asked once, about exactly what the server then saw once.</summary>
    private static void AssertAsked(Approver approver, ClientGate behind)
    {
        var asked = Assert.Single(approver.Seen);
        Assert.Equal(("add", "adding is serious", """{"arguments":{"a":19,"b":23}}"""), (asked.Text("tool"), asked.Text("reason"), asked.Member("data").GetRawText()));
        Assert.Single(behind.Upstream.Recording.Calls, static call => call.Tool == "add");
    }

    private static async Task<JsonElement> RunAsync(string script, Uri url, string scenario, string? mode)
    {
        NodePeer.Script("scenario.mjs");
        string[] arguments = [url.ToString(), PeerGate.Token, scenario, .. mode is null ? Array.Empty<string>() : [mode]];
        var run = await NodePeer.RunAsync(NodePeer.Script(script), arguments);
        Assert.True(run.ExitCode == 0, run.All);
        return JsonElement.Parse(run.Output);
    }
}
