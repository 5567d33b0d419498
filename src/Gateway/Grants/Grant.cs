using System.Collections.Immutable;

namespace Callgate.Gateway.Grants;

/// <summary>The right of one agent to use some servers, each under its own policy.</summary>
public sealed record Grant
{
    public required string Id { get; init; }

    public required string Label { get; init; }

    /// <summary>SHA-256 of the token, lower-case hex. The token itself is stored nowhere.</summary>
    public required string TokenHash { get; init; }

    public string? Identity { get; init; }

    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public DateTimeOffset? Expires { get; init; }

    public DateTimeOffset? Revoked { get; init; }

    public DateTimeOffset? Created { get; init; }

    /// <summary>Server name → policy name; a null policy denies everything on that server.</summary>
    public ImmutableSortedDictionary<string, string?> Servers { get; init; } = ImmutableSortedDictionary<string, string?>.Empty;

    /// <summary>Declared in <c>callgate.yaml</c>: read-only for the API and the CLI.</summary>
    public bool Declared { get; init; }

    /// <summary>Neither revoked nor at its end.</summary>
    public bool IsLive(DateTimeOffset at) => Revoked is null && (Expires is null || Expires > at);
}
