using System.Net;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>What signed-in people see of the servers behind the gate, and what nobody else does.</summary>
public sealed class StackPageTests(StackedGate site) : IClassFixture<StackedGate>
{
    [Fact]
    public async Task Stack_WithoutASignIn_ShowsNothing()
    {
        var (status, text) = await site.PageAsync("stack");

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.DoesNotContain("closed", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await site.PageAsync("stack", await site.SignInAsync(), front: true)).Status);
    }

    [Fact]
    public async Task Apply_OnTheFront_IsNotThere()
    {
        var cookie = await site.SignInAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await site.PageAsync("apply?server=open", cookie, front: true)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await site.PageAsync("apply?server=open", cookie)).Status);
    }

    /// <summary>On the front there is no page at the root, so that no page there leads to it.</summary>
    [Theory]
    [InlineData("catalogue", HttpStatusCode.OK)]
    [InlineData("catalogue/open", HttpStatusCode.OK)]
    [InlineData("catalogue/open/echo", HttpStatusCode.OK)]
    [InlineData("catalogue/absent", HttpStatusCode.NotFound)]
    [InlineData("attacks", HttpStatusCode.OK)]
    [InlineData("attacks/path-traversal", HttpStatusCode.OK)]
    [InlineData("attacks/absent", HttpStatusCode.NotFound)]
    public async Task Brand_OnTheFront_LeadsToTheCatalogue(string path, HttpStatusCode status)
    {
        var (front, apart) = (await site.PageAsync(path, front: true), await site.PageAsync(path));

        Assert.Equal((status, status), (front.Status, apart.Status));
        Assert.Contains("<a class=\"brand\" href=\"/catalogue\">", front.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/\"", front.Text, StringComparison.Ordinal);
        Assert.Contains("<a class=\"brand\" href=\"/\">", apart.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stack_OfThePolicy_SaysWhatEachGrantMayCall()
    {
        var cookie = await site.SignInAsync();
        var (status, text) = await site.PageAsync("stack", cookie);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Registered servers: 3. Live grants: 1.", text, StringComparison.Ordinal);
        Assert.Matches("Under policy p, 1 grant: 1 allowed, 1 allowed under rules, 1 asked about, 1 denied, 1 hidden, [0-9]+ denied by default, named by no rule", text);
        Assert.Contains("Without a policy, 1 grant: nothing may be called", text, StringComparison.Ordinal);
        Assert.Contains("The gate has not reached it yet", text, StringComparison.Ordinal);
        Assert.Contains("laptop, for laptop@example.com, 2 servers", text, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)<script(?! src=\"/assets/callgate-[0-9a-f]{16}\\.js\" defer></script>)|<style|style=|javascript:| on[a-z]+=", text);
        Assert.Equal(Count(text, "<details>"), Count(text, "</details>"));
        Assert.Equal(Count(text, "<section"), Count(text, "</section>"));
        Assert.Contains("href=\"/stack\"", (await site.PageAsync("", cookie)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stack_OfOneServer_ShowsThatOne()
    {
        var cookie = await site.SignInAsync();
        var (status, text) = await site.PageAsync("stack?server=closed", cookie);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("/catalogue/open", text, StringComparison.Ordinal);
        Assert.Contains("href=\"/catalogue/closed/echo\"", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await site.PageAsync("stack?server=nobody", cookie)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Catalogue_ServerThatIsNotPublic_IsNowhereWithoutASignIn(bool front)
    {
        // On an address that serves the front alone a cookie counts for nothing.
        var cookie = front ? await site.SignInAsync() : null;

        Assert.Equal(HttpStatusCode.NotFound, (await site.PageAsync("catalogue/closed", cookie, front)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await site.PageAsync("catalogue/closed/echo", cookie, front)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await site.PageAsync("catalogue/closed/echo.md", cookie, front)).Status);
        var (status, open) = await site.PageAsync("catalogue/open", cookie, front);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("Reviewed since", open, StringComparison.Ordinal);
        foreach (var path in new[] { "catalogue", "catalogue?q=echo", "catalogue?q=closed", "catalogue?after=cl", "catalogue/open/echo" })
        {
            Assert.DoesNotContain("/catalogue/closed", (await site.PageAsync(path, cookie, front)).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Catalogue_Counts_DoNotHoldWhatIsNotPublic()
    {
        static string CountsOf(string html) => html.Split("<main")[1].Split("<p>")[1].Split('.')[0];

        var (open, all) = (CountsOf((await site.PageAsync("catalogue")).Text), CountsOf((await site.PageAsync("catalogue", await site.SignInAsync())).Text));
        int Servers(string counts) => int.Parse(counts.Split(' ')[0], System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(Servers(all) - 1, Servers(open));
    }

    [Fact]
    public async Task Assets_OnTheFront_AreServed()
    {
        var page = (await site.PageAsync("catalogue", front: true)).Text;
        var sheet = page.Split("href=\"/assets/")[1].Split('"')[0];

        Assert.Equal(HttpStatusCode.OK, (await site.PageAsync("assets/" + sheet, front: true)).Status);
        Assert.Equal(HttpStatusCode.OK, (await site.PageAsync("attacks/all.json", front: true)).Status);
        foreach (var path in new[] { "", "signin", "approvals", "api/v1/catalogue", "metrics", "cataloguex", "attacksx", "v0.1x" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await site.PageAsync(path, front: true)).Status);
        }
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
