using System.Net;
using System.Text.Json;
using Callgate.Gateway.Configuration;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

public sealed class AdminGrantsTests
{
    [Fact]
    public async Task Create_SoundGrant_ShowsTheTokenOnceAndKeepsItsHash()
    {
        await using var host = await AdminHost.StartAsync();

        var created = await CreateAsync(host, new { label = "laptop of a", servers = new { declared = "careful" }, identity = "alice@example.com", attributes = new { tenant = "acme" }, expires = "2999-01-01T00:00:00Z" });

        Assert.Equal(["id", "label", "token", "servers"], created.EnumerateObject().Select(static member => member.Name));
        var (id, token) = (created.GetProperty("id").GetString()!, created.GetProperty("token").GetString()!);
        Assert.Matches($"^cg_{id}_[A-Za-z0-9_-]{{43}}$", token);
        Assert.Equal("""{"declared":"careful"}""", created.GetProperty("servers").GetRawText());
        var grant = host.Parts.Snapshots.Current.GrantsByTokenHash[GrantToken.HashOf(token)];
        Assert.Equal((id, "laptop of a", "alice@example.com"), (grant.Id, grant.Label, grant.Identity));
        var shown = await host.OkAsync(HttpMethod.Get, $"grants/{id}");
        Assert.Equal("acme", shown.GetProperty("attributes").GetProperty("tenant").GetString());
        Assert.False(shown.TryGetProperty("token", out _) || shown.TryGetProperty("token_hash", out _));
    }

    [Fact]
    public async Task Create_WithoutPolicy_RefusesEverythingThere()
    {
        await using var host = await AdminHost.StartAsync();

        var created = await CreateAsync(host, """{ "label": "agent", "servers": { "declared": null } }""");

        Assert.Equal("""{"declared":null}""", created.GetProperty("servers").GetRawText());
    }

    [Fact]
    public async Task Create_UnsoundGrant_IsRefused()
    {
        await using var host = await AdminHost.StartAsync();
        string[] bodies =
        [
            """{ "label": "", "servers": { "declared": "careful" } }""",
            """{ "label": "a", "servers": {} }""",
            """{ "label": "a" }""",
            """{ "label": "a", "servers": { "absent": "careful" } }""",
            """{ "label": "a", "servers": { "declared": "absent" } }""",
            """{ "label": "a", "servers": { "declared": "careful" }, "expires": "2001-01-01T00:00:00Z" }""",
            """{ "label": "a", "servers": { "declared": "careful" }, "expires": "tomorrow" }""",
            """{ "label": "a", "servers": { "declared": "careful" }, "token": "mine" }""",
        ];

        foreach (var body in bodies)
        {
            Assert.Equal("request.invalid", await host.RefusedAsync(HttpMethod.Post, "grants", body, HttpStatusCode.BadRequest));
        }

        Assert.Single(host.Parts.Snapshots.Current.GrantsByTokenHash);
    }

    [Fact]
    public async Task Rotate_LiveGrant_EndsTheOldTokenAtOnce()
    {
        await using var host = await AdminHost.StartAsync();
        var created = await CreateAsync(host, new { label = "agent", servers = new { declared = "careful" } });

        var rotated = await host.OkAsync(HttpMethod.Post, $"grants/{created.GetProperty("id").GetString()}/rotate");

        var grants = host.Parts.Snapshots.Current.GrantsByTokenHash;
        Assert.False(grants.ContainsKey(GrantToken.HashOf(created.GetProperty("token").GetString()!)));
        Assert.Equal(created.GetProperty("id").GetString(), grants[GrantToken.HashOf(rotated.GetProperty("token").GetString()!)].Id);
    }

    [Fact]
    public async Task Revoke_LiveGrant_StaysVisibleAsRevoked()
    {
        await using var host = await AdminHost.StartAsync();
        var created = await CreateAsync(host, new { label = "agent", servers = new { declared = "careful" } });
        var id = created.GetProperty("id").GetString();

        var first = await host.OkAsync(HttpMethod.Delete, $"grants/{id}");
        var second = await host.OkAsync(HttpMethod.Delete, $"grants/{id}");

        Assert.NotNull(host.Parts.Snapshots.Current.GrantsByTokenHash[GrantToken.HashOf(created.GetProperty("token").GetString()!)].Revoked);
        Assert.Equal(first.GetProperty("revoked").GetString(), second.GetProperty("revoked").GetString());
        Assert.Equal("request.invalid", await host.RefusedAsync(HttpMethod.Post, $"grants/{id}/rotate", null, HttpStatusCode.Conflict));
        Assert.Contains("\"operator/grant-revoke\"", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_AnotherPolicy_IsInForce()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Put, "policies/open", """{ "version": "1", "default": "allow" }""");
        var created = await CreateAsync(host, new { label = "agent", servers = new { declared = "careful" } });
        var path = $"grants/{created.GetProperty("id").GetString()}/servers/declared";

        await host.OkAsync(HttpMethod.Put, path, new { policy = "open" });

        Assert.Equal("open", host.Parts.Snapshots.Current.GrantsByTokenHash[GrantToken.HashOf(created.GetProperty("token").GetString()!)].Servers["declared"]);
        Assert.Equal("not_found", await host.RefusedAsync(HttpMethod.Put, path, new { policy = "absent" }, HttpStatusCode.NotFound));
        Assert.Equal("request.invalid", await host.RefusedAsync(HttpMethod.Put, path, "{}", HttpStatusCode.BadRequest));
        await host.OkAsync(HttpMethod.Put, path, """{ "policy": null }""");
        Assert.Null(host.Parts.Snapshots.Current.GrantsByTokenHash[GrantToken.HashOf(created.GetProperty("token").GetString()!)].Servers["declared"]);
    }

    [Fact]
    public async Task Stops_OfEveryKind_AreInForceUntilReleased()
    {
        await using var host = await AdminHost.StartAsync();

        await host.OkAsync(HttpMethod.Put, "stops/all");
        await host.OkAsync(HttpMethod.Put, "stops/servers/declared");
        var stops = await host.OkAsync(HttpMethod.Put, "stops/grants/laptop");

        Assert.Equal("""{"stops":["all","grant:laptop","server:declared"]}""", stops.GetRawText());
        Assert.Equal(["all", "grant:laptop", "server:declared"], host.Parts.Snapshots.Current.Stops.Order(StringComparer.Ordinal));
        Assert.True((await host.OkAsync(HttpMethod.Get, "grants/laptop")).GetProperty("stopped").GetBoolean());
        Assert.Equal("not_found", await host.RefusedAsync(HttpMethod.Put, "stops/servers/absent", null, HttpStatusCode.NotFound));
        await host.OkAsync(HttpMethod.Delete, "stops/all");
        await host.OkAsync(HttpMethod.Delete, "stops/servers/declared");
        Assert.Equal("""{"stops":[]}""", (await host.OkAsync(HttpMethod.Delete, "stops/grants/laptop")).GetRawText());
        Assert.Empty(host.Parts.Snapshots.Current.Stops);
    }

    private static Task<JsonElement> CreateAsync(AdminHost host, object body) => host.OkAsync(HttpMethod.Post, "grants", body, HttpStatusCode.Created);
}
