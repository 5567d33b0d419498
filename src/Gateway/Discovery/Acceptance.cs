using System.Security.Cryptography;
using System.Text.Json;

namespace Callgate.Gateway.Discovery;

/// <summary>One thing that a server shows, by kind and name.</summary>
public readonly record struct PinnedName(ListingKind Kind, string Name);

/// <summary>What an operator takes as reviewed.</summary>
/// <param name="Names">Null for everything that is not reviewed.</param>
/// <param name="Seen">
/// The fingerprint of what the operator looked at: of the one definition that is named, or of everything. Null takes what the
/// server shows when the acceptance arrives.
/// </param>
public sealed record Acceptance(IReadOnlySet<PinnedName>? Names, string? Seen)
{
    public static Acceptance All { get; } = new(null, null);

    /// <summary>Whether acceptance takes this entry, of which there is something to accept.</summary>
    public bool Takes(PinnedEntry entry) => entry.Acceptable is { } fingerprint && Means(entry, fingerprint);

    /// <summary>Whether what was looked at is still there; what was named and is reviewed by now as it was seen needs nothing more.</summary>
    public bool Holds(IReadOnlyCollection<PinnedServer> eras) => Seen is null
        || (Names is null ? string.Equals(Seen, UnreviewedIn(eras), StringComparison.Ordinal)
            : eras.SelectMany(static pins => pins.All()).Any(entry => Takes(entry) || (entry.IsReviewed && Means(entry, entry.Pin.Fingerprint))));

    /// <summary>One fingerprint for everything of a server that is not reviewed; null where all is.</summary>
    public static string? UnreviewedIn(IEnumerable<PinnedServer> eras)
    {
        string[][] all =
        [
            .. eras.SelectMany(static pins => pins.All()).Where(static entry => !entry.IsReviewed)
                .Select(static entry => (Kind: Listing.WordOf(entry.Kind), entry.Pin.Name, Fingerprint: entry.Acceptable ?? "")).Distinct()
                .OrderBy(static one => one.Kind, StringComparer.Ordinal).ThenBy(static one => one.Name, StringComparer.Ordinal).ThenBy(static one => one.Fingerprint, StringComparer.Ordinal)
                .Select(static one => new[] { one.Kind, one.Name, one.Fingerprint }),
        ];
        return all.Length == 0 ? null : Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(all)));
    }

    /// <summary>
    /// Names one definition of one thing: definitions of two kinds may be the same bytes, so that the fingerprint alone would
    /// leave open which is meant.
    /// </summary>
    public static string KeyOf(string kind, string name, string fingerprint) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes<string[]>([kind, name, fingerprint])));

    private bool Means(PinnedEntry entry, string fingerprint) =>
        Names is null || (Names.Contains(new PinnedName(entry.Kind, entry.Pin.Name)) && (Seen is null || string.Equals(Seen, fingerprint, StringComparison.Ordinal)));
}
