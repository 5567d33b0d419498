using System.Globalization;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Microsoft.Playwright;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>What an approver sees and does in a real browser: on a telephone, by keyboard, and before hostile arguments (A40).</summary>
public sealed class ApprovalPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Telephone = 375;
    private const int Desk = 1280;

    [Theory]
    [InlineData(Telephone, ColorScheme.Dark)]
    [InlineData(Desk, ColorScheme.Light)]
    public async Task Pages_AllThereAre_AreSound(int width, ColorScheme scheme)
    {
        await using var gate = await BrowsedGate.StartAsync("approver", "policy_manager");
        await using var window = await chromium.OpenAsync(width, scheme);
        var id = await gate.AskAsync(new JsonObject { ["text"] = string.Concat(Enumerable.Repeat("a long word", 40)), ["list"] = new JsonArray(1, 2, 3) });
        var suffix = string.Create(CultureInfo.InvariantCulture, $"-{width}-{scheme}").ToLowerInvariant();

        await window.Page.GotoAsync(gate.Page("signin").ToString());
        await window.AssertSoundAsync("signin" + suffix);
        await window.SignInAsync(gate.Page("approvals/" + id));
        await window.AssertSoundAsync("approval" + suffix);
        foreach (var path in new[] { "", "approvals", $"approvals/{id}/rule", "stack", "catalogue/up" })
        {
            await window.Page.GotoAsync(gate.Page(path).ToString());
            await window.AssertSoundAsync((path.Length == 0 ? "home" : path.Replace("/" + id, "", StringComparison.Ordinal).Replace('/', '-')) + suffix);
        }
    }

    [Theory]
    [InlineData(Telephone, ColorScheme.Dark)]
    [InlineData(Desk, ColorScheme.Light)]
    public async Task Propose_FromTheCallToTheRevision_IsSoundOnEveryPage(int width, ColorScheme scheme)
    {
        await using var gate = await BrowsedGate.StartAsync("approver", "policy_manager");
        await using var window = await chromium.OpenAsync(width, scheme);
        var arguments = new JsonObject { ["text"] = string.Concat(Enumerable.Repeat("a long word", 40)) };
        await window.SignInAsync(gate.Page("approvals/" + await gate.AskAsync(arguments)));
        var suffix = string.Create(CultureInfo.InvariantCulture, $"-{width}-{scheme}").ToLowerInvariant();

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Approve and propose a rule" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "a rule", Exact = true }).ClickAsync();
        await window.AssertSoundAsync("proposal" + suffix);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Accept" }).ClickAsync();
        await window.Page.GetByText("accepted by ada as revision 2").WaitForAsync();
        await window.Page.GotoAsync(gate.Page("proposals").ToString());
        await window.AssertSoundAsync("proposals" + suffix);

        Assert.Contains("a long word", await gate.CallAsync(arguments), StringComparison.Ordinal);
        Assert.Single(gate.Executions);
    }

    [Fact]
    public async Task Approve_ByKeyboardAloneAndWithoutScript_MakesTheCallOnce()
    {
        await using var gate = await BrowsedGate.StartAsync("approver");
        await using var window = await chromium.OpenAsync(Telephone, script: false);
        var arguments = new JsonObject { ["text"] = "hello" };
        var id = await gate.AskAsync(arguments);
        await window.Page.GotoAsync(gate.Page("approvals/" + id).ToString());
        await TypeAsync(window.Page, "name", BrowsedGate.Operator);
        await TypeAsync(window.Page, "password", BrowsedGate.Password);
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.WaitForURLAsync(gate.Page("approvals/" + id).ToString());

        await TabToAsync(window.Page, "Approve once");
        Assert.Empty(gate.Executions);
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.GetByText("approved, not used yet").WaitForAsync();
        Assert.Contains("hello", await gate.CallAsync(arguments), StringComparison.Ordinal);

        Assert.Single(gate.Executions);
        await window.Page.ReloadAsync();
        await window.Page.GetByText("made once, record").WaitForAsync();
        window.AssertQuiet();
    }

    [Fact]
    public async Task Deny_WithATouch_TellsTheAgentTheReason()
    {
        await using var gate = await BrowsedGate.StartAsync("approver");
        await using var window = await chromium.OpenAsync(Telephone);
        var arguments = new JsonObject { ["text"] = "hello" };
        await window.SignInAsync(gate.Page("approvals/" + await gate.AskAsync(arguments)));
        await window.Page.GetByLabel("Reason").FillAsync("not today");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Refuse" }).TapAsync();
        await window.Page.GetByText("refused", new() { Exact = true }).First.WaitForAsync();

        Assert.Contains("not today", await gate.CallAsync(arguments), StringComparison.Ordinal);
        Assert.Empty(gate.Executions);
    }

    /// <summary>What is drawn is the JSON that goes up: no part of it is markup, leaves its box, turns or hides.</summary>
    [Fact]
    public async Task Page_OfHostileArguments_DrawsTheJsonThatGoesUpInsideItsBox()
    {
        await using var gate = await BrowsedGate.StartAsync("approver");
        await using var window = await chromium.OpenAsync(Telephone);
        await window.SignInAsync(gate.Page("approvals"));
        var begun = 0;
        foreach (var text in HostileTexts.All.Append(new string('A', 20_000)).Append(string.Concat(Enumerable.Repeat("line\n", 2_000))))
        {
            // At most twenty may wait, so each is refused once it was looked at.
            var sent = new JsonObject { ["text"] = text, ["n"] = begun++, [text.Length is 0 or > 200 ? "key" : text] = new JsonArray(text) };
            var id = await gate.AskAsync(sent);
            await window.Page.GotoAsync(gate.Page("approvals/" + id).ToString());
            var drawn = await window.Page.Locator("#data").InnerTextAsync();

            Assert.True(JsonNode.DeepEquals(new JsonObject { ["arguments"] = sent.DeepClone() }, JsonNode.Parse(drawn)), $"{text}: {drawn}");
            Assert.DoesNotContain(drawn, static c => c != '\n' && (char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.LineSeparator));
            Assert.Equal(0, await window.Page.Locator("#data *").CountAsync());
            Assert.Equal(1, await window.Page.Locator("h1").CountAsync());
            await AssertInItsBoxAsync(window.Page, text);
            await window.Page.GetByRole(AriaRole.Button, new() { Name = "Refuse" }).ClickAsync();
        }

        window.AssertQuiet();
    }

    /// <summary>The buttons stay below the box, and the box inside the page, however long or odd its text is; nothing of it has to be scrolled to sideways.</summary>
    private static async Task AssertInItsBoxAsync(IPage page, string text)
    {
        var box = (await page.Locator("#data").BoundingBoxAsync())!;
        var button = (await page.GetByRole(AriaRole.Button, new() { Name = "Approve once" }).BoundingBoxAsync())!;
        Assert.True(box.X >= 0 && box.X + box.Width <= Telephone, $"{text} is wider than the page");
        Assert.True(await page.EvaluateAsync<bool>("(box => box.scrollWidth <= box.clientWidth)(document.getElementById('data'))"), $"a part of {text} is out of sight");
        Assert.True(button.Y >= box.Y + box.Height, $"{text} lies over the buttons");
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= Telephone, $"{text} makes the page wider");
    }

    private static async Task TypeAsync(IPage page, string field, string text)
    {
        for (var presses = 0; presses < 20; presses++)
        {
            if (await page.Locator($"[name={field}]:focus").CountAsync() == 1)
            {
                await page.Keyboard.TypeAsync(text);
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"the field `{field}` cannot be reached by keyboard");
    }

    private static async Task TabToAsync(IPage page, string button)
    {
        for (var presses = 0; presses < 30; presses++)
        {
            if (await page.Locator("button:focus", new() { HasTextString = button }).CountAsync() == 1)
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"the button `{button}` cannot be reached by keyboard");
    }
}
