using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>What a server asks of its client: sampling, elicitation, roots, ping.</summary>
public sealed class QuestionsTests : IAsyncLifetime
{
    private const string Asking = """{"sampling":{},"elicitation":{"form":{},"url":{}},"roots":{}}""";

    private ExactUpstream upstream = null!;
    private RunningGate gate = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await ExactUpstream.StartAsync();
        gate = await LegacyRig.GateAsync(upstream.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await gate.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task Questions_OfEveryKind_AreAskedOnTheStreamOfTheCallAndAnswered()
    {
        await using var rig = await LegacyRig.StartAsync();
        var asked = new List<JsonElement>();
        await using var client = await rig.OpenAsync(capabilities: Asking, onAsked: question =>
        {
            asked.Add(question);
            return Lenient.Parse("""{"vendor":1.0,"action":"accept","content":{"name":"\u00e9"},"x":[1e3]}""");
        });

        foreach (var tool in new[] { "ask_sampling", "ask_elicitation", "ask_elicitation_url", "ask_roots" })
        {
            var answer = await client.CallAsync(tool);
            Assert.Equal(Tokens.Of("""{"vendor":1.0,"action":"accept","content":{"name":"\u00e9"},"x":[1e3]}"""), Tokens.Of(answer.FirstText!));
        }

        Assert.Equal(["sampling/createMessage", "elicitation/create", "elicitation/create", "roots/list"], asked.Select(static question => question.Text("method")));
        Assert.Equal("elicitation-1", asked[2].Member("params").Text("elicitationId"));
        Assert.All(asked, static question => Assert.Equal(JsonValueKind.Number, question.Member("id").ValueKind));
        Assert.Equal(["ask-1", "ask-2", "ask-3", "ask-4"], rig.Fixture.Recording.Requests.Where(static request => request.Json.Has("result")).Select(static request => request.Json.Text("id")));
    }

    [Fact]
    public async Task Answer_ThatIsAnError_PassesAsOne()
    {
        await using var client = await OpenAsync();
        await using var tap = await EventTap.OpenAsync(client);
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame("""{"jsonrpc":"2.0","id":"q-1","method":"roots/list"}"""));
        var (_, question) = await tap.MessageAsync();

        using var taken = await AnswerAsync(client, $$$$"""{"jsonrpc":"2.0","id":{{{{question.Member("id").GetRawText()}}}},"error":{"code":-1.0,"message":"no","data":{"b":1,"a":2}}}""");

        Assert.Equal(202, (int)taken.StatusCode);
        Assert.Equal("""{"jsonrpc":"2.0","id":"q-1","error":{"code":-1.0,"message":"no","data":{"b":1,"a":2}}}""", (await upstream.AnswerAsync()).Body);
    }

    [Theory]
    [InlineData("\"q\\u002d1\"")]
    [InlineData("17")]
    [InlineData("0")]
    public async Task Question_OnTheListeningStream_IsAnsweredUnderTheServersOwnId(string id)
    {
        await using var client = await OpenAsync();
        await using var tap = await EventTap.OpenAsync(client);
        await upstream.Apart.Writer.WriteAsync($$$$"""
            id: e-1
            data: {"jsonrpc":"2.0","id":{{{{id}}}},"params":{"maxTokens":1.0,"messages":[],"_meta":{"k":1}},"method":"sampling/createMessage"}


            """);

        var (frame, question) = await tap.MessageAsync();
        using var taken = await AnswerAsync(client, $$$$"""{"jsonrpc":"2.0","result":{"role":"assistant","n":1.0},"id":{{{{question.Member("id").GetRawText()}}}}}""");

        Assert.Equal("e-1", frame.Id);
        Assert.Equal("""{"maxTokens":1.0,"messages":[],"_meta":{"k":1}}""", question.Member("params").GetRawText());
        Assert.Equal(202, (int)taken.StatusCode);
        Assert.Equal($$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"result":{"role":"assistant","n":1.0}}""", (await upstream.AnswerAsync()).Body);
    }

    [Fact]
    public async Task Answer_ForgedRepeatedOrOfAnotherSession_IsRefusedAndGoesNowhere()
    {
        await using var client = await OpenAsync();
        await using var other = await OpenAsync();
        await using var tap = await EventTap.OpenAsync(client);
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame("""{"jsonrpc":"2.0","id":"q-1","method":"roots/list"}"""));
        var id = (await tap.MessageAsync()).Message.Member("id").GetInt64();

        var refused = new[]
        {
            await StatusAsync(client, $$$$"""{"jsonrpc":"2.0","id":"q-1","result":{}}"""),
            await StatusAsync(client, $$$$"""{"jsonrpc":"2.0","id":"{{{{id}}}}","result":{}}"""),
            await StatusAsync(client, $$$$"""{"jsonrpc":"2.0","id":{{{{id + 1}}}},"result":{}}"""),
            await StatusAsync(other, $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"result":{}}"""),
        };
        var taken = await StatusAsync(client, $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"result":{"roots":[]}}""");
        var repeated = await StatusAsync(client, $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"result":{"roots":[1]}}""");

        Assert.Equal([400, 400, 400, 400], refused);
        Assert.Equal(202, taken);
        Assert.Equal(400, repeated);
        var answer = Assert.Single(upstream.Received, static message => message.Http == "POST" && message.Method is null);
        Assert.Equal("""{"jsonrpc":"2.0","id":"q-1","result":{"roots":[]}}""", answer.Body);
    }

    [Fact]
    public async Task Answer_ServerHasForgottenTheSession_IsNotFound()
    {
        await using var client = await OpenAsync();
        await using var tap = await EventTap.OpenAsync(client);
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame("""{"jsonrpc":"2.0","id":"q-1","method":"roots/list"}"""));
        var id = (await tap.MessageAsync()).Message.Member("id").GetRawText();
        upstream.Answer = static (context, _) =>
        {
            context.Response.StatusCode = 404;
            return Task.FromResult(true);
        };

        Assert.Equal(404, await StatusAsync(client, $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"result":{}}"""));
    }

    [Theory]
    [InlineData("sampling/createMessage")]
    [InlineData("elicitation/create")]
    [InlineData("roots/list")]
    [InlineData("vendor/question")]
    [InlineData("tools/call")]
    public async Task Question_NotOpened_IsAnsweredHereAndTheClientHearsNothing(string method)
    {
        await using var client = LegacyRig.Client(gate, LegacyRig.Closed);
        await client.InitializeAsync();
        await using var tap = await EventTap.OpenAsync(client);

        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame($$$$"""{"jsonrpc":"2.0","id":"q-9","method":"{{{{method}}}}","params":{}}"""));
        var answer = await upstream.AnswerAsync();
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame("""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}"""));

        Assert.Equal("q-9", answer.Json.Text("id"));
        Assert.Equal(-32601, answer.Json.Member("error").Number("code", 0));
        Assert.Equal("notifications/message", (await tap.MessageAsync()).Message.Text("method"));
    }

    [Fact]
    public async Task Ping_OfTheServer_IsAnsweredByTheClientEvenWhenNothingIsOpened()
    {
        await using var client = LegacyRig.Client(gate, LegacyRig.Closed);
        await client.InitializeAsync();
        await using var tap = await EventTap.OpenAsync(client);
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame("""{"jsonrpc":"2.0","id":5,"method":"ping"}"""));

        var (_, ping) = await tap.MessageAsync();
        using var taken = await LegacyRig.PostAsync(gate.Mcp(LegacyRig.Closed), client, $$$$"""{"jsonrpc":"2.0","id":{{{{ping.Member("id").GetRawText()}}}},"result":{}}""");

        Assert.Equal("""{"jsonrpc":"2.0","id":5,"result":{}}""", (await upstream.AnswerAsync()).Body);
    }

    [Fact]
    public async Task Question_CancelledByTheServer_IsCancelledUnderTheIdTheClientKnows()
    {
        await using var client = await OpenAsync();
        await using var tap = await EventTap.OpenAsync(client);
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame("""{"jsonrpc":"2.0","id":"\u0071","method":"roots/list"}"""));
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"nobody","reason":"x"}}"""));
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q","reason":"late"}}"""));

        var id = (await tap.MessageAsync()).Message.Member("id").GetRawText();
        var (_, cancelled) = await tap.MessageAsync();

        Assert.Equal(Tokens.Of($$$$"""{"requestId":{{{{id}}}},"reason":"late"}"""), Tokens.Of(cancelled.Member("params")));
        Assert.Equal(400, await StatusAsync(client, $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"result":{}}"""));
    }

    [Fact]
    public async Task Question_ToldAgainOnAResumedStream_StaysOneQuestion()
    {
        const string question = """{"jsonrpc":"2.0","id":"q-1","method":"roots/list"}""";
        await using var client = await OpenAsync();
        await using var tap = await EventTap.OpenAsync(client);
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame(question));
        await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame(question));

        var first = (await tap.MessageAsync()).Message.Member("id").GetRawText();
        var second = (await tap.MessageAsync()).Message.Member("id").GetRawText();

        Assert.Equal(first, second);
        Assert.Equal(202, await StatusAsync(client, $$$$"""{"jsonrpc":"2.0","id":{{{{first}}}},"result":{"roots":[]}}"""));
        Assert.Equal(400, await StatusAsync(client, $$$$"""{"jsonrpc":"2.0","id":{{{{first}}}},"result":{"roots":[]}}"""));
    }

    [Fact]
    public async Task Notifications_MalformedOrForOthers_AreDroppedAndTheStreamGoesOn()
    {
        await using var client = await OpenAsync();
        await using var tap = await EventTap.OpenAsync(client);
        foreach (var message in new[]
        {
            """{"jsonrpc":"2.0","method":"notifications/progress"}""",
            """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":424242,"progress":1}}""",
            """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"guess","progress":1}}""",
            """{"jsonrpc":"2.0","method":"notifications/cancelled"}""",
            """{"jsonrpc":"2.0","id":1,"result":{"forged":true}}""",
            """{"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"e-1"}}""",
        })
        {
            await upstream.Apart.Writer.WriteAsync(ExactUpstream.Frame(message));
        }

        Assert.Equal("""{"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"e-1"}}""", (await tap.MessageAsync()).Frame.Data);
    }

    private async Task<McpClient> OpenAsync()
    {
        var client = LegacyRig.Client(gate, capabilities: Asking);
        await client.InitializeAsync();
        return client;
    }

    private Task<HttpResponseMessage> AnswerAsync(McpClient client, string body) => LegacyRig.PostAsync(gate.Mcp(LegacyRig.Open), client, body);

    private async Task<int> StatusAsync(McpClient client, string body)
    {
        using var response = await AnswerAsync(client, body);
        return (int)response.StatusCode;
    }
}
