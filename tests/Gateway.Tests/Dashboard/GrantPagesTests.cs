using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>Grants made, moved and ended on pages: the same operations as the API's, for the same roles, in the same record.</summary>
public sealed partial class GrantPagesTests(PageGate site) : IClassFixture<PageGate>
{
    [Fact]
    public async Task Grant_FromTheFormToItsEnd_IsTheApisToo()
    {
        var cookie = await AdministratorAsync("grace");
        using var created = await site.PostAsync("grants", new() { ["token"] = await TokenAsync("grants/new", "action=\"/grants\"", cookie), ["label"] = "build machine", ["server"] = "up", ["policy"] = "p", ["identity"] = "", ["expires"] = "2099-01-01T00:00:00Z" }, cookie);
        var shown = WebUtility.HtmlDecode(await created.Content.ReadAsStringAsync());
        var token = Token().Match(shown).Value;
        var grant = await GrantAsync("build machine");
        var path = $"grants/{grant.GetProperty("id").GetString()}";

        Assert.Equal(HttpStatusCode.OK, created.StatusCode);
        Assert.Equal(("p", "2099-01-01T00:00:00+00:00"), (grant.GetProperty("servers").GetProperty("up").GetString(), grant.GetProperty("expires").GetString()));
        Assert.True(await site.IsLetInAsync(token));
        Assert.Contains($"claude mcp add --transport http up https://gate.example.com/mcp/up --header \"Authorization: Bearer {token}\"", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(token, await HtmlAsync(path, cookie), StringComparison.Ordinal);

        using var attached = await PostAsync(path, "attach", cookie, new() { ["server"] = "up", ["policy"] = "" });
        using var rotated = await PostAsync(path, "rotate", cookie);
        var second = Token().Match(await rotated.Content.ReadAsStringAsync()).Value;

        Assert.Equal(HttpStatusCode.SeeOther, attached.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await GrantAsync("build machine")).GetProperty("servers").GetProperty("up").ValueKind);
        Assert.Equal((false, true), (await site.IsLetInAsync(token), await site.IsLetInAsync(second)));

        using var revoked = await PostAsync(path, "revoke", cookie);

        Assert.Equal(HttpStatusCode.SeeOther, revoked.StatusCode);
        Assert.False(await site.IsLetInAsync(second));
        Assert.Contains("<dd>revoked</dd>", await HtmlAsync(path, cookie), StringComparison.Ordinal);
        Assert.DoesNotContain("build machine", await HtmlAsync("grants", cookie), StringComparison.Ordinal);
        Assert.Contains("build machine", await HtmlAsync("grants?ended=1", cookie), StringComparison.Ordinal);
        Assert.Equal(
            ["operator/grant-revoke", "operator/grant-rotate", "operator/policy-attach", "operator/grant-create"],
            (await RecordsAsync($"grant={grant.GetProperty("id").GetString()}&identity=grace")).Select(static record => record.GetProperty("method").GetString()));
    }

    [Theory]
    [InlineData("label", "", "a label has 1 to 128 characters")]
    [InlineData("label", "a\u0007b", "a label has 1 to 128 characters and no control characters")]
    [InlineData("server", "elsewhere", "there is no server `elsewhere`")]
    [InlineData("server", "", "name at least one server")]
    [InlineData("policy", "elsewhere", "there is no policy `elsewhere`")]
    [InlineData("expires", "tomorrow", "`expires` is a time with its offset")]
    [InlineData("expires", "2001-01-01T00:00:00Z", "`expires` lies in the past")]
    public async Task Create_OfWhatCannotBe_SaysWhyAndKeepsWhatWasTyped(string field, string value, string why)
    {
        var cookie = await AdministratorAsync("mary");
        var sent = new Dictionary<string, string> { ["token"] = await TokenAsync("grants/new", "action=\"/grants\"", cookie), ["label"] = "kept <as> typed", ["server"] = "up", ["policy"] = "p", ["identity"] = "ada@example.com" };
        sent[field] = value;

        using var answer = await site.PostAsync("grants", sent, cookie);
        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(why, html, StringComparison.Ordinal);
        Assert.Contains("ada@example.com", html, StringComparison.Ordinal);
        Assert.DoesNotContain("kept <as> typed", await site.ApiAsync("grants"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_ByWhoMayNot_AreRefused()
    {
        var cookie = await site.SignInAsync();
        var id = (await GrantAsync("spare", create: true)).GetProperty("id").GetString()!;
        var html = await HtmlAsync($"grants/{id}", cookie);
        using var form = await site.GetAsync("grants/new", cookie);
        using var created = await site.PostAsync("grants", new() { ["token"] = PageGate.TokenIn(html), ["label"] = "x", ["server"] = "up" }, cookie);
        using var revoked = await PostAsync($"grants/{id}", "revoke", cookie);
        var administrator = await AdministratorAsync("joan");
        using var foreign = await site.PostAsync($"grants/{id}/revoke", new() { ["token"] = await TokenAsync($"grants/{id}", "/revoke\"", administrator) }, administrator, ("Origin", "https://evil.example.com"));
        using var other = await site.PostAsync($"grants/{id}/revoke", new() { ["token"] = await TokenAsync($"grants/{id}", "/rotate\"", administrator) }, administrator);
        using var absent = await site.GetAsync("grants/cg_none", administrator);

        Assert.DoesNotContain("action=\"/grants/", html, StringComparison.Ordinal);
        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden], new[] { form, created, revoked, foreign, other }.Select(static answer => answer.StatusCode));
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await GrantAsync("spare")).GetProperty("revoked").ValueKind);
    }

    private async Task<string> AdministratorAsync(string name)
    {
        using var added = await site.AdministerAsync(HttpMethod.Post, "operators", new { name, roles = new[] { "administrator" }, password = PageGate.Password });
        return await site.SignInAsync(name);
    }

    private async Task<string> HtmlAsync(string path, string cookie)
    {
        using var page = await site.GetAsync(path, cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return await page.Content.ReadAsStringAsync();
    }

    /// <summary>The form of this change on the page of the grant, with the token that stands in it.</summary>
    private async Task<HttpResponseMessage> PostAsync(string path, string change, string cookie, Dictionary<string, string>? fields = null)
    {
        return await site.PostAsync($"{path}/{change}", new(fields ?? []) { ["token"] = await TokenAsync(path, $"/{change}\"", cookie) }, cookie);
    }

    /// <summary>The token of the form that this text begins; where there is no such form, the one that signs out.</summary>
    private async Task<string> TokenAsync(string page, string form, string cookie)
    {
        var html = await HtmlAsync(page, cookie);
        var at = html.IndexOf(form, StringComparison.Ordinal);
        return PageGate.TokenIn(at < 0 ? html : html[at..]);
    }

    private async Task<JsonElement> GrantAsync(string label, bool create = false)
    {
        if (create)
        {
            using var made = await site.AdministerAsync(HttpMethod.Post, "grants", new { label, servers = new Dictionary<string, string> { ["up"] = "p" } });
        }

        return Assert.Single(JsonElement.Parse(await site.ApiAsync("grants")).GetProperty("grants").EnumerateArray(), grant => grant.GetProperty("label").GetString() == label);
    }

    private async Task<List<JsonElement>> RecordsAsync(string filter) =>
        [.. (await site.ApiAsync("audit?" + filter)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line))];

    [GeneratedRegex("cg_[A-Za-z0-9_-]{20,}")]
    private static partial Regex Token();
}
