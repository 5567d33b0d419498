using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Upstreams;

/// <summary>
/// Servers of MCP under one address, each as badly behaved as its scenario says. Whatever comes to any of them is noted. The
/// canary is a second address that nobody has any business to call.
/// </summary>
public sealed class RecordingUpstream : IAsyncDisposable
{
    private readonly WireServer server;
    private readonly WireServer canary;
    private readonly ConcurrentDictionary<string, ScriptedServer> mounted = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> canaryPaths = [];

    public RecordingUpstream()
    {
        server = new WireServer(AnswerAsync);
        canary = new WireServer((request, reply, cancellationToken) =>
        {
            canaryPaths.Enqueue(request.Target);
            return reply.AnswerAsync(200, "application/json", "{}"u8.ToArray(), cancellationToken: cancellationToken);
        });
    }

    /// <summary>Where the server of that name answers.</summary>
    public Uri Url(string name) => new(server.Root, $"/{name}/mcp");

    public Uri Canary(string name) => new(canary.Root, $"/{name}");

    /// <summary>What came to the canary under that name.</summary>
    public IReadOnlyList<string> CanarySaw(string name) => [.. canaryPaths.Where(path => path.StartsWith("/" + name, StringComparison.Ordinal))];

    public ScriptedServer Mount(string name, JsonElement spec) => mounted[name] = new ScriptedServer(name, spec);

    /// <summary>Ends a server, with everything that is open on it.</summary>
    public void Unmount(string name)
    {
        if (mounted.TryRemove(name, out var gone))
        {
            gone.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in mounted.Keys)
        {
            Unmount(name);
        }

        await server.DisposeAsync();
        await canary.DisposeAsync();
    }

    private Task AnswerAsync(WireRequest request, WireReply reply, CancellationToken cancellationToken)
    {
        var name = request.Path.Split('/') is [_, var first, ..] ? first : "";
        return mounted.TryGetValue(name, out var found)
            ? found.AnswerAsync(request, reply, cancellationToken)
            : reply.AnswerAsync(404, "text/plain", Encoding.UTF8.GetBytes("no such server"), cancellationToken: cancellationToken);
    }
}
