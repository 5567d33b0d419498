using System.Net;
using System.Text.Json;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>Servers registered, tried, given credentials and removed on pages: the same operations as the API's, in the same record.</summary>
public sealed class ServerPagesTests(PageGate site) : IClassFixture<PageGate>
{
    private const string Canary = "canary-of-a-credential";

    [Fact]
    public async Task Server_FromTheFormToItsEnd_IsTheApisToo()
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Bearer = Canary });
        var cookie = await AdministratorAsync("grace");
        using var added = await PostAsync("servers", "servers/~new", "action=\"/servers\"", cookie, new()
        {
            ["how"] = "url", ["name"] = "tools", ["url"] = upstream.Url.ToString(), ["header-name"] = "Authorization", ["header-value"] = "Bearer wrong", ["on_drift"] = "approve",
        });

        Assert.Equal((HttpStatusCode.SeeOther, "/servers/tools"), (added.StatusCode, added.Headers.Location?.ToString()));
        Assert.Equal("approve", (await ServerAsync("tools")).GetProperty("on_drift").GetString());

        var failed = await HtmlOfAsync(await PostAsync("servers/tools/test", "servers/tools", "/test\"", cookie, []));
        Assert.Contains("Not reached", failed, StringComparison.Ordinal);

        using var set = await PostAsync("servers/tools/credentials", "servers/tools", "/credentials\"", cookie, new() { ["header-name"] = "Authorization", ["header-value"] = "Bearer " + Canary });
        var reached = await HtmlOfAsync(await PostAsync("servers/tools/test", "servers/tools", "/test\"", cookie, []));

        Assert.Equal(HttpStatusCode.SeeOther, set.StatusCode);
        Assert.Contains("Reached in", reached, StringComparison.Ordinal);
        Assert.Contains("Set: Authorization.", reached, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, reached, StringComparison.Ordinal);

        using var removed = await PostAsync("servers/tools/remove", "servers/tools", "/remove\"", cookie, []);
        using var gone = await site.GetAsync("servers/tools", cookie);

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.NotFound), (removed.StatusCode, gone.StatusCode));
        var record = (await site.ApiAsync("audit?server=tools&identity=grace&limit=50")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line)).ToList();
        Assert.Equal(
            ["operator/server-remove", "operator/server-test", "operator/server-credentials", "operator/server-test", "operator/server-add"],
            record.Select(static entry => entry.GetProperty("method").GetString()));
        Assert.All(record, static entry => Assert.DoesNotContain(Canary, entry.GetRawText(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("url", "url", "ftp://example.com/x", "the address must be absolute")]
    [InlineData("url", "name", "a__b", "is no server name")]
    [InlineData("url", "name", "up", "is declared in the configuration file")]
    [InlineData("url", "header-name", "Host", "the gateway itself writes the header `Host`")]
    [InlineData("command", "command", "", "`command` must name a program")]
    [InlineData("command", "on_drift", "perhaps", "`on_drift` is")]
    public async Task Add_OfWhatCannotBe_SaysWhyAndKeepsWhatWasTypedButNoSecret(string how, string field, string value, string why)
    {
        var cookie = await AdministratorAsync("mary");
        var sent = new Dictionary<string, string>
        {
            ["how"] = how, ["name"] = "kept", ["url"] = "http://127.0.0.1:9/typed", ["command"] = "typed-program\n--typed", ["header-name"] = "X-Key", ["header-value"] = Canary, ["variable-name"] = "KEY", ["variable-value"] = Canary,
        };
        sent[field] = value;

        using var answer = await PostAsync("servers", "servers/~new", "action=\"/servers\"", cookie, sent);
        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

        Assert.InRange((int)answer.StatusCode, 400, 409);
        Assert.Contains(why, html, StringComparison.Ordinal);
        Assert.Contains(field == "url" ? "value=\"kept\"" : how == "url" ? "http://127.0.0.1:9/typed" : field == "command" ? "value=\"kept\"" : "typed-program", html, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, html, StringComparison.Ordinal);
        Assert.DoesNotContain("\"kept\"", await site.ApiAsync("servers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfAClientsFile_RegistersWhatIsChosenAndShowsNoSecret()
    {
        var cookie = await AdministratorAsync("joan");
        const string pasted = """
            // a client's own
            { "mcpServers": {
                "with space": { "command": "/usr/bin/env", "args": ["CANARY_ARGUMENT"], "env": { "KEY": "canary-of-a-credential", "LATER": "${input:key}" } },
                "far": { "url": "http://127.0.0.1:9/mcp", "headers": { "Authorization": "Bearer canary-of-a-credential" } },
                "mine": { "url": "https://gate.example.com/mcp/up" },
                "odd": { "extension": true } } }
            """;
        var look = await HtmlOfAsync(await PostAsync("servers/~import", "servers/~new", "action=\"/servers/~import\"", cookie, new() { ["text"] = pasted, ["then"] = "" }));

        Assert.Contains("with-space", look, StringComparison.Ordinal);
        Assert.Contains("It leads to this gate already.", look, StringComparison.Ordinal);
        Assert.Contains("Left out, because they refer to variables of the client: LATER.", look, StringComparison.Ordinal);
        Assert.Contains("neither an address nor a command", look, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, look, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY_ARGUMENT", look, StringComparison.Ordinal);

        var action = look[look.IndexOf("action=\"/servers/~import/add", StringComparison.Ordinal)..];
        var path = action["action=\"/".Length..action.IndexOf('"', "action=\"/".Length)];
        var form = new Dictionary<string, string> { ["token"] = PageGate.TokenIn(action), ["chosen"] = "1", ["name-1"] = "far", ["then"] = "" };
        using var added = await site.PostAsync(path, form, cookie);
        using var again = await site.PostAsync(path, form, cookie);

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.Conflict), (added.StatusCode, again.StatusCode));
        Assert.Equal(["Authorization"], (await ServerAsync("far")).GetProperty("header_names").EnumerateArray().Select(static name => name.GetString()));
        Assert.DoesNotContain("with-space", await site.ApiAsync("servers"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"mcpServers\": {} }", "no server is named in it")]
    [InlineData("{ \"mcpServers\": [] }", "is no object of servers")]
    [InlineData("{ \"mcpServers\": ", "is no JSON")]
    [InlineData("[mcp_servers", "is no TOML")]
    [InlineData("   ", "no server is named in it")]
    public async Task Import_OfWhatHoldsNone_SaysSo(string pasted, string why)
    {
        var cookie = await AdministratorAsync("jean");

        using var answer = await PostAsync("servers/~import", "servers/~new", "action=\"/servers/~import\"", cookie, new() { ["text"] = pasted, ["then"] = "" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(why, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FirstSteps_FromAServerToTheFirstCall_ArePagesOfTheSameOperations()
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var cookie = await AdministratorAsync("ruth");
        using var added = await PostAsync("servers", "start", "action=\"/servers\"", cookie, new() { ["how"] = "url", ["then"] = "start", ["name"] = "first", ["url"] = upstream.Url.ToString() });
        Assert.Equal("/start/first", added.Headers.Location?.ToString());
        var html = await UntilAsync("start/first", "Who may call it, and what", cookie);
        Assert.Contains("the recommended one, saved as first", html, StringComparison.Ordinal);

        var made = await HtmlOfAsync(await PostAsync("start/first", "start/first", "action=\"/start/first\"", cookie, new() { ["policy"] = "", ["label"] = "laptop", ["client"] = "Cursor" }));
        Assert.Contains("Put this into Cursor", made, StringComparison.Ordinal);
        Assert.Contains("mcpServers", made, StringComparison.Ordinal);
        var token = made[made.IndexOf("Bearer ", StringComparison.Ordinal)..].Split('"', '\\')[0]["Bearer ".Length..];
        var called = made[made.IndexOf("data-await=\"/", StringComparison.Ordinal)..]["data-await=\"/".Length..].Split('"')[0];
        Assert.Contains("No call yet", await HtmlOfAsync(await site.GetAsync(called, cookie)), StringComparison.Ordinal);

        await using var client = new Callgate.Fixtures.Clients.McpClient(site.Gate.Mcp("first"), token, "2026-07-28");
        var answer = await client.CallAsync("echo", new() { ["message"] = "hello" });
        var news = await HtmlOfAsync(await site.GetAsync(called, cookie, ("Accept", "text/vnd.callgate.results")));

        Assert.Equal(200, answer.Status);
        Assert.Contains("First call received: echo, allowed.", news, StringComparison.Ordinal);
        Assert.DoesNotContain("<html", news, StringComparison.Ordinal);
        Assert.Contains("recommended for first", await site.ApiAsync("policies/first/revisions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_ByWhoMayNot_AreRefused()
    {
        var cookie = await site.SignInAsync();
        foreach (var path in new[] { "servers/~new", "start", "start/up" })
        {
            using var page = await site.GetAsync(path, cookie);
            Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        }

        var html = await HtmlOfAsync(await site.GetAsync("servers/up", cookie));
        using var tried = await site.PostAsync("servers/up/test", new() { ["token"] = PageGate.TokenIn(html) }, cookie);
        using var removed = await site.PostAsync("servers/up/remove", new() { ["token"] = PageGate.TokenIn(html) }, cookie);

        Assert.DoesNotContain("/servers/up/test", html, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (tried.StatusCode, removed.StatusCode));
    }

    private async Task<string> AdministratorAsync(string name)
    {
        if (!(await site.ApiAsync("operators")).Contains($"\"{name}\"", StringComparison.Ordinal))
        {
            await site.AddAsync(name, "administrator");
        }

        return await site.SignInAsync(name);
    }

    private async Task<JsonElement> ServerAsync(string name) => JsonElement.Parse(await site.ApiAsync($"servers/{name}"));

    /// <summary>A form of a page, with the token that stands in it behind a mark.</summary>
    private async Task<HttpResponseMessage> PostAsync(string path, string page, string mark, string cookie, Dictionary<string, string> form)
    {
        var html = await HtmlOfAsync(await site.GetAsync(page, cookie));
        var at = html.IndexOf(mark, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{page} has no form {mark}");
        return await site.PostAsync(path, new(form) { ["token"] = PageGate.TokenIn(html[at..]) }, cookie);
    }

    private async Task<string> UntilAsync(string path, string text, string cookie)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await HtmlOfAsync(await site.GetAsync(path, cookie)) is var html && html.Contains(text, StringComparison.Ordinal))
            {
                return html;
            }

            await Task.Delay(50);
        }

        Assert.Fail($"{path} never said: {text}");
        return "";
    }

    private static async Task<string> HtmlOfAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        }
    }
}
