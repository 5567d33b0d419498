using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Callgate.Fixtures;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>Policies built on pages: the table and the document are one, nothing is lost between them, and saving is the API's.</summary>
public sealed partial class BuilderPagesTests(PageGate site) : IClassFixture<PageGate>
{
    private const string Policies = "examples/policies";

    [Fact]
    public async Task Policy_BuiltByChoosing_IsTheDocumentThatIsSaved()
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var cookie = await ManagerAsync("grace");
        await RegisterAsync("built", upstream);
        const string path = "policies/b/edit?server=built";

        var begun = await HtmlAsync($"{path}&begin=recommended", cookie);
        Assert.Contains("It is not saved yet.", begun, StringComparison.Ordinal);
        var chosen = await WorkAsync(path, begun, cookie, "", ("echo", "Deny"));
        Assert.Equal("deny", DocumentIn(chosen).GetProperty("tools").GetProperty("echo").GetProperty("action").GetString());

        var opened = await WorkAsync(path, chosen, cookie, "open " + Packed("echo"));
        Assert.Contains("args.text (text)", opened, StringComparison.Ordinal);
        var ruled = await WorkAsync(path, opened, cookie, "rule", [], new() { ["field"] = "args.text", ["kind"] = "require", ["op"] = "in", ["value"] = "hello\r\nhallo", ["text"] = "greetings alone" });
        var limited = await WorkAsync(path, ruled, cookie, "limit", [], new() { ["max"] = "2", ["window"] = "hour", ["scope"] = "grant", ["counter"] = "", ["amount"] = "" });
        var entry = DocumentIn(limited).GetProperty("tools").GetProperty("echo");
        Assert.Equal("""[{"conditions":[{"path":"args.text","op":"in","value":["hello","hallo"]}],"on_deny":"greetings alone"}]""", Compact(entry.GetProperty("require")));
        Assert.Equal("""[{"counter":"echo_hour","window":"hour","max":2}]""", Compact(entry.GetProperty("limits")));

        var wrong = await WorkAsync(path, limited, cookie, "limit", [], new() { ["max"] = "many", ["window"] = "hour", ["scope"] = "grant" });
        Assert.Contains("the most of a limit is a number", wrong, StringComparison.Ordinal);
        Assert.Equal(Compact(DocumentIn(limited)), Compact(DocumentIn(wrong)));

        var open = await WorkAsync(path, limited, cookie, "", ("echo", "Allow"));
        Assert.Equal("{}", Compact(DocumentIn(open).GetProperty("tools").GetProperty("echo")));
        var without = await WorkAsync(path, limited, cookie, "remove " + Packed("/tools/echo/require/0"));
        Assert.False(DocumentIn(without).GetProperty("tools").GetProperty("echo").TryGetProperty("require", out _));

        var tried = await WorkAsync(path, limited, cookie, "try", [], new() { ["tried"] = "echo", ["arguments"] = """{"text":"goodbye"}""" });
        Assert.Contains("It would be refused", tried, StringComparison.Ordinal);
        Assert.Contains("/tools/echo", tried, StringComparison.Ordinal);
        Assert.DoesNotContain("\"b\"", await site.ApiAsync("policies"), StringComparison.Ordinal);

        using var saved = await PostAsync(path, limited, cookie, "save", [], new() { ["note"] = "first one" });
        Assert.Equal((HttpStatusCode.SeeOther, "/policies/b"), (saved.StatusCode, saved.Headers.Location?.ToString()));
        var revision = JsonElement.Parse(await site.ApiAsync("policies/b/revisions")).GetProperty("revisions")[0];
        Assert.Equal(("grace", "first one"), (revision.GetProperty("author").GetString(), revision.GetProperty("note").GetString()));
        Assert.Equal(Compact(DocumentIn(limited)), Compact(revision.GetProperty("document")));

        using var late = await PostAsync(path, limited, cookie, "save", [], new() { ["note"] = "second" });
        var kept = WebUtility.HtmlDecode(await late.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Contains("revision 1 of policy `b` is in force by now", kept, StringComparison.Ordinal);
        Assert.Equal(Compact(DocumentIn(limited)), Compact(DocumentIn(kept)));
    }

    [Fact]
    public async Task Document_WithErrors_KeepsItsTextAndSaysWhere()
    {
        var cookie = await ManagerAsync("mary");
        const string path = "policies/broken/edit?server=";
        const string text = "{\n  \"version\": \"1\",\n  \"default\": \"dny\",\n  \"description\": \"</textarea><script>alert(1)</script>\"\n}";
        var page = await HtmlAsync(path, cookie);

        using var answer = await site.PostAsync(path, new() { ["token"] = Token(page), ["from"] = "0", ["document"] = text.Replace("\n", "\r\n", StringComparison.Ordinal), ["do"] = "save" }, cookie);
        var raw = await answer.Content.ReadAsStringAsync();
        var html = WebUtility.HtmlDecode(raw);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("the document has errors, so it was not saved", html, StringComparison.Ordinal);
        Assert.Contains("line 3, column", html, StringComparison.Ordinal);
        Assert.Contains("data-line=\"3\"", raw, StringComparison.Ordinal);
        Assert.Contains("<span class=\"error\">3</span>", raw, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", raw, StringComparison.Ordinal);
        Assert.Equal(text, TextIn(raw));
        Assert.DoesNotContain("broken", await site.ApiAsync("policies"), StringComparison.Ordinal);
    }

    public static TheoryData<string> Examples =>
        [.. Directory.GetFiles(Path.Combine(Repository.SourceTree.Root, Policies)).Select(static path => Path.GetFileName(path)!).Where(static name => !name.Contains(".cases.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>Through the table and back, with every choice sent as it was shown: not a character differs.</summary>
    [Theory]
    [MemberData(nameof(Examples))]
    public async Task RoundTrip_OfEveryExample_IsTheIdentity(string file)
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var cookie = await ManagerAsync("joan");
        await RegisterAsync("trip", upstream);
        var name = "x-" + file.Split('.')[0];
        var document = PolicySyntax.OfFileName(file).ToJson(await File.ReadAllBytesAsync(Path.Combine(Path.Combine(Repository.SourceTree.Root, Policies), file)), out _)!;
        using var put = await site.AdministerAsync(HttpMethod.Put, $"policies/{name}", JsonElement.Parse(document));
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        var path = $"policies/{name}/edit?server=trip";

        var first = await HtmlAsync(path, cookie);
        var second = await WorkAsync(path, first, cookie, "");
        var third = await WorkAsync(path, second, cookie, "");

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(document), DocumentIn(first)));
        Assert.Equal((TextIn(first), TextIn(first)), (TextIn(second), TextIn(third)));
        Assert.Equal(Selects(first), Selects(third));
        Assert.NotEmpty(Selects(first));
    }

    [Fact]
    public async Task History_OfAPolicy_ShowsDifferencesAndTheWayBack()
    {
        var cookie = await ManagerAsync("ruth");
        foreach (var document in new[] { """{"version":"1","default":"deny"}""", """{"version":"1","default":"deny","tools":{"echo":{}}}""" })
        {
            using var put = await site.AdministerAsync(HttpMethod.Put, "policies/past?note=by+hand", JsonElement.Parse(document));
            Assert.True(put.IsSuccessStatusCode);
        }

        var html = await HtmlAsync("policies/past?a=1&b=2", cookie);
        Assert.Contains("From revision 1 to revision 2", html, StringComparison.Ordinal);
        Assert.Contains("<strong>looser</strong> for echo", html, StringComparison.Ordinal);
        Assert.Contains("<ins>+   \"tools\"", html, StringComparison.Ordinal);

        var form = html[html.IndexOf("/policies/past/rollback?from=2", StringComparison.Ordinal)..];
        using var back = await site.PostAsync("policies/past/rollback?from=2&to=1", new() { ["token"] = PageGate.TokenIn(form) }, cookie);
        using var again = await site.PostAsync("policies/past/rollback?from=2&to=1", new() { ["token"] = PageGate.TokenIn(form) }, cookie);
        using var other = await site.PostAsync("policies/past/rollback?from=3&to=2", new() { ["token"] = PageGate.TokenIn(form) }, cookie);
        var now = JsonElement.Parse(await site.ApiAsync("policies/past"));

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.Conflict, HttpStatusCode.Forbidden), (back.StatusCode, again.StatusCode, other.StatusCode));
        Assert.Equal((3, """{"version":"1","default":"deny"}"""), (now.GetProperty("revision").GetInt32(), Compact(now.GetProperty("document"))));
        Assert.Contains("back to revision 1", await site.ApiAsync("policies/past/revisions"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policies/~new?name=a__b", HttpStatusCode.BadRequest)]
    [InlineData("policies/~new?name=p", HttpStatusCode.BadRequest)]
    [InlineData("policies/~new?name=fresh&server=up", HttpStatusCode.SeeOther)]
    [InlineData("policies/fresh/edit?server=nowhere", HttpStatusCode.NotFound)]
    [InlineData("policies/a__b/edit?server=up", HttpStatusCode.NotFound)]
    [InlineData("policies/nobody", HttpStatusCode.NotFound)]
    public async Task Pages_OfWhatCannotBe_SaySo(string path, HttpStatusCode status)
    {
        using var answer = await site.GetAsync(path, await ManagerAsync("jean"));

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Pages_ForWhoMayNotChangePolicies_ReadAlone()
    {
        var cookie = await site.SignInAsync();
        using var edit = await site.GetAsync("policies/p/edit?server=up", cookie);
        using var work = await site.PostAsync("policies/p/edit?server=up", new() { ["do"] = "save", ["document"] = "{}" }, cookie);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (edit.StatusCode, work.StatusCode));
        Assert.DoesNotContain("/edit", await HtmlAsync("policies/p", cookie), StringComparison.Ordinal);
        Assert.Contains("policies/p", await HtmlAsync("policies", cookie), StringComparison.Ordinal);
    }

    private async Task<string> ManagerAsync(string name)
    {
        using var added = await site.AdministerAsync(HttpMethod.Post, "operators", new { name, roles = new[] { "policy_manager" }, password = PageGate.Password });
        return await site.SignInAsync(name);
    }

    private async Task RegisterAsync(string name, FixtureServer upstream)
    {
        using var removed = await site.AdministerAsync(HttpMethod.Delete, $"servers/{name}");
        using var added = await site.AdministerAsync(HttpMethod.Post, "servers", new { name, url = upstream.Url.ToString() });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.Contains("\"echo\"", await site.ApiAsync($"servers/{name}/tools"), StringComparison.Ordinal);
    }

    private async Task<string> HtmlAsync(string path, string cookie)
    {
        using var page = await site.GetAsync(path, cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync());
    }

    private async Task<string> WorkAsync(string path, string page, string cookie, string act, (string Tool, string State)[] chosen, Dictionary<string, string>? typed = null)
    {
        using var answer = await PostAsync(path, page, cookie, act, chosen, typed);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private Task<string> WorkAsync(string path, string page, string cookie, string act, params (string Tool, string State)[] chosen) => WorkAsync(path, page, cookie, act, chosen, null);

    /// <summary>Everything on the page as it is shown, but for what is chosen and typed.</summary>
    private Task<HttpResponseMessage> PostAsync(string path, string page, string cookie, string act, (string Tool, string State)[] chosen, Dictionary<string, string>? typed)
    {
        var form = Selects(page).ToDictionary(
            static select => select.Name,
            select => chosen.FirstOrDefault(one => select.Name.StartsWith("tool:", StringComparison.Ordinal) && select.Name.EndsWith($":{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(one.Tool)))}", StringComparison.Ordinal)).State ?? select.Value,
            StringComparer.Ordinal);
        (form["token"], form["document"], form["from"], form["do"]) = (Token(page), TextIn(page), FromField().Match(page).Groups[1].Value, act);
        if (OpenField().Match(page) is { Success: true } open)
        {
            form["open"] = open.Groups[1].Value;
        }

        foreach (var (name, value) in typed ?? [])
        {
            form[name] = value;
        }

        return site.PostAsync(path, form, cookie);
    }

    private static string Packed(string name) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name));

    /// <summary>Choices of the table with what is chosen.</summary>
    private static List<(string Name, string Value)> Selects(string html) =>
        [.. Select().Matches(html).Select(static match => (match.Groups[1].Value, Selected().Match(match.Groups[2].Value).Groups[1].Value))];

    private static string Token(string html) => PageGate.TokenIn(html[html.IndexOf("id=\"builder\"", StringComparison.Ordinal)..]);

    private static string TextIn(string html)
    {
        var text = WebUtility.HtmlDecode(DocumentField().Match(html).Groups[1].Value);
        return text.StartsWith('\n') ? text[1..] : text;
    }

    private static JsonElement DocumentIn(string html) => JsonElement.Parse(Encoding.UTF8.GetBytes(TextIn(html)));

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    [GeneratedRegex("<select name=\"((?:tool|category|default):[^\"]*)\"[^>]*>(.*?)</select>", RegexOptions.Singleline)]
    private static partial Regex Select();

    [GeneratedRegex("<option value=\"([^\"]*)\" selected")]
    private static partial Regex Selected();

    [GeneratedRegex("<textarea id=\"document\"[^>]*>(.*?)</textarea>", RegexOptions.Singleline)]
    private static partial Regex DocumentField();

    [GeneratedRegex("name=\"from\" value=\"([0-9]+)\"")]
    private static partial Regex FromField();

    [GeneratedRegex("name=\"open\" value=\"([^\"]+)\"")]
    private static partial Regex OpenField();
}
