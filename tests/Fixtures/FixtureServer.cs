using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures.Profiles;
using Callgate.Fixtures.Transports;

namespace Callgate.Fixtures;

/// <summary>
/// An MCP server of its own making for tests: it records what it receives, does what its profile says, and misbehaves
/// when told to. It shares no code with the gateway, so that a mistake of one is not hidden by the same mistake here.
/// </summary>
public sealed class FixtureServer : IAsyncDisposable
{
    private readonly Lock faultGate = new();
    private readonly List<Fault> faults;
    private HttpHost? http;

    private FixtureServer(FixtureOptions options)
    {
        Options = options;
        Profile = Profile.Named(options.Profile);
        Recording = new Recording(options.RecordFile);
        Eras = options.Eras ?? Profile.Eras;
        ProgressOnGet = options.ProgressOnGet ?? Profile.ProgressOnGet;
        OnlyVersion = options.OnlyVersion ?? Profile.OnlyVersion;
        ModernVersions = options.ModernVersions ?? [Modern.Released];
        faults = [.. options.Faults];
        Dispatch = new Dispatch(this);
    }

    public FixtureOptions Options { get; }

    public Profile Profile { get; }

    public Recording Recording { get; }

    public FixtureEras Eras { get; }

    /// <summary>The streamable HTTP endpoint.</summary>
    public Uri Url => new(Root, "/mcp");

    /// <summary>The GET endpoint of HTTP+SSE.</summary>
    public Uri SseUrl => new(Root, "/sse");

    /// <summary>Session ids handed out over HTTP and not ended.</summary>
    public IReadOnlyCollection<string> SessionIds => [.. Sessions.Keys];

    internal bool ProgressOnGet { get; set; }

    internal string? OnlyVersion { get; }

    internal IReadOnlyList<string> ModernVersions { get; }

    internal Dispatch Dispatch { get; }

    internal ConcurrentDictionary<string, FixtureSession> Sessions { get; } = new(StringComparer.Ordinal);

    internal ConcurrentDictionary<Turn, bool> Listeners { get; } = new();

    /// <summary>True once a message has killed the server for everyone, as one of the imitated servers dies.</summary>
    internal bool IsDead { get; set; }

    private Uri Root => http?.Root ?? throw new InvalidOperationException("the fixture server does not listen on HTTP");

    /// <summary>A server that is not listening yet; for <see cref="RunStdioAsync"/>.</summary>
    public static FixtureServer Create(FixtureOptions options) => new(options);

    /// <summary>Starts on 127.0.0.1; port 0 takes a free one.</summary>
    public static async Task<FixtureServer> StartHttpAsync(FixtureOptions options, int port = 0)
    {
        var server = new FixtureServer(options);
        server.http = await HttpHost.StartAsync(server, port);
        return server;
    }

    /// <summary>Serves one client on a pair of streams until the input ends.</summary>
    public Task RunStdioAsync(Stream input, Stream output, CancellationToken cancel = default) =>
        new StdioTransport(this, output).RunAsync(input, cancel);

    /// <summary>Makes the next matching requests go wrong.</summary>
    public void Inject(Fault fault)
    {
        lock (faultGate)
        {
            faults.Add(fault);
        }
    }

    public void ClearFaults()
    {
        lock (faultGate)
        {
            faults.Clear();
        }
    }

    /// <summary>Forgets every HTTP session, as a restarted server does; their ids are unknown afterwards.</summary>
    public void ForgetSessions()
    {
        foreach (var session in Sessions.Values)
        {
            session.Apart.Complete();
        }

        Sessions.Clear();
    }

    /// <summary>Tells every client that listens for it: legacy sessions on their own stream, modern ones on their listen stream.</summary>
    public async ValueTask BroadcastAsync(string method, JsonObject parameters, string filter)
    {
        foreach (var session in Sessions.Values)
        {
            await session.Unrelated(Turn.Notification(method, parameters.DeepClone().AsObject()));
        }

        foreach (var listener in Listeners.Keys)
        {
            await Dispatch.TellListenerAsync(listener, method, parameters, filter);
        }
    }

    /// <summary>Changes the tool list the way a new release would, and says so.</summary>
    public ValueTask ChangeToolsAsync(Action<JsonArray> change)
    {
        Profile.ChangeTools(change);
        return BroadcastAsync("notifications/tools/list_changed", [], "toolsListChanged");
    }

    /// <summary>Ends every connection at once.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in Listeners.Keys)
        {
            await listener.Cancellation.CancelAsync();
        }

        ForgetSessions();
        if (http is not null)
        {
            await http.DisposeAsync();
        }
    }

    internal Fault? TakeFault(string? method, string? tool)
    {
        lock (faultGate)
        {
            var index = faults.FindIndex(f => (f.Method is null || f.Method == method) && (f.Tool is null || f.Tool == tool));
            if (index < 0)
            {
                return null;
            }

            var fault = faults[index];
            if (fault.Times <= 1)
            {
                faults.RemoveAt(index);
            }
            else
            {
                faults[index] = fault with { Times = fault.Times - 1 };
            }

            return fault;
        }
    }

    internal Fault? TakeFault(JsonElement message) =>
        TakeFault(message.Text("method"), message.Text("method") == "tools/call" ? message.Member("params").Text("name") : null);
}
