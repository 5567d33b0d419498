using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>Operators invited, changed and removed on pages: the same operations as the API's, for the same roles, in the same record.</summary>
public sealed partial class PeoplePagesTests(PageGate site) : IClassFixture<PageGate>
{
    private const string Hostile = "\"><script>alert(1)</script>";

    [Fact]
    public async Task Person_InvitedChangedAndRemovedOnPages_IsTheApisToo()
    {
        var cookie = await AdministratorAsync("grace");
        using var invited = await site.PostAsync("people", new() { ["token"] = await TokenAsync("people", "action=\"/people\"", cookie), ["name"] = "zoe", ["role"] = "viewer", ["identity"] = Hostile }, cookie);
        var shown = await invited.Content.ReadAsStringAsync();
        var link = Link().Match(WebUtility.HtmlDecode(shown)).Value;
        var added = await PersonAsync("zoe");

        Assert.Equal(HttpStatusCode.OK, invited.StatusCode);
        Assert.StartsWith("https://gate.example.com/welcome/", link, StringComparison.Ordinal);
        Assert.Contains("data-copy=\"the link\"", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", shown, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((Hostile, false), (added.GetProperty("identity").GetString(), added.GetProperty("has_password").GetBoolean()));
        Assert.DoesNotContain(link.Split('/')[^1], await HtmlAsync("people/zoe", cookie), StringComparison.Ordinal);

        using var accepted = await site.PostAsync(new Uri(link).AbsolutePath[1..], new() { ["password"] = PageGate.Password, ["again"] = PageGate.Password });
        using var changed = await PostAsync("zoe", "change", cookie, ("role", "approver"), ("identity", "zoe@example.com"));
        var after = await PersonAsync("zoe");
        using var own = await site.GetAsync("people/zoe", PageGate.CookieOf(accepted));

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.SeeOther, HttpStatusCode.OK), (accepted.StatusCode, changed.StatusCode, own.StatusCode));
        Assert.Equal(("""["approver"]""", "zoe@example.com", true), (after.GetProperty("roles").GetRawText(), after.GetProperty("identity").GetString(), after.GetProperty("has_password").GetBoolean()));

        using var removed = await PostAsync("zoe", "remove", cookie);
        using var out1 = await site.GetAsync("people", PageGate.CookieOf(accepted));
        using var gone = await site.GetAsync("people/zoe", cookie);

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (removed.StatusCode, out1.StatusCode, gone.StatusCode));
        Assert.Equal(
            ["operator/operator-remove", "operator/operator-change", "operator/operator-invite", "operator/sign-in"],
            (await RecordsAsync("identity=grace")).Select(static record => record.GetProperty("method").GetString()));
    }

    [Theory]
    [InlineData("Zoe", "viewer", "an operator's name has")]
    [InlineData("new1", "", "choose at least one role")]
    [InlineData("new1", "owner", "`owner` is no role")]
    [InlineData("ada", "viewer", "there is already an operator `ada`")]
    [InlineData("ada", "", "choose at least one role")]
    public async Task Invitation_OfWhatCannotBe_SaysWhyAndKeepsWhatWasTyped(string name, string role, string why)
    {
        var cookie = await AdministratorAsync($"mary-{name.ToLowerInvariant()}-{role}x");
        using var answer = await site.PostAsync("people", new() { ["token"] = await TokenAsync("people", "action=\"/people\"", cookie), ["name"] = name, ["role"] = role, ["identity"] = Hostile }, cookie);
        var html = await answer.Content.ReadAsStringAsync();

        Assert.Equal(why.StartsWith("there", StringComparison.Ordinal) ? HttpStatusCode.Conflict : HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(why, WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode(Hostile), html, StringComparison.Ordinal);
        Assert.DoesNotContain("/welcome/", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_ByWhoMayNot_AreRefused()
    {
        var (viewer, administrator) = (await site.SignInAsync(), await AdministratorAsync("joan"));
        var html = await HtmlAsync("people/joan", viewer);
        using var invited = await site.PostAsync("people", new() { ["token"] = PageGate.TokenIn(html), ["name"] = "eve", ["role"] = "administrator" }, viewer);
        using var changed = await site.PostAsync("people/ada/change", new() { ["token"] = PageGate.TokenIn(html), ["role"] = "administrator" }, viewer);
        using var password = await PostAsync("ada", "password", administrator, ("current", PageGate.Password), ("password", "another good password"), ("again", "another good password"));
        using var foreign = await site.PostAsync("people/ada/remove", new() { ["token"] = await TokenAsync("people/ada", "/remove\"", administrator) }, administrator, ("Origin", "https://evil.example.com"));
        using var other = await site.PostAsync("people/ada/remove", new() { ["token"] = await TokenAsync("people/joan", "/remove\"", administrator) }, administrator);

        Assert.DoesNotContain("action=\"/people/joan/", html, StringComparison.Ordinal);
        Assert.DoesNotContain(">Sessions<", html, StringComparison.Ordinal);
        Assert.All([invited, changed, password, foreign, other], static answer => Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode));
        Assert.Equal("""["viewer","approver"]""", (await PersonAsync("ada")).GetProperty("roles").GetRawText());
    }

    [Fact]
    public async Task Sessions_OwnAndOfOthers_AreListedAndEndedByWhoMay()
    {
        await site.AddAsync("tom", "viewer");
        await site.AddAsync("kim", "viewer");
        var (tom, second, kim, administrator) = (await site.SignInAsync("tom"), await site.SignInAsync("tom"), await site.SignInAsync("kim"), await AdministratorAsync("ruth"));
        var own = await HtmlAsync("people/tom", tom);
        var ids = Session().Matches(own).Select(static match => match.Groups[1].Value).ToList();

        Assert.Equal(2, ids.Count);
        Assert.Contains("127.0.0.1", own, StringComparison.Ordinal);
        Assert.Single(ThisOne().Matches(own));
        using var others = await PostAsync("kim", "end", kim, ("session", ids[0]));
        using (var still = await site.GetAsync("", tom))
        {
            Assert.Equal(HttpStatusCode.OK, still.StatusCode);
        }

        // Whichever of the two is the other one: exactly one of them is left.
        var other = ids.Single(id => id != IdOf(tom));
        using var ended = await PostAsync("tom", "end", tom, ("session", other));
        using var gone = await site.GetAsync("", second);
        using var byAdministrator = await PostAsync("tom", "end", administrator, ("session", IdOf(tom)));
        using var out1 = await site.GetAsync("", tom);

        Assert.Equal([HttpStatusCode.SeeOther, HttpStatusCode.SeeOther, HttpStatusCode.SeeOther], new[] { others, ended, byAdministrator }.Select(static answer => answer.StatusCode));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (gone.StatusCode, out1.StatusCode));
        Assert.Equal(["ruth", "tom"], (await RecordsAsync("method=operator/session-end")).Select(static record => record.GetProperty("identity").GetString()));
    }

    [Fact]
    public async Task Password_OwnOnThePage_NeedsTheCurrentOneAndEndsTheSession()
    {
        const string another = "another good password";
        await site.AddAsync("pat", "administrator");
        var cookie = await site.SignInAsync("pat");
        using var wrong = await PostAsync("pat", "password", cookie, ("current", "wrong wrong wrong"), ("password", another), ("again", another));
        using var differ = await PostAsync("pat", "password", cookie, ("current", PageGate.Password), ("password", another), ("again", another + "x"));
        using var right = await PostAsync("pat", "password", cookie, ("current", PageGate.Password), ("password", another), ("again", another));
        using var after = await site.GetAsync("", cookie);
        using var signIn = await site.PostAsync("signin", new() { ["name"] = "pat", ["password"] = another });

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.SeeOther), (wrong.StatusCode, differ.StatusCode, right.StatusCode));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.SeeOther), (after.StatusCode, signIn.StatusCode));
    }

    private static string IdOf(string cookie) => Callgate.Gateway.Operators.OperatorSessions.IdOf(cookie.Split('=')[1]);

    private async Task<string> AdministratorAsync(string name)
    {
        await site.AddAsync(name, "administrator");
        return await site.SignInAsync(name);
    }

    private async Task<JsonElement> PersonAsync(string name) =>
        JsonElement.Parse(await site.ApiAsync("operators")).GetProperty("operators").EnumerateArray().Single(person => person.GetProperty("name").GetString() == name);

    private async Task<string> HtmlAsync(string path, string cookie)
    {
        using var page = await site.GetAsync(path, cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return await page.Content.ReadAsStringAsync();
    }

    private async Task<HttpResponseMessage> PostAsync(string name, string change, string cookie, params (string Name, string Value)[] fields)
    {
        var form = fields.ToDictionary(static field => field.Name, static field => field.Value);
        form["token"] = await TokenAsync($"people/{name}", $"/{change}\"", cookie);
        return await site.PostAsync($"people/{name}/{change}", form, cookie);
    }

    private async Task<string> TokenAsync(string page, string form, string cookie)
    {
        var html = await HtmlAsync(page, cookie);
        var at = html.IndexOf(form, StringComparison.Ordinal);
        return PageGate.TokenIn(at < 0 ? html : html[at..]);
    }

    private async Task<List<JsonElement>> RecordsAsync(string filter) =>
        [.. (await site.ApiAsync("audit?" + filter)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line))];

    [GeneratedRegex("https://gate.example.com/welcome/[A-Za-z0-9_-]{43}")]
    private static partial Regex Link();

    [GeneratedRegex("name=\"session\" value=\"([0-9a-f]{16})\"")]
    private static partial Regex Session();

    [GeneratedRegex("\\(this one\\)")]
    private static partial Regex ThisOne();
}
