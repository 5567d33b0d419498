using Callgate.Gateway.Discovery;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway.Catalogue;

/// <summary>How what was reviewed of a server stands to what it shows now.</summary>
/// <param name="Since">Since when its definitions are pinned.</param>
/// <param name="Drifted">Tools whose definition is not the reviewed one, by name.</param>
/// <param name="Waiting">Tools that appeared later and wait for review, by name.</param>
/// <param name="Others">What else drifted or waits: prompts, resources, templates, instructions; kind and name, in words.</param>
/// <param name="Then">What happens to calls of a drifted tool, as a part of a sentence.</param>
public sealed record PinState(DateTimeOffset Since, IReadOnlyList<string> Drifted, IReadOnlyList<string> Waiting, IReadOnlyList<string> Others, string Then)
{
    public bool IsSettled => Drifted.Count == 0 && Waiting.Count == 0 && Others.Count == 0;

    /// <summary>Null for a server that is not registered, or that was never reached.</summary>
    public static PinState? Of(Snapshot now, string server)
    {
        var eras = PinBook.Eras(now, server);
        return eras.Count == 0 || !now.Servers.TryGetValue(server, out var definition) ? null : new PinState(
            eras.Min(static era => era.PinnedAt),
            Names(eras.SelectMany(static era => era.Tools.Values.Where(static tool => tool.DriftedTo is not null))),
            Names(eras.SelectMany(static era => era.Waiting.Values)),
            [.. eras.SelectMany(static era => era.All()).Where(static entry => entry.Kind != ListingKind.Tool && !entry.IsReviewed)
                .Select(static entry => $"{Listing.WordOf(entry.Kind)} {entry.Pin.Name} ({(entry.Waits ? "waiting" : "drifted")})").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            definition.OnDrift switch
            {
                OnDrift.Report => "calls pass",
                OnDrift.Approve => "a person is asked about each call",
                _ => "calls are refused until somebody accepts what changed",
            });
    }

    private static List<string> Names(IEnumerable<PinnedTool> tools) =>
        [.. tools.Select(static tool => tool.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
