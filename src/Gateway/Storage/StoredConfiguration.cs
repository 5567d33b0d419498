using System.Collections.Frozen;
using System.Collections.Immutable;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway.Storage;

/// <summary>One revision of a policy as it was saved.</summary>
/// <param name="Document">The bytes as the operator wrote them.</param>
/// <param name="Author">Who saved it; null when not known.</param>
public sealed record StoredPolicy(string Name, long Revision, ReadOnlyMemory<byte> Document, string? Author, string? Note, DateTimeOffset Time);

/// <summary>Everything in the configuration store, read at one moment. Lists are in ordinal order of their names.</summary>
/// <param name="Servers">Secrets are unsealed.</param>
/// <param name="Policies">The newest revision of each policy.</param>
/// <param name="Shadows">Until when a policy in shadow mode only watches.</param>
/// <param name="Grants">Revoked ones included.</param>
public sealed record StoredConfiguration(
    ImmutableArray<ServerDefinition> Servers,
    ImmutableArray<StoredPolicy> Policies,
    ImmutableArray<Grant> Grants,
    ImmutableArray<PinnedServer> Pins,
    FrozenSet<string> Stops,
    FrozenDictionary<string, ShadowEnd> Shadows,
    ImmutableArray<Operator> Operators);
