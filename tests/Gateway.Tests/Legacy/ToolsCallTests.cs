using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

public sealed class ToolsCallTests : IAsyncLifetime
{
    /// <summary>Numbers a typed model would rewrite, escapes of every kind, an order nobody would choose, members nobody knows.</summary>
    private const string Odd =
        """{"z":1.0,"a":1e3,"m":[-0,0.10,12345678901234567890,1E+2],"\u006b\/":"\u00e9\ud83d\ude00\/<&'>\"\\\b\f\n\r\t","":{"deep":[{},[],null,true,false]},"_meta":{"vendor/x":{"2":2,"1":1}}}""";

    private ExactUpstream upstream = null!;
    private RunningGate gate = null!;
    private McpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await ExactUpstream.StartAsync();
        gate = await LegacyRig.GateAsync(upstream.Url);
        client = LegacyRig.Client(gate);
        await client.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await gate.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("7")]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("9223372036854775807")]
    [InlineData("\"7\"")]
    [InlineData("\"\"")]
    [InlineData("\"\\u0061\\/\\\"é😀\"")]
    public async Task Call_ClientsId_ComesBackByteEqualAndNeverGoesUp(string id)
    {
        Answer(static message => $$$$"""{"id":{{{{message.Id}}}},"result":{"content":[]},"jsonrpc":"2.0"}""");

        using var response = await PostAsync($$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"method":"tools/call","params":{"name":"t"}}""");

        Assert.Equal($$$$"""{"id":{{{{id}}}},"result":{"content":[]},"jsonrpc":"2.0"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var call = Call();
        Assert.NotEqual(id, call.Id);
        Assert.True(call.Json.Member("id").TryGetInt64(out _));
    }

    [Fact]
    public async Task Call_ArgumentsAndOtherMembers_ReachTheServerTokenByToken()
    {
        Answer(static message => $$$$"""{"jsonrpc":"2.0","id":{{{{message.Id}}}},"result":{"content":[]}}""");
        var parameters = $$$$"""{"vendor":{"b":1,"a":2.50},"arguments":{{{{Odd}}}},"name":"t","_meta":{"x/y":1e0,"a":[1.0]}}""";

        using var response = await PostAsync($$$$"""{ "id":3, "params":{{{{parameters}}}}, "method":"tools\/call", "jsonrpc":"2.0" }""");

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(Tokens.Of(parameters), Tokens.Of(Call().Json.Member("params")));
        Assert.Equal("tools/call", Call().Method);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_Result_IsTheServersTokenByToken(bool stream)
    {
        var result = $$$$"""{"structuredContent":{{{{Odd}}}},"content":[{"type":"vendor/hologram","points":[1.0,1e3]},{"type":"text","text":"<\u00e9&'>","x":null}],"isError":false,"vendorResult":{{{{Odd}}}},"_meta":{"b":1,"a":{"c":[2.00]}}}""";
        Answer(message => $$$$"""{"jsonrpc":"2.0","id":{{{{message.Id}}}},"result":{{{{result}}}},"vendorEnvelope":{"n":1.0}}""", stream);

        using var response = await PostAsync("""{"jsonrpc":"2.0","id":"q","method":"tools/call","params":{"name":"t"}}""");

        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(stream ? "text/event-stream" : "application/json", response.Content.Headers.ContentType?.MediaType);
        if (stream)
        {
            Assert.StartsWith("data: ", text, StringComparison.Ordinal);
            text = text[6..].TrimEnd('\n');
        }

        Assert.Equal(Tokens.Of($$$$"""{"jsonrpc":"2.0","id":"q","result":{{{{result}}}},"vendorEnvelope":{"n":1.0}}"""), Tokens.Of(text));
    }

    [Fact]
    public async Task Call_Error_IsTheServersTokenByToken()
    {
        Answer(static message => $$$$"""{"jsonrpc":"2.0","error":{"vendor":1,"code":-32001.0,"message":"n\u00f6","data":{{{{Odd}}}}},"id":{{{{message.Id}}}}}""");

        var answer = await client.CallAsync("t");

        Assert.Equal(200, answer.Status);
        Assert.Equal(Tokens.Of($$$$"""{"vendor":1,"code":-32001.0,"message":"n\u00f6","data":{{{{Odd}}}}}"""), Tokens.Of(answer.Error));
    }

    [Fact]
    public async Task Call_EventsOfTheServer_KeepTheirFieldsInOurFrames()
    {
        upstream.Answer = async (context, message) =>
        {
            if (message.Method != "tools/call")
            {
                return false;
            }

            await ExactUpstream.FramesAsync(context,
                "id: p-0\nretry: 250\ndata:\n\n",
                ": only a comment\n\n",
                "event: message\r\nid: p-1\r\ndata: {\"jsonrpc\":\"2.0\",\r\ndata: \"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":1.0}}\r\n\r\n",
                $"unknown: field\nid: p-2\ndata: {{\"jsonrpc\":\"2.0\",\"id\":{message.Id},\"result\":{{}}}}\n\n");
            return true;
        };

        using var response = await PostAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}""");

        var frames = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(static frame => !frame.StartsWith(':')).ToArray();
        Assert.Equal(
            [
                "id: p-0\nretry: 250\ndata: ",
                "event: message\nid: p-1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":1.0}}",
                "id: p-2\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
            ],
            frames);
        Assert.Equal("no", response.Headers.GetValues("X-Accel-Buffering").Single());
    }

    [Fact]
    public async Task Call_ResponsesToOthers_AreDroppedAndTheRightOnePasses()
    {
        upstream.Answer = async (context, message) =>
        {
            if (message.Method != "tools/call")
            {
                return false;
            }

            await ExactUpstream.FramesAsync(context,
                ExactUpstream.Frame("""{"jsonrpc":"2.0","id":"1","result":{"forged":true}}"""),
                ExactUpstream.Frame("""{"jsonrpc":"2.0","id":1,"result":{"forged":true}}"""),
                ExactUpstream.Frame($$$$"""{"jsonrpc":"2.0","id":{{{{message.Id}}}},"result":{"right":true}}"""),
                ExactUpstream.Frame($$$$"""{"jsonrpc":"2.0","id":{{{{message.Id}}}},"result":{"second":true}}"""));
            return true;
        };

        using var response = await PostAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}""");

        Assert.Equal("""data: {"jsonrpc":"2.0","id":1,"result":{"right":true}}""", (await response.Content.ReadAsStringAsync()).TrimEnd('\n'));
    }

    [Fact]
    public async Task Call_IdAlreadyInFlight_IsRefusedAndTheFirstGoesOn()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        upstream.Answer = async (context, message) =>
        {
            if (message.Method != "tools/call")
            {
                return false;
            }

            arrived.SetResult();
            await release.Task.WaitAsync(LegacyRig.Patience);
            await ExactUpstream.JsonAsync(context, $$$$"""{"jsonrpc":"2.0","id":{{{{message.Id}}}},"result":{"first":true}}""");
            return true;
        };
        const string body = """{"jsonrpc":"2.0","id":"\u0061b","method":"tools/call","params":{"name":"t"}}""";

        var first = PostAsync(body);
        await arrived.Task.WaitAsync(LegacyRig.Patience);
        using var again = await PostAsync(body.Replace("\\u0061", "a", StringComparison.Ordinal));
        release.SetResult();
        using var answered = await first;

        Assert.Equal(400, (int)again.StatusCode);
        Assert.Contains("\"first\":true", await answered.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(upstream.Received, static message => message.Method == "tools/call");
    }

    [Theory]
    [InlineData("""{"name":"t","task":{"ttl":1}}""")]
    [InlineData("""{"name":"t","arguments":[]}""")]
    [InlineData("""{"name":1}""")]
    [InlineData("""{}""")]
    public async Task Call_ShapeThatIsNoCall_IsRefusedHere(string parameters)
    {
        using var response = await PostAsync($$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{{{parameters}}}}}""");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(-32602, Lenient.TryParse(await response.Content.ReadAsByteArrayAsync()).Member("error").Number("code", 0));
        Assert.DoesNotContain(upstream.Received, static message => message.Method == "tools/call");
    }

    [Fact]
    public async Task Call_ContentOfEveryKind_PassesAsTheFixtureMadeIt()
    {
        await using var rig = await LegacyRig.StartAsync(new FixtureOptions { Answers = AnswerForm.Sse });
        await using var legacy = await rig.OpenAsync();

        var mixed = await legacy.CallAsync("mixed");
        var failed = await legacy.CallAsync("error");
        var broken = await legacy.CallAsync("rpc_error", new() { ["code"] = -32050 });

        Assert.Equal(["text", "image", "audio", "resource"], mixed.Result.Member("content").EnumerateArray().Select(static item => item.Text("type")));
        Assert.True(failed.IsToolError);
        Assert.Equal(JsonValueKind.Undefined, failed.Denial.ValueKind);
        Assert.Equal(-32050, broken.Error.Number("code", 0));
        Assert.Equal("kept", broken.Error.Member("data").Text("detail"));
    }

    private Task<HttpResponseMessage> PostAsync(string body) => LegacyRig.PostAsync(gate.Mcp(LegacyRig.Open), client, body);

    private ExactMessage Call() => Assert.Single(upstream.Received, static message => message.Method == "tools/call");

    private void Answer(Func<ExactMessage, string> answer, bool stream = false) => upstream.Answer = async (context, message) =>
    {
        if (message.Method != "tools/call")
        {
            return false;
        }

        await (stream ? ExactUpstream.FramesAsync(context, ExactUpstream.Frame(answer(message))) : ExactUpstream.JsonAsync(context, answer(message)));
        return true;
    };
}
