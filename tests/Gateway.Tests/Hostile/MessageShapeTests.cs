using System.Text;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Attacks A20, A21, A22 and A51: messages of no shape, of two shapes, or of the wrong one for where they stand.</summary>
[Collection(HostileCollection.Name)]
public sealed class MessageShapeTests(HostileGate hostile)
{
    public static TheoryData<string> OddIds { get; } =
    [
        "1.0", "1.5", "-0.0", "1e3", "1E0", "10e2", "null", "true", "false", "{}", "[]", "[1]", """{"id":1}""",
        "12345678901234567890", "-9223372036854775809", "9223372036854775808", "1" + new string('0', 400), "\"" + new string('i', 300) + "\"",
    ];

    public static TheoryData<string> GoodIds { get; } =
        ["0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808", "\"\"", "\"a\"", "\"\\u0061\\n\"", "\"é😀\"", "\"" + new string('i', 256) + "\""];

    public static TheoryData<string> NoShapes { get; } =
    [
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{PARAMS},"result":{}}""",
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{PARAMS},"error":{"code":1,"message":"x"}}""",
        """{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"x"}}""",
        """{"jsonrpc":"2.0","id":1}""",
        """{"jsonrpc":"2.0","id":1,"params":{PARAMS}}""",
        """{"jsonrpc":"2.0","result":{}}""",
        """{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}""",
        """{"jsonrpc":"2.0","id":1,"error":"x"}""",
        """{"jsonrpc":"2.0","id":1,"result":{},"params":{}}""",
        """{"id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":2.0,"id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":"1.0","id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":"2.0 ","id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":null,"id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":"2.0","id":1,"method":null,"params":{PARAMS}}""",
        """{"jsonrpc":"2.0","id":1,"method":1,"params":{PARAMS}}""",
        """{"jsonrpc":"2.0","id":1,"method":["tools/call"],"params":{PARAMS}}""",
        """{"jsonrpc":"2.0","id":1,"method":{"tools/call":1},"params":{PARAMS}}""",
        "null", "true", "1", "\"tools/call\"", "{}",
    ];

    public static TheoryData<string> WrongParams { get; } = ["null", "[]", "[\"echo\",{}]", "\"echo\"", "1", "true", "0.5"];

    public static TheoryData<string> WrongNames { get; } = ["null", "1", "true", "[\"echo\"]", """{"name":"echo"}""", "1.5"];

    public static TheoryData<string> WrongArguments { get; } = ["null", "[]", """[{"text":"hi"}]""", "\"{}\"", "1", "true", "false"];

    [Theory]
    [MemberData(nameof(OddIds))]
    public async Task Id_OfAnotherKind_IsRefusedAndNotRepeated(string id)
    {
        foreach (var modern in new[] { true, false })
        {
            var answer = await hostile.AssertRefusedAsync(modern, Bodies.Call(modern, id: id), 400, -32600);
            Assert.Contains("\"id\":null", answer.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("12345678901234567890")]
    [InlineData("1e3")]
    [InlineData("\"LONG\"")]
    public async Task Id_OfAnotherKindInABrokenMessage_IsNotRepeated(string id)
    {
        var body = $$"""{"jsonrpc":"1.0","id":{{id.Replace("LONG", new string('i', 300), StringComparison.Ordinal)}},"method":"ping"}""";
        var answer = await hostile.AssertRefusedAsync(true, body, 400, -32600);
        Assert.Contains("\"id\":null", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(GoodIds))]
    public async Task Id_ThatIsAnIntegerOrAShortString_ComesBackByteEqual(string id)
    {
        foreach (var modern in new[] { true, false })
        {
            var answer = await hostile.PostAsync(modern, Bodies.Call(modern, id: id));
            Assert.Equal(200, answer.Status);
            Assert.Contains($"\"id\":{id},", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain($"\"id\":{id},", hostile.Upstream.Recording.Calls[^1].Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(NoShapes))]
    public async Task Message_OfNoOneShape_IsRefused(string template)
    {
        foreach (var modern in new[] { true, false })
        {
            var inner = Bodies.Join(Bodies.Parameters(modern))[1..^1];
            await hostile.AssertRefusedAsync(modern, template.Replace("PARAMS", inner, StringComparison.Ordinal), 400, -32600);
        }
    }

    [Theory]
    [MemberData(nameof(WrongParams))]
    public async Task Params_ThatAreNoObject_AreRefused(string parameters)
    {
        await hostile.AssertRefusedAsync(true, Bodies.Join(Bodies.Root(true, parameters)), 400, -32600);
        await hostile.AssertRefusedAsync(false, Bodies.Join(Bodies.Root(false, parameters)), 400, -32600);
    }

    [Fact]
    public async Task Params_Missing_AreRefusedForACall()
    {
        await hostile.AssertRefusedAsync(true, """{"jsonrpc":"2.0","id":1,"method":"tools/call"}""", 400, -32602);
        await hostile.AssertRefusedAsync(false, """{"jsonrpc":"2.0","id":1,"method":"tools/call"}""", 400, -32602);
        await hostile.AssertRefusedAsync(false, """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}""", 400, -32602);
    }

    [Theory]
    [MemberData(nameof(WrongNames))]
    public async Task Name_ThatIsNoString_IsRefused(string name)
    {
        await hostile.AssertRefusedAsync(true, Bodies.Call(true, tool: name), 400, -32602);
        await hostile.AssertRefusedAsync(false, Bodies.Call(false, tool: name), 400, -32602);
    }

    [Theory]
    [MemberData(nameof(WrongArguments))]
    public async Task Arguments_ThatAreNoObject_AreRefusedForEveryToolAlike(string arguments)
    {
        foreach (var modern in new[] { true, false })
        {
            await hostile.AssertRefusedAsync(modern, Bodies.Call(modern, arguments: arguments), 400, -32602);
            foreach (var tool in new[] { "add", "odd" })
            {
                var headers = hostile.Headers(modern, name: tool);
                await hostile.AssertRefusedAsync(modern, Encoding.UTF8.GetBytes(Bodies.Call(modern, $"\"{tool}\"", arguments)), headers, 400, -32602);
            }
        }
    }

    [Fact]
    public async Task Arguments_Absent_AreNoFault()
    {
        var answer = await hostile.PostAsync(false, """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mixed"}}""");
        Assert.Contains("\"words\"", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tools/call", """{"name":"add","arguments":{"a":1,"b":2}}""")]
    [InlineData("tools/call", """{"name":"echo","arguments":{"text":"hi"}}""")]
    [InlineData("tools/list", "{}")]
    [InlineData("initialize", """{"protocolVersion":"2025-11-25","capabilities":{}}""")]
    [InlineData("resources/read", """{"uri":"test://static-text"}""")]
    [InlineData("logging/setLevel", """{"level":"debug"}""")]
    [InlineData("ping", "{}")]
    public async Task Request_WithoutItsId_IsRefusedAndNotForwarded(string method, string parameters)
    {
        await hostile.AssertRefusedAsync(false, $$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}}}""", 400, -32600);
        var modern = (parameters.Length == 2 ? "{" : parameters[..^1] + ",") + "\"_meta\":" + Bodies.Meta + "}";
        var headers = hostile.Headers(true, method, method == "tools/call" ? (parameters.Contains("add", StringComparison.Ordinal) ? "add" : "echo") : method == "resources/read" ? "test://static-text" : null);
        await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{modern}}}"""), headers, 400, -32600);
    }

    [Theory]
    [InlineData("notifications/initialized")]
    [InlineData("notifications/cancelled")]
    [InlineData("notifications/progress")]
    [InlineData("notifications/roots/list_changed")]
    [InlineData("sampling/createMessage")]
    [InlineData("elicitation/create")]
    [InlineData("roots/list")]
    [InlineData("tools/call ")]
    [InlineData("Tools/Call")]
    [InlineData("tools\\u002fcall\\u0000")]
    [InlineData("")]
    [InlineData("vendor/extra")]
    public async Task Request_OfAMethodThatIsNone_DoesNotExist(string method)
    {
        var before = hostile.Upstream.Recording.Requests.Count;
        var answer = await hostile.PostAsync(false, Bodies.Request(false, method));
        Assert.Equal(200, answer.Status);
        Assert.Equal(-32601, HostileGate.CodeOf(answer));
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
    }

    [Theory]
    [InlineData("notifications/tools/list_changed")]
    [InlineData("notifications/message")]
    [InlineData("notifications/vendor")]
    [InlineData("vendor/extra")]
    [InlineData("notifications/roots/list_changed")]
    public async Task Notification_ThatIsNotOpened_IsDropped(string method)
    {
        var before = hostile.Upstream.Recording.Requests.Count;
        var answer = await hostile.PostAsync(false, "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":{}}");
        Assert.Equal(202, answer.Status);
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","params":{}""")]
    [InlineData(""","params":{"progressToken":{},"progress":"x"}""")]
    public async Task Progress_OfAnOddShape_BreaksNothing(string parameters)
    {
        var answer = await hostile.PostAsync(false, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"" + parameters + "}");
        Assert.Equal(202, answer.Status);
        await hostile.BenignAsync(modern: false);
    }

    [Theory]
    [InlineData("notifications/cancelled", "")]
    [InlineData("notifications/cancelled", ""","params":{"requestId":{"a":[1]}}""")]
    [InlineData("notifications/cancelled", ""","params":{"requestId":99}""")]
    [InlineData("notifications/cancelled", ""","params":{"requestId":null}""")]
    public async Task Notification_OfAnOddShape_BreaksNothing(string method, string parameters)
    {
        var before = hostile.Upstream.Recording.Requests.Count;
        var answer = await hostile.PostAsync(false, "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\"" + parameters + "}");
        Assert.InRange(answer.Status, 202, 400);
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern: false);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":0,"result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"elicit-1","result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}""")]
    public async Task Answer_ToAQuestionNobodyAsked_IsRefused(string body)
    {
        await hostile.AssertRefusedAsync(false, body, 400, -32600);
        await hostile.AssertRefusedAsync(true, body, 400, -32600);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[[]]")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("[GOOD]")]
    [InlineData("[GOOD,BAD]")]
    [InlineData("""[GOOD,{"jsonrpc":"2.0","method":"notifications/initialized"}]""")]
    public async Task Array_OfMessages_IsRefusedWholeWhereTheVersionHasNone(string template)
    {
        foreach (var modern in new[] { true, false })
        {
            var body = template.Replace("GOOD", Bodies.Call(modern), StringComparison.Ordinal).Replace("BAD", Bodies.Call(modern, "\"add\"", id: "2"), StringComparison.Ordinal);
            await hostile.AssertRefusedAsync(modern, body, 400, -32600);
        }
    }

    [Fact]
    public async Task Array_InTheVersionThatHasThem_IsJudgedElementByElement()
    {
        await using var client = new McpClient(hostile.Endpoint, Hosting.RunningGate.Token, "2025-03-26");
        await client.InitializeAsync();
        var headers = hostile.Headers(false).Where(static header => header.Name is not ("Mcp-Session-Id" or "MCP-Protocol-Version")).Append(("Mcp-Session-Id", client.SessionId!)).ToArray();
        var before = hostile.Upstream.Recording.Calls.Count;
        var body = $"[{Bodies.Call(false)},{Bodies.Call(false, "\"add\"", id: "2")},{Bodies.Call(false, "\"odd\"", id: "3")},{Bodies.Request(false, "resources/list", id: "4")}]";
        var answer = await hostile.PostAsync(Encoding.UTF8.GetBytes(body), headers);
        Assert.Equal(200, answer.Status);
        Assert.Contains("Unknown tool: add", answer.Text, StringComparison.Ordinal);
        Assert.Contains("Unknown tool: odd", answer.Text, StringComparison.Ordinal);
        Assert.Contains("-33403", answer.Text, StringComparison.Ordinal);
        Assert.Equal("echo", Assert.Single(hostile.Upstream.Recording.Calls.Skip(before)).Tool);
    }

    [Fact]
    public async Task Array_WithAMessageOfNoShape_IsRefusedBeforeAnyOfItGoesUp()
    {
        await using var client = new McpClient(hostile.Endpoint, Hosting.RunningGate.Token, "2025-03-26");
        await client.InitializeAsync();
        var headers = hostile.Headers(false).Where(static header => header.Name is not ("Mcp-Session-Id" or "MCP-Protocol-Version")).Append(("Mcp-Session-Id", client.SessionId!)).ToArray();
        foreach (var bad in new[] { "1", "{}", Bodies.Call(false, id: "1.5"), Bodies.Call(false).Replace("\"id\"", "\"x\"", StringComparison.Ordinal), Bodies.Call(false).Replace("\"name\"", "\"NAME\"", StringComparison.Ordinal), "[]", Bodies.Request(false, "initialize", id: "5") })
        {
            await hostile.AssertRefusedAsync(false, Encoding.UTF8.GetBytes($"[{Bodies.Call(false)},{bad}]"), headers, 400, -32600);
        }
    }
}
