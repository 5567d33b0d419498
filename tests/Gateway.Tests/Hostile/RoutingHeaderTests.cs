using System.Text;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Beside the tables of A25 and A54: ways to write a header that pass, and claims in the body.</summary>
[Collection(HostileCollection.Name)]
public sealed class RoutingHeaderTests(HostileGate hostile)
{
    [Theory]
    [InlineData("echo")]
    [InlineData(" echo  ")]
    [InlineData("=?base64?ZWNobw==?=")]
    public async Task Name_WrittenInAnAllowedWay_IsTaken(string name)
    {
        var answer = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(true)), hostile.Headers(true, name: name));
        Assert.Equal(200, answer.Status);
        Assert.Equal("echo", hostile.Upstream.Recording.Calls[^1].Header("Mcp-Name"));
    }

    [Fact]
    public async Task ModernHeaders_WithoutAClaimInTheBody_AreRefused()
    {
        await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes(Bodies.Call(false)), hostile.Headers(true), 400, -32602);
        await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes(Bodies.Call(false).Replace("\"arguments\"", "\"_meta\":{},\"arguments\"", StringComparison.Ordinal)), hostile.Headers(true), 400, -32602);
    }

    [Theory]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":20260728,"io.modelcontextprotocol/clientCapabilities":{}}""", -32602)]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":null,"io.modelcontextprotocol/clientCapabilities":{}}""", -32602)]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":["2026-07-28"],"io.modelcontextprotocol/clientCapabilities":{}}""", -32602)]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}""", -32602)]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]}""", -32602)]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":null}""", -32602)]
    [InlineData("""{"io.modelcontextprotocol/clientCapabilities":{}}""", -32602)]
    [InlineData("null", -32602)]
    [InlineData("[]", -32602)]
    [InlineData("\"2026-07-28\"", -32602)]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":"2027-01-01","io.modelcontextprotocol/clientCapabilities":{}}""", -32020)]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":"","io.modelcontextprotocol/clientCapabilities":{}}""", -32020)]
    public async Task Meta_ThatLacksAMemberOrDiffersFromTheHeader_IsRefused(string meta, int code)
    {
        var body = Bodies.Call(true).Replace(Bodies.Meta, meta, StringComparison.Ordinal);
        var answer = await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes(body), hostile.Headers(true), 400, code);
        Assert.Contains("\"id\":1", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2027-01-01", "2027-01-01", -32022)]
    [InlineData("v999", "v999", -32022)]
    [InlineData("v999", "v998", -32020)]
    [InlineData("v999", null, -32020)]
    public async Task Version_ThatNobodyKnows_IsRefusedWithTheVersionsThatAre(string claimed, string? header, int code)
    {
        var body = Bodies.Call(true).Replace("2026-07-28", claimed, StringComparison.Ordinal);
        var headers = hostile.Headers(true).Where(static pair => pair.Name != "MCP-Protocol-Version");
        var answer = await hostile.AssertRefusedAsync(
            true, Encoding.UTF8.GetBytes(body), header is null ? [.. headers] : [.. headers, ("MCP-Protocol-Version", header)], 400, code);
        Assert.Contains("\"id\":1", answer.Text, StringComparison.Ordinal);
        if (code == -32022)
        {
            var data = System.Text.Json.JsonElement.Parse(answer.Body).GetProperty("error").GetProperty("data");
            Assert.Equal("""["2026-07-28"]""", data.GetProperty("supported").GetRawText());
            Assert.Equal(claimed, data.GetProperty("requested").GetString());
        }
    }

    [Fact]
    public async Task LegacySession_WithAnotherVersionThatHasSessions_IsTaken()
    {
        var headers = hostile.Headers(false).Where(static header => header.Name != "MCP-Protocol-Version").Append(("MCP-Protocol-Version", "2025-06-18")).ToArray();
        Assert.Equal(200, (await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(false)), headers)).Status);
    }

    [Theory]
    [InlineData("MCP-Protocol-Version", "2026-07-28")]
    [InlineData("Last-Event-ID", "1")]
    public async Task Header_OnTwoLinesOfAStream_IsRefused(string header, string value)
    {
        var request = RawClient.Request("GET", hostile.Endpoint, [], [.. hostile.Headers(false), (header, value), (header, value)]);
        Assert.Equal(400, (await hostile.ExchangeAsync(request)).Status);
    }

    [Fact]
    public async Task LegacyCall_WithRoutingHeadersOfTheNewestVersion_IsJudgedByItsBody()
    {
        var hidden = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(false, "\"add\"", """{"a":1,"b":2}""")), [.. hostile.Headers(false), ("Mcp-Method", "tools/call"), ("Mcp-Name", "echo"), ("Mcp-Param-Region", "eu")]);
        Assert.Contains("Unknown tool: add", hidden.Text, StringComparison.Ordinal);
        var answer = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(false)), [.. hostile.Headers(false), ("Mcp-Method", "tools/list"), ("Mcp-Name", "add")]);
        Assert.Equal(200, answer.Status);
        var sent = hostile.Upstream.Recording.Calls[^1];
        Assert.Equal("echo", sent.Tool);
        Assert.Null(sent.Header("Mcp-Name"));
        Assert.Null(sent.Header("Mcp-Method"));
    }
}
