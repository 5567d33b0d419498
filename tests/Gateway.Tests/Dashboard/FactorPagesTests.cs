using System.Net;
using System.Text.RegularExpressions;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>Second factors on pages: set up, asked for at the sign-in, and required of everybody.</summary>
public sealed partial class FactorPagesTests
{
    private const string Required = "operators: { require_second_factor: true }\n";

    private readonly OffsetTime time = new();

    [Fact]
    public async Task Factor_SetUpOnThePage_IsAskedForAtTheNextSignIn()
    {
        await using var site = await StartAsync("");
        await site.AddAsync("ada", "viewer");
        var cookie = await site.SignInAsync();
        using var wrong = await PostAsync(site, "ada", "factor", cookie, ("current", "wrong wrong wrong"));
        using var begun = await PostAsync(site, "ada", "factor", cookie, ("current", PageGate.Password));
        var form = await begun.Content.ReadAsStringAsync();
        var secret = SecretIn(form);
        using var confirmed = await site.PostAsync("people/ada/factor-confirm", new() { ["token"] = TokenFor(form, "/factor-confirm\""), ["code"] = CodeOf(secret) }, cookie);
        var codes = Recovery().Matches(await confirmed.Content.ReadAsStringAsync()).Select(static match => match.Value).ToList();

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK, 10), (wrong.StatusCode, confirmed.StatusCode, codes.Count));
        Assert.Contains("<svg class=\"qr\"", form, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", form, StringComparison.Ordinal);
        using (var own = await site.GetAsync("people/ada", cookie))
        {
            var html = await own.Content.ReadAsStringAsync();
            Assert.Contains("10 recovery codes are left", html, StringComparison.Ordinal);
            Assert.DoesNotContain(codes[0], html, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", html, StringComparison.Ordinal);
        }

        using var password = await SignInAsync(site);
        var asked = await password.Content.ReadAsStringAsync();
        var step = BegunIn(asked);
        using var replayed = await CodeAsync(site, step, CodeOf(secret));
        time.Advance(TimeSpan.FromSeconds(60));
        using var right = await CodeAsync(site, step, CodeOf(secret));
        using var again = await CodeAsync(site, step, CodeOf(secret));
        using var home = await site.GetAsync("", PageGate.CookieOf(right));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (password.StatusCode, replayed.StatusCode));
        Assert.False(password.Headers.Contains("Set-Cookie"));
        Assert.Equal((HttpStatusCode.SeeOther, "/audit?x=1", HttpStatusCode.Unauthorized, HttpStatusCode.OK), (right.StatusCode, right.Headers.Location!.OriginalString, again.StatusCode, home.StatusCode));
    }

    [Fact]
    public async Task Factor_RequiredOfEverybody_IsSetUpBeforeTheFirstSession()
    {
        await using var site = await StartAsync(Required);
        await site.AddAsync("ada", "viewer");
        using var command = await site.GetAsync("api/v1/session", null, ("Authorization", "Basic x"));
        using var password = await SignInAsync(site);
        var form = await password.Content.ReadAsStringAsync();
        var (secret, step) = (SecretIn(form), BegunIn(form));
        using var wrong = await CodeAsync(site, step, "1");
        using var right = await CodeAsync(site, step, CodeOf(secret));
        using var home = await site.GetAsync("", PageGate.CookieOf(right));
        using var off = await PostAsync(site, "ada", "factor", PageGate.CookieOf(right), ("current", PageGate.Password));

        Assert.False(password.Headers.Contains("Set-Cookie"));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK), (wrong.StatusCode, right.StatusCode, home.StatusCode));
        Assert.Equal(secret, SecretIn(await wrong.Content.ReadAsStringAsync()));
        Assert.Equal(10, Recovery().Count(await right.Content.ReadAsStringAsync()));
        Assert.Contains("href=\"/audit?x=1\"", await right.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var person = await site.GetAsync("people/ada", PageGate.CookieOf(right));
        Assert.DoesNotContain("/factor-off\"", await person.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Factor_RequiredOnceTheFileSaysSo_EndsSessionsWithoutOne()
    {
        var folder = Directory.CreateTempSubdirectory("callgate-factor-").FullName;
        var gate = await RunningGate.StartInAsync(folder, "approvals: { wait: 1ms }\n", time);
        var before = PageGate.Before(gate);
        await before.AddAsync("ada", "viewer");
        var cookie = await before.SignInAsync();
        Assert.Equal(0, await gate.StopAsync());

        await using var site = PageGate.Before(await RunningGate.StartInAsync(folder, Required, time));
        using var home = await site.GetAsync("", cookie);

        Assert.Equal(HttpStatusCode.Unauthorized, home.StatusCode);
    }

    [Fact]
    public async Task Link_OfSomebodyWithAFactor_StillAsksForTheCode()
    {
        await using var site = await StartAsync("");
        await site.AddAsync("ada", "viewer");
        var cookie = await site.SignInAsync();
        using var begun = await PostAsync(site, "ada", "factor", cookie, ("current", PageGate.Password));
        var form = await begun.Content.ReadAsStringAsync();
        using var confirmed = await site.PostAsync("people/ada/factor-confirm", new() { ["token"] = TokenFor(form, "/factor-confirm\""), ["code"] = CodeOf(SecretIn(form)) }, cookie);
        using var invited = await site.AdministerAsync(HttpMethod.Post, "operators/ada/invitation", new { });
        var link = System.Text.Json.JsonElement.Parse(await invited.Content.ReadAsStringAsync()).GetProperty("link").GetString()!;
        const string another = "another good password";
        using var accepted = await site.PostAsync(new Uri(link).AbsolutePath[1..], new() { ["password"] = another, ["again"] = another });
        time.Advance(TimeSpan.FromSeconds(60));
        using var right = await CodeAsync(site, BegunIn(await accepted.Content.ReadAsStringAsync()), CodeOf(SecretIn(form)));

        Assert.False(accepted.Headers.Contains("Set-Cookie"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.SeeOther), (accepted.StatusCode, right.StatusCode));
    }

    [Fact]
    public async Task Changes_OfAnothersFactor_AreForAdministratorsAndOnlyToResetIt()
    {
        await using var site = await StartAsync("");
        await site.AddAsync("ada", "viewer");
        await site.AddAsync("root", "administrator");
        var (viewer, administrator) = (await site.SignInAsync(), await site.SignInAsync("root"));
        using var foreign = await site.PostAsync("people/root/factor-reset", new() { ["token"] = "x" }, viewer);
        using var begin = await site.PostAsync("people/ada/factor", new() { ["token"] = await TokenAsync(site, "people/root", "/factor\"", administrator), ["current"] = PageGate.Password }, administrator);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (foreign.StatusCode, begin.StatusCode));
    }

    private async Task<PageGate> StartAsync(string yaml) =>
        PageGate.Before(await RunningGate.StartInAsync(Directory.CreateTempSubdirectory("callgate-factor-").FullName, "approvals: { wait: 1ms }\n" + yaml, time));

    private static Task<HttpResponseMessage> SignInAsync(PageGate site) =>
        site.PostAsync("signin", new() { ["name"] = "ada", ["password"] = PageGate.Password, ["return"] = "/audit?x=1" });

    private static Task<HttpResponseMessage> CodeAsync(PageGate site, string begun, string code) =>
        site.PostAsync("signin/code", new() { ["begun"] = begun, ["code"] = code, ["return"] = "/audit?x=1" });

    private string CodeOf(string secret) => TimeCodes.CodeAt(Bytes(secret), TimeCodes.StepAt(time.GetUtcNow()));

    private static byte[] Bytes(string base32)
    {
        var bits = string.Concat(base32.Select(static c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(static part => part.Length == 8).Select(static part => Convert.ToByte(new string(part), 2))];
    }

    private static string SecretIn(string html) => Secret().Match(html).Groups[1].Value.Replace(" ", "", StringComparison.Ordinal);

    private static string BegunIn(string html) => Begun().Match(html).Groups[1].Value;

    private static string TokenFor(string html, string form) => PageGate.TokenIn(html[html.IndexOf(form, StringComparison.Ordinal)..]);

    private static async Task<string> TokenAsync(PageGate site, string page, string form, string cookie)
    {
        using var answer = await site.GetAsync(page, cookie);
        return TokenFor(await answer.Content.ReadAsStringAsync(), form);
    }

    private static async Task<HttpResponseMessage> PostAsync(PageGate site, string name, string change, string cookie, params (string Name, string Value)[] fields)
    {
        var form = fields.ToDictionary(static field => field.Name, static field => field.Value);
        form["token"] = await TokenAsync(site, $"people/{name}", $"/{change}\"", cookie);
        return await site.PostAsync($"people/{name}/{change}", form, cookie);
    }

    [GeneratedRegex("id=\"secret\"[^>]*>([A-Z2-7 ]+)<")]
    private static partial Regex Secret();

    [GeneratedRegex("name=\"begun\" value=\"([^\"]+)\"")]
    private static partial Regex Begun();

    [GeneratedRegex("[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}")]
    private static partial Regex Recovery();
}
