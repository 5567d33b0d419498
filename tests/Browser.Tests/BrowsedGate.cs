using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>The real gate with a server behind it, a policy that asks people, and an operator who is to answer in a browser.</summary>
internal sealed class BrowsedGate : IAsyncDisposable
{
    public const string Operator = "ada";
    public const string Password = "correct horse battery";

    private const string Policy = """
        { "version": "1", "default": "deny",
          "tools": { "echo": { "action": "require_approval", "validation": "off", "reason": "what is said is heard" } } }
        """;

    private readonly TemporaryFolder folder = new();
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
    private FixtureServer upstream = null!;
    private string token = "";

    public GateProcess Gate { get; private set; } = null!;

    public IReadOnlyList<RecordedRequest> Executions => upstream.Recording.Calls;

    public static async Task<BrowsedGate> StartAsync(params string[] roles)
    {
        var browsed = new BrowsedGate { upstream = await FixtureServer.StartHttpAsync(new FixtureOptions()) };
        var config = browsed.folder.Write("callgate.yaml", $$"""
            servers: { up: { url: "{{browsed.upstream.Url}}" } }
            approvals: { wait: 1ms }
            """);
        browsed.Gate = await GateProcess.StartAsync(config, browsed.folder.File("data"));
        await browsed.ApiAsync(HttpMethod.Put, "policies/p", JsonElement.Parse(Policy));
        var grant = await browsed.ApiAsync(HttpMethod.Post, "grants", new { label = "agent", servers = new Dictionary<string, string> { ["up"] = "p" } });
        browsed.token = grant.GetProperty("token").GetString()!;
        await browsed.ApiAsync(HttpMethod.Post, "operators", new { name = Operator, roles, password = Password });
        return browsed;
    }

    public Uri Page(string path) => new(Gate.Root, path);

    /// <summary>Makes a call that people are asked about, and gives the id of the approval.</summary>
    public async Task<string> AskAsync(JsonObject arguments)
    {
        await CallAsync(arguments);
        var open = (await ApiAsync(HttpMethod.Get, "approvals")).GetProperty("approvals").EnumerateArray();
        return open.Last(static approval => approval.GetProperty("state").GetString() == "pending").GetProperty("id").GetString()!;
    }

    public async Task<string> CallAsync(JsonObject arguments)
    {
        await using var client = new McpClient(Gate.Mcp("up"), token, "2026-07-28");
        return (await client.CallAsync("echo", (JsonObject)arguments.DeepClone())).Text;
    }

    public async Task<JsonElement> ApiAsync(HttpMethod method, string path, object? body = null, string accept = "*/*")
    {
        using var request = new HttpRequestMessage(method, new Uri(Gate.Root, "api/v1/" + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Gate.AdminToken);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created, $"{path}: {(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Gate.DisposeAsync();
        await upstream.DisposeAsync();
        folder.Dispose();
    }
}
