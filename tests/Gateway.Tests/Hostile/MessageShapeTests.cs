using System.Text;
using Callgate.Fixtures;
using Callgate.Gateway.Tests.Hosting;
using Callgate.Gateway.Tests.Hostile.Inputs;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Beside the tables of A20, A21, A22 and A51: what is odd and passes, is dropped, or does not exist.</summary>
[Collection(HostileCollection.Name)]
public sealed class MessageShapeTests(HostileGate hostile)
{
    public static TheoryData<string> GoodIds { get; } =
        ["0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808", "\"\"", "\"a\"", "\"\\u0061\\n\"", "\"é😀\"", "\"" + new string('i', 256) + "\""];

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

    [Fact]
    public async Task Arguments_Absent_AreNoFault()
    {
        var answer = await hostile.PostAsync(false, """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mixed"}}""");
        Assert.Contains("\"words\"", answer.Text, StringComparison.Ordinal);
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

    [Fact]
    public async Task Array_InTheVersionThatHasThem_IsJudgedElementByElement()
    {
        var record = new JournalTail(hostile.Gate);
        record.Lines();
        var before = hostile.Upstream.Recording.Calls.Count;
        var body = $"[{Bodies.Call(false, id: "1")},{Bodies.Call(false, "\"add\"", id: "2")},{Bodies.Call(false, "\"odd\"", id: "3")},{Bodies.Request(false, "resources/list", id: "4")}]";
        var answer = await hostile.PostAsync(Encoding.UTF8.GetBytes(body), hostile.Headers(Era.Batches));
        Assert.Equal(200, answer.Status);
        Assert.Contains("Unknown tool: add", answer.Text, StringComparison.Ordinal);
        Assert.Contains("Unknown tool: odd", answer.Text, StringComparison.Ordinal);
        Assert.Contains("-33403", answer.Text, StringComparison.Ordinal);
        Assert.Equal("echo", Assert.Single(hostile.Upstream.Recording.Calls.Skip(before)).Tool);
        var recorded = record.Next().Select(static entry => $"{entry.Text("request_id")} {entry.Text("decision")} {entry.Text("code")}").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(["1 allow ", "2 hide tool.hidden", "3 hide tool.unknown", "4 deny method.denied"], recorded);
    }
}
