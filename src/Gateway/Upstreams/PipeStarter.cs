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
    private readonly ChildMounts mounts;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly StdioOptions options;
    private readonly Lock gate = new();
    private Task<(ChildIsolation Isolation, string Homes)>? prepared;

    public PipeStarter(ChildMounts mounts, TimeProvider time, ILogger log, StdioOptions options)
    {
        this.mounts = mounts;
        this.time = time;
        this.log = log;
        this.options = options;
    }

    public async Task<ChildIsolation> IsolationAsync() => (await PreparedAsync()).Isolation;

    public async Task<(IMessagePipe? Pipe, UpstreamFault? Fault)> StartAsync(ServerDefinition server, string owner)
    {
        switch (server.Transport)
        {
            case TransportKind.Sse:
                return await SsePipe.OpenAsync(server, time);
            case TransportKind.Stdio:
                var (isolation, homes) = await PreparedAsync();
                var home = Path.Combine(homes, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server.Name}\n{owner}")))[..24]);
                Directory.CreateDirectory(home);
                return await StdioPipe.StartAsync(server, isolation, options with { Home = home }, time);
            default:
                throw new ArgumentException("streamable HTTP has no pipe", nameof(server));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<(ChildIsolation Isolation, string Homes)>? begun;
        lock (gate)
        {
            begun = prepared;
        }

        if (begun is null)
        {
            return;
        }

        await ((Task)begun).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (begun.IsCompletedSuccessfully)
        {
            var (isolation, homes) = await begun;
            isolation.Dispose();
            ChildPaths.Remove(homes);
        }
    }

    /// <summary>Done once; after a failure the next caller tries again.</summary>
    private Task<(ChildIsolation Isolation, string Homes)> PreparedAsync()
    {
        lock (gate)
        {
            return prepared is null or { IsFaulted: true } or { IsCanceled: true } ? prepared = Task.Run(PrepareAsync) : prepared;
        }
    }

    /// <summary>Homes lie in the data folder, so that those an unclean end left behind are found and removed by the next start.</summary>
    private async Task<(ChildIsolation Isolation, string Homes)> PrepareAsync()
    {
        var homes = Path.Combine(mounts.DataFolder, "homes");
        if (Directory.Exists(homes))
        {
            ChildPaths.Remove(homes);
        }

        Directory.CreateDirectory(homes);
        return (await ChildIsolation.ProbeAsync(mounts, time, log, CancellationToken.None), homes);
    }
}
