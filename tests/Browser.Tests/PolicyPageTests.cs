using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>From the catalogue to a policy in force: copied, applied after a look at the difference, and found by typing.</summary>
public sealed class PolicyPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Telephone = 375;
    private const int Desk = 1280;

    [Theory]
    [InlineData(Telephone, ColorScheme.Light, true)]
    [InlineData(Telephone, ColorScheme.Dark, false)]
    [InlineData(Desk, ColorScheme.Light, false)]
    [InlineData(Desk, ColorScheme.Dark, true)]
    public async Task Apply_FromTheToolToTheRevision_IsSoundWithAndWithoutScript(int width, ColorScheme scheme, bool script)
    {
        await using var gate = await BrowsedGate.StartAsync("policy_manager");
        await AddAsync(gate, "shop", "refund_order", "Pays the money of an order back.");
        await using var window = await chromium.OpenAsync(width, scheme, script);
        var suffix = string.Create(CultureInfo.InvariantCulture, $"-{width}-{scheme}").ToLowerInvariant();
        await window.SignInAsync(gate.Page(""));
        await window.Page.GotoAsync(gate.Page("catalogue/shop/refund_order").ToString());
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Apply to a server of mine" }).ClickAsync();
        await AssertSoundAsync(window, "apply-choice" + suffix, script);
        await window.Page.Locator("[name=to]").SelectOptionAsync("p");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Show the difference" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Heading, new() { Name = "The difference" }).WaitForAsync();
        Assert.Equal(1, await window.Page.Locator("#difference ins", new() { HasTextString = "refund_order" }).CountAsync());
        await AssertSoundAsync(window, "apply-difference" + suffix, script);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Save it" }).ClickAsync();
        await window.Page.GetByText("Nothing: revision 2 of policy p").WaitForAsync();
        await AssertSoundAsync(window, "apply-done" + suffix, script);

        var policy = (await gate.ApiAsync(HttpMethod.Get, "policies/p")).GetProperty("document").GetProperty("tools");
        Assert.Equal(["echo", "refund_order"], policy.EnumerateObject().Select(static tool => tool.Name));
    }

    [Theory]
    [InlineData(Telephone, ColorScheme.Dark)]
    [InlineData(Desk, ColorScheme.Light)]
    public async Task Copy_ByKeyboard_PutsThePolicyOnTheClipboardAndSaysSo(int width, ColorScheme scheme)
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await AddAsync(gate, "shop", "get_order", "Shows an order.");
        await using var window = await chromium.OpenAsync(width, scheme);
        await window.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        foreach (var path in new[] { "catalogue/shop", "catalogue/shop/get_order" })
        {
            await window.Page.GotoAsync(gate.Page(path).ToString());
            var button = window.Page.GetByRole(AriaRole.Button, new() { Name = "Copy the policy" });
            await button.FocusAsync();
            await window.Page.Keyboard.PressAsync("Enter");
            await window.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Copied." }).WaitForAsync();

            Assert.Equal("Copied", await window.Page.Locator("button.copy").InnerTextAsync());
            Assert.Equal(await window.Page.Locator("#policy").TextContentAsync(), await window.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
            Assert.Equal("deny", JsonElement.Parse(await window.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).GetProperty("default").GetString());
            await window.AssertSoundAsync(string.Create(CultureInfo.InvariantCulture, $"copied-{path.Split('/').Length}-{width}-{scheme}").ToLowerInvariant());
        }
    }

    /// <summary>Where the clipboard is closed, as on an address without TLS, the policy is marked and the person is told.</summary>
    [Fact]
    public async Task Copy_WithoutAClipboard_MarksThePolicy()
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await AddAsync(gate, "shop", "get_order", "Shows an order.");
        await using var window = await chromium.OpenAsync(Desk);
        await window.Page.AddInitScriptAsync("Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false;");
        await window.Page.GotoAsync(gate.Page("catalogue/shop/get_order").ToString());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Copy the policy" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "It is marked" }).WaitForAsync();

        Assert.Equal(await window.Page.Locator("#policy").TextContentAsync(), await window.Page.EvaluateAsync<string>("getSelection().toString()"));
        window.AssertQuiet();
    }

    [Fact]
    public async Task Page_WithoutScript_HasNoButtonThatDoesNothing()
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await AddAsync(gate, "shop", "get_order", "Shows an order.");
        await using var window = await chromium.OpenAsync(Telephone, script: false);
        await window.Page.GotoAsync(gate.Page("catalogue/shop/get_order").ToString());

        Assert.Equal(0, await window.Page.GetByRole(AriaRole.Button).CountAsync());
    }

    [Theory]
    [InlineData(Telephone, ColorScheme.Light)]
    [InlineData(Desk, ColorScheme.Dark)]
    public async Task Search_WhileOneTypes_ShowsWhatIsFoundAndKeepsTheField(int width, ColorScheme scheme)
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await AddAsync(gate, "quixotic", "refund_quixotic_order", "<b>Pays</b> the money of an order back.");
        await AddAsync(gate, "other", "get_quixotic_order", "Shows an order.");
        await using var window = await chromium.OpenAsync(width, scheme);
        var loads = 0;
        window.Page.Request += (_, request) => loads += request.IsNavigationRequest ? 1 : 0;
        await window.Page.GotoAsync(gate.Page("catalogue").ToString());
        await window.Page.Locator("[name=q]").FocusAsync();
        await window.Page.Keyboard.TypeAsync("quixotic refu");
        await window.Page.Locator("#results a:text-is('refund_quixotic_order')").WaitForAsync();
        await window.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "1 tool found" }).WaitForAsync();
        await window.AssertSoundAsync(string.Create(CultureInfo.InvariantCulture, $"typed-{width}-{scheme}").ToLowerInvariant());

        Assert.Equal("q", await window.Page.EvaluateAsync<string>("document.activeElement.name"));
        Assert.EndsWith("?q=quixotic+refu&category=&risk=", window.Page.Url, StringComparison.Ordinal);
        Assert.Equal(0, await window.Page.Locator("#results b").CountAsync());
        await window.Page.Locator("[name=risk]").SelectOptionAsync("Low");
        await window.Page.GetByText("No tool has these words.").First.WaitForAsync();
        await window.Page.Locator("[name=risk]").SelectOptionAsync("");
        await window.Page.Locator("[name=q]").FillAsync("");
        await window.Page.GetByRole(AriaRole.Heading, new() { Name = "Servers" }).WaitForAsync();
        Assert.Equal(1, loads);
        window.AssertQuiet();
    }

    /// <summary>What only axe needs a script for is looked at where there is one.</summary>
    private static async Task AssertSoundAsync(Window window, string name, bool script)
    {
        if (script)
        {
            await window.AssertSoundAsync(name);
        }
        else
        {
            await window.AssertInsideAsync(name);
        }
    }

    private static Task<JsonElement> AddAsync(BrowsedGate gate, string server, string tool, string description) =>
        gate.ApiAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { new JsonObject { ["name"] = server, ["tools"] = new JsonArray(new JsonObject { ["name"] = tool, ["description"] = description, ["inputSchema"] = new JsonObject { ["type"] = "object" } }) } }, @public = true });
}
