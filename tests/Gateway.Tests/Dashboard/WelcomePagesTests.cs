using System.Net;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>The link that a gate without operators prints: one use, one operator, for a day.</summary>
public sealed class WelcomePagesTests
{
    private const string Yaml = "approvals: { wait: 1ms }\n";
    private const string Password = PageGate.Password;

    [Fact]
    public async Task Link_OfAGateWithoutOperators_MakesTheFirstWhoIsSignedIn()
    {
        await using var site = PageGate.Before(await RunningGate.StartAsync(Yaml));
        var path = await PathAsync(site.Gate);
        using var form = await site.GetAsync(path);
        using var made = await AcceptAsync(site, path, "grace");
        using var home = await site.GetAsync("", PageGate.CookieOf(made));
        using var again = await site.GetAsync(path);
        using var second = await AcceptAsync(site, path, "eve");
        var person = Assert.Single(JsonElement.Parse(await site.ApiAsync("operators")).GetProperty("operators").EnumerateArray());

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.SeeOther, HttpStatusCode.OK), (form.StatusCode, made.StatusCode, home.StatusCode));
        Assert.Equal(("grace", """["approver","administrator"]"""), (person.GetProperty("name").GetString(), person.GetProperty("roles").GetRawText()));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (again.StatusCode, second.StatusCode));
        var records = JournalText.Entries(site.Gate, "call").Select(static entry => (entry.GetProperty("method").GetString(), Text(entry, "identity"))).ToList();
        Assert.Equal([("operator/operator-add", "grace"), ("operator/sign-in", "grace")], records.Where(static record => record.Item2 is not null));
        var secret = path.Split('/')[^1];
        foreach (var file in Directory.EnumerateFiles(site.Gate.Folder, "*", SearchOption.AllDirectories).Where(static file => Path.GetExtension(file) != ".lock"))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.Latin1);
            Assert.DoesNotContain(secret, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(secret, site.Gate.Errors.ToString(), StringComparison.Ordinal);
        Assert.Single(site.Gate.Printed, line => line.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Link_UsedByManyAtOnce_MakesOneOperator()
    {
        await using var site = PageGate.Before(await RunningGate.StartAsync(Yaml));
        var path = await PathAsync(site.Gate);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => AcceptAsync(site, path, $"person{i}")));

        Assert.Single(answers, static answer => answer.StatusCode == HttpStatusCode.SeeOther);
        Assert.All(answers.Where(static answer => answer.StatusCode != HttpStatusCode.SeeOther), static answer => Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode));
        Assert.Single(JsonElement.Parse(await site.ApiAsync("operators")).GetProperty("operators").EnumerateArray());
        Array.ForEach(answers, static answer => answer.Dispose());
    }

    [Fact]
    public async Task Link_WhenItsDayIsOver_HoldsNoMoreAndTheNextStartPrintsAnother()
    {
        var time = new OffsetTime();
        var folder = Directory.CreateTempSubdirectory("callgate-welcome-").FullName;
        var gate = await RunningGate.StartInAsync(folder, Yaml, time);
        string first;
        using (var http = new HttpClient())
        {
            first = await PathAsync(gate);
            time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
            using var before = await http.GetAsync(new Uri(gate.Address, first));
            time.Advance(TimeSpan.FromMinutes(1));
            using var after = await http.GetAsync(new Uri(gate.Address, first));
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (before.StatusCode, after.StatusCode));
        }

        Assert.Equal(0, await gate.StopAsync());
        await using var site = PageGate.Before(await RunningGate.StartInAsync(folder, Yaml, time));
        var second = await PathAsync(site.Gate);
        using var old = await site.GetAsync(first);
        using var made = await AcceptAsync(site, second, "grace");

        Assert.NotEqual(first, second);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.SeeOther), (old.StatusCode, made.StatusCode));
    }

    [Fact]
    public async Task Link_WhenAnOperatorIsThereByAnotherWay_HoldsNoMoreAndIsNotPrinted()
    {
        var folder = Directory.CreateTempSubdirectory("callgate-welcome-").FullName;
        var gate = await RunningGate.StartInAsync(folder, Yaml, TimeProvider.System);
        var (path, site) = (await PathAsync(gate), PageGate.Before(gate));
        await site.AddAsync("ada", "viewer");
        using var form = await site.GetAsync(path);
        using var posted = await AcceptAsync(site, path, "eve");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (form.StatusCode, posted.StatusCode));
        Assert.Equal(0, await gate.StopAsync());

        var again = await RunningGate.StartInAsync(folder, Yaml, TimeProvider.System);
        Assert.Equal(0, await again.StopAsync());

        Assert.StartsWith("callgate listening on", Assert.Single(again.Printed), StringComparison.Ordinal);
        await again.DisposeAsync();
    }

    [Theory]
    [InlineData("Grace", Password, Password, "an operator&#x27;s name has")]
    [InlineData("administrator", Password, Password, "an operator&#x27;s name has")]
    [InlineData("\"><script>alert(1)</script>", Password, Password, "an operator&#x27;s name has")]
    [InlineData("grace", "short", "short", "a password has 12 to 256 characters")]
    [InlineData("grace", Password, "correct horse batterx", "the two passwords differ")]
    public async Task Form_FilledWrongly_SaysWhyAndTheLinkGoesOn(string name, string password, string again, string why)
    {
        await using var site = PageGate.Before(await RunningGate.StartAsync(Yaml));
        var path = await PathAsync(site.Gate);
        using var wrong = await site.PostAsync(path, new() { ["name"] = name, ["password"] = password, ["again"] = again });
        using var foreign = await site.PostAsync(path, new() { ["name"] = "eve", ["password"] = Password, ["again"] = Password }, null, ("Origin", "https://evil.example"));
        var html = await wrong.Content.ReadAsStringAsync();
        using var right = await AcceptAsync(site, path, "grace");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.Forbidden, HttpStatusCode.SeeOther), (wrong.StatusCode, foreign.StatusCode, right.StatusCode));
        Assert.Contains(why, html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(password, html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_Guessed_MakeTheirAddressWait()
    {
        await using var site = PageGate.Before(await RunningGate.StartAsync(Yaml));
        var path = await PathAsync(site.Gate);
        for (var i = 0; i < 20; i++)
        {
            using var guess = await site.GetAsync($"welcome/{path.Split('/')[^1]}{i}");
            Assert.Equal(HttpStatusCode.NotFound, guess.StatusCode);
        }

        using var waits = await AcceptAsync(site, path, "grace");
        using var signIn = await site.PostAsync("signin", new() { ["name"] = "grace", ["password"] = Password });

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests), (waits.StatusCode, signIn.StatusCode));
        Assert.NotNull(waits.Headers.RetryAfter);
        Assert.Empty(JsonElement.Parse(await site.ApiAsync("operators")).GetProperty("operators").EnumerateArray());
    }

    [Fact]
    public async Task Link_WhereAdministrationIsApart_AnswersThereAlone()
    {
        await using var gate = await RunningGate.StartApartAsync(Yaml);
        var welcome = await gate.WelcomeAsync();
        using var http = new HttpClient();
        using var apart = await http.GetAsync(welcome);
        using var front = await http.GetAsync(new Uri(gate.Address, welcome.AbsolutePath));

        Assert.Equal(gate.AdminAddress.Authority, welcome.Authority);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (apart.StatusCode, front.StatusCode));
    }

    private static async Task<string> PathAsync(RunningGate gate) => (await gate.WelcomeAsync()).AbsolutePath[1..];

    private static Task<HttpResponseMessage> AcceptAsync(PageGate site, string path, string name) =>
        site.PostAsync(path, new() { ["name"] = name, ["password"] = Password, ["again"] = Password });

    private static string? Text(JsonElement entry, string member) => entry.TryGetProperty(member, out var value) ? value.GetString() : null;
}
