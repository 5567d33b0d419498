using System.Security.Cryptography;
using System.Text.Json;

namespace Callgate.Gateway.Discovery;

/// <summary>What an operator takes as reviewed.</summary>
/// <param name="Names">Null for everything that is not reviewed.</param>
/// <param name="Seen">
/// The fingerprint of what the operator looked at: of the one definition that is named, or of everything. Null takes what the
/// server shows when the acceptance arrives.
/// </param>
public sealed record Acceptance(IReadOnlySet<string>? Names, string? Seen)
{
    public static Acceptance All { get; } = new(null, null);

    /// <summary>Whether this definition of that name is meant.</summary>
    public bool Takes(string name, string fingerprint) =>
        (Names is null || Names.Contains(name)) && (Seen is null || Names is null || string.Equals(Seen, fingerprint, StringComparison.Ordinal));

    /// <summary>Whether what was looked at is still there; only what was named and is reviewed as it was seen needs nothing more.</summary>
    public bool Holds(IReadOnlyCollection<PinnedServer> eras) => Seen is null
        || (Names is null ? string.Equals(Seen, UnreviewedIn(eras), StringComparison.Ordinal)
            : Unreviewed(eras).Any(one => Takes(one.Name, one.Fingerprint)) || eras.Any(pins => pins.Tools.Values.Any(tool => tool.DriftedTo is null && Takes(tool.Name, tool.Fingerprint))));

    /// <summary>One fingerprint for everything of a server that is not reviewed; null where all is.</summary>
    public static string? UnreviewedIn(IEnumerable<PinnedServer> eras)
    {
        string[][] all = [.. Unreviewed(eras).Select(static one => new[] { one.Name, one.Fingerprint }).OrderBy(static one => one[0], StringComparer.Ordinal).ThenBy(static one => one[1], StringComparer.Ordinal)];
        return all.Length == 0 ? null : Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(all)));
    }

    /// <summary>What is shown several times at once has no fingerprint: it cannot be accepted.</summary>
    private static IEnumerable<(string Name, string Fingerprint)> Unreviewed(IEnumerable<PinnedServer> eras) => eras.SelectMany(static pins =>
        pins.Tools.Values.Where(static tool => tool.DriftedTo is not null).Select(static tool => (tool.Name, tool.Shown?.Fingerprint ?? ""))
            .Concat(pins.Waiting.Values.Select(static tool => (tool.Name, tool.Fingerprint)))).Distinct();
}
