using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Callgate.EndToEnd.Tests;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Microsoft.Playwright;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>The pages of operators in a real browser: on a telephone and at a desk, and what a person does on them.</summary>
public sealed class DashboardPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Telephone = 375;
    private const int Desk = 1280;

    [Theory]
    [InlineData(Telephone, ColorScheme.Dark)]
    [InlineData(Desk, ColorScheme.Light)]
    public async Task Pages_OfAGateThatWorks_AreSound(int width, ColorScheme scheme)
    {
        await using var gate = await BrowsedGate.StartAsync("administrator", "policy_manager");
        await gate.CallAsync([]);
        await gate.ApiAsync(HttpMethod.Post, "grants", new { label = new string('L', 128), identity = new string('i', 200), servers = new Dictionary<string, string> { ["up"] = "p" } });
        var grants = (await gate.ApiAsync(HttpMethod.Get, "grants")).GetProperty("grants").EnumerateArray().ToList();
        var call = (await gate.ApiAsync(HttpMethod.Get, "audit?tool=echo", accept: "application/json")).GetProperty("records")[0].GetProperty("id").GetString();
        await using var window = await chromium.OpenAsync(width, scheme);
        await window.SignInAsync(gate.Page(""));
        foreach (var (name, path) in new[]
        {
            ("overview", ""), ("servers", "servers"), ("server", "servers/up"), ("server-new", "servers/~new"), ("start", "start"), ("start-server", "start/up"), ("policies", "policies"), ("policy", "policies/p?a=0&b=1"), ("builder", "policies/p/edit?server=up"), ("grants", "grants"), ("grant-new", "grants/new"), ("grant", $"grants/{grants[0].GetProperty("id").GetString()}"),
            ("grant-long", $"grants/{grants[^1].GetProperty("id").GetString()}"), ("record", "audit"), ("record-nothing", "audit?tool=nobody"), ("call", $"audit/{call}"),
        })
        {
            await window.Page.GotoAsync(gate.Page(path).ToString());
            await window.AssertSoundAsync(string.Create(CultureInfo.InvariantCulture, $"{name}-{width}-{scheme}").ToLowerInvariant());
        }
    }

    [Fact]
    public async Task Grant_MadeAndRevokedOnATelephoneWithoutScript_OpensAndShuts()
    {
        await using var gate = await BrowsedGate.StartAsync("administrator");
        await using var window = await chromium.OpenAsync(Telephone, script: false);
        await window.SignInAsync(gate.Page(""));

        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Grants", Exact = true }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Create a grant" }).ClickAsync();
        await window.Page.GetByLabel("Label").FillAsync("phone");
        await window.Page.GetByLabel("Policy").SelectOptionAsync("p");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Create it" }).ClickAsync();
        var token = (await window.Page.Locator("#token").InnerTextAsync()).Trim();
        await using var client = new McpClient(gate.Gate.Mcp("up"), token, "2026-07-28");
        var asked = await client.CallAsync("echo", []);

        await window.Page.GotoAsync(gate.Page("audit?tool=echo").ToString());
        await window.Page.Locator("tbody a").First.ClickAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "phone" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke the grant" }).ClickAsync();
        await window.Page.Locator("dd", new() { HasTextString = "revoked" }).WaitForAsync();
        var refused = await client.CallAsync("echo", []);

        Assert.NotEqual(401, asked.Status);
        Assert.Equal(401, refused.Status);
        window.AssertQuiet();
    }

    /// <summary>From an empty folder, by the link that the gate prints, to a call that the recommended policy refuses.</summary>
    [Fact]
    public async Task FirstSteps_FromAnEmptyFolderToARefusedCall_NeedNoDocumentation()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var gate = await GateProcess.ServeAsync(folder.File("data"), ["--listen", "http://127.0.0.1:0"]);
        await using var window = await chromium.OpenAsync(Desk);
        await window.Page.GotoAsync(await PeoplePageTests.WelcomeAsync(gate));
        await window.Page.GetByLabel("Name").FillAsync("grace");
        await window.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(BrowsedGate.Password);
        await window.Page.GetByLabel("The same password again").FillAsync(BrowsedGate.Password);
        await window.Page.GetByRole(AriaRole.Button).ClickAsync();

        var form = window.Page.GetByRole(AriaRole.Region, new() { Name = "By its address" });
        await form.GetByLabel("Name: short").FillAsync("first");
        await form.GetByLabel("Address", new() { Exact = true }).FillAsync(upstream.Url.ToString());
        await form.GetByRole(AriaRole.Button, new() { Name = "Register it" }).ClickAsync();
        await window.Page.GetByLabel("Label of the grant").FillAsync("laptop");
        await window.Page.GetByLabel("Client").SelectOptionAsync("VS Code");
        await window.AssertSoundAsync("start-tools");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Make the grant" }).ClickAsync();
        var snippet = JsonElement.Parse(await window.Page.Locator("#snippet").InnerTextAsync()).GetProperty("servers").GetProperty("first");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Copy these lines" }).WaitForAsync();
        await window.AssertSoundAsync("start-waiting");

        await using var client = new McpClient(new Uri(snippet.GetProperty("url").GetString()!), snippet.GetProperty("headers").GetProperty("Authorization").GetString()!["Bearer ".Length..], "2026-07-28");
        var refused = await client.CallAsync("change_tools", new() { ["kind"] = "add" });
        await window.Page.GetByText("First call received: change_tools, answered as an unknown tool").WaitForAsync();

        Assert.Equal("http", snippet.GetProperty("type").GetString());
        Assert.Contains("-32602", refused.Text, StringComparison.Ordinal);
        Assert.Empty(upstream.Recording.Calls);
        Assert.True(gate.ProcessorTime < TimeSpan.FromSeconds(60), $"the gate took {gate.ProcessorTime} of a processor");
        window.AssertQuiet();
    }

    [Fact]
    public async Task Server_RegisteredTriedAndRemovedOnATelephoneWithoutScript_IsGone()
    {
        await using var gate = await BrowsedGate.StartAsync("administrator");
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Bearer = "secret" });
        await using var window = await chromium.OpenAsync(Telephone, script: false);
        await window.SignInAsync(gate.Page("servers/~new"));

        var form = window.Page.GetByRole(AriaRole.Region, new() { Name = "By its address" });
        await form.GetByLabel("Name: short").FillAsync("small");
        await form.GetByLabel("Address", new() { Exact = true }).FillAsync(upstream.Url.ToString());
        await form.GetByLabel("Name 1").FillAsync("Authorization");
        await form.GetByLabel("Value 1").FillAsync("Bearer secret");
        await form.GetByRole(AriaRole.Button, new() { Name = "Register it" }).ClickAsync();
        await window.Page.Locator(".state-up").WaitForAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Test the connection" }).ClickAsync();
        await window.Page.GetByText("Reached in").WaitForAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the server" }).ClickAsync();
        await window.Page.WaitForURLAsync(gate.Page("servers").ToString());

        Assert.Equal(["up"], (await gate.ApiAsync(HttpMethod.Get, "servers")).GetProperty("servers").EnumerateArray().Select(static server => server.GetProperty("name").GetString()));
        window.AssertQuiet();
    }

    [Fact]
    public async Task Builder_TableAndDocument_StayInStepWhileOneChoosesAndTypes()
    {
        await using var gate = await BrowsedGate.StartAsync("policy_manager");
        await using var window = await chromium.OpenAsync(Desk);
        await window.SignInAsync(gate.Page("policies/p/edit?server=up"));
        var document = window.Page.Locator("#document");
        var echo = window.Page.GetByLabel("echo, by its name");
        await Assertions.Expect(echo).ToHaveValueAsync("Custom");

        await echo.FocusAsync();
        await echo.SelectOptionAsync("Deny");
        await Assertions.Expect(document).ToHaveValueAsync(new Regex("\"action\": \"deny\""));
        Assert.Equal(await echo.GetAttributeAsync("id"), await window.Page.EvaluateAsync<string>("document.activeElement.id"));

        await document.FillAsync("""{ "version": "1", "default": "deny", "tools": { "echo": { "action": "hide" } } }""");
        await Assertions.Expect(echo).ToHaveValueAsync("Hide");
        await document.FillAsync("{ \"version\": \"1\",\n  \"default\": \"dny\" }");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "line 2, column" }).ClickAsync();
        Assert.Equal("  \"default\": \"dny\" }", await window.Page.EvaluateAsync<string>("document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)"));
        await Assertions.Expect(window.Page.Locator("#builder-gutter .error")).ToHaveTextAsync("2");
        await window.AssertSoundAsync("builder-error");

        await document.FillAsync("""{ "version": "1", "default": "deny", "tools": { "echo": {} } }""");
        await Assertions.Expect(echo).ToHaveValueAsync("Allow");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Add rules of echo" }).ClickAsync();
        await window.AssertSoundAsync("builder-rules");
        await window.Page.GetByLabel("At most", new() { Exact = true }).FillAsync("1");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Add the limit" }).ClickAsync();
        await Assertions.Expect(document).ToHaveValueAsync(new Regex("echo_minute"));
        await window.Page.GetByLabel("Note").FillAsync("one a minute");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Save as revision 2" }).ClickAsync();
        await window.Page.WaitForURLAsync(gate.Page("policies/p").ToString());

        Assert.DoesNotContain("limit.exceeded", await gate.CallAsync(new() { ["text"] = "one" }), StringComparison.Ordinal);
        Assert.Contains("limit", await gate.CallAsync(new() { ["text"] = "two" }), StringComparison.Ordinal);
        Assert.Single(gate.Executions);
        window.AssertQuiet();
    }

    /// <summary>Names of tools and of their arguments may hold anything: the builder shows them, and what is chosen is said of exactly that name.</summary>
    [Fact]
    public async Task Builder_OfHostileNames_StaysItselfAndMeansThem()
    {
        await using var gate = await BrowsedGate.StartAsync("policy_manager");
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var names = HostileTexts.All.Append(new string('A', 250)).Where(static text => text.Trim().Length > 0).Distinct(StringComparer.Ordinal).ToList();
        upstream.Profile.Instead["tools"] = new JsonArray([.. names.Select(static name => new JsonObject
        {
            ["name"] = name,
            ["inputSchema"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { [name] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray(name) } } },
        })]);
        await gate.ApiAsync(HttpMethod.Post, "servers", new { name = "hostile", url = upstream.Url });
        await gate.ApiAsync(HttpMethod.Get, "servers/hostile/tools");
        await using var window = await chromium.OpenAsync(Telephone);
        await window.SignInAsync(gate.Page("policies/hostile/edit?server=hostile"));
        await window.AssertSoundAsync("builder-hostile");
        var choices = window.Page.Locator("select[name^='tool:']");
        Assert.Equal(names.Count, await choices.CountAsync());

        // All at once, as without a script.
        await window.Page.EvaluateAsync("document.querySelectorAll(\"select[name^='tool:']\").forEach(select => { select.value = 'Deny'; })");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Take over what is written and chosen" }).ClickAsync();
        await Assertions.Expect(window.Page.Locator("#builder-news")).ToHaveTextAsync("");
        await Assertions.Expect(choices.First).ToHaveValueAsync("Deny");
        var document = await window.Page.Locator("#document").InputValueAsync();
        Assert.DoesNotContain(document, static c => c is '\u202e' or '\u200b' or '\u2066' or '\ufeff');
        await window.Page.Locator("#builder-sheet button").First.ClickAsync();
        await window.Page.Locator("#rules-title").WaitForAsync();
        await window.AssertSoundAsync("builder-hostile-rules");

        Assert.Equal(
            names.Select(static name => name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            JsonElement.Parse(document).GetProperty("tools").EnumerateObject().Select(static entry => entry.Name).Order(StringComparer.Ordinal));
        window.AssertQuiet();
    }

    [Fact]
    public async Task Overview_AfterCalls_DrawsThem()
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await using var window = await chromium.OpenAsync(Desk);
        await gate.CallAsync([]);
        await window.SignInAsync(gate.Page(""));

        Assert.True(await window.Page.Locator("svg.chart rect").CountAsync() > 0);
        Assert.True((await window.Page.Locator("svg.chart").BoundingBoxAsync())!.Width > 600);
        Assert.NotEqual("rgb(0, 0, 0)", await window.Page.Locator("svg.chart rect").First.EvaluateAsync<string>("bar => getComputedStyle(bar).fill"));
        Assert.Contains("echo", await window.Page.Locator(".ranked").First.InnerTextAsync(), StringComparison.Ordinal);
        window.AssertQuiet();
    }
}
