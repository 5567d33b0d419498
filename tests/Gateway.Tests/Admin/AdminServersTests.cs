using System.Net;
using System.Text.Json;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

public sealed class AdminServersTests
{
    [Fact]
    public async Task Add_SoundServer_IsInForceWhenAnswered()
    {
        await using var host = await AdminHost.StartAsync();

        var added = await host.OkAsync(HttpMethod.Post, "servers", Body("files"), HttpStatusCode.Created);

        Assert.True(host.Parts.Snapshots.Current.Servers.ContainsKey("files"));
        Assert.Equal("Bearer canary-added", host.Parts.Snapshots.Current.Servers["files"].Headers["Authorization"]);
        Assert.Equal(["Authorization"], added.GetProperty("header_names").EnumerateArray().Select(static name => name.GetString()));
        Assert.Equal("exists", await host.RefusedAsync(HttpMethod.Post, "servers", Body("files"), HttpStatusCode.Conflict));
        var listed = (await host.OkAsync(HttpMethod.Get, "servers")).GetProperty("servers").EnumerateArray().Select(static server => server.GetProperty("name").GetString());
        Assert.Equal(["declared", "files"], listed);
        Assert.Contains("\"operator/server-add\"", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_AddedServer_IsGone()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Post, "servers", Body("files"), HttpStatusCode.Created);

        await host.OkAsync(HttpMethod.Delete, "servers/files");

        Assert.False(host.Parts.Snapshots.Current.Servers.ContainsKey("files"));
        Assert.Equal("not_found", await host.RefusedAsync(HttpMethod.Get, "servers/files", null, HttpStatusCode.NotFound));
        Assert.Equal("not_found", await host.RefusedAsync(HttpMethod.Delete, "servers/files", null, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Declared_AnyChange_Is409()
    {
        await using var host = await AdminHost.StartAsync();
        var version = host.Parts.Snapshots.Current.Version;

        Assert.Equal("declared", await host.RefusedAsync(HttpMethod.Post, "servers", Body("declared"), HttpStatusCode.Conflict));
        Assert.Equal("declared", await host.RefusedAsync(HttpMethod.Delete, "servers/declared", null, HttpStatusCode.Conflict));
        Assert.Equal("declared", await host.RefusedAsync(HttpMethod.Put, "policies/careful", """{ "version": "1", "default": "allow" }""", HttpStatusCode.Conflict));
        Assert.Equal("declared", await host.RefusedAsync(HttpMethod.Delete, "grants/laptop", null, HttpStatusCode.Conflict));
        Assert.Equal("declared", await host.RefusedAsync(HttpMethod.Post, "grants/laptop/rotate", null, HttpStatusCode.Conflict));
        Assert.Equal("declared", await host.RefusedAsync(HttpMethod.Put, "grants/laptop/servers/declared", new { policy = "careful" }, HttpStatusCode.Conflict));
        Assert.Equal(version, host.Parts.Snapshots.Current.Version);
    }

    [Fact]
    public async Task Add_UnsoundBody_IsRefusedAndRecordsNothing()
    {
        await using var host = await AdminHost.StartAsync();
        string[] bodies =
        [
            """{ "name": "a" }""",
            """{ "name": "a", "url": "http://127.0.0.1:1/mcp", "command": ["run"] }""",
            """{ "name": "a__b", "url": "http://127.0.0.1:1/mcp" }""",
            """{ "name": "a", "url": "ftp://127.0.0.1:1/mcp" }""",
            """{ "name": "a", "url": "http://127.0.0.1:1/mcp", "on_drift": "ask" }""",
            """{ "name": "a", "url": "http://127.0.0.1:1/mcp", "colour": "red" }""",
            """{ "name": "a", "name": "b", "url": "http://127.0.0.1:1/mcp" }""",
            """{ "Name": "a", "url": "http://127.0.0.1:1/mcp" }""",
            """{ "name": null, "url": "http://127.0.0.1:1/mcp" }""",
            """{ "name": "a", "url": "http://127.0.0.1:1/mcp", "headers": { "Host": "canary" } }""",
            "not json",
            "null",
        ];

        foreach (var body in bodies)
        {
            Assert.Equal("request.invalid", await host.RefusedAsync(HttpMethod.Post, "servers", body, HttpStatusCode.BadRequest));
        }

        Assert.Single(host.Parts.Snapshots.Current.Servers);
        Assert.DoesNotContain("operator/server-add", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_TooLargeOrOfAnotherType_IsRefused()
    {
        await using var host = await AdminHost.StartAsync();
        using var plain = new StringContent("""{ "name": "a", "url": "http://127.0.0.1:1/mcp" }""");

        Assert.Equal("request.too_large", await host.RefusedAsync(HttpMethod.Post, "servers", "\"" + new string('x', 1 << 20) + "\"", HttpStatusCode.RequestEntityTooLarge));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await host.Client.PostAsync(new Uri("api/v1/servers", UriKind.Relative), plain)).StatusCode);
    }

    [Fact]
    public async Task ToolsAcceptAndTest_KnownServer_AskTheGate()
    {
        await using var host = await AdminHost.StartAsync();

        await host.OkAsync(HttpMethod.Get, "servers/declared/tools");
        await host.OkAsync(HttpMethod.Post, "servers/declared/tools/accept", new { tools = new[] { "a", "b" } });
        var test = await host.OkAsync(HttpMethod.Post, "servers/declared/test");

        Assert.Equal(["declared tools", "declared accept a,b"], host.Asked);
        Assert.True(test.GetProperty("reached").GetBoolean());
        Assert.Equal("not_found", await host.RefusedAsync(HttpMethod.Get, "servers/absent/tools", null, HttpStatusCode.NotFound));
        Assert.Contains("\"operator/server-accept\"", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_OfEveryRoute_HoldNoSecret()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Post, "servers", Body("files"), HttpStatusCode.Created);
        await host.OkAsync(HttpMethod.Post, "servers", new { name = "child", command = new[] { "run" }, env = new { KEY = "canary-env" } }, HttpStatusCode.Created);
        var grant = await host.OkAsync(HttpMethod.Post, "grants", new { label = "agent", servers = new { files = "careful" } }, HttpStatusCode.Created);
        var token = grant.GetProperty("token").GetString()!;
        host.Said.Clear();

        foreach (var (method, path) in await AdminAccessTests.RoutesAsync(host))
        {
            foreach (var name in new[] { "files", "child", "declared", grant.GetProperty("id").GetString()!, "laptop", "careful" })
            {
                if (method == HttpMethod.Get)
                {
                    var filled = path.Split('/').Select(part => part is "server" or "grant" or "policy" ? name : part);
                    await host.SendAsync(method, string.Join('/', filled)["/api/v1/".Length..]);
                }
            }
        }

        var said = host.Said.ToString();
        Assert.Contains("KEY", said, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", said, StringComparison.Ordinal);
        Assert.DoesNotContain(token, said, StringComparison.Ordinal);
        Assert.DoesNotContain(AdminHost.DeclaredToken, said, StringComparison.Ordinal);
        Assert.DoesNotContain(Callgate.Gateway.Configuration.GrantToken.HashOf(token), said, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", host.JournalText(), StringComparison.Ordinal);
        Assert.DoesNotContain(token, host.JournalText(), StringComparison.Ordinal);
    }

    private static string Body(string name) =>
        JsonSerializer.Serialize(new { name, url = "http://127.0.0.1:9/mcp", headers = new { Authorization = "Bearer canary-added" } });
}
