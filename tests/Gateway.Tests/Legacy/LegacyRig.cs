using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>A fixture server and a gate before it, which knows that server by four names behind different policies.</summary>
public sealed class LegacyRig : IAsyncDisposable
{
    /// <summary>Behind a policy that opens every method of the protocol.</summary>
    public const string Open = "up";

    /// <summary>Behind a policy that denies by default, hides a tool and opens no method.</summary>
    public const string Closed = "closed";

    /// <summary>The server and the policy both name <c>vendor/*</c>.</summary>
    public const string Vendor = "vendor";

    /// <summary>The server names <c>vendor/*</c>, the policy does not.</summary>
    public const string HalfVendor = "half";

    /// <summary>The token of a second grant, which covers <see cref="Open"/> only.</summary>
    public const string OtherToken = "cg_test_tablet_0123456789abcdef0123456789abcdef";

    public const string OpenPolicy =
        """{"version":"1","default":"allow","methods":{"allow":["resources/*","prompts/*","completion/complete","sampling/createMessage","elicitation/create","roots/list"]}}""";

    public const string ClosedPolicy =
        """{"version":"1","default":"deny","hide":["structured"],"tools":{"echo":{},"vendor":{},"slow":{},"url_required":{},"structured":{},"add":{"action":"deny","reason":"adding is not for agents"}}}""";

    private const string VendorPolicy = """{"version":"1","default":"allow","methods":{"allow":["vendor/*"]}}""";

    private static readonly HttpClient Plain = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });

    private LegacyRig(FixtureServer fixture, RunningGate gate)
    {
        Fixture = fixture;
        Gate = gate;
    }

    /// <summary>Bound of every wait.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    public FixtureServer Fixture { get; }

    public RunningGate Gate { get; }

    /// <summary>Starts both and waits until the gate has listed the server under each of its names.</summary>
    public static async Task<LegacyRig> StartAsync(FixtureOptions? options = null, string timeouts = "{}", string policy = OpenPolicy)
    {
        var fixture = await FixtureServer.StartHttpAsync(options ?? new FixtureOptions());
        var gate = await GateAsync(fixture.Url, timeouts, policy);
        var rig = new LegacyRig(fixture, gate);
        if (fixture.Eras.HasFlag(FixtureEras.Legacy))
        {
            foreach (var server in new[] { Open, Closed, Vendor, HalfVendor })
            {
                await using var client = await rig.OpenAsync(server);
            }

            fixture.Recording.Clear();
        }

        return rig;
    }

    /// <summary>A gate before any HTTP upstream, which it knows by the same four names.</summary>
    public static Task<RunningGate> GateAsync(Uri upstream, string timeouts = "{}", string policy = OpenPolicy) => RunningGate.StartAsync(
        $$"""
        servers:
          up: { url: "{{upstream}}" }
          closed: { url: "{{upstream}}" }
          vendor: { url: "{{upstream}}", methods: { allow: ["vendor/*"] } }
          half: { url: "{{upstream}}", methods: { allow: ["vendor/*"] } }
        policies: { open: open.json, closed: closed.json, vendor: vendor.json }
        grants:
          laptop:
            token: {{RunningGate.Token}}
            servers: { up: open, closed: closed, vendor: vendor, half: open }
          tablet:
            token: {{OtherToken}}
            servers: { up: open }
        timeouts: {{timeouts}}
        """,
        ("open.json", policy), ("closed.json", ClosedPolicy), ("vendor.json", VendorPolicy));

    /// <summary>A client that has not said anything yet.</summary>
    public McpClient Client(string server = Open, string version = "2025-11-25", string token = RunningGate.Token, string capabilities = "{}", Func<JsonElement, JsonNode?>? onAsked = null) =>
        Client(Gate, server, version, token, capabilities, onAsked);

    public static McpClient Client(RunningGate gate, string server = Open, string version = "2025-11-25", string token = RunningGate.Token, string capabilities = "{}", Func<JsonElement, JsonNode?>? onAsked = null) =>
        new(gate.Mcp(server), token, version) { Capabilities = Lenient.Parse(capabilities), OnAsked = onAsked ?? (static _ => null) };

    /// <summary>A client with a session.</summary>
    public async Task<McpClient> OpenAsync(string server = Open, string version = "2025-11-25", string token = RunningGate.Token, string capabilities = "{}", Func<JsonElement, JsonNode?>? onAsked = null)
    {
        var client = Client(server, version, token, capabilities, onAsked);
        await client.InitializeAsync();
        return client;
    }

    /// <summary>Posts a body as it is, in the session of this client.</summary>
    public Task<HttpResponseMessage> PostAsync(McpClient client, string body, string server = Open, string token = RunningGate.Token) =>
        PostAsync(Gate.Mcp(server), client, body, token);

    public static async Task<HttpResponseMessage> PostAsync(Uri endpoint, McpClient? client, string body, string token = RunningGate.Token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (client?.SessionId is { } session)
        {
            request.Headers.Add("Mcp-Session-Id", session);
            request.Headers.Add("MCP-Protocol-Version", client.Version);
        }

        return await Plain.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
    }

    /// <summary>GET or DELETE with the headers of this client's session.</summary>
    public async Task<int> StatusAsync(HttpMethod method, string? session, string server = Open, string token = RunningGate.Token, string version = "2025-11-25")
    {
        using var request = new HttpRequestMessage(method, Gate.Mcp(server));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", version);
        if (session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", session);
        }

        using var response = await Plain.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
        return (int)response.StatusCode;
    }

    /// <summary>Waits until the fixture has received a request that fits, and gives it.</summary>
    public async Task<RecordedRequest> ReceivedAsync(Func<RecordedRequest, bool> fits)
    {
        await Fixture.Recording.WaitForAsync(requests => requests.Any(fits), Patience);
        return Fixture.Recording.Requests.First(fits);
    }

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await Fixture.DisposeAsync();
    }
}

/// <summary>One rig for the tests of a class; each test makes its own session and looks at its own traffic.</summary>
public sealed class SharedRig : IAsyncLifetime
{
    public LegacyRig Rig { get; private set; } = null!;

    /// <summary>What the fixture does for `tools/call` before its profile does.</summary>
    public Func<Turn, ValueTask<JsonNode?>>? OnCall { get; set; }

    public async ValueTask InitializeAsync() =>
        Rig = await LegacyRig.StartAsync(new FixtureOptions { OnCall = turn => OnCall?.Invoke(turn) ?? ValueTask.FromResult<JsonNode?>(null) });

    public ValueTask DisposeAsync() => Rig.DisposeAsync();
}
