using System.Net;
using System.Text.Json;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>The record on pages: what the API finds, one call's story, and who takes it away.</summary>
public sealed class RecordPagesTests(PageGate site) : IClassFixture<PageGate>
{
    [Fact]
    public async Task Search_OfAThing_ShowsItAndNothingElse()
    {
        var cookie = await site.SignInAsync();
        using (var made = await site.AdministerAsync(HttpMethod.Post, "grants", new { label = "searched <b>", servers = new Dictionary<string, string> { ["up"] = "p" } }))
        {
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        }

        var found = await HtmlAsync("audit?method=operator/grant-create", cookie);
        var nothing = await HtmlAsync("audit?method=operator/nothing", cookie);
        var id = JsonElement.Parse((await site.ApiAsync("audit?method=operator/grant-create")).Split('\n')[0]).GetProperty("id").GetString()!;
        var story = await HtmlAsync($"audit/{id}", cookie);

        Assert.Contains($"href=\"/audit/{id}\"", found, StringComparison.Ordinal);
        Assert.Contains("searched &lt;b&gt;", found, StringComparison.Ordinal);
        Assert.DoesNotContain("operator/operator-add", found, StringComparison.Ordinal);
        Assert.Contains("Nothing found.", nothing, StringComparison.Ordinal);
        Assert.Contains("<code>operator/grant-create</code>", story, StringComparison.Ordinal);
        Assert.Contains("searched &lt;b&gt;", story, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_PageByPage_ShowsEachOnce()
    {
        var cookie = await site.SignInAsync();
        for (var i = 0; i < 60; i++)
        {
            using var changed = await site.AdministerAsync(HttpMethod.Post, "operators", new { name = $"many{i}", roles = new[] { "viewer" }, password = PageGate.Password });
        }

        var (path, seen) = ("audit?method=operator/operator-add", new List<string>());
        while (path.Length > 0)
        {
            var html = await HtmlAsync(path, cookie);
            seen.AddRange(html.Split("href=\"/audit/").Skip(1).Select(static part => part[..part.IndexOf('"', StringComparison.Ordinal)]));
            var next = html.Split("rel=\"next\" href=\"").Skip(1).FirstOrDefault();
            path = next is null ? "" : WebUtility.HtmlDecode(next[..next.IndexOf('"', StringComparison.Ordinal)]);
        }

        Assert.True(seen.Count >= 61);
        Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("audit?from=yesterday", HttpStatusCode.BadRequest, "`from` is a time with its offset")]
    [InlineData("audit?cursor=nonsense", HttpStatusCode.BadRequest, "`cursor` is not from a page of this order")]
    [InlineData("audit/no-such-id", HttpStatusCode.NotFound, "there is no call of this id")]
    public async Task Search_ForWhatCannotBe_SaysWhy(string path, HttpStatusCode status, string why)
    {
        using var page = await site.GetAsync(path, await site.SignInAsync());

        Assert.Equal(status, page.StatusCode);
        Assert.Contains(why, WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Follow_WhenAskedTo_LoadsThePageAgain()
    {
        var cookie = await site.SignInAsync();
        using var still = await site.GetAsync("audit", cookie);
        using var live = await site.GetAsync("audit?follow=1&tool=x%26y", cookie);
        var html = await live.Content.ReadAsStringAsync();

        Assert.False(still.Headers.Contains("Refresh"));
        Assert.Equal("3", string.Join(",", live.Headers.GetValues("Refresh")));
        Assert.Contains("href=\"/audit?tool=x%26y\">stop", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_ByAForm_IsTheRecordAndStandsInIt()
    {
        var cookie = await site.SignInAsync();
        var token = PageGate.TokenIn((await HtmlAsync("audit", cookie)).Split("/audit/export")[1]);
        using var csv = await site.PostAsync("audit/export", new() { ["token"] = token, ["format"] = "csv", ["method"] = "operator/operator-add" }, cookie);
        using var journal = await site.PostAsync("audit/export", new() { ["token"] = token, ["format"] = "jsonl" }, cookie);
        using var unknown = await site.PostAsync("audit/export", new() { ["token"] = token, ["format"] = "xlsx" }, cookie);
        using var link = await site.GetAsync("audit/export", cookie);
        var lines = (await csv.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(("text/csv", "attachment"), (csv.Content.Headers.ContentType!.MediaType, csv.Content.Headers.ContentDisposition!.DispositionType));
        Assert.All(lines.Skip(1), static line => Assert.Contains("operator/operator-add", line, StringComparison.Ordinal));
        Assert.Contains("\"kind\":\"segment\"", await journal.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NotFound), (unknown.StatusCode, link.StatusCode));
        Assert.Contains($"\"identity\":\"{PageGate.Name}\"", await site.ApiAsync("audit?method=operator/audit-export"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overview_OfAGateThatRefused_CountsIt()
    {
        Assert.True(await site.IsLetInAsync(RunningGate.Token));
        await site.RefusedCallAsync("delete <everything>");

        var html = await HtmlAsync("", await site.SignInAsync());

        Assert.Matches("1 call: 0 allowed, 0 asked about, [01] denied, [01] hidden", html);
        Assert.Contains("<rect class=\"bar-", html, StringComparison.Ordinal);
        Assert.Contains("delete &lt;everything&gt;", html, StringComparison.Ordinal);
        Assert.Matches(">(tool.unknown|upstream.unavailable)</a>", html);
    }

    [Fact]
    public async Task Servers_OneThatIsNotThere_IsToldDown()
    {
        var html = await HtmlAsync("servers", await site.SignInAsync());

        Assert.Contains("href=\"/servers/up\"", html, StringComparison.Ordinal);
        Assert.Matches("state-(down|not)", html);
        Assert.Contains("http: http://127.0.0.1:9", html, StringComparison.Ordinal);
    }

    private async Task<string> HtmlAsync(string path, string cookie)
    {
        using var page = await site.GetAsync(path, cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return await page.Content.ReadAsStringAsync();
    }
}
