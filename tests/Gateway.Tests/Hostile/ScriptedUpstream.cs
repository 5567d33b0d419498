using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>
/// An upstream that speaks 2026-07-28 only and answers byte for byte as a test says: for servers that no honest library
/// would produce. What a test does not script is answered plainly.
/// </summary>
public sealed class ScriptedUpstream : IAsyncDisposable
{
    public const string Tool = """{"name":"say","description":"Says it.","inputSchema":{"type":"object"}}""";

    private readonly WebApplication app;

    private ScriptedUpstream(WebApplication app) => this.app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>The bodies received, in order.</summary>
    public ConcurrentQueue<string> Received { get; } = [];

    /// <summary>By JSON-RPC method: writes the whole answer.</summary>
    public ConcurrentDictionary<string, Func<HttpContext, JsonElement, Task>> Script { get; } = new(StringComparer.Ordinal);

    /// <summary>The members of a plain tool list's result besides <c>tools</c>.</summary>
    public string ListMembers { get; set; } = """ "resultType":"complete","ttlMs":1000,"cacheScope":"public" """;

    public string Tools { get; set; } = $"[{Tool}]";

    public static async Task<ScriptedUpstream> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            kestrel.AddServerHeader = false;
        });
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var upstream = new ScriptedUpstream(app);
        app.Run(upstream.AnswerAsync);
        await app.StartAsync();
        upstream.Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/mcp");
        return upstream;
    }

    /// <summary>A gate before this upstream, as server <c>up</c>.</summary>
    public Task<RunningGate> GateAsync(string policy = """{"version":"1","default":"allow"}""", string more = "") =>
        RunningGate.StartAsync(RunningGate.OneServer(Url, more), ("p.json", policy));

    public static McpClient Client(RunningGate gate) => new(gate.Mcp("up"), RunningGate.Token, "2026-07-28");

    /// <summary>An answer under the id of its request; ID in the text is that id.</summary>
    public static Func<HttpContext, JsonElement, Task> Json(string message, int status = 200) => (http, request) =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(message.Replace("ID", request.GetProperty("id").GetRawText(), StringComparison.Ordinal));
    };

    /// <summary>A stream of these bytes; ID in the text is the request's id.</summary>
    public static Func<HttpContext, JsonElement, Task> Stream(string bytes) => async (http, request) =>
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(bytes.Replace("ID", request.GetProperty("id").GetRawText(), StringComparison.Ordinal)));
        await http.Response.Body.FlushAsync();
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        if (http.Request.Method != "POST")
        {
            http.Response.StatusCode = 405;
            return;
        }

        Received.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        var request = JsonElement.Parse(body.ToArray());
        var method = request.TryGetProperty("method", out var named) ? named.GetString()! : "";
        await (Script.TryGetValue(method, out var scripted) ? scripted : Plain(method))(http, request);
    }

    private Func<HttpContext, JsonElement, Task> Plain(string method) => method switch
    {
        "server/discover" => Json("""{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":1000,"cacheScope":"public"}}"""),
        "tools/list" => Json("{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"tools\":" + Tools + "," + ListMembers + "}}"),
        "tools/call" => Json("""{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","content":[{"type":"text","text":"said"}]}}"""),
        _ => Json("""{"jsonrpc":"2.0","id":ID,"error":{"code":-32601,"message":"Method not found"}}""", 404),
    };
}

/// <summary>A gate before a scripted upstream, shared by the tests of one class, which run one after the other.</summary>
public sealed class ScriptedGate : IAsyncLifetime
{
    public ScriptedUpstream Upstream { get; private set; } = null!;

    public RunningGate Gate { get; private set; } = null!;

    public McpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Upstream = await ScriptedUpstream.StartAsync();
        Gate = await Upstream.GateAsync();
        Client = ScriptedUpstream.Client(Gate);
        await Client.CallAsync("say");
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Gate.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
