using System.Globalization;
using Callgate.EndToEnd.Tests;
using Microsoft.Playwright;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>How people come to the gate, and how they are looked after, in a real browser.</summary>
public sealed class PeoplePageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Telephone = 375;
    private const int Desk = 1280;

    [Theory]
    [InlineData(Telephone, ColorScheme.Light, false)]
    [InlineData(Desk, ColorScheme.Dark, true)]
    public async Task Link_OfAnEmptyGate_LeadsToTheOverviewSignedIn(int width, ColorScheme scheme, bool script)
    {
        using var folder = new TemporaryFolder();
        await using var gate = await GateProcess.ServeAsync(folder.File("data"), ["--listen", "http://127.0.0.1:0"]);
        await using var window = await chromium.OpenAsync(width, scheme, script);
        var page = window.Page;
        await page.GotoAsync(await WelcomeAsync(gate));
        if (script)
        {
            await window.AssertSoundAsync(string.Create(CultureInfo.InvariantCulture, $"welcome-{width}"));
        }

        await page.GetByLabel("Name").FillAsync("grace");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(BrowsedGate.Password);
        await page.GetByLabel("The same password again").FillAsync(BrowsedGate.Password + "x");
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByText("the two passwords differ").WaitForAsync();
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(BrowsedGate.Password);
        await page.GetByLabel("The same password again").FillAsync(BrowsedGate.Password);
        await page.GetByRole(AriaRole.Button).ClickAsync();

        await page.WaitForURLAsync(gate.Root.ToString());
        await page.GetByText("grace", new() { Exact = true }).First.WaitForAsync();
        window.AssertQuiet();
    }

    /// <summary>The link is the second line, printed just behind the one that a test waits for.</summary>
    private static async Task<string> WelcomeAsync(GateProcess gate)
    {
        string? line;
        while ((line = gate.Output.FirstOrDefault(static one => one.Contains("/welcome/", StringComparison.Ordinal))) is null)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return line.Split(' ').Single(static word => word.StartsWith("http", StringComparison.Ordinal));
    }
}
