using System.Text;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Attacks A29 and A30: tokens that are none, and headers that only the inside may write.</summary>
[Collection(HostileCollection.Name)]
public sealed class CredentialTests(HostileGate hostile)
{
    private static readonly byte[] Call = Encoding.UTF8.GetBytes(Bodies.Call(true));

    public static TheoryData<string> NoTokens { get; } =
    [
        "", " ", "Bearer", "Bearer ", "Bearer  ", RunningGate.Token, "Basic " + RunningGate.Token, "Token " + RunningGate.Token, "Bearer:" + RunningGate.Token, "Bearer=" + RunningGate.Token,
        "Bearer\t" + RunningGate.Token, "Bearer " + RunningGate.Token + "x", "Bearer " + RunningGate.Token[..^1], "Bearer " + RunningGate.Token.ToUpperInvariant(),
        "Bearer \"" + RunningGate.Token + "\"", "Bearer token=" + RunningGate.Token, "Bearer " + RunningGate.Token + ", Bearer " + HostileGate.OtherToken, "Bearer " + RunningGate.Token + ",",
        "Bearer x " + RunningGate.Token, "Bearer null", "Bearer undefined", "Bearer cg_", "Bearer " + new string('x', 511), "Bearer " + new string('x', 4_000), "Digest username=\"laptop\"", "Negotiate YII=",
    ];

    [Theory]
    [MemberData(nameof(NoTokens))]
    public async Task Authorization_ThatIsNoTokenOfAGrant_IsAnsweredLikeNone(string value)
    {
        var without = await hostile.PostAsync(Call, Without("Authorization"));
        var before = hostile.Upstream.Recording.Requests.Count;
        var answer = await hostile.PostAsync(Call, [.. Without("Authorization"), ("Authorization", value)]);
        Assert.Equal(401, answer.Status);
        Assert.Equal(without.Text, answer.Text);
        Assert.Equal(Masked(without), Masked(answer));
        Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern: true);
    }

    [Theory]
    [InlineData(RunningGate.Token, HostileGate.OtherToken)]
    [InlineData(RunningGate.Token, RunningGate.Token)]
    [InlineData("x", RunningGate.Token)]
    [InlineData(RunningGate.Token, "")]
    public async Task Authorization_Twice_IsNone(string first, string second) =>
        await hostile.AssertRefusedAsync(true, Call, [.. Without("Authorization"), ("Authorization", "Bearer " + first), ("authorization", "Bearer " + second)], 401, -32600);

    [Theory]
    [InlineData("access_token")]
    [InlineData("token")]
    [InlineData("authorization")]
    [InlineData("Authorization")]
    [InlineData("api_key")]
    public async Task Token_InTheQuery_IsNone(string parameter)
    {
        var before = hostile.Upstream.Recording.Requests.Count;
        var address = new Uri(hostile.Endpoint, $"/mcp/up?{parameter}={RunningGate.Token}");
        var answer = await hostile.ExchangeAsync(RawClient.Request("POST", address, Call, Without("Authorization")));
        Assert.Equal(401, answer.Status);
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
    }

    [Theory]
    [InlineData("Cookie", "Authorization=Bearer TOKEN; token=TOKEN")]
    [InlineData("Proxy-Authorization", "Bearer TOKEN")]
    [InlineData("X-Authorization", "Bearer TOKEN")]
    [InlineData("X-Api-Key", "TOKEN")]
    [InlineData("X-Forwarded-Authorization", "Bearer TOKEN")]
    [InlineData("Authorization2", "Bearer TOKEN")]
    [InlineData("X-Callgate-Grant", "laptop")]
    public async Task Token_InAnotherHeader_IsNone(string header, string value) =>
        await hostile.AssertRefusedAsync(true, Call, [.. Without("Authorization"), (header, value.Replace("TOKEN", RunningGate.Token, StringComparison.Ordinal))], 401, -32600);

    [Fact]
    public async Task Token_OfAMegabyte_IsRefusedByTheServerItself()
    {
        var before = hostile.Upstream.Recording.Requests.Count;
        var answer = await hostile.PostAsync(Call, [.. Without("Authorization"), ("Authorization", "Bearer " + new string('x', 1 << 20))]);
        Assert.Equal(431, answer.Status);
        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
        await hostile.BenignAsync(modern: true);
    }

    [Theory]
    [InlineData("bearer ")]
    [InlineData("BEARER ")]
    public async Task Scheme_InAnyCase_IsTheSame(string scheme)
    {
        var answer = await hostile.PostAsync(Call, [.. Without("Authorization"), ("Authorization", scheme + RunningGate.Token)]);
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Session_OfAnotherGrant_IsNone()
    {
        var headers = hostile.Headers(false).Where(static header => header.Name != "Authorization").Append(("Authorization", "Bearer " + HostileGate.OtherToken)).ToArray();
        await hostile.AssertRefusedAsync(false, Encoding.UTF8.GetBytes(Bodies.Call(false)), headers, 404, -32001);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("../../etc/passwd")]
    [InlineData("null")]
    [InlineData("%00")]
    public async Task Session_ThatIsGuessed_IsNone(string id)
    {
        var headers = hostile.Headers(false).Where(static header => header.Name != "Mcp-Session-Id").Append(("Mcp-Session-Id", id)).ToArray();
        await hostile.AssertRefusedAsync(false, Encoding.UTF8.GetBytes(Bodies.Call(false)), headers, 404, -32001);
    }

    [Fact]
    public async Task Session_WithOneCharacterChanged_IsNone()
    {
        var headers = hostile.Headers(false);
        var at = Array.FindIndex(headers, static header => header.Name == "Mcp-Session-Id");
        var id = headers[at].Value;
        for (var position = 0; position < id.Length; position += 7)
        {
            headers[at].Value = id[..position] + (id[position] == 'A' ? 'B' : 'A') + id[(position + 1)..];
            Assert.Equal(404, (await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(false)), headers)).Status);
        }

        headers[at].Value = id + "A";
        Assert.Equal(404, (await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(false)), headers)).Status);
        await hostile.BenignAsync(modern: false);
    }

    [Theory]
    [InlineData("/mcp/nowhere")]
    [InlineData("/mcp/UP")]
    [InlineData("/mcp/up%00")]
    [InlineData("/mcp/up%20")]
    [InlineData("/mcp/u%70x")]
    public async Task Server_ThatTheGrantDoesNotCover_IsRefusedAlike(string path)
    {
        var known = await hostile.ExchangeAsync(RawClient.Request("POST", new Uri(hostile.Endpoint, "/mcp/nowhere"), Call, hostile.Headers(true)));
        var before = hostile.Upstream.Recording.Requests.Count;
        var request = Encoding.Latin1.GetString(RawClient.Request("POST", hostile.Endpoint, Call, hostile.Headers(true))).Replace("POST /mcp/up ", $"POST {path} ", StringComparison.Ordinal);
        var answer = await hostile.ExchangeAsync(Encoding.Latin1.GetBytes(request));
        Assert.InRange(answer.Status, 400, 404);
        if (answer.Status == 403)
        {
            Assert.Equal(known.Text, answer.Text);
        }

        Assert.Equal(before, hostile.Upstream.Recording.Requests.Count);
    }

    [Fact]
    public async Task InsideHeaders_OfAClient_ChangeNothing()
    {
        (string, string)[] inside =
        [
            ("X-Forwarded-For", "10.0.0.1"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/admin"), ("X-Forwarded-User", "root"), ("Forwarded", "for=10.0.0.1;host=evil.example"),
            ("X-Real-IP", "10.0.0.1"), ("X-Original-URL", "/api/v1/grants"), ("X-Rewrite-URL", "/api/v1/grants"), ("X-HTTP-Method-Override", "DELETE"), ("X-Method-Override", "DELETE"), ("X-Callgate-Grant", "other"),
            ("X-Callgate-Policy", "none"), ("X-Tenant", "other"), ("X-Tenant-Id", "other"), ("X-User", "root"), ("X-Remote-User", "root"), ("Remote-User", "root"), ("X-Grant", "other"), ("X-Grant-Id", "other"), ("X-Identity", "root"),
            ("X-Server", "elsewhere"), ("X-Upstream", "http://127.0.0.1:1/"), ("X-Mcp-Server", "elsewhere"), ("X-Mcp-Router", "init"), ("mcp-init-host", "evil"), ("X-Envoy-Original-Path", "/api"), ("X-Amzn-Oidc-Identity", "root"),
            ("X-Ms-Client-Principal", "root"), ("X-Auth-Request-User", "root"), ("X-Authenticated-Userid", "1"), ("X-Internal", "1"), ("X-Debug", "1"), ("X-Policy", "allow"), ("X-Bypass", "1"), ("X-Admin", "1"), ("X-Scope", "admin"), ("X-Roles", "admin"),
            ("Via", "1.1 gate"), ("X-Request-Id", "1"),
        ];
        Assert.Equal(40, inside.Length);
        await hostile.AssertRefusedAsync(true, Call, [.. Without("Authorization"), .. inside], 401, -32600);
        var hidden = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(true, "\"add\"")), [.. hostile.Headers(true, name: "add"), .. inside]);
        Assert.Contains("Unknown tool: add", hidden.Text, StringComparison.Ordinal);
        var answer = await hostile.PostAsync(Call, [.. hostile.Headers(true), .. inside]);
        Assert.Equal(200, answer.Status);
        var sent = hostile.Upstream.Recording.Calls[^1];
        Assert.Equal(hostile.Upstream.Url.Authority, sent.Header("Host"));
        Assert.All(inside, header => Assert.Null(sent.Header(header.Item1)));
    }

    [Fact]
    public async Task Canaries_InThirtyHeaders_NeverReachTheUpstream()
    {
        (string, string)[] canaries =
        [
            .. Enumerable.Range(1, 20).Select(static number => ($"X-Canary-{number}", $"canary-{number}")),
            ("Cookie", "canary=1"), ("Referer", "http://canary.example/"), ("User-Agent", "canary"), ("X-Api-Key", "canary"), ("Proxy-Authorization", "Basic canary"), ("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ("Baggage", "canary=1"), ("If-None-Match", "\"canary\""), ("Cache-Control", "canary"), ("Accept-Language", "x-canary"),
        ];
        Assert.Equal(30, canaries.Length);
        foreach (var modern in new[] { true, false })
        {
            var answer = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(modern)), [.. hostile.Headers(modern), .. canaries]);
            Assert.Equal(200, answer.Status);
            var sent = hostile.Upstream.Recording.Calls[^1];
            Assert.DoesNotContain(sent.Headers, static header => (header.Key + header.Value).Contains("canary", StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(sent.Headers, static header => header.Value.Contains(RunningGate.Token, StringComparison.Ordinal));
            Assert.Null(sent.Header("Authorization"));
            Assert.Null(sent.Header("Traceparent"));
            Assert.Equal("goes-up", sent.Header("X-Operator"));
            string[] expected = ["Accept", "Content-Length", "Content-Type", "Host", "MCP-Protocol-Version", "X-Operator"];
            var ours = modern ? [.. expected, "Mcp-Method", "Mcp-Name"] : expected.Append("Mcp-Session-Id");
            Assert.Equal(ours.Order(StringComparer.OrdinalIgnoreCase), sent.Headers.Select(static header => header.Key).Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        }
    }

    private (string Name, string Value)[] Without(string name) => [.. hostile.Headers(true).Where(header => header.Name != name)];

    private static List<string> Masked(RawResponse answer) =>
        [.. answer.Headers.Where(static header => header.Key != "Date").Select(static header => header.Key + ": " + header.Value)];
}
