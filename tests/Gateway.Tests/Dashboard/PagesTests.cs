using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Tests.Configuration;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>What every page has: closed headers, the stylesheet, readable colours.</summary>
public sealed partial class PagesTests(PageGate site) : IClassFixture<PageGate>
{
    [Theory]
    [InlineData("")]
    [InlineData("signin")]
    public async Task Headers_OfEveryPage_CloseIt(string path)
    {
        using var answer = await site.GetAsync(path);
        var html = await answer.Content.ReadAsStringAsync();

        Assert.Equal("default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", Header(answer, "Content-Security-Policy"));
        Assert.Equal(("DENY", "nosniff", "same-origin", "no-store"), (Header(answer, "X-Frame-Options"), Header(answer, "X-Content-Type-Options"), Header(answer, "Referrer-Policy"), Header(answer, "Cache-Control")));
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)<script(?! src=\"/assets/callgate-[0-9a-f]{16}\\.js\" defer></script>)|<style|style=|javascript:| on[a-z]+=", html);
    }

    [Fact]
    public async Task Page_WithoutASignIn_LeadsBackToItself()
    {
        using var answer = await site.GetAsync("?x=1&y=%22");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("name=\"return\" value=\"/?x=1&amp;y=%22\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stylesheet_ByItsHash_MayBeKeptForEver()
    {
        using var page = await site.GetAsync("signin");
        var address = StylesheetAddress().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value;
        using var sheet = await site.GetAsync(address);
        using var other = await site.GetAsync("/assets/callgate-0123456789abcdef.css");

        Assert.Equal(("text/css; charset=utf-8", "public, max-age=31536000, immutable"), (sheet.Content.Headers.ContentType!.ToString(), Header(sheet, "Cache-Control")));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    /// <summary>WCAG 2.2: 4.5 to 1 for text, 3 to 1 for the edges of fields.</summary>
    [Fact]
    public void Colours_LightAndDark_CanBeReadByEveryone()
    {
        var schemes = File.ReadAllText(RepositoryFiles.At("src", "Gateway", "Dashboard", "callgate.css")).Split("prefers-color-scheme: dark");
        Assert.Equal(2, schemes.Length);
        foreach (var colours in schemes.Select(static text => Colour().Matches(text).ToDictionary(static match => match.Groups[1].Value, static match => Luminance(match.Groups[2].Value))))
        {
            (string Ink, string Ground, double Least)[] pairs =
            [
                ("ink", "ground", 4.5), ("ink", "raised", 4.5), ("faint", "ground", 4.5), ("faint", "raised", 4.5), ("link", "ground", 4.5), ("link", "raised", 4.5),
                ("on-act", "act", 4.5), ("warn", "warn-ground", 4.5), ("come", "come-ground", 4.5), ("field", "ground", 3), ("field", "raised", 3),
                ("warn", "ground", 4.5), ("allow", "ground", 3), ("ask", "ground", 3), ("deny", "ground", 3), ("hide", "ground", 3),
            ];
            Assert.All(pairs, pair => Assert.True(Contrast(colours[pair.Ink], colours[pair.Ground]) >= pair.Least, $"{pair.Ink} on {pair.Ground}"));
        }
    }

    [Fact]
    public void ActionToken_OfAnotherActionOrSession_IsNotAccepted()
    {
        var person = new Operator { Name = "ada", Roles = Roles.Approver, PasswordHash = "", Stamp = "", Created = default };
        var (mine, again, other) = (Actor.SignedIn(person, "cgs_1"), Actor.SignedIn(person, "cgs_1"), Actor.SignedIn(person, "cgs_2"));

        Assert.True(again.Accepts("approve 1", mine.TokenFor("approve 1")));
        Assert.False(mine.Accepts("approve 2", mine.TokenFor("approve 1")));
        Assert.False(other.Accepts("approve 1", mine.TokenFor("approve 1")));
        Assert.False(mine.Accepts("approve 1", null));
        Assert.False(Actor.Token.Accepts("approve 1", ""));
        Assert.DoesNotContain("cgs_", mine.ToString(), StringComparison.Ordinal);
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(", ", answer.Headers.GetValues(name));

    private static double Contrast(double one, double other) => (Math.Max(one, other) + 0.05) / (Math.Min(one, other) + 0.05);

    private static double Luminance(string hex)
    {
        double Channel(int at)
        {
            var share = int.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Channel(0)) + (0.7152 * Channel(2)) + (0.0722 * Channel(4));
    }

    [GeneratedRegex("--([a-z-]+): #([0-9a-f]{6});")]
    private static partial Regex Colour();

    [GeneratedRegex("href=\"(/assets/[^\"]+)\"")]
    private static partial Regex StylesheetAddress();
}
