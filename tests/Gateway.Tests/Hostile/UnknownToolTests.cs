using System.Text;
using System.Text.Json;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Attacks A01, A02 and A23: a hidden tool does not exist, whichever way it is asked for.</summary>
[Collection(HostileCollection.Name)]
public sealed class UnknownToolTests(HostileGate hostile)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HiddenTool_CalledWithoutListing_IsAnsweredLikeOneThatNeverWas(bool modern)
    {
        var before = hostile.Upstream.Recording.Requests.Count;
        foreach (var arguments in new[] { """{"a":1,"b":2}""", "{}", """{"a":"x"}""", """{"c":[1,{"d":null}]}""" })
        {
            var hidden = await CallAsync(modern, "add", arguments);
            var unknown = await CallAsync(modern, "odd", arguments);
            Assert.Equal(hidden.Status, unknown.Status);
            Assert.Equal(200, hidden.Status);
            Assert.Equal(hidden.Body.Length, unknown.Body.Length);
            Assert.Equal(hidden.Text.Replace("add", "odd", StringComparison.Ordinal), unknown.Text.Replace("\"id\":2", "\"id\":1", StringComparison.Ordinal));
            Assert.Equal(Headers(hidden), Headers(unknown));
            Assert.Equal("""{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"Unknown tool: odd"}}""", unknown.Text);
        }

        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern);
    }

    [Fact]
    public async Task HiddenTool_WithParameterHeadersOrAState_IsAnsweredLikeOneThatNeverWas()
    {
        (string, string)[] stray = [("Mcp-Param-Region", "eu")];
        var before = hostile.Upstream.Recording.Requests.Count;
        var answers = new List<RawResponse>();
        foreach (var tool in new[] { "add", "odd" })
        {
            answers.Add(await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(true, $"\"{tool}\"", "{}")), [.. hostile.Headers(true, name: tool), .. stray]));
            var body = Bodies.Call(true, $"\"{tool}\"", "{}").Replace("\"_meta\"", "\"requestState\":\"x\",\"_meta\"", StringComparison.Ordinal);
            answers.Add(await hostile.PostAsync(Encoding.UTF8.GetBytes(body), hostile.Headers(true, name: tool)));
        }

        Assert.Equal(answers[0].Text.Replace("add", "odd", StringComparison.Ordinal), answers[2].Text);
        Assert.Equal(answers[1].Text, answers[3].Text);
        Assert.Equal(answers[1].Status, answers[3].Status);
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HiddenTool_InTheList_IsNotThere(bool modern)
    {
        var answer = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Request(modern, "tools/list")), hostile.Headers(modern, "tools/list", null));
        var names = JsonElement.Parse(answer.Body).GetProperty("result").GetProperty("tools").EnumerateArray().Select(static tool => tool.GetProperty("name").GetString()).ToList();
        Assert.Contains("echo", names);
        Assert.DoesNotContain("add", names);
    }

    [Theory]
    [InlineData("resources/list", "")]
    [InlineData("resources/templates/list", "")]
    [InlineData("resources/read", "\"uri\":\"test://static-text\"")]
    [InlineData("prompts/list", "")]
    [InlineData("prompts/get", "\"name\":\"plain\"")]
    [InlineData("completion/complete", "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"plain\"},\"argument\":{\"name\":\"a\",\"value\":\"p\"}")]
    public async Task SideDoor_ThatThePolicyDoesNotOpen_IsRefused(string method, string members)
    {
        foreach (var modern in new[] { true, false })
        {
            var name = method switch { "resources/read" => "test://static-text", "prompts/get" => "plain", _ => null };
            var before = hostile.Upstream.Recording.Requests.Count;
            var answer = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Request(modern, method, members)), hostile.Headers(modern, method, name));
            Assert.Equal(200, answer.Status);
            var error = JsonElement.Parse(answer.Body).GetProperty("error");
            Assert.Equal(-33403, error.GetProperty("code").GetInt32());
            Assert.Equal("method.denied", error.GetProperty("data").GetProperty("code").GetString());
            Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        }
    }

    [Theory]
    [InlineData("tasks/get")]
    [InlineData("tasks/list")]
    [InlineData("tasks/result")]
    [InlineData("tasks/cancel")]
    [InlineData("vendor/extra")]
    [InlineData("rpc.discover")]
    [InlineData("tools/Call")]
    [InlineData("tools/call\\u0000")]
    [InlineData("resources/")]
    public async Task SideDoor_ThatIsNoMethodHere_DoesNotExist(string method)
    {
        var before = hostile.Upstream.Recording.Requests.Count;
        var legacy = await hostile.PostAsync(false, Bodies.Request(false, method, "\"taskId\":\"1\""));
        Assert.Equal(-32601, HostileGate.CodeOf(legacy));
        var plain = JsonElement.Parse(Encoding.UTF8.GetBytes($"\"{method}\"")).GetString()!;
        if (!plain.Contains('\0', StringComparison.Ordinal))
        {
            var modern = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Request(true, method, "\"taskId\":\"1\"")), hostile.Headers(true, plain, "1"));
            Assert.Equal(404, modern.Status);
            Assert.Equal(-32601, HostileGate.CodeOf(modern));
        }

        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
    }

    [Fact]
    public async Task GrantWithoutAPolicy_HasNothing()
    {
        var headers = hostile.Headers(true).Where(static header => header.Name != "Authorization").Append(("Authorization", $"Bearer {HostileGate.OtherToken}-bare")).ToArray();
        var before = hostile.Upstream.Recording.Calls.Count;
        var call = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(true)), headers);
        Assert.Contains("policy.no_policy", call.Text, StringComparison.Ordinal);
        await using var client = new McpClient(hostile.Endpoint, HostileGate.OtherToken + "-bare", "2026-07-28");
        Assert.Empty(await client.ListToolsAsync());
        Assert.Equal(before, hostile.Upstream.Recording.Calls.Count);
    }

    private Task<RawResponse> CallAsync(bool modern, string tool, string arguments) =>
        hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(modern, $"\"{tool}\"", arguments, tool == "add" ? "1" : "2")), hostile.Headers(modern, name: tool));

    private static List<string> Headers(RawResponse answer) =>
        [.. answer.Headers.Where(static header => header.Key != "Date").Select(static header => header.Key + ": " + header.Value)];
}
