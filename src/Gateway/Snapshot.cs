using System.Collections.Frozen;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway;

/// <summary>
/// Everything a call reads, as one immutable value. INVARIANT: one snapshot per call; a reload in the middle of a call
/// changes nothing for that call.
/// </summary>
public sealed record Snapshot
{
    public static Snapshot Empty { get; } = new();

    public long Version { get; init; }

    public FrozenDictionary<string, ServerDefinition> Servers { get; init; } = FrozenDictionary<string, ServerDefinition>.Empty;

    public FrozenDictionary<string, PolicyRevision> Policies { get; init; } = FrozenDictionary<string, PolicyRevision>.Empty;

    /// <summary>Grants by the SHA-256 of their token (lower-case hex); revoked ones are kept, to be told apart in the record.</summary>
    public FrozenDictionary<string, Grant> GrantsByTokenHash { get; init; } = FrozenDictionary<string, Grant>.Empty;

    public FrozenDictionary<string, PinnedServer> Pins { get; init; } = FrozenDictionary<string, PinnedServer>.Empty;

    /// <summary>What is stopped by hand: <c>all</c>, <c>server:NAME</c>, <c>grant:ID</c>.</summary>
    public FrozenSet<string> Stops { get; init; } = FrozenSet<string>.Empty;
}

/// <summary>The current snapshot; published whole, read without a lock.</summary>
public sealed class SnapshotSource
{
    private volatile Snapshot current = Snapshot.Empty;

    /// <summary>Raised after a new snapshot is in place, with the one before it.</summary>
    public event Action<Snapshot, Snapshot>? Changed;

    public Snapshot Current => current;

    public void Publish(Snapshot next)
    {
        var before = current;
        current = next;
        Changed?.Invoke(before, next);
    }
}
