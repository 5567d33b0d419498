using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
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
    public async Task Link_OfAnEmptyGate_LeadsToTheFirstStepsSignedIn(int width, ColorScheme scheme, bool script)
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

        await page.WaitForURLAsync(new Uri(gate.Root, "start").ToString());
        await page.GetByText("grace", new() { Exact = true }).First.WaitForAsync();
        window.AssertQuiet();
    }

    [Theory]
    [InlineData(Telephone, ColorScheme.Dark)]
    [InlineData(Desk, ColorScheme.Light)]
    public async Task People_WithHostileAndLongTexts_AreSoundAndLookedAfter(int width, ColorScheme scheme)
    {
        await using var gate = await BrowsedGate.StartAsync("administrator");
        foreach (var (name, identity) in new[] { (new string('n', 64), new string('i', 256)), ("eve", "\"><img src=x onerror=alert(1)><script>alert(2)</script>"), ("rtl", "\u202e\u2066moc.elpmaxe@ada") })
        {
            await gate.ApiAsync(HttpMethod.Post, "operators", new { name, identity, roles = (string[])["viewer", "policy_manager"], password = BrowsedGate.Password });
        }

        await using var window = await chromium.OpenAsync(width, scheme);
        var page = window.Page;
        await window.SignInAsync(gate.Page("people"));
        await SoundAsync("people");
        await page.GetByLabel("Name (lower-case").FillAsync("zoe");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "approver" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add and show a link" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy the link" }).WaitForAsync();
        await SoundAsync("person-link");
        var link = await page.Locator("#link").InnerTextAsync();

        await using var another = await chromium.OpenAsync(width, scheme);
        await another.Page.GotoAsync(link);
        await another.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(BrowsedGate.Password);
        await another.Page.GetByLabel("The same password again").FillAsync(BrowsedGate.Password);
        await another.Page.GetByRole(AriaRole.Button).ClickAsync();
        await another.Page.GetByRole(AriaRole.Link, new() { Name = "zoe" }).First.ClickAsync();
        await another.Page.GetByText("page (this one)").WaitForAsync();
        await another.AssertSoundAsync(string.Create(CultureInfo.InvariantCulture, $"person-own-{width}"));

        await page.GotoAsync(gate.Page("people/eve").ToString());
        await SoundAsync("person-hostile");
        await page.GotoAsync(gate.Page("people/zoe").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove zoe" }).ClickAsync();
        await page.WaitForURLAsync(gate.Page("people").ToString());
        await another.Page.ReloadAsync();
        await another.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).WaitForAsync();
        window.AssertQuiet();

        async Task SoundAsync(string name) => await window.AssertSoundAsync(string.Create(CultureInfo.InvariantCulture, $"{name}-{width}"));
    }

    [Theory]
    [InlineData(Telephone, ColorScheme.Dark)]
    [InlineData(Desk, ColorScheme.Light)]
    public async Task Factor_SetUpAndAskedFor_LetsInWithTheCodeAlone(int width, ColorScheme scheme)
    {
        await using var gate = await BrowsedGate.StartAsync("viewer");
        await using var window = await chromium.OpenAsync(width, scheme);
        var page = window.Page;
        await window.SignInAsync(gate.Page(""));
        await page.GetByRole(AriaRole.Link, new() { Name = "ada", Exact = true }).ClickAsync();
        var form = page.Locator("form[action$='/factor']");
        await form.GetByLabel("Current password").FillAsync(BrowsedGate.Password);
        await form.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByText("without a camera").ClickAsync();
        await window.AssertSoundAsync(string.Create(CultureInfo.InvariantCulture, $"factor-{width}"));
        var (ink, ground) = (await page.Locator(".qr-ink").EvaluateAsync<string>("path => getComputedStyle(path).fill"), await page.Locator(".qr-ground").EvaluateAsync<string>("path => getComputedStyle(path).fill"));
        Assert.Equal(("rgb(0, 0, 0)", "rgb(255, 255, 255)"), (ink, ground));
        await page.GetByLabel("Six digits").FillAsync(CodeOf(await page.Locator("#secret").InnerTextAsync()));
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn it on" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy the codes" }).WaitForAsync();
        await window.AssertSoundAsync(string.Create(CultureInfo.InvariantCulture, $"factor-codes-{width}"));
        var recovery = (await page.Locator("#codes").InnerTextAsync()).Split('\n')[0];
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on" }).ClickAsync();
        await page.GetByText("10 recovery codes are left").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await page.GetByLabel("Name").FillAsync(BrowsedGate.Operator);
        await page.GetByLabel("Password").FillAsync(BrowsedGate.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        var code = page.GetByLabel("Six digits, or a recovery code");
        await code.WaitForAsync();
        Assert.True(await code.EvaluateAsync<bool>("field => field === document.activeElement"));
        await window.AssertSoundAsync(string.Create(CultureInfo.InvariantCulture, $"factor-signin-{width}"));
        await code.FillAsync("000000x");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("this is not the code of now").WaitForAsync();
        await code.FillAsync(recovery);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(gate.Page("").ToString());
        window.AssertQuiet();
    }

    /// <summary>What a device would show: RFC 6238, written here once more.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6238 asks for it")]
    private static string CodeOf(string secret)
    {
        var bits = string.Concat(secret.Where(static c => c != ' ').Select(static c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30);
        var mac = HMACSHA1.HashData(bits.Chunk(8).Select(static part => Convert.ToByte(new string(part), 2)).ToArray(), counter);
        return ((BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 15)) & int.MaxValue) % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The link is the second line, printed just behind the one that a test waits for.</summary>
    internal static async Task<string> WelcomeAsync(GateProcess gate)
    {
        string? line;
        while ((line = gate.Output.FirstOrDefault(static one => one.Contains("/welcome/", StringComparison.Ordinal))) is null)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return line.Split(' ').Single(static word => word.StartsWith("http", StringComparison.Ordinal));
    }
}
