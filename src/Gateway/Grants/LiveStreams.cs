using System.Collections.Concurrent;

namespace Callgate.Gateway.Grants;

/// <summary>
/// Cuts what a grant has open when the grant ends (revoked, expired, re-issued under another token, taken off a
/// server) and when an operator stops it.
/// A cut is a cancelled token, so it reaches every open stream at once.
/// </summary>
public sealed class LiveStreams : IDisposable
{
    private readonly ConcurrentDictionary<(string TokenHash, string Server), Entry> entries = new();
    private readonly SnapshotSource snapshots;
    private readonly ITimer expiry;
    private readonly TimeProvider time;

    public LiveStreams(SnapshotSource snapshots, TimeProvider time)
    {
        this.snapshots = snapshots;
        this.time = time;
        snapshots.Changed += OnChanged;
        expiry = time.CreateTimer(_ => CutExpired(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>A token that is cancelled when the grant may no longer use the server.</summary>
    public CancellationToken While(Grant grant, string server)
    {
        // The token is part of the key: a grant that was re-issued does not push what its old token has open out of sight.
        var key = (grant.TokenHash, server);
        while (true)
        {
            var entry = entries.GetOrAdd(key, static (_, state) => new Entry(state), grant);
            if (entry.Source.IsCancellationRequested)
            {
                entries.TryRemove(new KeyValuePair<(string, string), Entry>(key, entry));
                continue;
            }

            // The snapshot may have changed between the look-up of the grant and this line.
            if (!StillHolds(grant, server, snapshots.Current))
            {
                Cut(key, entry);
            }

            return entry.Source.Token;
        }
    }

    /// <summary>Cuts everything that is open on a server whose definition changed: it must not go on toward the old one.</summary>
    public void CutServer(string server)
    {
        foreach (var (key, entry) in entries.Where(pair => string.Equals(pair.Key.Server, server, StringComparison.Ordinal)))
        {
            Cut(key, entry);
        }
    }

    public void Dispose()
    {
        snapshots.Changed -= OnChanged;
        expiry.Dispose();
        foreach (var (key, entry) in entries)
        {
            Cut(key, entry);
        }
    }

    private void OnChanged(Snapshot before, Snapshot after)
    {
        foreach (var (key, entry) in entries)
        {
            if (!StillHolds(entry.Grant, key.Server, after) || (after.IsStopped(key.Server, entry.Grant.Id) && !before.IsStopped(key.Server, entry.Grant.Id)))
            {
                Cut(key, entry);
            }
        }
    }

    private void CutExpired()
    {
        var now = time.GetUtcNow();
        foreach (var (key, entry) in entries)
        {
            if (entry.Grant.Expires <= now)
            {
                Cut(key, entry);
            }
        }
    }

    private static bool StillHolds(Grant grant, string server, Snapshot now) =>
        now.GrantsByTokenHash.TryGetValue(grant.TokenHash, out var current)
        && string.Equals(current.Id, grant.Id, StringComparison.Ordinal)
        && current.Revoked is null
        && current.Expires == grant.Expires
        && current.Servers.ContainsKey(server)
        && now.Servers.ContainsKey(server);

    private void Cut((string TokenHash, string Server) key, Entry entry)
    {
        entries.TryRemove(new KeyValuePair<(string, string), Entry>(key, entry));
        entry.Source.Cancel();
    }

    private sealed class Entry(Grant grant)
    {
        public Grant Grant { get; } = grant;

        public CancellationTokenSource Source { get; } = new();
    }
}
