using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>A gate before a public server `open` and a server `closed` that is not, with administration on an address of its own.</summary>
public sealed class StackedGate : IAsyncLifetime
{
    public const string Password = "correct horse battery";

    public const string Policy = """
        { "version": "1", "default": "deny", "hide": ["vendor"],
          "tools": {
            "echo": {},
            "add": { "action": "require_approval" },
            "slow": { "action": "deny" },
            "structured": { "deny_if": [ { "conditions": [ { "path": "args.a", "op": "eq", "value": 1 } ] } ] } } }
        """;

    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    public RunningGate Gate { get; private set; } = null!;

    internal FixtureServer Upstream { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Bearer = "canary" });
        Gate = await RunningGate.StartApartAsync(
            $$"""
            public_url: https://gate.example.com/tools
            servers:
              open: { url: "{{Upstream.Url}}", headers: { Authorization: "Bearer canary" }, public: true }
              closed: { url: "{{Upstream.Url}}", headers: { Authorization: "Bearer canary" } }
              other: { url: "http://127.0.0.1:9/mcp", public: true }
            policies:
              p: p.json
            grants:
              laptop:
                token: {{RunningGate.Token}}
                identity: laptop@example.com
                servers: { open: p, closed: null }
            """,
            ("p.json", Policy));
        Assert.Equal(HttpStatusCode.Created, (await AdministerAsync(HttpMethod.Post, "operators", new { name = "ada", roles = new[] { "viewer" }, password = Password })).Status);
        foreach (var server in new[] { "open", "closed" })
        {
            await AdministerAsync(HttpMethod.Get, $"servers/{server}/tools");
        }

        await UntilAsync(async () => (await AdministerAsync(HttpMethod.Get, "catalogue/servers/closed")).Text.Contains("\"echo\"", StringComparison.Ordinal)
            && (await AdministerAsync(HttpMethod.Get, "catalogue/servers/open")).Text.Contains("\"echo\"", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Gate.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    /// <summary>The catalogue takes in what the gate learns a moment later.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    public async Task<(HttpStatusCode Status, string Text)> AdministerAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Gate.AdminAddress, "api/v1/" + path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Gate.AdminToken) } };
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The cookie of a viewer.</summary>
    public async Task<string> SignInAsync(string name = "ada")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Gate.AdminAddress, "signin"));
        request.Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = name, ["password"] = Password });
        request.Headers.TryAddWithoutValidation("Origin", Gate.AdminAddress.GetLeftPart(UriPartial.Authority));
        using var answer = await http.SendAsync(request);
        return Assert.Single(answer.Headers.GetValues("Set-Cookie")).Split(';')[0];
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, address);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return http.SendAsync(request);
    }

    /// <summary>A page on the side of administration, or on the front.</summary>
    public async Task<(HttpStatusCode Status, string Text)> PageAsync(string path, string? cookie = null, bool front = false)
    {
        using var answer = await SendAsync(HttpMethod.Get, new Uri(front ? Gate.Address : Gate.AdminAddress, path), cookie is null ? [] : [("Cookie", cookie)]);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
