using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Approvals;

/// <summary>A gate whose policy asks people, a server behind it, and the people.</summary>
internal sealed class ApprovalGate : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    public const string OtherToken = "cg_test_other_fedcba9876543210fedcba9876543210";

    public const string Policy = """
        { "version": "1", "default": "deny",
          "tools": {
            "add": { "action": "require_approval", "reason": "adding is serious" },
            "echo": { "approve_if": [ { "conditions": [ { "path": "args.text", "op": "eq", "value": "loud" } ] } ] },
            "slow": { "action": "require_approval", "rate_limit": { "max": 1, "window": "day" } },
            "structured": { "action": "require_approval", "approval": { "timeout": "10m", "approvers": 2, "not_requester": true } } } }
        """;

    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    private readonly Dictionary<string, string> sessions = new(StringComparer.Ordinal);

    private readonly (string Approvals, string Server) more;

    private ApprovalGate(FixtureServer upstream, RunningGate gate, (string Approvals, string Server) more) => (Upstream, Gate, this.more) = (upstream, gate, more);

    public FixtureServer Upstream { get; }

    public RunningGate Gate { get; private set; }

    /// <summary>The calls of tools that the server saw.</summary>
    public IReadOnlyList<RecordedRequest> Executions => Upstream.Recording.Calls;

    /// <param name="more">Further members of <c>approvals</c> in the configuration, with a comma before each.</param>
    /// <param name="server">Further members of the server.</param>
    public static async Task<ApprovalGate> StartAsync(string wait = "300ms", string policy = Policy, TimeProvider? time = null, string more = "", string server = "")
    {
        var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var folder = Directory.CreateTempSubdirectory("callgate-test-").FullName;
        var rig = new ApprovalGate(upstream, await RunAsync(upstream, folder, (wait, policy, more, server), time), (more, server));
        await rig.AddAsync("ada", "approver");
        await rig.AddAsync("bob", "approver");
        await rig.AddAsync("laptop", "approver");
        await rig.AddAsync("vic", "viewer");
        return rig;
    }

    /// <summary>Ends the gate and starts another over the same folder.</summary>
    public async Task RestartAsync(string wait = "300ms", string policy = Policy)
    {
        await Gate.StopAsync();
        Gate = await RunAsync(Upstream, Gate.Folder, (wait, policy, more.Approvals, more.Server), null);
    }

    public McpClient Modern(JsonObject? capabilities = null, string token = RunningGate.Token) => new(Gate.Mcp("up"), token, "2026-07-28") { Capabilities = capabilities ?? [] };

    public async Task<McpClient> LegacyAsync(JsonObject? capabilities = null, Func<JsonElement, JsonNode?>? asked = null)
    {
        var client = new McpClient(Gate.Mcp("up"), RunningGate.Token) { Capabilities = capabilities ?? [], OnAsked = asked ?? (static _ => null) };
        await client.InitializeAsync();
        return client;
    }

    public async Task<(int Status, JsonElement Body)> ApiAsync(string? who, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Gate.Address, "api/v1/" + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", who is null ? Gate.AdminToken : await SessionAsync(who));
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }

    /// <summary>The open approvals, oldest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> OpenAsync() => [.. (await ApiAsync(null, HttpMethod.Get, "approvals")).Body.GetProperty("approvals").EnumerateArray()];

    /// <summary>The one approval that waits, as soon as it does.</summary>
    public async Task<string> WaitingAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if ((await OpenAsync()).FirstOrDefault(static approval => approval.GetProperty("state").GetString() == "pending") is { ValueKind: JsonValueKind.Object } found)
            {
                return found.GetProperty("id").GetString()!;
            }

            await Task.Delay(20, patience.Token);
        }
    }

    public async Task<JsonElement> ShowAsync(string id) => (await ApiAsync(null, HttpMethod.Get, "approvals/" + id)).Body;

    public Task<(int Status, JsonElement Body)> ApproveAsync(string id, string who = "ada") => ApiAsync(who, HttpMethod.Post, $"approvals/{id}/approve", new { });

    public Task<(int Status, JsonElement Body)> DenyAsync(string id, string reason, string who = "ada") => ApiAsync(who, HttpMethod.Post, $"approvals/{id}/deny", new { reason });

    /// <summary>
    /// Puts a policy into the store, which operators may change, with a grant under it, and adds `pam`, who answers and changes
    /// policies. The token of the grant.
    /// </summary>
    public async Task<string> StoredAsync(string policy = Policy)
    {
        await AddAsync("pam", "approver", "policy_manager");
        Assert.Equal(200, (await ApiAsync(null, HttpMethod.Put, "policies/q", JsonElement.Parse(policy))).Status);
        var (status, grant) = await ApiAsync(null, HttpMethod.Post, "grants", new { label = "agent", servers = new Dictionary<string, string> { ["up"] = "q" } });
        Assert.Equal(201, status);
        return grant.GetProperty("token").GetString()!;
    }

    /// <summary>Approves and proposes a rule; the id of the proposal.</summary>
    public async Task<string> ProposedAsync(string id, string who = "pam", string? reason = null)
    {
        var (status, body) = await ApiAsync(who, HttpMethod.Post, $"approvals/{id}/approve", new { rule = true, reason });
        Assert.True(status == 200, body.GetRawText());
        return body.GetProperty("votes").EnumerateArray().Last().GetProperty("proposal").GetString()!;
    }

    /// <summary>The entries about an approval, oldest first, as METHOD DECISION.</summary>
    public IReadOnlyList<string> Story(string id) =>
        [.. JournalText.Entries(Gate, "call").Where(entry => entry.GetProperty("approval").GetString() == id).Select(static entry => $"{entry.GetProperty("method").GetString()} {entry.GetProperty("decision").GetString()}")];

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Gate.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    private static Task<RunningGate> RunAsync(FixtureServer upstream, string folder, (string Wait, string Policy, string More, string Server) settings, TimeProvider? time) => RunningGate.StartInAsync(
        folder,
        $$"""
        servers:
          up: { url: {{upstream.Url}}{{settings.Server}} }
        policies: { p: p.json }
        approvals: { wait: {{settings.Wait}}{{settings.More}} }
        grants:
          laptop: { token: {{RunningGate.Token}}, identity: laptop@example.com, servers: { up: p } }
          other: { token: {{OtherToken}}, servers: { up: p } }
        """,
        time ?? TimeProvider.System,
        ("p.json", settings.Policy));

    /// <summary>Adds a person who may do so much.</summary>
    public async Task AddAsync(string name, params string[] roles)
    {
        var (status, _) = await ApiAsync(null, HttpMethod.Post, "operators", new { name, roles, identity = name + "@example.com", password = Password });
        Assert.Equal((int)HttpStatusCode.Created, status);
    }

    private async Task<string> SessionAsync(string name)
    {
        if (!sessions.TryGetValue(name, out var token))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Gate.Address, "api/v1/session"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{Password}")));
            using var response = await http.SendAsync(request);
            sessions[name] = token = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("token").GetString()!;
        }

        return token;
    }
}
