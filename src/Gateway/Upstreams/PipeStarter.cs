using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// Starts pipes: finds out once how children can be isolated, and gives each grant's children of a server a home of
/// their own that outlives a restart, so that what a tool keeps there (a package cache, a login) is neither lost nor
/// shared with another grant.
/// </summary>
internal sealed class PipeStarter : IAsyncDisposable
{
    private readonly ImmutableArray<string> hidden;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly StdioOptions options;
    private readonly Lazy<Task<(ChildIsolation Isolation, string Homes)>> prepared;

    /// <param name="hidden">What no child may see: the data folder first.</param>
    public PipeStarter(ImmutableArray<string> hidden, TimeProvider time, ILogger log, StdioOptions options)
    {
        this.hidden = hidden;
        this.time = time;
        this.log = log;
        this.options = options;
        prepared = new Lazy<Task<(ChildIsolation, string)>>(PrepareAsync);
    }

    public async Task<ChildIsolation> IsolationAsync() => (await prepared.Value).Isolation;

    public async Task<(IMessagePipe? Pipe, UpstreamFault? Fault)> StartAsync(ServerDefinition server, string owner)
    {
        switch (server.Transport)
        {
            case TransportKind.Sse:
                return await SsePipe.OpenAsync(server, time);
            case TransportKind.Stdio:
                var (isolation, homes) = await prepared.Value;
                var home = Path.Combine(homes, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server.Name}\n{owner}")))[..24]);
                Directory.CreateDirectory(home);
                return await StdioPipe.StartAsync(server, isolation, options with { Home = home }, time);
            default:
                throw new ArgumentException("streamable HTTP has no pipe", nameof(server));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!prepared.IsValueCreated)
        {
            return;
        }

        var (isolation, homes) = await prepared.Value;
        isolation.Dispose();
        ChildPaths.Remove(homes);
    }

    /// <summary>Homes lie in the data folder, so that those an unclean end left behind are found and removed by the next start.</summary>
    private async Task<(ChildIsolation Isolation, string Homes)> PrepareAsync()
    {
        var homes = Path.Combine(ChildPaths.Real(hidden[0]), "homes");
        if (Directory.Exists(homes))
        {
            ChildPaths.Remove(homes);
        }

        Directory.CreateDirectory(homes);
        return (await ChildIsolation.ProbeAsync(hidden, time, log, CancellationToken.None), homes);
    }
}
