using System.Text.Json;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>Who reaches what: two sides, Host and Origin, grants and the administrator (security study, T01, T04, A42).</summary>
public sealed class SidesTests
{
    [Fact]
    public async Task AdminListen_Given_SeparatesTheSides()
    {
        await using var operated = await OperatedGate.StartAsync(null, "--admin-listen", "http://127.0.0.1:0");
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        var (front, admin) = (operated.Gate.Root, operated.Gate.AdminRoot);
        Assert.NotEqual(front.Port, admin.Port);

        foreach (var path in new[] { "/api/v1/status", "/api/v1/openapi.json", "/api", "/metrics", "/api/v1/grants", "/API/v1/status", "/", "/signin", "/SignIn", "/signout", "/api/v1/session" })
        {
            Assert.True((await OperatedGate.HttpAsync(new Uri(front, path), operated.Gate.AdminToken)).Status is 404, $"the front serves {path}");
        }

        foreach (var path in new[] { "//api/v1/status", "/mcp/../api/v1/status", "/mcp/%2e%2e/api/v1/status", "/./metrics", "/%61pi/v1/status", "http://127.0.0.1/api/v1/status" })
        {
            await using var raw = await RawClient.ConnectAsync(front);
            await raw.SendAsync($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {operated.Gate.AdminToken}\r\n\r\n");
            Assert.True((await raw.ReadResponseAsync()).Status is 404 or 400, $"the front serves {path}");
        }

        Assert.Equal((404, 404), ((await OperatedGate.HttpAsync(new Uri(admin, "/mcp/up"), token, "POST")).Status, (await OperatedGate.HttpAsync(new Uri(admin, "/mcp"), token)).Status));
        Assert.Equal(404, (await OperatedGate.HttpAsync(new Uri(admin, "/MCP/up"), token, "POST")).Status);
        Assert.Equal((200, 200), ((await OperatedGate.HttpAsync(new Uri(admin, "/metrics"))).Status, (await OperatedGate.HttpAsync(new Uri(admin, "/api/v1/status"), operated.Gate.AdminToken)).Status));
        Assert.Equal((200, 200), ((await OperatedGate.HttpAsync(new Uri(front, "/healthz"))).Status, (await OperatedGate.HttpAsync(new Uri(admin, "/readyz"))).Status));
        await using var client = operated.Modern(token);
        Assert.False((await client.CallAsync("echo")).IsToolError);
    }

    [Fact]
    public async Task HostAndOrigin_Foreign_Are403OnEveryPath()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        var root = operated.Gate.Root;
        string[] hosts = ["evil.example", $"evil.example:{root.Port}", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0", "2130706433", "0x7f.1", "[::2]", "169.254.169.254"];
        string[] origins = ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://localhost.evil.example", "file://", "http://0.0.0.0", "https://evil.example#127.0.0.1", "http://localhost@evil.example", "chrome-extension://abc"];
        foreach (var path in new[] { "/mcp/up", "/api/v1/status", "/api/v1/openapi.json", "/healthz", "/readyz", "/metrics", "/", "/absent" })
        {
            var (address, bearer) = (new Uri(root, path), path.StartsWith("/mcp", StringComparison.Ordinal) ? token : operated.Gate.AdminToken);
            foreach (var host in hosts)
            {
                Assert.True((await OperatedGate.HttpAsync(address, bearer, "GET", host)).Status is 403 or 400, $"{path} is served for Host {host}");
            }

            foreach (var origin in origins)
            {
                Assert.True((await OperatedGate.HttpAsync(address, bearer, "GET", origin: origin)).Status == 403, $"{path} is served for Origin {origin}");
            }

            Assert.NotEqual(403, (await OperatedGate.HttpAsync(address, bearer, "GET", origin: $"http://localhost:{root.Port}")).Status);
        }

        Assert.Empty(operated.Upstream.Recording.Calls);
    }

    [Fact]
    public async Task Tokens_OfGrantsAndTheAdministrator_OpenOnlyTheirOwnSide()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        var root = operated.Gate.Root;
        var document = JsonElement.Parse((await OperatedGate.HttpAsync(new Uri(root, "/api/v1/openapi.json"))).Text);
        var routes = document.GetProperty("paths").EnumerateObject()
            .SelectMany(static path => path.Value.EnumerateObject().Select(verb => (Method: verb.Name.ToUpperInvariant(), Path: path.Name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal))))
            .ToList();

        Assert.True(routes.Count > 20, $"only {routes.Count} routes are described");
        foreach (var (method, path) in routes)
        {
            Assert.True((await OperatedGate.HttpAsync(new Uri(root, path), token, method)).Status == 401, $"{method} {path} takes a grant's token");
            Assert.True((await OperatedGate.HttpAsync(new Uri(root, path), null, method)).Status == 401, $"{method} {path} needs no token");
        }

        await using var administrator = operated.Modern(operated.Gate.AdminToken);
        Assert.Equal(401, (await administrator.CallAsync("echo")).Status);
        Assert.DoesNotContain((await operated.CommandAsync("grant", "list")).GetProperty("grants").EnumerateArray(), static grant => grant.GetProperty("revoked").ValueKind != JsonValueKind.Null);
    }

    [Fact]
    public async Task Operations_Pages_SayWhatTheyPromise()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync("""{ "version": "1", "default": "deny", "tools": { "echo": {} } }""");
        var (_, token) = await operated.GrantAsync();
        await using var client = operated.Modern(token);
        await client.CallAsync("echo");
        await client.CallAsync("add", new() { ["a"] = 1, ["b"] = 1 });
        await using var nobody = new McpClient(operated.Gate.Mcp("up"), null, OperatedGate.ModernVersion);
        Assert.Equal(401, (await nobody.CallAsync("echo")).Status);

        Assert.Equal((200, "alive\n"), await OperatedGate.HttpAsync(new Uri(operated.Gate.Root, "/healthz")));
        var ready = await OperatedGate.HttpAsync(new Uri(operated.Gate.Root, "/readyz"));
        Assert.Equal(200, ready.Status);
        Assert.Equal(["journal", "store", "index", "heads", "anchors", "file", "isolation", "webhooks", "runtime"], ready.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[5..line.IndexOf(':', StringComparison.Ordinal)]));
        var metrics = (await OperatedGate.HttpAsync(new Uri(operated.Gate.Root, "/metrics"))).Text;
        Assert.Matches("""(?m)^callgate_judged_total\{server="up",decision="allow",code=""\} [1-9]""", metrics);
        Assert.Matches("""(?m)^callgate_judged_total\{server="up",decision="deny",code="policy.default_deny"\} 1$""", metrics);
        Assert.Matches("""(?m)^callgate_ended_total\{server="up",outcome="answered"\} [1-9]""", metrics);
        Assert.Matches("""(?m)^callgate_turned_away_total\{code="grant.missing"\} 1$""", metrics);
        Assert.Matches("(?m)^callgate_ready 1$", metrics);
        Assert.Matches("(?m)^callgate_journal_seq [1-9]", metrics);
        foreach (var line in metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Matches("""^(# (HELP|TYPE) callgate_[a-z_]+ .+|callgate_[a-z_]+(\{[^}]*\})? [0-9.eE+-]+)$""", line);
        }
    }
}
