using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Microsoft.Playwright;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>The pages of the catalogue in a real browser: on a telephone and at a desk, for strangers and for operators.</summary>
public sealed class CataloguePageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Telephone = 375;
    private const int Desk = 1280;

    [Theory]
    [InlineData(Telephone, ColorScheme.Dark)]
    [InlineData(Desk, ColorScheme.Light)]
    public async Task Pages_WithAndWithoutASignIn_AreSound(int width, ColorScheme scheme)
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await AddAsync(gate, "io.example/shop", Tool("refund_order", "Pays the money of an order back."), Tool("get_order", "Shows an order."), Tool("list_" + new string('x', 200), new string('y', 2_000)));
        await AddAsync(gate, "other", Tool("get_order", "Shows another order."));
        await using var window = await chromium.OpenAsync(width, scheme);
        foreach (var who in new[] { "stranger", "viewer" })
        {
            if (who == "viewer")
            {
                await window.SignInAsync(gate.Page(""));
            }

            var suffix = string.Create(CultureInfo.InvariantCulture, $"-{who}-{width}-{scheme}").ToLowerInvariant();
            foreach (var (name, path) in new[]
            {
                ("list", "catalogue"), ("search", "catalogue?q=order"), ("nothing", "catalogue?q=nobodywrotethis"), ("server", "catalogue/io.example%2Fshop"),
                ("tool", "catalogue/io.example%2Fshop/get_order"), ("dangerous", "catalogue/io.example%2Fshop/refund_order"), ("absent", "catalogue/absent"),
            })
            {
                await window.Page.GotoAsync(gate.Page(path).ToString());
                await window.AssertSoundAsync($"catalogue-{name}{suffix}");
            }
        }
    }

    [Fact]
    public async Task Search_ByKeyboardAloneAndWithoutScript_LeadsToThePolicy()
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await AddAsync(gate, "io.example/shop", Tool("refund_quixotic_order", "Pays the money of an order back."), Tool("get_quixotic_order", "Shows an order."));
        await using var window = await chromium.OpenAsync(Telephone, script: false);
        await window.Page.GotoAsync(gate.Page("catalogue").ToString());

        await TabToAsync(window.Page, "[name=q]:focus");
        await window.Page.Keyboard.TypeAsync("quixotic refund");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.GetByRole(AriaRole.Heading, new() { Name = "Tools", Exact = true }).WaitForAsync();
        await TabToAsync(window.Page, "a:focus:text-is('refund_quixotic_order')");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.Locator("h1", new() { HasTextString = "refund_quixotic_order" }).WaitForAsync();

        Assert.Contains("require_approval", await window.Page.Locator("#policy").InnerTextAsync(), StringComparison.Ordinal);
        window.AssertQuiet();
    }

    /// <summary>What a server wrote stays text, inside the page, whatever it was written to be.</summary>
    [Fact]
    public async Task Pages_OfHostileDefinitions_StayThemselves()
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await using var window = await chromium.OpenAsync(Telephone);
        var texts = HostileTexts.All.Append(new string('A', 9_000)).Where(static text => text.Trim().Length > 0).ToList();
        await AddAsync(gate, "hostile", [.. texts.Select(static (text, number) => Tool($"t{number}", text, text))]);
        await AddAsync(gate, "named", [.. texts.Distinct(StringComparer.Ordinal).Select(static text => Tool(text, text, text))]);
        var paths = texts.Select(static (_, number) => $"catalogue/hostile/t{number}").Concat(["catalogue/hostile", "catalogue/named", "catalogue?q=script", "catalogue?q=bold"]);
        await window.Page.GotoAsync(gate.Page("catalogue/named").ToString());
        var named = await window.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('.cards a')].map(link => link.getAttribute('href').slice(1))");
        Assert.Equal(texts.Distinct(StringComparer.Ordinal).Count(), named.Distinct(StringComparer.Ordinal).Count());
        foreach (var path in paths.Concat(named))
        {
            var answer = await window.Page.GotoAsync(gate.Page(path).ToString());
            Assert.True(answer!.Ok, $"{path} is answered {answer.Status}");
            Assert.Equal(1, await window.Page.Locator("h1").CountAsync());
            Assert.Equal(0, await window.Page.Locator("main img, main script:not([type='application/ld+json']), pre *, blockquote *").CountAsync());
            Assert.True(await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= Telephone, $"{path} is wider than the window");
        }

        window.AssertQuiet();
    }

    private static JsonObject Tool(string name, string description, string? text = null) => new()
    {
        ["name"] = name,
        ["description"] = description,
        ["inputSchema"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { [text ?? "id"] = new JsonObject { ["type"] = "string", ["description"] = description, ["enum"] = new JsonArray(text ?? "a") } } },
    };

    private static Task<JsonElement> AddAsync(BrowsedGate gate, string name, params JsonObject[] tools) =>
        gate.ApiAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { new JsonObject { ["name"] = name, ["description"] = "A server to look at.", ["version"] = "1.2.3", ["tools"] = new JsonArray([.. tools]) } }, @public = true });

    private static async Task TabToAsync(IPage page, string focused)
    {
        for (var presses = 0; presses < 30; presses++)
        {
            if (await page.Locator(focused).CountAsync() == 1)
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"`{focused}` cannot be reached by keyboard");
    }
}
