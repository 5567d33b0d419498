using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>The main cases again where the server is a child process or speaks HTTP+SSE: the client sees no difference.</summary>
public sealed class TransportsTests(TransportRig rig) : IClassFixture<TransportRig>
{
    private const string Asking = """{"sampling":{},"elicitation":{"form":{},"url":{}},"roots":{}}""";

    public static TheoryData<string> Transports => TransportRig.Transports;

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Initialize_NothingOpened_FiltersCapabilitiesInBothDirections(string transport)
    {
        await using var client = LegacyRig.Client(rig.Gate, transport + "-closed", capabilities: """{"sampling":{},"elicitation":{},"roots":{},"vendorCapability":{"n":1.0}}""");

        var answer = await client.InitializeAsync();
        var up = rig.Received(transport).Last(static line => line.Contains("\"initialize\"", StringComparison.Ordinal) && line.Contains("vendorCapability", StringComparison.Ordinal));

        Assert.NotNull(client.SessionId);
        Assert.Equal(Tokens.Of("""{"tools":{"listChanged":true},"logging":{},"experimental":{"fixture/extra":{}}}"""), Tokens.Of(answer.Result.Member("capabilities")));
        Assert.Equal(Tokens.Of("""{"vendorCapability":{"n":1.0}}"""), Tokens.Of(JsonElement.Parse(up).Member("params").Member("capabilities")));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task List_ClosedPolicy_ShowsTheServersDefinitionsInItsOrder(string transport)
    {
        await using var client = await rig.OpenAsync(transport + "-closed");

        var tools = await client.ListToolsAsync();

        Assert.Equal(["echo", "add", "slow", "url_required", "vendor"], tools.Select(static tool => tool.Text("name")));
        Assert.All(tools, tool => Assert.Equal(Tokens.Of(rig.Fixture.Profile.Tool(tool.Text("name")!)), Tokens.Of(tool)));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Call_ArgumentsResultAndId_PassTokenByToken(string transport)
    {
        const string arguments = """{"z":1.0,"text":"\u00e9","a":[1e3,12345678901234567890,{"2":2,"1":1}]}""";
        await using var client = await rig.OpenAsync(transport);

        using var response = await PostAsync(client, transport,
            $$$$"""{"jsonrpc":"2.0","id":"\u0061","method":"tools/call","params":{"vendor":1.0,"name":"echo","arguments":{{{{arguments}}}}}}""");
        var text = await response.Content.ReadAsStringAsync();
        var vendor = await client.CallAsync("vendor");

        Assert.Contains("\"id\":\"\\u0061\"", text, StringComparison.Ordinal);
        var sent = rig.Received(transport).Last(static line => line.Contains("12345678901234567890", StringComparison.Ordinal));
        Assert.Equal(Tokens.Of($$$$"""{"vendor":1.0,"name":"echo","arguments":{{{{arguments}}}}}"""), Tokens.Of(JsonElement.Parse(sent).Member("params")));
        Assert.Contains("[1.0,1e3,12345678901234567890]", vendor.Text, StringComparison.Ordinal);
        Assert.Equal(Tokens.Of("""{"vendor/trace":"t-1","nested":{"deep":[{}]}}"""), Tokens.Of(vendor.Result.Member("_meta")));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Progress_OfSeveralClients_GoesToWhoAskedUnderTheirTokens(string transport)
    {
        await using var first = await rig.OpenAsync(transport);
        await using var second = await rig.OpenAsync(transport);

        var answers = await Task.WhenAll(
            first.RequestAsync("tools/call", Lenient.Parse("""{"name":"slow","arguments":{"steps":2,"ms":5},"_meta":{"progressToken":"same"}}""")),
            second.RequestAsync("tools/call", Lenient.Parse("""{"name":"slow","arguments":{"steps":3,"ms":5},"_meta":{"progressToken":"same"}}""")));

        Assert.Equal([2, 3], answers.Select(static answer => answer.Before.Count));
        Assert.All(answers.SelectMany(static answer => answer.Before), static message => Assert.Equal("same", message.Member("params").Text("progressToken")));
        Assert.Equal(["2 steps done", "3 steps done"], answers.Select(static answer => answer.FirstText));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Questions_OfEveryKind_AreAnsweredByTheClientThatCalled(string transport)
    {
        await using var first = await rig.OpenAsync(transport, capabilities: Asking, onAsked: static _ => Lenient.Parse("""{"who":"first","n":1.0}"""));
        await using var second = await rig.OpenAsync(transport, capabilities: Asking, onAsked: static _ => Lenient.Parse("""{"who":"second","n":1.0}"""));

        foreach (var tool in new[] { "ask_sampling", "ask_elicitation", "ask_elicitation_url", "ask_roots" })
        {
            Assert.Equal("""{"who":"first","n":1.0}""", (await first.CallAsync(tool)).FirstText);
            Assert.Equal("""{"who":"second","n":1.0}""", (await second.CallAsync(tool)).FirstText);
        }

        using var forged = await PostAsync(first, transport, """{"jsonrpc":"2.0","id":1,"result":{}}""");
        Assert.Equal(400, (int)forged.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Features_Opened_Pass(string transport)
    {
        await using var client = await rig.OpenAsync(transport);

        var ping = await client.RequestAsync("ping");
        var text = await client.RequestAsync("resources/read", new() { ["uri"] = "test://static-text" });
        var templates = await client.RequestAsync("resources/templates/list");
        var prompt = await client.RequestAsync("prompts/get", Lenient.Parse("""{"name":"with_arguments","arguments":{"subject":"gates"}}"""));
        var completion = await client.RequestAsync("completion/complete", Lenient.Parse("""{"ref":{"type":"ref/prompt","name":"with_arguments"},"argument":{"name":"subject","value":"par"}}"""));

        Assert.Equal("{}", ping.Result.GetRawText());
        Assert.Equal("the text of test://static-text", text.Result.Member("contents")[0].Text("text"));
        Assert.Equal(1, templates.Result.Member("resourceTemplates").GetArrayLength());
        Assert.Equal("Write about gates.", prompt.Result.Member("messages")[0].Member("content").Text("text"));
        Assert.Equal(3, completion.Result.Member("completion").Number("total", 0));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Stream_UpdatesAndListChanges_ComeOnIt(string transport)
    {
        await using var client = await rig.OpenAsync(transport, capabilities: """{"x":{}}""");
        await using var tap = await EventTap.OpenAsync(client);
        await client.RequestAsync("resources/subscribe", new() { ["uri"] = "test://watched-resource" });

        await client.CallAsync("change_resources");
        var seen = new List<string?>();
        for (var message = 0; message < 3; message++)
        {
            seen.Add((await tap.MessageAsync()).Message.Text("method"));
        }

        Assert.Equal(["notifications/resources/updated", "notifications/resources/list_changed", "notifications/prompts/list_changed"], seen);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Cancellation_OfARunningCall_ReachesTheServerAndEndsTheAnswer(string transport)
    {
        await using var client = await rig.OpenAsync(transport);
        var token = "cancel-" + transport;
        using var call = await PostAsync(client, transport,
            $$$$"""{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"slow","arguments":{"steps":1000,"ms":50},"_meta":{"progressToken":"{{{{token}}}}"}}}""");
        using var body = new StreamReader(await call.Content.ReadAsStreamAsync());
        await body.ReadLineAsync().WaitAsync(LegacyRig.Patience);

        await client.NotifyAsync("notifications/cancelled", new() { ["requestId"] = "c", ["reason"] = token });
        var rest = await body.ReadToEndAsync().WaitAsync(LegacyRig.Patience);

        // What came before this was received before it, too.
        await client.RequestAsync("ping");

        var cancelled = JsonElement.Parse(rig.Received(transport).Single(line => line.Contains(token, StringComparison.Ordinal)));
        Assert.Equal(JsonValueKind.Number, cancelled.Member("params").Member("requestId").ValueKind);
        Assert.DoesNotContain("\"result\"", rest, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Method_NotOpenedOrUnknown_IsRefusedHere(string transport)
    {
        await using var client = await rig.OpenAsync(transport + "-closed");
        var before = rig.Received(transport).Count(static line => line.Contains("prompts/list", StringComparison.Ordinal) || line.Contains("no/such", StringComparison.Ordinal));

        Assert.Equal(-33403, (await client.RequestAsync("prompts/list")).Error.Number("code", 0));
        Assert.Equal(-32601, (await client.RequestAsync("no/such")).Error.Number("code", 0));
        Assert.Equal(before, rig.Received(transport).Count(static line => line.Contains("prompts/list", StringComparison.Ordinal) || line.Contains("no/such", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Session_DeletedOrOfAnotherGrant_IsNotFound(string transport)
    {
        await using var client = await rig.OpenAsync(transport);
        using var foreign = await LegacyRig.PostAsync(rig.Gate.Mcp(transport), client, """{"jsonrpc":"2.0","id":1,"method":"ping"}""", LegacyRig.OtherToken);

        var deleted = await client.DeleteAsync();
        using var after = await PostAsync(client, transport, """{"jsonrpc":"2.0","id":1,"method":"ping"}""");

        Assert.Equal(404, (int)foreign.StatusCode);
        Assert.InRange(deleted, 200, 204);
        Assert.Equal(404, (int)after.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Batch_OfItsVersion_IsAnsweredWhole(string transport)
    {
        await using var client = await rig.OpenAsync(transport, "2025-03-26");

        using var response = await PostAsync(client, transport, """[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":"e","method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}]""");

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("""{"jsonrpc":"2.0","id":1,"result":{}}""", text, StringComparison.Ordinal);
        Assert.Contains("\"id\":\"e\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_ItsProcessEnded_IsNotFoundAndANewOneStartsAnother()
    {
        await using var gate = await RunningGate.StartAsync(
            $$"""
            servers: { up: { command: {{TransportRig.Child("--fault", "vanish:echo:1")}} } }
            policies: { p: p.json }
            grants: { laptop: { token: {{RunningGate.Token}}, servers: { up: p } } }
            """,
            ("p.json", LegacyRig.OpenPolicy));
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();

        var ended = await client.CallAsync("echo", new() { ["text"] = "x" });
        var after = await client.CallAsync("add", new() { ["a"] = 1, ["b"] = 2 });
        await client.InitializeAsync();
        var again = await client.CallAsync("add", new() { ["a"] = 1, ["b"] = 2 });

        Assert.Equal("upstream.unavailable", ended.Denial.Text("code"));
        Assert.Equal(404, after.Status);
        Assert.Equal("3", again.FirstText);
    }

    private Task<HttpResponseMessage> PostAsync(McpClient client, string transport, string body) => LegacyRig.PostAsync(rig.Gate.Mcp(transport), client, body);
}
