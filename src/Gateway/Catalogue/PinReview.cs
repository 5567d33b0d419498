using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Discovery;

namespace Callgate.Gateway.Catalogue;

/// <summary>Something that a server shows and nobody has reviewed.</summary>
/// <param name="Kind"><c>tool</c>, <c>prompt</c>, <c>resource</c>, <c>template</c> or <c>instructions</c>.</param>
/// <param name="State"><c>drifted</c> or <c>waiting</c>.</param>
/// <param name="Fingerprint">Of what acceptance would take; null where nothing can be accepted.</param>
/// <param name="Changes">What differs from the reviewed definition; of what waits, all of it.</param>
public sealed record PinChange(string Kind, string Name, string State, string? Fingerprint, IReadOnlyList<DefinitionChange> Changes)
{
    /// <summary>What names this very definition; null where nothing can be accepted.</summary>
    public string? Key => Fingerprint is null ? null : Acceptance.KeyOf(Kind, Name, Fingerprint);
}

/// <summary>What an operator has to read of a registered server: what changed, and which names can be taken for others.</summary>
/// <param name="Changes">The first of them, by kind and name.</param>
/// <param name="Alike">Tools whose name only looks like another, each with the first it can be taken for.</param>
public sealed record PinReview(IReadOnlyList<PinChange> Changes, IReadOnlyList<(string Tool, Namesake Other)> Alike)
{
    private const int MostChanges = 20;
    private const int MostAlike = 50;

    private static readonly JsonElement Nothing = JsonElement.Parse("{}"u8);

    public static PinReview Of(Snapshot now, string server)
    {
        var eras = PinBook.Eras(now, server);
        var unreviewed = eras.SelectMany(static era => era.All()).Where(static entry => !entry.IsReviewed)
            .DistinctBy(static entry => (entry.Kind, entry.Pin.Name, entry.Waits, entry.Acceptable))
            .OrderBy(static entry => entry.Kind).ThenBy(static entry => entry.Pin.Name, StringComparer.Ordinal).Take(MostChanges);
        var names = PinnedNames.Of(now);
        var alike = eras.SelectMany(static era => era.Tools.Keys.Concat(era.Waiting.Keys)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(tool => (Tool: tool, Others: names.Of(server, tool))).Where(static pair => pair.Others is [{ IsSame: false }, ..]).Take(MostAlike);
        return new PinReview([.. unreviewed.Select(Of)], [.. alike.Select(static pair => (pair.Tool, pair.Others[0]))]);
    }

    private static PinChange Of(PinnedEntry entry)
    {
        var definition = JsonElement.Parse(entry.Pin.Definition.Span);
        var (before, after) = entry.Waits ? (definition.ValueKind == JsonValueKind.Object ? Nothing : JsonElement.Parse("null"u8), definition) : (definition, JsonElement.Parse(entry.Pin.DriftedTo!.Value.Span));
        return new PinChange(Listing.WordOf(entry.Kind), entry.Pin.Name, entry.Waits ? "waiting" : "drifted", entry.Acceptable, DefinitionDiff.Compare(before, after));
    }
}
