using System.Collections.Concurrent;

namespace Callgate.Gateway.Grants;

/// <summary>
/// Cuts what a grant has open when the grant ends (revoked, expired, re-issued under another token, taken off a
/// server) and when an operator stops it.
/// A cut is a cancelled token, so it reaches every open stream at once. The tokens last as long as the grant has the
/// server, and end with the gate as well: a call needs no source of its own.
/// </summary>
public sealed class LiveStreams : IDisposable
{
    private readonly ConcurrentDictionary<(string TokenHash, string Server), Entry> entries = new();
    private readonly SnapshotSource snapshots;
    private readonly Life gate;
    private readonly ITimer expiry;
    private readonly TimeProvider time;

    /// <param name="gate">When calls and streams end because the gate does.</param>
    public LiveStreams(SnapshotSource snapshots, Life gate, TimeProvider time)
    {
        this.snapshots = snapshots;
        this.gate = gate;
        this.time = time;
        snapshots.Changed += OnChanged;
        expiry = time.CreateTimer(_ => CutExpired(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Tokens that are cancelled when the grant may no longer use the server, or the gate ends.</summary>
    public Life While(Grant grant, string server)
    {
        // The token is part of the key: a grant that was re-issued does not push what its old token has open out of sight.
        var key = (grant.TokenHash, server);
        while (true)
        {
            var entry = entries.TryGetValue(key, out var known) ? known : Add(key, grant);
            if (entry.IsCut)
            {
                entries.TryRemove(new KeyValuePair<(string, string), Entry>(key, entry));
                continue;
            }

            // The snapshot may have changed between the look-up of the grant and this line.
            if (!StillHolds(grant, server, snapshots.Current))
            {
                Cut(key, entry);
            }

            return entry.Life;
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

    /// <summary>Of two that come at once one entry stays; the other must not stand registered with the gate for good.</summary>
    private Entry Add((string TokenHash, string Server) key, Grant grant)
    {
        var fresh = new Entry(grant, gate);
        var entry = entries.GetOrAdd(key, fresh);
        if (entry != fresh)
        {
            fresh.Leave();
        }

        return entry;
    }

    private void Cut((string TokenHash, string Server) key, Entry entry)
    {
        entries.TryRemove(new KeyValuePair<(string, string), Entry>(key, entry));
        entry.Cut();
    }

    private sealed class Entry
    {
        private readonly CancellationTokenRegistration callsEnd;
        private readonly CancellationTokenRegistration streamsEnd;
        private volatile bool isCut;

        public Entry(Grant grant, Life gate)
        {
            Grant = grant;
            Life = new Life(Calls.Token, Streams.Token);
            callsEnd = gate.Calls.UnsafeRegister(static source => End((CancellationTokenSource)source!), Calls);
            streamsEnd = gate.Streams.UnsafeRegister(static source => End((CancellationTokenSource)source!), Streams);
        }

        public Grant Grant { get; }

        public Life Life { get; }

        /// <summary>Cut because of the grant; the end of the gate is no cut.</summary>
        public bool IsCut => isCut;

        private CancellationTokenSource Calls { get; } = new();

        private CancellationTokenSource Streams { get; } = new();

        public void Cut()
        {
            isCut = true;
            End(Calls);
            End(Streams);
            Leave();
        }

        /// <summary>The end of the gate no longer reaches this entry. It does not wait for one that is reaching it now.</summary>
        public void Leave()
        {
            callsEnd.Unregister();
            streamsEnd.Unregister();
        }

        /// <summary>
        /// The token says so at once; what hangs on it follows on the pool. Here it would hold up the cuts of other grants
        /// where it writes to a slow disk, and undo them where it throws.
        /// </summary>
        private static void End(CancellationTokenSource source) => _ = source.CancelAsync();
    }
}

/// <summary>How long what is open may go on: calls, and streams that last.</summary>
public readonly record struct Life(CancellationToken Calls, CancellationToken Streams);
