using System.Text;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Attacks A25 and A54: headers of 2026-07-28 that say something else than the body, or say it in a bent way.</summary>
[Collection(HostileCollection.Name)]
public sealed class RoutingHeaderTests(HostileGate hostile)
{
    private const string Echo = "ZWNobw==";

    public static TheoryData<string> BentNames { get; } =
    [
        "", "Echo", "ECHO", "echo2", "ech", "add", "e cho", "echo,", "echo;x", "\"echo\"", "echo, echo", "%65cho", "ech\u00f6", "echo\u00a0",
        "=?BASE64?" + Echo + "?=", "=?Base64?" + Echo + "?=", "=?base64?" + Echo, Echo, "=?base64?ZWNobw=?=", "=?base64?ZWNobw?=", "=?base64?ZWNobw===?=", "=?base64?ZWNob===?=", "=?base64?ZWNobx==?=",
        "=?base64? ZWNobw==?=", "=?base64?ZWNo bw==?=", "=?base64?ZWNobw==?= ?=", "=?base64?ZWNobw-_?=", "=?base64?/w==?=", "=?base64?7+9v?=", "=?base64?YWRk?=", "=?base64??=", "=?base64?=", "=?utf-8?b?ZWNobw==?=", "=?base64?ZWNobwA=?=",
    ];

    public static TheoryData<string, string?> WrongHeaders { get; } = new()
    {
        { "MCP-Protocol-Version", null }, { "MCP-Protocol-Version", "" }, { "MCP-Protocol-Version", "2025-11-25" }, { "MCP-Protocol-Version", "2026-07-29" }, { "MCP-Protocol-Version", "2026-07-28x" },
        { "MCP-Protocol-Version", "2026-07-28, 2025-11-25" }, { "MCP-Protocol-Version", "=?base64?MjAyNi0wNy0yOA==?=" },
        { "Mcp-Method", null }, { "Mcp-Method", "" }, { "Mcp-Method", "tools/list" }, { "Mcp-Method", "Tools/Call" }, { "Mcp-Method", "tools/call, tools/list" }, { "Mcp-Method", "tools%2fcall" },
        { "Mcp-Method", "=?base64?dG9vbHMvY2FsbA==?=" }, { "Mcp-Method", "tools/call/" }, { "Mcp-Name", null },
    };

    [Theory]
    [MemberData(nameof(WrongHeaders))]
    public async Task Header_MissingOrDifferent_IsRefused(string header, string? value)
    {
        var headers = hostile.Headers(true).Where(pair => pair.Name != header);
        await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes(Bodies.Call(true)), value is null ? [.. headers] : [.. headers, (header, value)], 400, -32020);
    }

    [Theory]
    [MemberData(nameof(BentNames))]
    public async Task Name_Bent_IsRefused(string name)
    {
        // Raw bytes of a header are UTF-8 here, as clients that ignore the encoding would send them.
        var request = RawClient.Request("POST", hostile.Endpoint, Encoding.UTF8.GetBytes(Bodies.Call(true)), hostile.Headers(true, name: "NAME"));
        var at = request.AsSpan().IndexOf("NAME"u8);
        var before = hostile.Upstream.Recording.Requests.Count;
        var answer = await hostile.ExchangeAsync([.. request[..at], .. Encoding.UTF8.GetBytes(name), .. request[(at + 4)..]]);
        Assert.Equal(400, answer.Status);
        Assert.Equal(-32020, HostileGate.CodeOf(answer));
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern: true);
    }

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

    [Theory]
    [InlineData("MCP-Protocol-Version", "2026-07-28")]
    [InlineData("mcp-method", "tools/call")]
    [InlineData("Mcp-Method", "tools/list")]
    [InlineData("Mcp-Name", "echo")]
    [InlineData("mcp-name", "add")]
    [InlineData("Last-Event-ID", "1")]
    public async Task Header_OnTwoLines_IsRefused(string header, string value)
    {
        var headers = hostile.Headers(true).Append((header, value));
        await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes(Bodies.Call(true)), header == "Last-Event-ID" ? [.. headers, (header, "2")] : [.. headers], 400, -32020);
    }

    [Fact]
    public async Task HeadersForOneTool_WithABodyForAnother_AreRefusedBothWays()
    {
        await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes(Bodies.Call(true, "\"add\"", """{"a":1,"b":2}""")), hostile.Headers(true, name: "echo"), 400, -32020);
        await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes(Bodies.Call(true)), hostile.Headers(true, name: "add"), 400, -32020);
        await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes(Bodies.Request(true, "tools/list")), hostile.Headers(true, "tools/call", "echo"), 400, -32020);
        await hostile.AssertRefusedAsync(true, Encoding.UTF8.GetBytes(Bodies.Call(true)), hostile.Headers(true, "tools/list", null), 400, -32020);
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

    [Theory]
    [InlineData("2026-07-28", 400)]
    [InlineData("2027-01-01", 400)]
    [InlineData("x", 400)]
    [InlineData("2025-06-18", 200)]
    public async Task LegacySession_WithAVersionHeader_TakesOnlyVersionsWithSessions(string version, int status)
    {
        var headers = hostile.Headers(false).Where(static header => header.Name != "MCP-Protocol-Version").Append(("MCP-Protocol-Version", version)).ToArray();
        Assert.Equal(status, (await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(false)), headers)).Status);
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
