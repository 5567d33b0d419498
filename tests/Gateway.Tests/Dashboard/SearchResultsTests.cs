using System.Net;
using System.Text.Json;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>What the script asks for while somebody types: the results alone, as the page would have them.</summary>
public sealed class SearchResultsTests(PageGate site) : IClassFixture<PageGate>
{
    private const string Results = "text/vnd.callgate.results";

    [Theory]
    [InlineData("catalogue?q=quaint&category=&risk=")]
    [InlineData("catalogue?q=nobodywrotethis")]
    [InlineData("catalogue")]
    [InlineData("catalogue?q=%3Cscript%3E")]
    public async Task Results_Alone_AreThoseOfThePage(string path)
    {
        await AddAsync("quaint-shop", isPublic: true, "get_quaint_thing");
        using var page = await site.GetAsync(path);
        using var part = await site.GetAsync(path, null, ("Accept", Results));
        var text = await part.Content.ReadAsStringAsync();

        Assert.Equal((HttpStatusCode.OK, Results + "; charset=utf-8"), (part.StatusCode, part.Content.Headers.ContentType!.ToString()));
        Assert.Equal("Accept", string.Join(", ", part.Headers.Vary));
        Assert.Contains("nosniff", part.Headers.GetValues("X-Content-Type-Options"));
        Assert.DoesNotMatch("(?i)<html|<main|<script|<form", text);
        Assert.Contains("data-found=", text, StringComparison.Ordinal);
        Assert.Contains(text.Trim(), await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_OfAServerThatIsNotPublic_AreForWhoeverSignedIn()
    {
        await AddAsync("secret-shop", isPublic: false, "get_undisclosed_thing");
        using var stranger = await site.GetAsync("catalogue?q=undisclosed", null, ("Accept", Results));
        using var person = await site.GetAsync("catalogue?q=undisclosed", await site.SignInAsync(), ("Accept", Results));

        Assert.DoesNotContain("get_undisclosed_thing", await stranger.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("1 tool found", await person.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task AddAsync(string name, bool isPublic, string tool)
    {
        using var added = await site.AdministerAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { new { name, tools = new[] { new { name = tool } } } }, @public = isPublic });
        Assert.Equal(1, JsonElement.Parse(await added.Content.ReadAsStringAsync()).GetProperty("faults").GetArrayLength() + 1);
    }
}
