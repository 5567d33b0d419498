using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Callgate.Gateway.Catalogue;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>The registry API: what clients that choose servers read, and what they must not learn.</summary>
public sealed partial class RegistryApiTests(StackedGate site) : IClassFixture<StackedGate>
{
    private const string Open = "com.example.gate/open";
    private const string Official = "io.modelcontextprotocol.registry/official";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Servers_OnEitherSide_AreThePublicOnesAtTheGate(bool front)
    {
        var (status, text) = await site.PageAsync("v0.1/servers?version=latest&limit=50&include_deleted=true", front: front);

        Assert.Equal(HttpStatusCode.OK, status);
        var list = JsonElement.Parse(text);
        Assert.Equal([Open, "com.example.gate/other"], Names(list));
        Assert.Equal(2, list.GetProperty("metadata").GetProperty("count").GetInt32());
        Assert.False(list.GetProperty("metadata").TryGetProperty("nextCursor", out _));
        var entry = list.GetProperty("servers")[0];
        var server = entry.GetProperty("server");
        Assert.Matches("^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", server.GetProperty("name").GetString()!);
        Assert.InRange(server.GetProperty("description").GetString()!.Length, 1, 100);
        var remote = Assert.Single(server.GetProperty("remotes").EnumerateArray());
        Assert.Equal("""{"type":"streamable-http","url":"https://gate.example.com/tools/mcp/open"}""", remote.GetRawText());
        Assert.False(server.TryGetProperty("packages", out _));
        var official = entry.GetProperty("_meta").GetProperty(Official);
        Assert.Equal(("active", true), (official.GetProperty("status").GetString(), official.GetProperty("isLatest").GetBoolean()));
        Assert.Matches(Moment(), official.GetProperty("updatedAt").GetString()!);
    }

    [Fact]
    public async Task Answers_AllOfThem_SayNothingOfWhatStandsBehindTheGate()
    {
        foreach (var path in new[] { "v0.1/servers", "v0.1/servers?search=closed", $"v0.1/servers/{Uri.EscapeDataString(Open)}/versions/latest", "v0.1/servers/com.example.gate%2Fclosed/versions/latest" })
        {
            var (_, text) = await site.PageAsync(path);
            Assert.DoesNotContain("closed", text, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
            Assert.DoesNotContain("127.0.0.1", text, StringComparison.Ordinal);
            Assert.DoesNotContain($"{site.Upstream.Url.Port}", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("com.example.gate%2Fopen/versions/latest", "server")]
    [InlineData("com.example.gate%2fopen/versions/1.0.0", "server")]
    [InlineData("com.example.gate/open/versions/latest", "server")]
    [InlineData("com.example.gate%2Fopen/versions", "servers")]
    public async Task Server_ByItsNameEscapedOrNot_IsFound(string path, string member)
    {
        var (status, text) = await site.PageAsync("v0.1/servers/" + path);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(JsonElement.Parse(text).TryGetProperty(member, out var found));
        Assert.Contains(Open, found.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v0.1/servers/com.example.gate%2Fclosed/versions/latest", 404)]
    [InlineData("v0.1/servers/com.example.gate%2Fclosed/versions", 404)]
    [InlineData("v0.1/servers/com.example.gate%2Fopen/versions/2.0.0", 404)]
    [InlineData("v0.1/servers/open", 404)]
    [InlineData("v0.1", 404)]
    [InlineData("v0.1/servers?limit=0", 400)]
    [InlineData("v0.1/servers?limit=101", 400)]
    [InlineData("v0.1/servers?limit=many", 400)]
    [InlineData("v0.1/servers?updated_since=yesterday", 400)]
    [InlineData("v0.1/servers?updated_since=2026-13-01T00:00:00Z", 400)]
    [InlineData("v0.1/servers?include_deleted=perhaps", 400)]
    public async Task Request_ForWhatIsNotThere_IsAnErrorOfTheApi(string path, int expected)
    {
        var (status, text) = await site.PageAsync(path);

        Assert.Equal(expected, (int)status);
        Assert.NotEmpty(JsonElement.Parse(text).GetProperty("error").GetString()!);
    }

    [Theory]
    [InlineData("search=OPEN", 1)]
    [InlineData("search=gate", 2)]
    [InlineData("search=nowhere", 0)]
    [InlineData("version=1.0.0", 2)]
    [InlineData("version=0.9.0", 0)]
    [InlineData("updated_since=2001-01-01T00:00:00Z", 2)]
    [InlineData("updated_since=2999-01-01T00:00:00%2B02:00", 0)]
    public async Task Servers_Filtered_AreThoseThatFit(string query, int count) =>
        Assert.Equal(count, Names(JsonElement.Parse((await site.PageAsync("v0.1/servers?" + query)).Text)).Count);

    [Fact]
    public async Task Servers_PageByPage_AreEachThereOnce()
    {
        var first = JsonElement.Parse((await site.PageAsync("v0.1/servers?limit=1")).Text);
        var cursor = first.GetProperty("metadata").GetProperty("nextCursor").GetString()!;
        var second = JsonElement.Parse((await site.PageAsync("v0.1/servers?limit=1&cursor=" + Uri.EscapeDataString(cursor))).Text);

        Assert.Equal([Open, "com.example.gate/other"], Names(first).Concat(Names(second)));
        Assert.False(second.GetProperty("metadata").TryGetProperty("nextCursor", out _));
    }

    [Theory]
    [InlineData("POST", "v0.1/publish", 501)]
    [InlineData("PUT", "v0.1/servers/a%2Fb/versions/1.0.0", 501)]
    [InlineData("DELETE", "v0.1/servers/a%2Fb/versions/1.0.0", 501)]
    [InlineData("PATCH", "v0.1/servers/a%2Fb/status", 501)]
    [InlineData("OPTIONS", "v0.1/servers", 204)]
    [InlineData("HEAD", "v0.1/servers", 200)]
    [InlineData("GET", "v0.1/servers", 200)]
    public async Task Methods_FromAForeignPage_AreAnsweredToEveryOrigin(string method, string path, int expected)
    {
        using var answer = await site.SendAsync(new HttpMethod(method), new Uri(site.Gate.Address, path), ("Origin", "https://elsewhere.example"), ("Access-Control-Request-Method", "GET"));

        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task Host_ThatIsNotServed_IsRefused()
    {
        using var answer = await site.SendAsync(HttpMethod.Get, new Uri(site.Gate.Address, "v0.1/servers"), ("Host", "evil.example"));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData(null, "local.callgate/up")]
    [InlineData("https://gate.example.com", "com.example.gate/up")]
    [InlineData("https://10.0.0.1:8443", "local.callgate/up")]
    [InlineData("https://[::1]/", "local.callgate/up")]
    [InlineData("https://bücher.example", "example.xn--bcher-kva/up")]
    [InlineData("https://under_score.example", "local.callgate/up")]
    public void NameOf_PublicUrl_FitsTheSchema(string? url, string expected)
    {
        var name = RegistryEntry.NameOf("up", url is null ? null : new Uri(url));

        Assert.Equal(expected, name);
        Assert.Matches("^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", name);
    }

    [Fact]
    public void Describe_HugeNumbers_StayWithinTheSchema()
    {
        var listed = new ListedServer("up", CatalogueSource.Registered, "up", "", "", true, default, new CategoryCounts(10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000));

        Assert.InRange(RegistryEntry.Of(listed, null, new Uri("http://127.0.0.1:2255/")).Description.Length, 1, 100);
    }

    private static List<string> Names(JsonElement list) =>
        [.. list.GetProperty("servers").EnumerateArray().Select(static entry => entry.GetProperty("server").GetProperty("name").GetString()!)];

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    private static partial Regex Moment();
}
