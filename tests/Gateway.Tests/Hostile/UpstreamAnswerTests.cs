using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Attacks B15 to B20: what an upstream answers reaches the client as one well-formed answer of ours, or not at all.</summary>
public sealed class UpstreamAnswerTests(ScriptedGate scripted) : IClassFixture<ScriptedGate>
{
    private const string Good = """{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","content":[{"type":"text","text":"said"}]}}""";

    private readonly ScriptedUpstream upstream = scripted.Upstream;
    private readonly RunningGate gate = scripted.Gate;
    private readonly McpClient client = scripted.Client;

    public static TheoryData<string> NoResponses { get; } =
    [
        "", " ", "null", "[]", "{}", "x", "\"said\"", "[" + Good + "]", "\uFEFF" + Good, Good + Good, Good + "x", Good[..^5], "/**/" + Good,
        Good.Replace("ID", "\"ID\"", StringComparison.Ordinal), Good.Replace("ID", "ID.0", StringComparison.Ordinal), Good.Replace("ID", "IDe0", StringComparison.Ordinal), Good.Replace("ID", "1ID", StringComparison.Ordinal), Good.Replace("ID", "null", StringComparison.Ordinal),
        Good.Replace("\"id\":ID,", "", StringComparison.Ordinal), Good.Replace("\"id\":ID", "\"id\":ID,\"id\":ID", StringComparison.Ordinal), Good.Replace("\"id\"", "\"ID\"", StringComparison.Ordinal).Replace("\"ID\"", "\"Id\"", StringComparison.Ordinal),
        Good.Replace("\"result\"", "\"Result\"", StringComparison.Ordinal), Good.Replace("2.0", "1.0", StringComparison.Ordinal), Good.Replace("\"result\"", "\"error\":{\"code\":1,\"message\":\"x\"},\"result\"", StringComparison.Ordinal),
        Good.Replace("\"result\"", "\"method\":\"ping\",\"result\"", StringComparison.Ordinal), Good.Replace("\"text\":\"said\"", "\"text\":\"said\",\"text\":\"other\"", StringComparison.Ordinal), Good.Replace("said", "\\ud800", StringComparison.Ordinal),
        """{"jsonrpc":"2.0","id":ID,"method":"sampling/createMessage","params":{}}""", """{"jsonrpc":"2.0","method":"notifications/message","params":{}}""", """{"jsonrpc":"2.0","id":ID,"error":"no"}""",
    ];

    public static TheoryData<string, int> Streams { get; } = new()
    {
        { "data: GOOD\n\n", 1 },
        { "data: GOOD\r\n\r\n", 1 },
        { "data: GOOD\r\r", 1 },
        { "data:GOOD\n\n", 1 },
        { "\uFEFFdata: GOOD\n\n", 1 },
        { ": comment\n\n:\n\ndata: GOOD\n\n", 1 },
        { "event: message\nid: 1\nretry: 10\ndata: GOOD\n\n", 1 },
        { "data: GOOD\n\ndata: GOOD\n\n", 1 },
        { "data: OTHER\n\ndata: GOOD\n\n", 1 },
        { "data: OTHER\n\ndata: OTHER\n\ndata: GOOD\n\n", 1 },
        { "nonsense\nfield: x\ndata: GOOD\n\n", 1 },
        { "event: x\n\ndata: GOOD\n\n", 1 },
        { "id: a\0b\ndata: GOOD\n\n", 1 },
        { "retry: -1\nretry: 1e3\nretry: x\ndata: GOOD\n\n", 1 },
        { "event: endpoint\ndata: GOOD\n\n", 1 },
        { "data: {\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":\ndata: {\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"said\"}]}}\n\n", 1 },
        { "data: GOOD", 0 },
        { "data: GOOD\n", 0 },
        { "", 0 },
        { "data: OTHER\n\n", 0 },
        { "data: not json\n\ndata: GOOD\n\n", 0 },
        { "data: [GOOD]\n\n", 0 },
        { "DATA: GOOD\n\n", 0 },
        { " data: GOOD\n\n", 0 },
    };

    [Theory]
    [MemberData(nameof(NoResponses))]
    public async Task Body_ThatIsNoResponseToTheCall_BecomesARefusal(string body)
    {
        upstream.Script["tools/call"] = ScriptedUpstream.Json(body);
        await AssertUnusableAsync("upstream.invalid");
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Stream_OfAnyMaking_GivesOneAnswerOfOurs(string stream, int answers)
    {
        var other = Good.Replace("ID", "987654321", StringComparison.Ordinal).Replace("said", "stolen", StringComparison.Ordinal);
        upstream.Script["tools/call"] = ScriptedUpstream.Stream(stream.Replace("GOOD", Good, StringComparison.Ordinal).Replace("OTHER", other, StringComparison.Ordinal));
        await using var raw = await RawClient.ConnectAsync(gate.Address);
        await raw.SendAsync(RawClient.Request("POST", gate.Mcp("up"), Encoding.UTF8.GetBytes(Bodies.Call(true, "\"say\"", "{}")), Headers("say")));
        var head = await raw.ReadHeadAsync();
        var events = new List<RawEvent>();
        await foreach (var received in raw.ReadEventsAsync(head))
        {
            events.Add(received);
        }

        Assert.Equal("text/event-stream", head.Header("Content-Type"));
        var responses = events.Where(static received => received.Data.Contains("\"id\"", StringComparison.Ordinal)).ToList();
        var only = JsonElement.Parse(Encoding.UTF8.GetBytes(Assert.Single(responses).Data));
        Assert.Equal(1, only.GetProperty("id").GetInt32());
        Assert.Equal(answers == 1, only.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString() == "said");
        Assert.DoesNotContain(events, static received => received.Data.Contains("stolen", StringComparison.Ordinal));
        await AssertGoesOnAsync();
    }

    [Fact]
    public async Task Stream_WithAnEventBeyondTheBound_IsCut()
    {
        upstream.Script["tools/call"] = async (http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("data: ");
            var piece = new string('x', 1 << 20);
            for (var sent = 0; sent < 20 && !http.RequestAborted.IsCancellationRequested; sent++)
            {
                await http.Response.WriteAsync(piece, http.RequestAborted);
            }
        };
        await AssertUnusableAsync("upstream.invalid");
    }

    [Fact]
    public async Task Body_BeyondTheBound_IsCut()
    {
        upstream.Script["tools/call"] = ScriptedUpstream.Json(Good.Replace("said", new string('x', 17 * 1024 * 1024), StringComparison.Ordinal));
        await AssertUnusableAsync("upstream.invalid");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Body_Compressed_IsNotUnpacked(string encoding)
    {
        upstream.Script["tools/call"] = async (http, _) =>
        {
            http.Response.ContentType = "application/json";
            http.Response.Headers.ContentEncoding = encoding;
            await using var gzip = new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await gzip.WriteAsync(new byte[1 << 20]);
        };
        await AssertUnusableAsync("upstream.invalid");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_IsNotFollowed(int status)
    {
        await using var canary = await ScriptedUpstream.StartAsync();
        upstream.Script["tools/call"] = (http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = canary.Url.ToString();
            return Task.CompletedTask;
        };
        await AssertUnusableAsync("upstream.unavailable");
        Assert.Empty(canary.Received);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(407)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Status_WithATextOfTheUpstream_StaysThere(int status)
    {
        upstream.Script["tools/call"] = (http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"secret-realm\"";
            http.Response.ContentType = "text/plain";
            return http.Response.WriteAsync("secret-text of the upstream");
        };
        var answer = await AssertUnusableAsync("upstream.unavailable");
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
        Assert.Empty(answer.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task Headers_OfTheUpstream_NeverComeDown()
    {
        upstream.Script["tools/call"] = (http, request) =>
        {
            foreach (var name in new[] { "Set-Cookie", "Server", "WWW-Authenticate", "X-Secret", "X-Powered-By", "Authorization", "Location", "Mcp-Session-Id", "Access-Control-Allow-Origin", "Alt-Svc", "Strict-Transport-Security", "Link", "Refresh", "Clear-Site-Data", "Via" })
            {
                http.Response.Headers[name] = "upstream-secret";
            }

            return (request.GetProperty("params").GetProperty("arguments").TryGetProperty("stream", out var stream) ? ScriptedUpstream.Stream("data: " + Good + "\n\n") : ScriptedUpstream.Json(Good))(http, request);
        };
        foreach (var arguments in new[] { "{}", """{"stream":true}""" })
        {
            await using var raw = await RawClient.ConnectAsync(gate.Address);
            await raw.SendAsync(RawClient.Request("POST", gate.Mcp("up"), Encoding.UTF8.GetBytes(Bodies.Call(true, "\"say\"", arguments)), Headers("say")));
            var answer = await raw.ReadResponseAsync();
            Assert.Equal(200, answer.Status);
            Assert.Contains("said", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(answer.Headers, static header => header.Value.Contains("upstream-secret", StringComparison.Ordinal));
            string[] known = ["Content-Type", "Content-Length", "Date", "Cache-Control", "X-Content-Type-Options", "X-Accel-Buffering", "Transfer-Encoding"];
            Assert.All(answer.Headers, header => Assert.Contains(header.Key, known));
        }
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":{"messages":[]}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"elicitation/create","params":{"message":"password?"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x"}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/prompts/list_changed"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/vendor","params":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"tools/call","params":{"name":"say"}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/progress"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/cancelled"}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""")]
    public async Task Message_BesideTheAnswer_ThatIsNotOpened_IsDropped(string message)
    {
        upstream.Script["tools/call"] = ScriptedUpstream.Stream($"data: {message}\n\ndata: {Good}\n\n");
        var before = upstream.Received.Count;
        var answer = await client.CallAsync("say");
        Assert.Equal("said", answer.FirstText);
        Assert.Empty(answer.Before);

        // In the newest version nobody answers an upstream's request, so nothing goes up but the call.
        Assert.Equal(before + 1, upstream.Received.Count);
    }

    [Theory]
    [InlineData("86400000", 60_000)]
    [InlineData("60000", 60_000)]
    [InlineData("5", 5)]
    [InlineData("-5", 0)]
    [InlineData("1.5", 0)]
    [InlineData("1e3", 0)]
    [InlineData("1e400", 0)]
    [InlineData("99999999999999999999", 0)]
    [InlineData("\"60000\"", 0)]
    [InlineData("null", 0)]
    [InlineData("{}", 0)]
    public async Task Life_OfAListOrADiscovery_IsShortAndPrivate(string sent, int served)
    {
        upstream.ListMembers = $"\"resultType\":\"complete\",\"ttlMs\":{sent},\"cacheScope\":\"public\"";
        upstream.Script["server/discover"] = ScriptedUpstream.Json("{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}," + upstream.ListMembers + "}}");
        foreach (var method in new[] { "tools/list", "server/discover" })
        {
            var answer = await client.RequestAsync(method);
            Assert.Equal("private", answer.Result.GetProperty("cacheScope").GetString());
            Assert.Equal(served, answer.Result.GetProperty("ttlMs").GetInt32());
        }
    }

    [Fact]
    public async Task Scope_ThatTheUpstreamLeavesOut_IsPrivate()
    {
        upstream.ListMembers = "\"resultType\":\"complete\"";
        upstream.Script["server/discover"] = ScriptedUpstream.Json("""{"jsonrpc":"2.0","id":ID,"result":{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}}""");
        foreach (var method in new[] { "tools/list", "server/discover" })
        {
            var answer = await client.RequestAsync(method, new JsonObject());
            Assert.Equal("private", answer.Result.GetProperty("cacheScope").GetString());
            Assert.Equal(0, answer.Result.GetProperty("ttlMs").GetInt32());
        }
    }

    private static (string Name, string Value)[] Headers(string tool) =>
    [
        ("Authorization", "Bearer " + RunningGate.Token), ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", tool),
    ];

    private async Task<McpAnswer> AssertUnusableAsync(string code)
    {
        var answer = await client.CallAsync("say");
        Assert.Equal(200, answer.Status);
        Assert.True(answer.IsToolError, answer.Text);
        Assert.Equal(code, answer.Denial.GetProperty("code").GetString());
        await AssertGoesOnAsync();
        return answer;
    }

    private async Task AssertGoesOnAsync()
    {
        upstream.Script.TryRemove("tools/call", out _);
        Assert.Equal("said", (await client.CallAsync("say")).FirstText);
    }
}
