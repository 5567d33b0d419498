using System.Text.Json;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

public sealed class ToolsListTests(SharedRig shared) : IClassFixture<SharedRig>
{
    private readonly LegacyRig rig = shared.Rig;

    [Fact]
    public async Task List_DefaultDenyAndHide_ShowsWhatTheClientMayKnowInTheServersOrder()
    {
        await using var client = await rig.OpenAsync(LegacyRig.Closed);

        var tools = await client.ListToolsAsync();

        // `add` is refused openly, so it is shown; `structured` is hidden; the rest has no entry under default deny.
        Assert.Equal(["echo", "add", "slow", "url_required", "vendor"], tools.Select(static tool => tool.Text("name")));
    }

    [Fact]
    public async Task List_EveryTool_IsTheServersDefinitionTokenByToken()
    {
        await using var client = await rig.OpenAsync(capabilities: """{"sampling":{}}""");

        var answer = await client.RequestAsync("tools/list");

        var shown = answer.Result.Member("tools").EnumerateArray().ToList();
        Assert.NotEmpty(shown);
        Assert.All(shown, tool => Assert.Equal(Tokens.Of(rig.Fixture.Profile.Tool(tool.Text("name")!)), Tokens.Of(tool)));
        Assert.Contains("\"number\":1.0", answer.Text, StringComparison.Ordinal);
        Assert.Equal(Tokens.Of("""{"fixture/list":"tools"}"""), Tokens.Of(answer.Result.Member("_meta")));
    }

    [Fact]
    public async Task List_ServerShowsLessToThisClient_ShowsLessToo()
    {
        await using var asked = await rig.OpenAsync(capabilities: """{"sampling":{}}""");
        await using var plain = await rig.OpenAsync();

        Assert.Contains(await asked.ListToolsAsync(), static tool => tool.Text("name") == "ask_sampling");
        Assert.DoesNotContain(await plain.ListToolsAsync(), static tool => tool.Text("name") == "ask_sampling");
    }

    [Fact]
    public async Task List_Pages_KeepTheirCursorsAndMayBeEmpty()
    {
        await using var paged = await LegacyRig.StartAsync(new FixtureOptions { PageSize = 4 });
        await using var client = await paged.OpenAsync(LegacyRig.Closed);

        var second = await client.RequestAsync("tools/list", new() { ["cursor"] = "at-4" });
        var all = await client.ListToolsAsync();

        Assert.Empty(second.Result.Member("tools").EnumerateArray());
        Assert.Equal("at-8", second.Result.Text("nextCursor"));
        Assert.Equal(["echo", "add", "slow", "url_required", "vendor"], all.Select(static tool => tool.Text("name")));
    }

    [Fact]
    public async Task List_WrongCursor_IsTheServersErrorWithTheClientsId()
    {
        await using var client = await rig.OpenAsync();

        using var response = await rig.PostAsync(client, """{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{"cursor":"nowhere"}}""");

        Assert.Equal("""{"jsonrpc":"2.0","id":"a","error":{"code":-32602,"message":"unknown cursor"}}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"Tools":[{"name":"evil"}]}""")]
    [InlineData("""{"Tools":[{"name":"evil"}],"tools":[{"name":"t","inputSchema":{"type":"object"}}]}""")]
    [InlineData("""{"tools":{"evil":{}}}""")]
    [InlineData("""["evil"]""")]
    public async Task List_AnswerThatIsNoList_IsRefused(string list)
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();
        upstream.ToolList = list;

        var answer = await client.RequestAsync("tools/list");

        Assert.Equal("upstream.invalid", answer.Error.Member("data").Text("code"));
        Assert.DoesNotContain("evil", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_HiddenTool_IsAnsweredLikeOneThatNeverWas()
    {
        rig.Fixture.Recording.Clear();
        await using var client = await rig.OpenAsync(LegacyRig.Closed);

        var hidden = await client.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"structured","arguments":{}}}"""u8.ToArray());
        var unknown = await client.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"structureX","arguments":{}}}"""u8.ToArray());

        Assert.Equal("""{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unknown tool: structured"}}""", hidden.Text);
        Assert.Equal(hidden.Text.Replace("structured", "structureX", StringComparison.Ordinal), unknown.Text);
        Assert.Equal(200, hidden.Status);
        Assert.Empty(rig.Fixture.Recording.Calls);
    }

    [Fact]
    public async Task Call_DeniedAndDefaultDenied_AreRefusalsTheAgentReads()
    {
        rig.Fixture.Recording.Clear();
        await using var client = await rig.OpenAsync(LegacyRig.Closed);

        var denied = await client.CallAsync("add");
        var byDefault = await client.CallAsync("mixed");

        Assert.True(denied.IsToolError);
        Assert.Contains("adding is not for agents", denied.FirstText, StringComparison.Ordinal);
        Assert.Equal("/tools/add/action", denied.Denial.Text("rule"));
        Assert.Equal("policy.default_deny", byDefault.Denial.Text("code"));
        Assert.Equal(JsonValueKind.Undefined, byDefault.Error.ValueKind);
        Assert.Empty(rig.Fixture.Recording.Calls);
    }
}
