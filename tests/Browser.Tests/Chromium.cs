using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>Debian's Chromium, without a window. A test without it fails and says what is missing.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    private IPlaywright playwright = null!;
    private IBrowser browser = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.True(File.Exists(Executable), "the tests of pages need Debian's package `chromium`; `./test` installs it");
        playwright = await Playwright.CreateAsync();
        // Without its sandbox, which a container gives it no right to; it sees pages of this gate alone.
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = ["--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server"] });
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>A fresh window without cookies. Whatever the page's own policy forbids it, or breaks in it, fails the test in <see cref="Window.AssertQuiet"/>.</summary>
    public async Task<Window> OpenAsync(int width, ColorScheme scheme = ColorScheme.Light, bool script = true)
    {
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme, JavaScriptEnabled = script, HasTouch = width < 500 });
        return new Window(context, await context.NewPageAsync());
    }
}

/// <summary>One window and what it complained of.</summary>
public sealed class Window : IAsyncDisposable
{
    /// <summary>Where pictures of pages are left for people to look at.</summary>
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "pictures");

    private readonly IBrowserContext context;
    private readonly List<string> complaints = [];

    internal Window(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            // What could not be loaded is seen below; that a page asks for a sign-in is no complaint.
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                complaints.Add(message.Text);
            }
        };
        page.Response += (_, answer) =>
        {
            if (answer.Status >= 400 && answer.Request.ResourceType != "document")
            {
                complaints.Add($"{answer.Url} is answered {answer.Status}");
            }
        };
        page.PageError += (_, error) => complaints.Add(error);
        page.Dialog += (_, dialog) => complaints.Add($"a dialog opened: {dialog.Message}");
    }

    public IPage Page { get; }

    public async Task SignInAsync(Uri page)
    {
        await Page.GotoAsync(page.ToString());
        await Page.GetByLabel("Name").FillAsync(BrowsedGate.Operator);
        await Page.GetByLabel("Password").FillAsync(BrowsedGate.Password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.WaitForURLAsync(page.ToString(), new() { WaitUntil = WaitUntilState.Commit });
    }

    /// <summary>No rule of axe broken, nothing wider than the window, nothing the browser complained of; and a picture.</summary>
    public async Task AssertSoundAsync(string name)
    {
        var result = await Page.RunAxe();
        Assert.True(result.Violations.Length == 0, $"{name}: " + string.Join("\n", result.Violations.Select(static violation => $"{violation.Id}: {violation.Help}; {string.Join(", ", violation.Nodes.Select(static node => node.Html))}")));
        await AssertInsideAsync(name);
    }

    /// <summary>The same without axe, which needs the page's scripts.</summary>
    public async Task AssertInsideAsync(string name)
    {
        var (inner, outer) = (await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), await Page.EvaluateAsync<int>("document.documentElement.clientWidth"));
        Assert.True(inner <= outer, $"{name} is {inner} wide in a window of {outer}");
        AssertQuiet();
        var picture = await Page.ScreenshotAsync(new() { FullPage = true, Path = Path.Combine(Pictures, name + ".png") });
        Assert.True(picture.Length > 1_000, $"the picture of {name} is empty");
    }

    public void AssertQuiet() => Assert.True(complaints.Count == 0, string.Join('\n', complaints));

    public ValueTask DisposeAsync() => context.DisposeAsync();
}
