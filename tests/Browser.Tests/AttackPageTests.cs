using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>The attack database in a real browser: on a telephone and at a desk, for strangers and for operators.</summary>
public sealed class AttackPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Telephone = 375;
    private const int Desk = 1280;

    [Theory]
    [InlineData(Telephone, ColorScheme.Dark)]
    [InlineData(Desk, ColorScheme.Light)]
    public async Task Pages_WithAndWithoutASignIn_AreSound(int width, ColorScheme scheme)
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await AddToolAsync(gate);
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
                ("list", "attacks"), ("narrowed", "attacks?property=S7&actor=client"), ("none", "attacks?property=S9&actor=server"), ("entry", "attacks/path-traversal"),
                ("open", "attacks/indirect-prompt-injection"), ("methods", "attacks/server-sampling"), ("gate", "attacks/request-smuggling"), ("absent", "attacks/absent"),
                ("tool", "catalogue/io.example%2Fshop/delete_order"),
            })
            {
                // What a sign-in adds to a page stands in its head, the same on all of them.
                if (who == "stranger" || name is "entry" or "tool")
                {
                    await window.Page.GotoAsync(gate.Page(path).ToString());
                    await window.AssertSoundAsync($"attacks-{name}{suffix}");
                }
            }
        }
    }

    [Fact]
    public async Task Tool_ToItsAttackAndBack_WithoutScript()
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await AddToolAsync(gate);
        await using var window = await chromium.OpenAsync(Telephone, script: false);
        await window.Page.GotoAsync(gate.Page("catalogue/io.example%2Fshop/delete_order").ToString());

        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Mass deletion at machine speed" }).ClickAsync();
        await window.Page.Locator("h1", new() { HasTextString = "Mass deletion at machine speed" }).WaitForAsync();
        Assert.Contains("require_approval", await window.Page.Locator("#policy").InnerTextAsync(), StringComparison.Ordinal);
        await window.Page.Locator("a[href^='/catalogue?category=Destructive']").ClickAsync();
        await window.Page.GetByRole(AriaRole.Heading, new() { Name = "Tools", Exact = true }).WaitForAsync();

        window.AssertQuiet();
    }

    [Fact]
    public async Task List_NarrowedByTheForm_KeepsWhatWasChosen()
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await using var window = await chromium.OpenAsync(Desk);
        await window.Page.GotoAsync(gate.Page("attacks").ToString());

        await window.Page.SelectOptionAsync("[name=stops]", "not stopped yet");
        await window.Page.SelectOptionAsync("[name=actor]", "server");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await window.Page.WaitForURLAsync("**/attacks?*");

        Assert.Equal("not stopped yet", await window.Page.InputValueAsync("[name=stops]"));
        var badges = await window.Page.Locator(".cards .risk").AllInnerTextsAsync();
        Assert.NotEmpty(badges);
        Assert.All(badges, static badge => Assert.Equal("not stopped yet", badge));
        window.AssertQuiet();
    }

    private static Task<JsonElement> AddToolAsync(BrowsedGate gate) => gate.ApiAsync(
        HttpMethod.Post,
        "catalogue/servers",
        new { servers = new[] { new JsonObject { ["name"] = "io.example/shop", ["tools"] = new JsonArray(new JsonObject { ["name"] = "delete_order", ["description"] = "Deletes an order for ever." }) } }, @public = true });
}
