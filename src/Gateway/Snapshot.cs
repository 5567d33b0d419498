using System.Collections.Frozen;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Upstreams;
using Callgate.Policy;

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

    /// <summary>Who may sign in, by name.</summary>
    public FrozenDictionary<string, Operator> Operators { get; init; } = FrozenDictionary<string, Operator>.Empty;

    /// <summary>Whether nobody is signed in without a second factor.</summary>
    public bool RequiresSecondFactor { get; init; }

    public FrozenDictionary<string, PinnedServer> Pins { get; init; } = FrozenDictionary<string, PinnedServer>.Empty;

    /// <summary>What is stopped by hand: <c>all</c>, <c>server:NAME</c>, <c>grant:ID</c>.</summary>
    public FrozenSet<string> Stops { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Until when policies whose document says <c>"mode": "shadow"</c> only watch. Without an end here they are enforced.</summary>
    public FrozenDictionary<string, ShadowEnd> Shadows { get; init; } = FrozenDictionary<string, ShadowEnd>.Empty;

    /// <summary>The grant of this id, revoked ones too; for what is not on the path of every call.</summary>
    public Grant? FindGrant(string id) => GrantsByTokenHash.Values.FirstOrDefault(grant => string.Equals(grant.Id, id, StringComparison.Ordinal));

    /// <summary>The tool as it was reviewed, and the definition that people are asked about because it is another; null where there is none.</summary>
    public (PinnedTool? Tool, ShownTool? AskedAbout) Pinned(string pinKey, string server, string tool) =>
        Pins.TryGetValue(pinKey, out var pins) && pins.Tools.TryGetValue(tool, out var known)
            ? (known, Servers.TryGetValue(server, out var definition) && PinBook.StandingOf(known, definition) == ToolStanding.DriftedAsked ? known.Shown : null)
            : (null, null);

    /// <summary>Until when the policy only watches; null while it is enforced.</summary>
    public DateTimeOffset? WatchedUntil(PolicyRevision policy, DateTimeOffset at) =>
        policy.Policy.IsShadow && Shadows.TryGetValue(policy.Name, out var end) && end.Holds(policy, at) ? end.Until : null;

    /// <summary>True when an operator stopped everything, this server or this grant.</summary>
    public bool IsStopped(string server, string grantId) =>
        Stops.Count > 0 && (Stops.Contains("all") || Stops.Contains("server:" + server) || Stops.Contains("grant:" + grantId));
}

/// <summary>The current snapshot; replaced whole, read without a lock.</summary>
public sealed class SnapshotSource
{
    private readonly Lock writing = new();
    private volatile Snapshot current = Snapshot.Empty;

    /// <summary>Raised after a new snapshot is in place, with the one before it and the new one.</summary>
    public event Action<Snapshot, Snapshot>? Changed;

    public Snapshot Current => current;

    /// <summary>Replaces the snapshot by a changed copy. Configuration and pins change apart from each other, so both start from what is current.</summary>
    public void Update(Func<Snapshot, Snapshot> change)
    {
        Snapshot before, after;
        lock (writing)
        {
            before = current;
            after = change(before) with { Version = before.Version + 1 };
            current = after;
        }

        Changed?.Invoke(before, after);
    }
}
