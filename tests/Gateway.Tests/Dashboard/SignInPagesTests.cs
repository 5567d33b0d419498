using System.Net;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>Signing in with a browser, and what keeps the session there (security study T01, T02, T04; attack A42).</summary>
public sealed class SignInPagesTests(PageGate site) : IClassFixture<PageGate>
{
    [Fact]
    public async Task SignIn_RightPassword_SetsAClosedCookieAndGoesOn()
    {
        using var answer = await site.PostAsync("signin", new() { ["name"] = PageGate.Name, ["password"] = PageGate.Password, ["return"] = "/approvals/01abc?x=1" });
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        using var home = await site.GetAsync("", PageGate.CookieOf(answer));
        var html = await home.Content.ReadAsStringAsync();

        Assert.Equal((HttpStatusCode.SeeOther, "/approvals/01abc?x=1"), (answer.StatusCode, answer.Headers.Location!.OriginalString));
        Assert.Matches("^callgate=cgs_[A-Za-z0-9_-]{43}; path=/; samesite=lax; httponly$", cookie);
        Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        Assert.All(["ada@example.com", "<code>viewer</code>", "<code>approver</code>"], text => Assert.Contains(text, html, StringComparison.Ordinal));
        Assert.DoesNotContain("policy_manager", html, StringComparison.Ordinal);
        Assert.Contains("\"operator/sign-in\"", string.Concat(JournalText.Entries(site.Gate, "call").Select(static entry => entry.GetRawText())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_ThroughTheProxyThatEndsTls_SetsASecureCookieOfTheHost()
    {
        using var answer = await site.PostAsync(
            "signin", new() { ["name"] = PageGate.Name, ["password"] = PageGate.Password }, null, ("Host", "gate.example.com"), ("Origin", "https://gate.example.com"));
        var cookie = PageGate.CookieOf(answer);
        using var home = await site.GetAsync("", cookie, ("Host", "gate.example.com"));
        using var plain = await site.GetAsync("", cookie);

        Assert.Matches("^__Host-callgate=cgs_[A-Za-z0-9_-]{43}; path=/; secure; samesite=lax; httponly$", Assert.Single(answer.Headers.GetValues("Set-Cookie")));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (home.StatusCode, plain.StatusCode));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("\\/evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/a\r\nSet-Cookie: x=y")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task Return_ElsewhereThanHere_IsTheBeginning(string asked)
    {
        using var answer = await site.PostAsync("signin", new() { ["name"] = PageGate.Name, ["password"] = PageGate.Password, ["return"] = asked });
        using var signedIn = await site.GetAsync("signin?return=" + Uri.EscapeDataString(asked), PageGate.CookieOf(answer));

        Assert.Equal("/", answer.Headers.Location!.OriginalString);
        Assert.Equal("/", signedIn.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task SignIn_WrongPasswordOrName_LooksTheSameAndEncodesWhatWasTyped()
    {
        const string hostile = "\"><script>alert(1)</script>";
        using var wrong = await site.PostAsync("signin", new() { ["name"] = PageGate.Name, ["password"] = "wrong wrong wrong" });
        using var unknown = await site.PostAsync("signin", new() { ["name"] = hostile, ["password"] = "wrong wrong wrong" });
        var (first, second) = (await wrong.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (wrong.StatusCode, unknown.StatusCode));
        Assert.False(wrong.Headers.Contains("Set-Cookie"));
        Assert.Contains("the name or the password is wrong", first, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", second, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(first.Replace("value=\"ada\"", "", StringComparison.Ordinal), second.Replace($"value=\"{WebUtility.HtmlEncode(hostile)}\"", "", StringComparison.Ordinal));
        Assert.DoesNotContain("wrong wrong", first + second, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Nothing", "")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task Forms_FromElsewhere_AreRefused(string header, string value)
    {
        var cookie = await site.SignInAsync();
        var token = await TokenAsync(cookie);

        using var signIn = await site.PostAsync("signin", new() { ["name"] = PageGate.Name, ["password"] = PageGate.Password }, null, (header, value));
        using var signOut = await site.PostAsync("signout", new() { ["token"] = token }, cookie, (header, value));
        using var home = await site.GetAsync("", cookie);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK), (signIn.StatusCode, signOut.StatusCode, home.StatusCode));
        Assert.False(signIn.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task SignOut_TokenMissingOrOfAnotherSession_ChangesNothing()
    {
        var (mine, other) = (await site.SignInAsync(), await site.SignInAsync());
        foreach (var token in (string[])["", "x", await TokenAsync(other)])
        {
            using var forged = await site.PostAsync("signout", new() { ["token"] = token }, mine);
            Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        }

        using var done = await site.PostAsync("signout", new() { ["token"] = await TokenAsync(mine) }, mine);
        using var after = await site.GetAsync("", mine);
        using var others = await site.GetAsync("", other);

        Assert.Equal((HttpStatusCode.SeeOther, "/signin"), (done.StatusCode, done.Headers.Location!.OriginalString));
        Assert.StartsWith("callgate=; expires=Thu, 01 Jan 1970", Assert.Single(done.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (after.StatusCode, others.StatusCode));
    }

    [Fact]
    public async Task SignIn_OverAnotherSession_EndsThatOne()
    {
        var before = await site.SignInAsync();
        using var again = await site.PostAsync("signin", new() { ["name"] = PageGate.Name, ["password"] = PageGate.Password }, before);
        using var old = await site.GetAsync("", before);
        using var now = await site.GetAsync("", PageGate.CookieOf(again));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (old.StatusCode, now.StatusCode));
    }

    [Fact]
    public async Task Pages_WithAnyOtherCredential_AskForASignIn()
    {
        await site.AddAsync("cli", "administrator");
        using var begun = await site.GetAsync("api/v1/session", null, ("Authorization", "Bearer " + site.Gate.AdminToken));
        Assert.Equal(HttpStatusCode.Forbidden, begun.StatusCode);
        string[] tokens = [RunningGate.Token, site.Gate.AdminToken];
        foreach (var token in tokens)
        {
            using var bearer = await site.GetAsync("", null, ("Authorization", $"Bearer {token}"));
            using var cookie = await site.GetAsync("", $"callgate={token}");
            using var form = await site.PostAsync("signout", new() { ["token"] = "x" }, $"callgate={token}");
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (bearer.StatusCode, cookie.StatusCode, form.StatusCode));
        }

        // And a page's cookie is no credential of the API.
        var page = await site.SignInAsync();
        using var api = await site.GetAsync("api/v1/status", page);
        using var asBearer = await site.GetAsync("api/v1/status", null, ("Authorization", "Bearer " + page["callgate=".Length..]));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (api.StatusCode, asBearer.StatusCode));
    }

    [Fact]
    public async Task Operator_Removed_IsOutAtOnce()
    {
        await site.AddAsync("eve", "viewer");
        var cookie = await site.SignInAsync("eve");
        using var removed = await site.AdministerAsync(HttpMethod.Delete, "operators/eve");
        using var home = await site.GetAsync("", cookie);

        Assert.Equal(HttpStatusCode.Unauthorized, home.StatusCode);
    }

    private async Task<string> TokenAsync(string cookie)
    {
        using var home = await site.GetAsync("", cookie);
        return PageGate.TokenIn(await home.Content.ReadAsStringAsync());
    }
}
