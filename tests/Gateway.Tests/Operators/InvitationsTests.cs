using System.Net;
using System.Text.Json;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Tests.Admin;
using Callgate.Gateway.Tests.Configuration;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Callgate.Gateway.Tests.Operators;

/// <summary>Links with which people choose their passwords, made by an administrator.</summary>
public sealed class InvitationsTests
{
    private const string Password = "correct horse battery";
    private const string Another = "another good password";

    [Fact]
    public async Task Invited_WhoIsNew_CanSignInOnlyAfterTheLinkAndOnlyByItsPassword()
    {
        await using var host = await AdminHost.StartAsync();
        var invited = await host.OkAsync(HttpMethod.Post, "operators/ada/invitation", new { roles = (string[])["viewer"], identity = "ada@example.com" }, HttpStatusCode.Created);
        var link = invited.GetProperty("link").GetString()!;
        var listed = Assert.Single((await host.OkAsync(HttpMethod.Get, "operators")).GetProperty("operators").EnumerateArray());
        var before = await host.SendAsync(AdminHost.Basic("ada", ""), HttpMethod.Post, "session");

        var done = await AcceptAsync(host, link, Password);
        var again = await AcceptAsync(host, link, Another);
        var after = Assert.Single((await host.OkAsync(HttpMethod.Get, "operators")).GetProperty("operators").EnumerateArray());

        Assert.StartsWith("https://gate.example.com/welcome/", link, StringComparison.Ordinal);
        Assert.Equal((false, invited.GetProperty("expires").GetString()), (listed.GetProperty("has_password").GetBoolean(), listed.GetProperty("invited").GetString()));
        Assert.Equal(HttpStatusCode.Unauthorized, before.Status);
        Assert.Equal((AdministeredOutcome.Done, AdministeredOutcome.LinkEnded), (done.Outcome, again.Outcome));
        Assert.Equal((true, JsonValueKind.Null), (after.GetProperty("has_password").GetBoolean(), after.GetProperty("invited").ValueKind));
        Assert.NotEmpty(await OperatorsApiTests.SignInAsync(host, "ada", Password));
        Assert.DoesNotContain(link.Split('/')[^1], host.JournalText(), StringComparison.Ordinal);
        Assert.Contains("by a link", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invited_WhoIsThere_KeepsThePasswordAndSessionsUntilTheLinkIsUsed()
    {
        await using var host = await AdminHost.StartAsync();
        await OperatorsApiTests.AddAsync(host, "ada", "viewer");
        var session = await OperatorsApiTests.SignInAsync(host, "ada", Password);
        var first = await InviteAsync(host, "ada");
        var second = await InviteAsync(host, "ada");

        Assert.Equal(AdministeredOutcome.LinkEnded, (await AcceptAsync(host, first, Another)).Outcome);
        Assert.NotEmpty(await OperatorsApiTests.SignInAsync(host, "ada", Password));
        Assert.NotNull(host.Parts.Sessions.Find(session, SessionKind.Cli));
        Assert.Equal(AdministeredOutcome.Done, (await AcceptAsync(host, second, Another)).Outcome);
        Assert.Null(host.Parts.Sessions.Find(session, SessionKind.Cli));
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SendAsync(AdminHost.Basic("ada", Password), HttpMethod.Post, "session")).Status);
        Assert.NotEmpty(await OperatorsApiTests.SignInAsync(host, "ada", Another));
    }

    [Theory]
    [InlineData("ada", """{"roles":["viewer"]}""", HttpStatusCode.Conflict)]
    [InlineData("eve", "{}", HttpStatusCode.BadRequest)]
    [InlineData("Eve", """{"roles":["viewer"]}""", HttpStatusCode.BadRequest)]
    [InlineData("eve", """{"roles":["owner"]}""", HttpStatusCode.BadRequest)]
    [InlineData("eve", """{"roles":["viewer"],"password":"correct horse battery"}""", HttpStatusCode.BadRequest)]
    public async Task Invitation_WronglyDescribed_IsNotMade(string name, string body, HttpStatusCode status)
    {
        await using var host = await AdminHost.StartAsync();
        await OperatorsApiTests.AddAsync(host, "ada", "viewer");

        await host.RefusedAsync(HttpMethod.Post, $"operators/{name}/invitation", body, status);

        Assert.All(host.Parts.Operators.List(), static person => Assert.Null(person.Invitation));
    }

    [Fact]
    public async Task Link_OfADayAgo_OfSomebodyRemovedOrWithAnotherPassword_HoldsNoMore()
    {
        var time = new HandTime();
        await using var host = await AdminHost.StartAsync(time);
        foreach (var name in (string[])["ada", "bob", "eve"])
        {
            await OperatorsApiTests.AddAsync(host, name, "viewer");
        }

        var links = new[] { await InviteAsync(host, "ada"), await InviteAsync(host, "bob"), await InviteAsync(host, "eve") };
        await host.OkAsync(HttpMethod.Delete, "operators/bob");
        await host.OkAsync(HttpMethod.Put, "operators/eve/password", new { password = Another });

        Assert.Equal([AdministeredOutcome.LinkEnded, AdministeredOutcome.LinkEnded], [(await AcceptAsync(host, links[1], Password)).Outcome, (await AcceptAsync(host, links[2], Password)).Outcome]);
        time.Move(TimeSpan.FromHours(24));
        Assert.Equal(AdministeredOutcome.LinkEnded, (await AcceptAsync(host, links[0], Another)).Outcome);
    }

    [Fact]
    public async Task Backup_WithLinks_HoldsNone()
    {
        await using var host = await AdminHost.StartAsync();
        await InviteAsync(host, "ada", "viewer");
        var copy = Path.Combine(host.Folder, "copy.db");

        await host.Parts.Store.BackupAsync(copy);

        await using var store = await SqliteConfigStore.OpenAsync(copy, Keyring.Open(host.Folder), host.Parts.Time);
        Assert.Null(Assert.Single((await store.LoadAsync()).Operators).Invitation);
    }

    [Fact]
    public async Task LastAdministrator_RemovedOrDemoted_StaysUntilAnotherCanSignIn()
    {
        await using var host = await AdminHost.StartAsync();
        await OperatorsApiTests.AddAsync(host, "ada", "administrator");
        var link = await InviteAsync(host, "bob", "administrator");
        var demoted = new { roles = (string[])["viewer"] };

        Assert.Equal("conflict", await host.RefusedAsync(HttpMethod.Delete, "operators/ada", null, HttpStatusCode.Conflict));
        Assert.Equal("conflict", await host.RefusedAsync(HttpMethod.Put, "operators/ada", demoted, HttpStatusCode.Conflict));
        Assert.Equal(AdministeredOutcome.Done, (await AcceptAsync(host, link, Password)).Outcome);
        await host.OkAsync(HttpMethod.Put, "operators/ada", demoted);
        Assert.Equal("conflict", await host.RefusedAsync(HttpMethod.Delete, "operators/bob", null, HttpStatusCode.Conflict));
        Assert.Equal((Roles.Viewer, Roles.Administrator), (host.Parts.Operators.Find("ada")!.Roles, host.Parts.Operators.Find("bob")!.Roles));
    }

    private static async Task<string> InviteAsync(AdminHost host, string name, params string[] roles) =>
        (await host.OkAsync(HttpMethod.Post, $"operators/{name}/invitation", new { roles }, HttpStatusCode.Created)).GetProperty("link").GetString()!;

    private static async Task<Administered> AcceptAsync(AdminHost host, string link, string password) =>
        await host.Parts.Invitations.AcceptAsync(new DefaultHttpContext(), link.Split('/')[^1], "", password);
}
