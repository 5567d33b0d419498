using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Callgate.Fixtures;
using Callgate.Gateway.Catalogue;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>Definitions that were written to harm: a page shows them as text, stays itself, and comes quickly enough to come at all.</summary>
public sealed partial class HostileCataloguePagesTests(PageGate site) : IClassFixture<PageGate>
{
    private const string Policy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static int added;

    [Fact]
    public async Task Texts_InEveryFieldOfADefinition_AreTextOnEveryPage()
    {
        foreach (var text in HostileTexts.All.Where(static text => text.Length > 0))
        {
            var tool = "t" + text;
            var server = await AddAsync(text, Tool(tool, text), Tool("plain", text));
            var path = $"catalogue/{server}";

            AssertSound(await PageAsync(path), text);
            AssertSound(await PageAsync(path + "/plain"), text);
            AssertSound(await PageAsync($"catalogue?q={Uri.EscapeDataString(text)}"), text);
            AssertMarkdown(await TextAsync(path + "/plain.md"), text);
            AssertSound(await PageAsync($"{path}/{CataloguePath.PartOf(tool)}"), text);
            AssertMarkdown(await TextAsync($"{path}/{CataloguePath.PartOf(tool)}.md"), text);
        }

        AssertSound(await PageAsync("catalogue"), "the list");
    }

    [Theory]
    [InlineData("""{"$ref":"http://127.0.0.1:9/schema.json"}""")]
    [InlineData("""{"$ref":"file:///etc/passwd"}""")]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#/properties/a"}}}""")]
    [InlineData("""{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}""")]
    [InlineData("""{"type":"object","properties":{"p":{"pattern":"(a+)+$","type":"string"}}}""")]
    [InlineData("7")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task Schema_OfAnOddKind_IsShownAndNotFollowed(string schema)
    {
        var server = await AddAsync("odd", new JsonObject { ["name"] = "get_it", ["inputSchema"] = JsonNode.Parse(schema) });

        AssertSound(await PageAsync($"catalogue/{server}"), schema);
        AssertSound(await PageAsync($"catalogue/{server}/get_it"), schema);
        AssertMarkdown(await TextAsync($"catalogue/{server}/get_it.md"), schema);
    }

    [Fact]
    public async Task Schema_DeepOrHuge_IsShown()
    {
        JsonNode deep = new JsonObject { ["type"] = "string" };
        for (var depth = 0; depth < 25; depth++)
        {
            deep = new JsonObject { ["properties"] = new JsonObject { ["a"] = deep } };
        }

        var wide = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject(Enumerable.Range(0, 15_000).Select(static number => KeyValuePair.Create($"member_{number}", (JsonNode?)new JsonObject { ["type"] = "string" }))) };
        var server = await AddAsync("large", new JsonObject { ["name"] = "deep", ["inputSchema"] = deep }, new JsonObject { ["name"] = "wide", ["inputSchema"] = wide });
        foreach (var page in new[] { "", "/deep", "/wide" })
        {
            AssertSound(await PageAsync($"catalogue/{server}{page}"), page);
        }
    }

    [Fact]
    public async Task List_OfSixHundredKilobytes_IsShownWhole()
    {
        var tools = Enumerable.Range(0, 4_000).Select(static number => new JsonObject { ["name"] = $"get_{number}", ["description"] = new string('d', 100) }).ToArray();
        var server = await AddAsync("long", tools);

        var html = await PageAsync($"catalogue/{server}");

        AssertSound(html, "a long list");
        Assert.Contains("get_3999", html, StringComparison.Ordinal);
    }

    /// <summary>Each tool of a server has its own page and twin at the link that the server's page has, sent as it stands there.</summary>
    [Fact]
    public async Task Names_ThatNoPathHolds_LeadToTheirPages()
    {
        string[] names = ["..", ".", "../../signin", "a/b", "a%2Fb", "a%2fb", "%2e%2e", "\0", "a\0b", "\\", "~", "~~", "~YQ", "plain", "plain.md", ".md", " ", "?q=1#x", "😀", "\u202Eevil", "\u200B", new('n', 10_000), new string('n', 9_999) + "o", string.Concat(Enumerable.Repeat("😀", 200)), "<script>" + new string('x', 700)];
        var server = await AddAsync("odd names", [.. names.Select(static name => Tool(name, "x"))]);
        var list = await RawAsync($"/catalogue/{server}");
        var links = ToolLink().Matches(list.Body).Select(static link => WebUtility.HtmlDecode(link.Groups[1].Value)).Where(link => link.StartsWith($"/catalogue/{server}/", StringComparison.Ordinal)).ToList();

        AssertSound(list.Body, "odd names");
        Assert.Equal(names.Length, links.Distinct(StringComparer.Ordinal).Count());
        var shown = new List<string>();
        foreach (var link in links)
        {
            var (page, twin) = (await RawAsync(link), await RawAsync(link + ".md"));
            Assert.True((page.Status, twin.Status) == (200, 200), $"{link}: {page.Status}, {twin.Status}");
            AssertSound(page.Body, link);
            AssertMarkdown(twin.Body, link);
            Assert.Contains($"href=\"{WebUtility.HtmlEncode(link)}.md\"", page.Body, StringComparison.Ordinal);
            shown.Add(JsonElement.Parse(WebUtility.HtmlDecode(Definition().Match(page.Body).Groups[1].Value)).GetProperty("name").GetString()!);
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a%2Fb")]
    [InlineData("~")]
    [InlineData("x.md")]
    [InlineData("a/../b")]
    public async Task ServerName_ThatNoPathHolds_LeadsToItsPage(string name)
    {
        using var answer = await site.AdministerAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { new { name, tools = new[] { new { name = "get_it" } } } }, @public = true });
        var part = CataloguePath.PartOf(name);

        Assert.Equal((200, 200, 200), ((await RawAsync($"/catalogue/{part}")).Status, (await RawAsync($"/catalogue/{part}/get_it")).Status, (await RawAsync($"/catalogue/{part}/get_it.md")).Status));
        Assert.Contains($"/catalogue/{part}/get_it", (await RawAsync($"/catalogue/{part}")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_ThatStandTwice_AreRefusedByName()
    {
        using var answer = await site.AdministerAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { new { name = "twice", tools = new[] { new { name = "a" }, new { name = "a" } } } } });
        var reply = JsonElement.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal("server 1: two tools have the name `a`; which of them would be called is open", Assert.Single(reply.GetProperty("faults").EnumerateArray()).GetString());
        using var page = await site.GetAsync("catalogue/twice");
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    [Fact]
    public async Task Server_ThatIsNotPublic_IsNotThereWithoutASignIn()
    {
        using var added = await site.AdministerAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { new { name = "hidden-one", tools = new[] { new { name = "get_secret_thing" } } } } });
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        var cookie = await site.SignInAsync();
        foreach (var path in new[] { "catalogue/hidden-one", "catalogue/hidden-one/get_secret_thing", "catalogue/hidden-one/get_secret_thing.md" })
        {
            using var stranger = await site.GetAsync(path);
            using var absent = await site.GetAsync(path.Replace("hidden-one", "absent-one", StringComparison.Ordinal));
            using var person = await site.GetAsync(path, cookie);

            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (stranger.StatusCode, person.StatusCode));
            Assert.Equal(await absent.Content.ReadAsStringAsync(), await stranger.Content.ReadAsStringAsync());
        }

        Assert.DoesNotContain("get_secret_thing", (await PageAsync("catalogue?q=secret")).Replace("value=", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static JsonObject Tool(string name, string text) => new()
    {
        ["name"] = name,
        ["title"] = text,
        ["description"] = text + " Deletes all of it. " + text,
        ["inputSchema"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = text,
            ["properties"] = new JsonObject { ["p" + text] = new JsonObject { ["title"] = text, ["description"] = text, ["enum"] = new JsonArray(text, "x" + text), ["default"] = text, ["pattern"] = text } },
            ["required"] = new JsonArray("p" + text),
        },
        ["annotations"] = new JsonObject { ["title"] = text, [text] = text },
        [text + "x"] = text,
    };

    private async Task<string> AddAsync(string text, params JsonObject[] tools)
    {
        var name = $"hostile-{Interlocked.Increment(ref added)}";
        var server = new JsonObject { ["name"] = name, ["title"] = text, ["description"] = text, ["version"] = text, ["tools"] = new JsonArray([.. tools]) };
        using var answer = await site.AdministerAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { server }, @public = true });
        var reply = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK && JsonElement.Parse(reply).GetProperty("added").GetInt32() == 1, $"{text}: {reply}");
        return name;
    }

    private async Task<string> TextAsync(string path)
    {
        using var answer = await site.GetAsync(path);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        Assert.Equal(Policy, string.Join(", ", answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", string.Join(", ", answer.Headers.GetValues("X-Content-Type-Options")));
        return await answer.Content.ReadAsStringAsync();
    }

    private Task<string> PageAsync(string path) => TextAsync(path);

    /// <summary>A request whose path no client has put right.</summary>
    private async Task<(int Status, string Body)> RawAsync(string path)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(site.Gate.Address.Host, site.Gate.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\nHost: {site.Gate.Address.Authority}\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync();
        var body = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture), answer[(body + 4)..]);
    }

    /// <summary>Every element is one of ours with attributes of ours, the data element parses, and no character hides or turns text.</summary>
    private static void AssertSound(string html, string text)
    {
        var data = DataElement().Matches(html);
        Assert.InRange(data.Count, 0, 1);
        foreach (Match element in data)
        {
            Assert.Equal("FAQPage", JsonElement.Parse(element.Groups[1].Value).GetProperty("@type").GetString());
            Assert.DoesNotContain('<', element.Groups[1].Value);
        }

        var rest = DataElement().Replace(html, "");
        Assert.All(Element().Matches(rest), element => Assert.True(OwnElement().IsMatch(element.Value), $"{text}: {element.Value}"));
        Assert.DoesNotContain("<!--", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("<![", rest, StringComparison.Ordinal);
        Assert.Single(Heading().Matches(rest));
        Assert.DoesNotContain(rest, static c => c != '\n' && c != '\r' && (char.IsControl(c) || c is '\u200B' or '\u202E' or '\u2066' or '\u2028' or '\uFEFF' or '\u00AD'));
        Assert.All(Link().Matches(rest), static link => Assert.Matches("^(/|#content$)", link.Groups[1].Value));
    }

    /// <summary>Outside code spans and fences stands no word of the server, so no link, no HTML and no heading of its own.</summary>
    private static void AssertMarkdown(string markdown, string text)
    {
        Assert.DoesNotContain(markdown, static c => c != '\n' && (char.IsControl(c) || c is '\u200B' or '\u202E' or '\u2066' or '\u2028' or '\uFEFF' or '\u00AD' or '\uDB40'));
        var prose = Span().Replace(Fence().Replace(markdown, ""), "");
        Assert.False(Live().IsMatch(prose), $"{text}: {prose}");
        Assert.Equal(["# ", "## ", "## ", "## "], HeadingLine().Matches(prose).Select(static match => match.Groups[1].Value).Take(4));
        Assert.Single(HeadingLine().Matches(prose), static match => match.Groups[1].Value == "# ");
    }

    [GeneratedRegex("<script type=\"application/ld\\+json\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex DataElement();

    [GeneratedRegex("<[^\\s].*?>", RegexOptions.Singleline)]
    private static partial Regex Element();

    [GeneratedRegex("^</?(!DOCTYPE|html|head|meta|title|link|body|a|header|form|input|span|button|main|h1|h2|h3|p|label|select|option|ul|li|br|dl|dt|dd|pre|code|blockquote|q|strong|details|summary|div|script)(\\s+(lang|src|defer|data-copy|data-results|data-found|charset|name|content|rel|href|type|class|method|action|role|maxlength|autocomplete|value|selected|id|tabindex|dir|html)(=\"[^\"<>]*\")?)*\\s*/?>$", RegexOptions.IgnoreCase)]
    private static partial Regex OwnElement();

    [GeneratedRegex("<h1>")]
    private static partial Regex Heading();

    [GeneratedRegex("<li>\\s*<a href=\"([^\"]*)\"")]
    private static partial Regex ToolLink();

    [GeneratedRegex("<summary>The definition</summary>\\s*<pre[^>]*>(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Definition();

    [GeneratedRegex("href=\"([^\"]*)\"")]
    private static partial Regex Link();

    [GeneratedRegex("^(`{3,})[a-z]*\\n.*?^\\1$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("(?<!`)(`+)(?!`).*?(?<!`)\\1(?!`)")]
    private static partial Regex Span();

    [GeneratedRegex("[<\\[]|https?:|www\\.|\\*\\*\\w+\\*\\* \\[")]
    private static partial Regex Live();

    [GeneratedRegex("^(#+ )", RegexOptions.Multiline)]
    private static partial Regex HeadingLine();
}
