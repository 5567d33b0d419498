using Callgate.Gateway.Audit;

namespace Callgate.Gateway.Grants;

/// <summary>A grant as operators see it; neither its token nor the hash of it.</summary>
public sealed record GrantReply(
    string Id,
    string Label,
    string? Identity,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyDictionary<string, string?> Servers,
    DateTimeOffset? Created,
    DateTimeOffset? Expires,
    DateTimeOffset? Revoked,
    bool Declared,
    bool Stopped)
{
    public static GrantReply Of(Grant grant, Snapshot now) => new(
        grant.Id,
        grant.Label,
        grant.Identity,
        grant.Attributes,
        grant.Servers,
        grant.Created,
        grant.Expires,
        grant.Revoked,
        grant.Declared,
        now.Stops.Contains($"grant:{grant.Id}"));

    /// <summary>For the record: of what the API shows.</summary>
    internal string Digest() => ChangeText.DigestOf(this);
}
