using System.Net;
using System.Text.Json;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Tests.Admin;
using Callgate.Gateway.Tests.Configuration;
using Xunit;

namespace Callgate.Gateway.Tests.Operators;

/// <summary>Open sessions through the API: who sees which, and who ends which.</summary>
public sealed class SessionsApiTests
{
    [Fact]
    public async Task Sessions_OfEverybody_AreSeenByAdministratorsAndOnesOwnByAnybody()
    {
        await using var host = await AdminHost.StartAsync();
        var ada = await host.SignedInAsync("ada", Roles.Viewer);
        await host.SignedInAsync("ada", Roles.Viewer, SessionKind.Page);
        var root = await host.SignedInAsync("root", Roles.Administrator);

        var own = await ListAsync(host, ada);
        var all = await ListAsync(host, root);
        var byToken = (await host.OkAsync(HttpMethod.Get, "sessions")).GetProperty("sessions");

        Assert.Equal(["cli", "page"], own.Select(static one => one.GetProperty("kind").GetString()).Order());
        Assert.Single(own, static one => one.GetProperty("current").GetBoolean() && one.GetProperty("kind").GetString() == "cli");
        Assert.All(own, static one => Assert.Equal(("ada", "127.0.0.1"), (one.GetProperty("operator").GetString(), one.GetProperty("address").GetString())));
        Assert.Equal((3, 3), (all.Count, byToken.GetArrayLength()));
        Assert.DoesNotContain(ada, byToken.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_EndedById_IsOutAtOnceAndRecordedByWhoDidIt()
    {
        await using var host = await AdminHost.StartAsync();
        var (ada, bob, root) = (await host.SignedInAsync("ada", Roles.Viewer), await host.SignedInAsync("bob", Roles.Viewer), await host.SignedInAsync("root", Roles.Administrator));

        var foreign = await host.SendAsync(AdminHost.Bearer(ada), HttpMethod.Delete, "sessions/" + OperatorSessions.IdOf(bob));
        var byRoot = await host.SendAsync(AdminHost.Bearer(root), HttpMethod.Delete, "sessions/" + OperatorSessions.IdOf(bob));
        var again = await host.SendAsync(AdminHost.Bearer(root), HttpMethod.Delete, "sessions/" + OperatorSessions.IdOf(bob));
        var own = await host.SendAsync(AdminHost.Bearer(ada), HttpMethod.Delete, "sessions/" + OperatorSessions.IdOf(ada));

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.OK), (foreign.Status, byRoot.Status, again.Status, own.Status));
        Assert.Null(host.Parts.Sessions.Find(bob, SessionKind.Cli));
        Assert.Null(host.Parts.Sessions.Find(ada, SessionKind.Cli));
        Assert.Equal("root", Assert.Single(await host.Parts.Store.ListSessionsAsync()).Operator);
        Assert.Equal(["root", "ada"], host.JournalText().Split('\n').Where(static line => line.Contains("operator/session-end", StringComparison.Ordinal)).Select(static line => JsonElement.Parse(line).GetProperty("identity").GetString()));
    }

    [Fact]
    public async Task Sessions_ThatHaveEnded_AreNotListed()
    {
        var time = new HandTime();
        await using var host = await AdminHost.StartAsync(time);
        await host.SignedInAsync("ada", Roles.Viewer, SessionKind.Page);
        await host.SignedInAsync("bob", Roles.Viewer);
        time.Move(TimeSpan.FromMinutes(30));
        await host.OkAsync(HttpMethod.Delete, "operators/bob");

        Assert.Empty((await host.OkAsync(HttpMethod.Get, "sessions")).GetProperty("sessions").EnumerateArray());
    }

    private static async Task<List<JsonElement>> ListAsync(AdminHost host, string token)
    {
        var (status, body, _) = await host.SendAsync(AdminHost.Bearer(token), HttpMethod.Get, "sessions");
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. body.GetProperty("sessions").EnumerateArray()];
    }
}
