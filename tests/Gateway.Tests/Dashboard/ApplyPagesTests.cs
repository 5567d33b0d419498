using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>What the catalogue recommends goes into a policy: a difference first, then exactly that difference, by whoever may change policies.</summary>
public sealed partial class ApplyPagesTests(PageGate site) : IClassFixture<PageGate>
{
    private const string Manager = "max";

    private static int made;

    [Fact]
    public async Task Difference_Saved_IsTheNextRevisionAndInForce()
    {
        var (policy, cookie) = await PreparedAsync("""{ "version": "1", "default": "deny", "tools": { "get_order": { "action": "deny" } } }""");
        var page = await PageAsync($"apply?server=shop&tool=refund_order&on=up&to={policy}", cookie);

        Assert.Contains("<strong>looser</strong> for refund_order: action, before: denied by <code>/default</code>; after: asks a person by <code>/tools/refund_order</code>", page, StringComparison.Ordinal);
        Assert.Contains("<ins>+     \"refund_order\": {</ins>\n", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Equal(1, (await RevisionsAsync(policy)).GetArrayLength());

        using var saved = await PostAsync(page, cookie);
        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        var after = await PageAsync(saved.Headers.Location!.ToString().TrimStart('/'), cookie);
        var revisions = await RevisionsAsync(policy);

        Assert.Contains($"Nothing: revision 2 of policy {policy}, which is in force, says all of this.", after, StringComparison.Ordinal);
        Assert.Equal((2, Manager, "from the catalogue: refund_order of shop"), (revisions.GetArrayLength(), revisions[1].GetProperty("author").GetString(), revisions[1].GetProperty("note").GetString()));
        Assert.Equal("deny", revisions[1].GetProperty("document").GetProperty("tools").GetProperty("get_order").GetProperty("action").GetString());
        Assert.Equal("require_approval", revisions[1].GetProperty("document").GetProperty("tools").GetProperty("refund_order").GetProperty("action").GetString());
    }

    [Fact]
    public async Task WholeServer_IntoANewPolicy_IsItsFirstRevision()
    {
        var (_, cookie) = await PreparedAsync("{}");
        var name = $"fresh-{Interlocked.Increment(ref made)}";
        var page = await PageAsync($"apply?server=shop&on=up&to=&name={name}", cookie);
        using var saved = await PostAsync(page, cookie);
        using var again = await PostAsync(page, cookie);

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.Conflict), (saved.StatusCode, again.StatusCode));
        var document = Assert.Single((await RevisionsAsync(name)).EnumerateArray()).GetProperty("document");
        Assert.Equal(["drop_order"], document.GetProperty("hide").EnumerateArray().Select(static hidden => hidden.GetString()));
        Assert.Equal(["get_order", "refund_order"], document.GetProperty("tools").EnumerateObject().Select(static tool => tool.Name));
    }

    [Fact]
    public async Task Save_AfterAnotherRevision_ChangesNothingAndShowsTheDifferenceAnew()
    {
        var (policy, cookie) = await PreparedAsync("""{ "version": "1", "default": "deny" }""");
        var page = await PageAsync($"apply?server=shop&tool=get_order&on=up&to={policy}", cookie);
        await PutAsync(policy, """{ "version": "1", "default": "deny", "tools": { "other": {} } }""");

        using var answer = await PostAsync(page, cookie);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("nothing was saved", text, StringComparison.Ordinal);
        Assert.Contains("from revision 2", text, StringComparison.Ordinal);
        Assert.Equal(2, (await RevisionsAsync(policy)).GetArrayLength());
        using var now = await PostAsync(text, cookie);
        Assert.Equal(HttpStatusCode.SeeOther, now.StatusCode);
    }

    [Fact]
    public async Task Save_AfterTheToolChanged_ChangesNothing()
    {
        var (policy, cookie) = await PreparedAsync("""{ "version": "1", "default": "deny" }""");
        var server = $"changing-{policy}";
        await AddAsync(server, ("get_it", "Shows it."));
        var page = await PageAsync($"apply?server={server}&tool=get_it&on=up&to={policy}", cookie);
        await AddAsync(server, ("get_it", "Deletes everything."));

        using var answer = await PostAsync(page, cookie);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal(1, (await RevisionsAsync(policy)).GetArrayLength());
    }

    [Fact]
    public async Task Save_WithATokenOfAnotherDocumentOrFromAnotherSite_IsRefused()
    {
        var (policy, cookie) = await PreparedAsync("""{ "version": "1", "default": "deny" }""");
        var page = await PageAsync($"apply?server=shop&tool=get_order&on=up&to={policy}", cookie);
        var (path, token) = (ActionIn(page), PageGate.TokenIn(FormIn(page)));
        foreach (var changed in new[] { path.Replace("digest=", "digest=0", StringComparison.Ordinal), path.Replace("from=1", "from=2", StringComparison.Ordinal), path.Replace($"to={policy}", "to=p", StringComparison.Ordinal) })
        {
            using var answer = await site.PostAsync(changed, new() { ["token"] = token }, cookie);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        using var foreign = await site.PostAsync(path, new() { ["token"] = token }, cookie, ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"));
        using var other = await site.PostAsync(path, new() { ["token"] = token }, await site.SignInAsync());
        using var nobody = await site.PostAsync(path, new() { ["token"] = token });

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized), (foreign.StatusCode, other.StatusCode, nobody.StatusCode));
        Assert.Equal(1, (await RevisionsAsync(policy)).GetArrayLength());
    }

    [Fact]
    public async Task Page_WithoutTheRole_SaysNothingOfTheTool()
    {
        var (policy, manager) = await PreparedAsync("""{ "version": "1", "default": "deny" }""");
        await AddAsync("unseen", isPublic: false, ("get_unseen_thing", "Shows it."));
        var viewer = await site.SignInAsync();
        var path = $"apply?server=unseen&tool=get_unseen_thing&on=up&to={policy}";
        using var stranger = await site.GetAsync(path);
        using var other = await site.GetAsync(path, viewer);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden), (stranger.StatusCode, other.StatusCode));
        Assert.DoesNotContain("Shows it", await stranger.Content.ReadAsStringAsync() + await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var page in new[] { "catalogue/unseen", "catalogue/unseen/get_unseen_thing" })
        {
            Assert.Contains("Apply to a server of mine", await PageAsync(page, manager), StringComparison.Ordinal);
            Assert.DoesNotContain("Apply to a server of mine", await PageAsync(page, viewer), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Page_WhereNothingCanBeSaved_HasNoButtonAndSaysWhy()
    {
        var (policy, cookie) = await PreparedAsync("""{ "version": "1", "default": "deny", "tests": [ { "call": { "tool": "get_order" }, "expect": "deny" } ] }""");
        var failing = await PageAsync($"apply?server=shop&tool=get_order&on=up&to={policy}", cookie);
        var declared = await PageAsync("apply?server=shop&tool=get_order&on=up&to=p", cookie);
        var open = await PageAsync("apply?server=shop&tool=get_order", cookie);

        Assert.Contains("It cannot be saved so", failing, StringComparison.Ordinal);
        Assert.Contains("callgate.yaml declares this policy", declared, StringComparison.Ordinal);
        Assert.All(new[] { failing, declared, open }, static page => Assert.DoesNotContain("Save it", page, StringComparison.Ordinal));
    }

    /// <summary>No pattern is so long, so that nothing is recommended and nothing is offered.</summary>
    [Fact]
    public async Task Tool_WithANameTooLongForAPolicy_IsNotOffered()
    {
        var (policy, cookie) = await PreparedAsync("""{ "version": "1", "default": "deny" }""");
        var (longest, longer) = (new string('a', 128), new string('b', 129));
        await AddAsync("long-names", (longest, "Shows it."), (longer, "Shows it."));
        using var refused = await site.GetAsync($"apply?server=long-names&tool={longer}&on=up&to={policy}", cookie);

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.DoesNotContain("Apply to a server", await PageAsync($"catalogue/long-names/{longer}", cookie), StringComparison.Ordinal);
        Assert.Contains("Save it", await PageAsync($"apply?server=long-names&tool={longest}&to={policy}", cookie), StringComparison.Ordinal);
        Assert.Contains("Save it", await PageAsync($"apply?server=long-names&on=up&to={policy}", cookie), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server=absent", 404)]
    [InlineData("server=shop&tool=absent", 404)]
    [InlineData("", 404)]
    [InlineData("server=shop&to=a__b", 400)]
    [InlineData("server=shop&to=..%2Fx", 400)]
    [InlineData("server=shop&to=p&name=q", 400)]
    [InlineData("server=shop&name=p", 400)]
    [InlineData("server=shop&name=%3Cscript%3E", 400)]
    [InlineData("server=shop&to=p&on=absent", 400)]
    [InlineData("server=shop&to=p&to=q", 200)]
    public async Task Page_AskedForNonsense_SaysSo(string query, int status)
    {
        var (_, cookie) = await PreparedAsync("{}");
        using var answer = await site.GetAsync("apply?" + query, cookie);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Save it", text, StringComparison.Ordinal);
    }

    private async Task<(string Policy, string Cookie)> PreparedAsync(string document)
    {
        var policy = $"mine-{Interlocked.Increment(ref made)}";
        if (document.Length > 2)
        {
            await PutAsync(policy, document);
        }

        await AddAsync("shop", ("refund_order", "Pays the money of an order back."), ("get_order", "Shows an order."), ("drop_order", "Deletes an order for ever."));
        using var known = await site.AdministerAsync(HttpMethod.Post, "operators", new { name = Manager, roles = new[] { "policy_manager" }, password = PageGate.Password });
        return (policy, await site.SignInAsync(Manager));
    }

    private Task AddAsync(string server, params (string Name, string Description)[] tools) => AddAsync(server, true, tools);

    private async Task AddAsync(string server, bool isPublic, params (string Name, string Description)[] tools)
    {
        using var added = await site.AdministerAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { new { name = server, tools = tools.Select(static tool => new { name = tool.Name, description = tool.Description }) } }, @public = isPublic });
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
    }

    private async Task PutAsync(string policy, string document)
    {
        using var saved = await site.AdministerAsync(HttpMethod.Put, "policies/" + policy, JsonElement.Parse(document));
        Assert.True(saved.StatusCode == HttpStatusCode.OK, await saved.Content.ReadAsStringAsync());
    }

    private async Task<JsonElement> RevisionsAsync(string policy)
    {
        using var answer = await site.AdministerAsync(HttpMethod.Get, $"policies/{policy}/revisions");
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("revisions");
    }

    private async Task<string> PageAsync(string path, string cookie)
    {
        using var answer = await site.GetAsync(path, cookie);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Sends the form of the page that saves.</summary>
    private Task<HttpResponseMessage> PostAsync(string page, string cookie) =>
        site.PostAsync(ActionIn(page), new() { ["token"] = PageGate.TokenIn(FormIn(page)) }, cookie);

    private static string ActionIn(string page) => WebUtility.HtmlDecode(SaveForm().Match(page).Groups[1].Value).TrimStart('/');

    private static string FormIn(string page) => page[SaveForm().Match(page).Index..];

    [GeneratedRegex("<form class=\"stack\" method=\"post\" action=\"(/apply[^\"]*)\"")]
    private static partial Regex SaveForm();
}
