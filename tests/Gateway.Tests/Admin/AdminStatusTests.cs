using System.Net;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Tests.Configuration;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

public sealed class AdminStatusTests
{
    [Fact]
    public async Task Status_HealthyGate_IsReadyInWords()
    {
        await using var host = await AdminHost.StartAsync();

        var status = await host.OkAsync(HttpMethod.Get, "status");

        Assert.True(status.GetProperty("ready").GetBoolean());
        Assert.Equal((1, 1, 1), (status.GetProperty("servers").GetInt32(), status.GetProperty("policies").GetInt32(), status.GetProperty("grants").GetInt32()));
        Assert.Equal(["journal", "store", "index", "heads", "anchors", "file", "isolation", "webhooks", "runtime"], status.GetProperty("checks").EnumerateArray().Select(static check => check.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Status_CountersOfEveryKind_AreShownAsTheyStand()
    {
        await using var host = await AdminHost.StartAsync();
        var limit = new Limit("c", LimitWindow.Day, 100, LimitScope.Grant, "/0") { Amount = 2.5m };
        var owner = new CounterOwner("g1", null, null, "dagster");
        using var place = host.Parts.Counters.Reserve("p", [limit, limit with { Counter = "s", Sliding = true, Per = "12" }, limit with { Counter = "f", Concurrent = 3 }], owner).Place;
        host.Parts.Counters.Reserve("p", [limit with { Scope = LimitScope.Global, Window = new LimitWindow(90, false) }], owner, shadow: true);

        var counters = (await host.OkAsync(HttpMethod.Get, "status")).GetProperty("counters").EnumerateArray()
            .Select(static counter => string.Join(' ', new[] { "counter", "kind", "scope", "server", "per", "shadow", "window", "amount" }.Select(name => counter.GetProperty(name).GetRawText())));

        Assert.Equal(
            [
                "\"c\" \"aligned\" \"global\" null null true \"90\" 2.5",
                "\"c\" \"aligned\" \"grant\" \"dagster\" null false \"day\" 2.5",
                "\"f\" \"concurrent\" \"grant\" \"dagster\" null false null 1",
                "\"s\" \"sliding\" \"grant\" \"dagster\" \"12\" false \"day\" 2.5",
            ],
            counters.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Status_StoreSilentForAMinute_IsNotReady()
    {
        var time = new HandTime();
        await using var host = await AdminHost.StartAsync(time);

        time.Move(TimeSpan.FromSeconds(61));
        var status = await host.OkAsync(HttpMethod.Get, "status");

        Assert.False(status.GetProperty("ready").GetBoolean());
        Assert.Contains("has not answered", status.GetProperty("checks")[1].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_JournalGone_IsNotMade()
    {
        await using var host = await AdminHost.StartAsync();
        await host.Parts.Journal.DisposeAsync();
        var body = new { name = "files", url = "http://127.0.0.1:9/mcp" };

        Assert.Equal("record.unavailable", await host.RefusedAsync(HttpMethod.Post, "servers", body, HttpStatusCode.ServiceUnavailable));
        Assert.Equal("record.unavailable", await host.RefusedAsync(HttpMethod.Post, "servers/declared/tools/accept", "{}", HttpStatusCode.ServiceUnavailable));
        Assert.False(host.Parts.Snapshots.Current.Servers.ContainsKey("files"));
        Assert.Empty((await host.Parts.Store.LoadAsync()).Servers);
        Assert.Empty(host.Asked);
    }

    [Fact]
    public async Task Change_StoreGone_Is503AndStaysRefused()
    {
        await using var host = await AdminHost.StartAsync();
        await host.Parts.Store.DisposeAsync();

        var code = await host.RefusedAsync(HttpMethod.Post, "servers", new { name = "files", url = "http://127.0.0.1:9/mcp" }, HttpStatusCode.ServiceUnavailable);

        Assert.Equal("store.unavailable", code);
        Assert.False(host.Parts.Snapshots.Current.Servers.ContainsKey("files"));
    }
}
