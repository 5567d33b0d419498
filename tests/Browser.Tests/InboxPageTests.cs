using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Microsoft.Playwright;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>What waits for a person, on a telephone: it comes by itself, is told, and is answered with a thumb or a key.</summary>
public sealed class InboxPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Telephone = 375;
    private const int Desk = 1280;

    /// <summary>Stands before the browser's own, which no test can look at.</summary>
    private const string Listen = """
        window.told = [];
        window.Notification = class {
          static permission = "default";
          static async requestPermission() { return Notification.permission = "granted"; }
          constructor(title, options) { window.told.push(title + ": " + (options.body ?? "")); }
          addEventListener() { }
        };
        """;

    [Fact]
    public async Task Inbox_OnATelephone_FollowsTellsAndIsAnsweredWithAThumb()
    {
        await using var gate = await BrowsedGate.StartAsync("approver");
        await using var window = await chromium.OpenAsync(Telephone);
        var page = window.Page;
        await page.SetViewportSizeAsync(Telephone, 812);
        await page.AddInitScriptAsync(Listen);
        await window.SignInAsync(gate.Page("approvals"));
        await page.GetByText("This list follows by itself.").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Tell me on this device" }).TapAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Do not tell me on this device" }).WaitForAsync();
        await window.AssertSoundAsync("inbox-empty-375");

        var arguments = new JsonObject { ["text"] = "hello" };
        await gate.AskAsync(arguments);
        var row = page.Locator("#inbox a");
        await row.WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Approvals (1)" }).WaitForAsync();

        Assert.StartsWith("(1) Calls that wait", await page.TitleAsync(), StringComparison.Ordinal);
        Assert.StartsWith("A call waits for you: echo on up", Assert.Single(await page.EvaluateAsync<string[]>("window.told")), StringComparison.Ordinal);
        Assert.True((await row.BoundingBoxAsync())!.Height >= 44);
        await window.AssertSoundAsync("inbox-375");
        await row.TapAsync();
        var approve = page.GetByRole(AriaRole.Button, new() { Name = "Approve once" });
        Assert.True((await approve.BoundingBoxAsync())!.Height >= 44);
        await window.AssertInsideAsync("inbox-call-375");
        await approve.TapAsync();
        await page.GetByText("approved, not used yet").WaitForAsync();

        Assert.Contains("hello", await gate.CallAsync(arguments), StringComparison.Ordinal);
        Assert.Single(gate.Executions);
        window.AssertQuiet();
    }

    [Fact]
    public async Task Inbox_ByKeyboardAlone_KeepsTheFocusWhileTheListChanges()
    {
        await using var gate = await BrowsedGate.StartAsync("approver");
        await using var window = await chromium.OpenAsync(Desk);
        var page = window.Page;
        await gate.AskAsync(new JsonObject { ["text"] = "first" });
        await window.SignInAsync(gate.Page("approvals"));
        await page.GetByText("This list follows by itself.").WaitForAsync();
        await TabToAsync(page, "#inbox a:focus");
        var focused = await page.EvaluateAsync<string>("document.activeElement.getAttribute('href')");

        await gate.AskAsync(new JsonObject { ["text"] = "second" });
        await page.Locator("#inbox a").Nth(1).WaitForAsync();

        Assert.Equal(focused, await page.EvaluateAsync<string>("document.activeElement.getAttribute('href')"));
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(gate.Page(focused[1..]).ToString());
        await TabToAsync(page, "form[action$='/approve'] button:focus");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("approved, not used yet").WaitForAsync();
        window.AssertQuiet();
    }

    [Fact]
    public async Task Inbox_OfASessionThatEnds_SaysThatItFollowsNoMore()
    {
        await using var gate = await BrowsedGate.StartAsync("approver");
        await using var window = await chromium.OpenAsync(Telephone);
        await window.SignInAsync(gate.Page("approvals"));
        await window.Page.GetByText("This list follows by itself.").WaitForAsync();

        await gate.ApiAsync(HttpMethod.Delete, "operators/" + BrowsedGate.Operator);

        await window.Page.GetByText("You are signed out, so that this list follows no more.").WaitForAsync();
        window.AssertQuiet();
    }

    [Fact]
    public async Task Inbox_WithoutAScript_IsLoadedAgainWhereThePersonWantsThat()
    {
        await using var gate = await BrowsedGate.StartAsync("approver");
        await using var window = await chromium.OpenAsync(Telephone, script: false);
        await window.SignInAsync(gate.Page("approvals"));
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "follow it" }).TapAsync();
        await window.Page.GetByText("Loaded again every 5 s.").WaitForAsync();

        await gate.AskAsync(new JsonObject { ["text"] = HostileTexts.All[0] });

        await window.Page.Locator("#inbox a").WaitForAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Approvals (1)" }).WaitForAsync();
        window.AssertQuiet();
    }

    private static async Task TabToAsync(IPage page, string focused)
    {
        for (var presses = 0; presses < 60 && await page.Locator(focused).CountAsync() == 0; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Equal(1, await page.Locator(focused).CountAsync());
    }
}
