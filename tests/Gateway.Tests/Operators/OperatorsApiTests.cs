using System.Net;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Tests.Admin;
using Callgate.Gateway.Tests.Configuration;
using Xunit;

namespace Callgate.Gateway.Tests.Operators;

/// <summary>Operators and their sessions through the API.</summary>
public sealed class OperatorsApiTests
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Operator_AddedChangedRemoved_IsListedAndRecordedByWhoDidIt()
    {
        await using var host = await AdminHost.StartAsync();
        var made = await host.OkAsync(HttpMethod.Post, "operators", new { name = "root", roles = (string[])["administrator"] }, HttpStatusCode.Created);
        var root = await SignInAsync(host, "root", made.GetProperty("password").GetString()!);

        var (added, body, _) = await host.SendAsync(AdminHost.Bearer(root), HttpMethod.Post, "operators", new { name = "alice@example.com", roles = (string[])["approver", "viewer"], identity = "alice@example.com", password = Password });
        var (changed, _, _) = await host.SendAsync(AdminHost.Bearer(root), HttpMethod.Put, "operators/alice@example.com", new { roles = (string[])["policy_manager"] });
        var (_, list, _) = await host.SendAsync(AdminHost.Bearer(root), HttpMethod.Get, "operators");
        var (removed, _, _) = await host.SendAsync(AdminHost.Bearer(root), HttpMethod.Delete, "operators/alice@example.com");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK), (added, changed, removed));
        Assert.Equal(JsonValueKind.Null, body.GetProperty("password").ValueKind);
        Assert.Equal("""["viewer","approver"]""", body.GetProperty("roles").GetRawText());
        Assert.Equal(["alice@example.com", "root"], list.GetProperty("operators").EnumerateArray().Select(static person => person.GetProperty("name").GetString()));
        Assert.Equal("""["policy_manager"]""", list.GetProperty("operators")[0].GetProperty("roles").GetRawText());
        Assert.Equal(JsonValueKind.Null, list.GetProperty("operators")[0].GetProperty("identity").ValueKind);
        var journal = host.JournalText();
        Assert.Equal(
            [("operator/operator-add", "administrator"), ("operator/sign-in", "root"), ("operator/operator-add", "root"), ("operator/operator-change", "root"), ("operator/operator-remove", "root")],
            Actions(journal));
        Assert.Contains("alice@example.com: viewer, approver; identity alice@example.com", journal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"Ada","roles":["viewer"]}""")]
    [InlineData("""{"name":"administrator","roles":["viewer"]}""")]
    [InlineData("""{"name":"callgate.yaml","roles":["viewer"]}""")]
    [InlineData("""{"name":"a b","roles":["viewer"]}""")]
    [InlineData("""{"name":"ada","roles":[]}""")]
    [InlineData("""{"name":"ada","roles":["Viewer"]}""")]
    [InlineData("""{"name":"ada","roles":["viewer"],"password":"short"}""")]
    [InlineData("""{"name":"ada","roles":["viewer"],"identity":""}""")]
    public async Task Operator_WronglyDescribed_IsNotAdded(string body)
    {
        await using var host = await AdminHost.StartAsync();

        Assert.Equal("request.invalid", await host.RefusedAsync(HttpMethod.Post, "operators", body, HttpStatusCode.BadRequest));
        Assert.Empty(host.Parts.Snapshots.Current.Operators);
    }

    [Fact]
    public async Task Operator_NameThatIsTaken_IsRefused()
    {
        await using var host = await AdminHost.StartAsync();
        await host.SignedInAsync("ada", Roles.Viewer);

        Assert.Equal("conflict", await host.RefusedAsync(HttpMethod.Post, "operators", new { name = "ada", roles = (string[])["viewer"] }, HttpStatusCode.Conflict));
        Assert.Equal("not_found", await host.RefusedAsync(HttpMethod.Delete, "operators/eve", null, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Session_BegunAndEnded_ActsUnderTheNameUntilThen()
    {
        await using var host = await AdminHost.StartAsync();
        await AddAsync(host, "ada", "policy_manager");

        var token = await SignInAsync(host, "ada", Password);
        var (put, _, _) = await host.SendAsync(AdminHost.Bearer(token), HttpMethod.Put, "policies/mine", JsonElement.Parse("""{"version":"1","default":"deny"}"""));
        var (_, who, _) = await host.SendAsync(AdminHost.Bearer(token), HttpMethod.Get, "session");
        var (ended, _, _) = await host.SendAsync(AdminHost.Bearer(token), HttpMethod.Delete, "session");
        var (after, _, _) = await host.SendAsync(AdminHost.Bearer(token), HttpMethod.Get, "session");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized), (put, ended, after));
        Assert.Equal(("ada", "ada@example.com"), (who.GetProperty("name").GetString(), who.GetProperty("identity").GetString()));
        Assert.Equal("ada", (await host.Parts.Store.ListRevisionsAsync("mine"))[0].Author);
        Assert.Contains(("operator/sign-out", "ada"), Actions(host.JournalText()));
    }

    [Fact]
    public async Task Session_TimePasses_EndsAfterTwelveHoursOrWhenAPageIsLeftAlone()
    {
        var time = new HandTime();
        await using var host = await AdminHost.StartAsync(time);
        var (page, cli) = (await host.SignedInAsync("ada", Roles.Viewer, SessionKind.Page), await host.SignedInAsync("ada", Roles.Viewer));
        var sessions = host.Parts.Sessions;

        Assert.Null(sessions.Find(page, SessionKind.Cli));
        Assert.Null(sessions.Find(cli, SessionKind.Page));
        for (var minutes = 0; minutes < 12 * 60 - 29; minutes += 29)
        {
            Assert.NotNull(sessions.Find(page, SessionKind.Page));
            time.Move(TimeSpan.FromMinutes(29));
        }

        Assert.NotNull(sessions.Find(page, SessionKind.Page));
        Assert.NotNull(sessions.Find(cli, SessionKind.Cli));
        time.Move(TimeSpan.FromMinutes(29));
        Assert.Null(sessions.Find(page, SessionKind.Page));
        Assert.Null(sessions.Find(cli, SessionKind.Cli));

        var another = await host.SignedInAsync("ada", Roles.Viewer, SessionKind.Page);
        time.Move(TimeSpan.FromMinutes(30));
        Assert.Null(sessions.Find(another, SessionKind.Page));
    }

    [Fact]
    public async Task Session_AfterARestart_GoesOnFromItsLastUse()
    {
        var time = new HandTime();
        await using var host = await AdminHost.StartAsync(time);
        var token = await host.SignedInAsync("ada", Roles.Viewer, SessionKind.Page);
        time.Move(TimeSpan.FromMinutes(20));
        Assert.NotNull(host.Parts.Sessions.Find(token, SessionKind.Page));
        time.Move(TimeSpan.FromMinutes(20));

        // The store has one thread, so that what was posted before has been written.
        var restarted = new OperatorSessions(await host.Parts.Store.ListSessionsAsync(), host.Parts.Store, host.Parts.Snapshots, time);

        Assert.NotNull(restarted.Find(token, SessionKind.Page));
    }

    [Fact]
    public async Task Operator_RemovedOrGivenAnotherPassword_LosesEverySessionAtOnce()
    {
        await using var host = await AdminHost.StartAsync();
        var (first, second) = (await host.SignedInAsync("ada", Roles.Viewer), await host.SignedInAsync("bob", Roles.Viewer));

        await host.OkAsync(HttpMethod.Delete, "operators/ada");
        await host.OkAsync(HttpMethod.Post, "operators", new { name = "ada", roles = (string[])["administrator"], password = Password }, HttpStatusCode.Created);
        await host.OkAsync(HttpMethod.Put, "operators/bob/password", new { password = Password });

        Assert.Null(host.Parts.Sessions.Find(first, SessionKind.Cli));
        Assert.Null(host.Parts.Sessions.Find(second, SessionKind.Cli));
        Assert.NotEmpty(await SignInAsync(host, "bob", Password));
    }

    [Fact]
    public async Task Roles_Changed_HoldForTheSessionThatIsOpen()
    {
        await using var host = await AdminHost.StartAsync();
        var token = await host.SignedInAsync("ada", Roles.Administrator);

        await host.OkAsync(HttpMethod.Put, "operators/ada", new { roles = (string[])["viewer"] });

        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(AdminHost.Bearer(token), HttpMethod.Put, "stops/all")).Status);
    }

    [Fact]
    public async Task Password_OwnOrOfAnother_NeedsTheCurrentOneOrTheRole()
    {
        await using var host = await AdminHost.StartAsync();
        await AddAsync(host, "ada", "viewer");
        await AddAsync(host, "bob", "viewer");
        var ada = AdminHost.Bearer(await SignInAsync(host, "ada", Password));

        var other = await host.SendAsync(ada, HttpMethod.Put, "operators/bob/password", new { current = Password });
        var without = await host.SendAsync(ada, HttpMethod.Put, "operators/ada/password", new { password = "another good one" });
        var with = await host.SendAsync(ada, HttpMethod.Put, "operators/ada/password", new { password = "another good one", current = Password });

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.BadRequest, HttpStatusCode.OK), (other.Status, without.Status, with.Status));
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SendAsync(ada, HttpMethod.Get, "session")).Status);
        Assert.NotEmpty(await SignInAsync(host, "ada", "another good one"));
    }

    [Fact]
    public async Task Secrets_OfOperators_LieNowhereInTheClear()
    {
        await using var host = await AdminHost.StartAsync();
        var made = await host.OkAsync(HttpMethod.Post, "operators", new { name = "root", roles = (string[])["viewer"] }, HttpStatusCode.Created);
        await AddAsync(host, "ada", "viewer");
        var token = await SignInAsync(host, "ada", Password);
        await host.SendAsync(AdminHost.Basic("ada", "wrong but telling"), HttpMethod.Post, "session");
        await host.SendAsync(AdminHost.Basic("typed-my-password-here", "wrong but telling"), HttpMethod.Post, "session");
        await host.OkAsync(HttpMethod.Post, "backups", null, HttpStatusCode.Created);

        string[] secrets = [Password, token, token["cgs_".Length..], made.GetProperty("password").GetString()!, "wrong but telling", "typed-my-password-here"];
        foreach (var file in Directory.EnumerateFiles(host.Folder, "*", SearchOption.AllDirectories).Where(static file => Path.GetExtension(file) != ".lock"))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.Latin1);
            var text = await reader.ReadToEndAsync();
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        }

        Assert.Contains("wrong name or password", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_WithSessions_HoldsNone()
    {
        await using var host = await AdminHost.StartAsync();
        await host.SignedInAsync("ada", Roles.Viewer);
        var copy = Path.Combine(host.Folder, "copy.db");

        await host.Parts.Store.BackupAsync(copy);

        await using var store = await Gateway.Storage.SqliteConfigStore.OpenAsync(copy, Gateway.Storage.Keyring.Open(host.Folder), host.Parts.Time);
        Assert.Empty(await store.ListSessionsAsync());
        Assert.Single((await store.LoadAsync()).Operators);
        Assert.Single(await host.Parts.Store.ListSessionsAsync());
    }

    internal static async Task AddAsync(AdminHost host, string name, params string[] roles) =>
        await host.OkAsync(HttpMethod.Post, "operators", new { name, roles, identity = name + "@example.com", password = Password }, HttpStatusCode.Created);

    internal static async Task<string> SignInAsync(AdminHost host, string name, string password)
    {
        var (status, body, _) = await host.SendAsync(AdminHost.Basic(name, password), HttpMethod.Post, "session");
        Assert.Equal(HttpStatusCode.Created, status);
        return body.GetProperty("token").GetString()!;
    }

    private static List<(string Method, string Who)> Actions(string journal) =>
        [.. journal.Split('\n').Where(static line => line.Contains("\"operator/", StringComparison.Ordinal) && !line.Contains("operator/reload", StringComparison.Ordinal)).Select(static line => JsonElement.Parse(line))
            .Select(static entry => entry.TryGetProperty("call", out var call) ? call : entry)
            .Select(static entry => (entry.GetProperty("method").GetString()!, entry.GetProperty("identity").GetString()!))];
}
