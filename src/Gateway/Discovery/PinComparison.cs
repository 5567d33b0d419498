using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Callgate.Policy;

namespace Callgate.Gateway.Discovery;

/// <summary>What a look at what a server shows brought to light about one thing.</summary>
/// <param name="What"><c>drift</c>, <c>drift-reverted</c>, <c>drift-ended</c>, <c>new-waiting</c> or <c>new-taken</c>.</param>
/// <param name="Before">The fingerprint of what is reviewed; null where nothing is.</param>
/// <param name="After">The fingerprint of what is shown; null where several of the name are.</param>
public readonly record struct Notice(ListingKind Kind, string Name, string What, string? Before, string? After);

/// <summary>
/// Compares what a server shows with what was reviewed. Pure: the pins before and a list give the pins after. Under
/// <c>on_drift: block</c> and <c>approve</c> a drift ends only by review, or a server that shows two faces could unblock itself.
/// </summary>
public static class PinComparison
{
    /// <summary>More of one kind than this, reviewed and waiting together, are not kept for one server.</summary>
    public const int MaxTools = 10_000;

    private const int MaxName = 256;

    /// <summary>Addresses of resources are longer than names.</summary>
    private const int MaxAddress = 2_048;

    /// <summary>Of a name that is listed more than once so many definitions are kept, for people to see.</summary>
    private const int MostOfOneName = 4;

    /// <summary>Pins as a first contact makes them: everything as it stands, all of it reviewed.</summary>
    public static PinnedServer First(string key, Showing showing, DateTimeOffset now) =>
        new(key, Pinned(ListingKind.Tool, showing.Tools), FrozenDictionary<string, PinnedTool>.Empty, showing.Instructions, now)
        {
            Lists = showing.Lists.ToFrozenDictionary(static pair => pair.Key, static pair => new PinnedList(Pinned(pair.Key, pair.Value), FrozenDictionary<string, PinnedTool>.Empty)),
        };

    /// <summary>
    /// Pins of an era that a known server shows for the first time. What equals the reviewed definition of the other era is
    /// reviewed; the rest waits.
    /// </summary>
    public static PinnedServer Later(string key, Showing showing, PinnedServer other, DateTimeOffset now)
    {
        var tools = Beside(Pinned(ListingKind.Tool, showing.Tools), other.Tools);
        var isReviewed = string.Equals(showing.Instructions, other.Instructions, StringComparison.Ordinal);
        return new PinnedServer(key, tools.Reviewed, tools.Waiting, isReviewed ? showing.Instructions : null, now)
        {
            Lists = showing.Lists.ToFrozenDictionary(static pair => pair.Key, pair => Beside(Pinned(pair.Key, pair.Value), Reviewed(pair.Key, other))),
            ShownInstructions = isReviewed ? null : showing.Instructions,
        };
    }

    /// <summary>The pins of a kind as it stands, all of it reviewed.</summary>
    public static PinnedList FirstList(ListingKind kind, IReadOnlyList<JsonElement> shown) => new(Pinned(kind, shown), FrozenDictionary<string, PinnedTool>.Empty);

    /// <summary>
    /// The pins of a kind that could not be listed when its server was met, before they are compared: nothing but what is
    /// reviewed in the other era. Else a server could choose when it is taken at its word.
    /// </summary>
    public static PinnedList LateList(ListingKind kind, IReadOnlyList<JsonElement> shown, PinnedServer other) =>
        Beside(Pinned(kind, shown), Reviewed(kind, other)) with { Waiting = FrozenDictionary<string, PinnedTool>.Empty };

    private static FrozenDictionary<string, PinnedTool> Reviewed(ListingKind kind, PinnedServer pinned) => pinned.List(kind)?.Reviewed ?? FrozenDictionary<string, PinnedTool>.Empty;

    /// <summary>
    /// Everything that a known server shows. A list that could not be read before holds what nobody has reviewed: it is taken as
    /// it stands only from a server that was pinned before lists were, and of that once.
    /// </summary>
    /// <param name="other">What is reviewed in another era, which need not be read again; null where lists are taken as they stand.</param>
    public static PinnedServer Look(PinnedServer pins, ServerDefinition server, Showing showing, PinnedServer? other, List<Notice> noticed)
    {
        var next = Compare(Compare(pins, server, showing.Tools, noticed), server, showing.Instructions, noticed);
        foreach (var (kind, entries) in showing.Lists)
        {
            next = (next.List(kind), other) switch
            {
                ({ }, _) => Compare(next, server, kind, entries, noticed),
                (null, null) => next.With(kind, FirstList(kind, entries)),
                (null, { } reviewed) => Compare(next.With(kind, LateList(kind, entries, reviewed)), server, kind, entries, noticed),
            };
        }

        return next.BeforeLists ? next with { BeforeLists = false } : next;
    }

    /// <summary>The pins after a look at these tools; the same object when nothing differs.</summary>
    public static PinnedServer Compare(PinnedServer pinned, ServerDefinition server, IReadOnlyList<JsonElement> tools, List<Notice> noticed) =>
        Compare(pinned, server, ListingKind.Tool, tools, noticed);

    /// <summary>The pins after a look at these entries of one kind; the same object when nothing differs, and where the kind could never be listed.</summary>
    public static PinnedServer Compare(PinnedServer pinned, ServerDefinition server, ListingKind kind, IReadOnlyList<JsonElement> entries, List<Notice> noticed)
    {
        if (pinned.List(kind) is not { } list)
        {
            return pinned;
        }

        var known = new Dictionary<string, PinnedTool>(StringComparer.Ordinal);
        var waiting = new Dictionary<string, PinnedTool>(StringComparer.Ordinal);
        var room = MaxTools - list.Reviewed.Count - list.Waiting.Count;
        foreach (var sameName in entries.GroupBy(Listing.Of(kind).NameOf, StringComparer.Ordinal))
        {
            if (sameName.Key is not { } name || name.Length > Longest(kind))
            {
                continue;
            }

            var twice = sameName.Skip(1).Any();
            var shown = Pin(kind, sameName.First());
            if (list.Reviewed.TryGetValue(name, out var reviewed))
            {
                if (Known(server, kind, reviewed, twice ? Several(kind, sameName) : Same(reviewed, shown) ? (ReadOnlyMemory<byte>?)null : shown.Definition, noticed) is { } changed)
                {
                    known[name] = changed;
                }
            }
            else if (!twice && (list.Waiting.ContainsKey(name) || room-- > 0))
            {
                Appeared(list, server, kind, shown, server.OnNew == OnNew.Categorise ? known : waiting, noticed);
            }
        }

        return known.Count + waiting.Count == 0 ? pinned : pinned.With(kind, new PinnedList(Merged(list.Reviewed, known), Without(Merged(list.Waiting, waiting), known)));
    }

    /// <summary>The pins after a look at the server's instructions, of which there is one text or none; the same object when nothing differs.</summary>
    public static PinnedServer Compare(PinnedServer pinned, ServerDefinition server, string? instructions, List<Notice> noticed)
    {
        if (instructions is null || (pinned.ShownInstructions is null && string.Equals(instructions, pinned.Instructions, StringComparison.Ordinal)))
        {
            return pinned;
        }

        var isReviewed = string.Equals(instructions, pinned.Instructions, StringComparison.Ordinal);
        var (next, what) = (pinned.Instructions is not null, isReviewed, server) switch
        {
            (false, _, { OnNew: OnNew.Categorise }) => (pinned with { Instructions = instructions, ShownInstructions = null }, "new-taken"),
            (false, _, _) => (pinned with { ShownInstructions = instructions }, "new-waiting"),
            (true, true, { OnDrift: OnDrift.Report }) => (pinned with { ShownInstructions = null }, "drift-ended"),
            (true, true, _) => (pinned with { ShownInstructions = instructions }, "drift-reverted"),
            _ => (pinned with { ShownInstructions = instructions }, "drift"),
        };
        if (next.Instructions == pinned.Instructions && next.ShownInstructions == pinned.ShownInstructions)
        {
            return pinned;
        }

        noticed.Add(new Notice(ListingKind.Instructions, "instructions", what, OfText(pinned.Instructions), OfText(instructions)));
        return next;
    }

    private static string? OfText(string? text) => text is null ? null : Fingerprint.Of(JsonSerializer.SerializeToElement(text));

    /// <summary>Takes what drifted or waits and is wanted as reviewed. A category set for a tool goes on to hold, in every era, unless what is accepted is more dangerous.</summary>
    public static PinnedServer Accept(PinnedServer pinned, PinnedServer? other, Acceptance wanted)
    {
        var next = pinned;
        foreach (var taken in pinned.All().Where(wanted.Takes).GroupBy(static entry => entry.Kind))
        {
            if (taken.Key == ListingKind.Instructions)
            {
                next = next with { Instructions = pinned.ShownInstructions, ShownInstructions = null };
                continue;
            }

            var list = pinned.List(taken.Key)!;
            // A name that is reviewed and waits as well is reviewed: what it drifted to is what is accepted.
            var reviewed = taken.OrderBy(static entry => entry.Waits).DistinctBy(static entry => entry.Pin.Name, StringComparer.Ordinal).Select(entry => Accepted(taken.Key, entry, other)).ToDictionary(static pin => pin.Name, StringComparer.Ordinal);
            next = next.With(taken.Key, new PinnedList(Merged(list.Reviewed, reviewed), Without(list.Waiting, reviewed)));
        }

        return next;
    }

    /// <summary>Gives a reviewed tool a category, or takes it away; the same object when there is no such tool.</summary>
    public static PinnedServer Categorise(PinnedServer pinned, string tool, ToolCategory? category) => pinned.Tools.TryGetValue(tool, out var known)
        ? pinned with { Tools = Merged(pinned.Tools, new() { [tool] = known with { Category = category } }) }
        : pinned;

    /// <summary>The more dangerous of two; null, which counts as the most dangerous, where one of them is not known.</summary>
    public static ToolCategory? Worst(ToolCategory? one, ToolCategory? other) => one is null || other is null ? null : Worse(one, other);

    private static PinnedTool Accepted(ListingKind kind, PinnedEntry entry, PinnedServer? other)
    {
        var pin = entry.Waits ? entry.Pin : Pin(kind, entry.Pin.Shown!.Definition);
        var kept = entry.Waits ? other?.List(kind)?.Reviewed.GetValueOrDefault(pin.Name)?.Category : entry.Pin.Category;
        return pin with { Category = Worse(kept, pin.Category) };
    }

    /// <summary>What becomes of a reviewed definition; null where nothing does.</summary>
    /// <param name="shown">What differs from it; null where nothing does.</param>
    private static PinnedTool? Known(ServerDefinition server, ListingKind kind, PinnedTool reviewed, ReadOnlyMemory<byte>? shown, List<Notice> noticed)
    {
        var (driftedTo, what) = (shown, reviewed.DriftedTo, server.OnDrift) switch
        {
            ({ } differing, _, _) => (differing, "drift"),
            (null, null, _) => ((ReadOnlyMemory<byte>?)null, ""),
            (null, _, OnDrift.Report) => (null, "drift-ended"),
            _ => (reviewed.Definition, "drift-reverted"),
        };
        if (driftedTo is null ? reviewed.DriftedTo is null : reviewed.DriftedTo is { } before && before.Span.SequenceEqual(driftedTo.Value.Span))
        {
            return null;
        }

        var next = reviewed with { DriftedTo = driftedTo };
        noticed.Add(new Notice(kind, reviewed.Name, what, reviewed.Fingerprint, driftedTo is null ? reviewed.Fingerprint : next.Shown?.Fingerprint));
        return next;
    }

    private static ReadOnlyMemory<byte> Several(ListingKind kind, IEnumerable<JsonElement> sameName) =>
        JsonSerializer.SerializeToUtf8Bytes(sameName.Take(MostOfOneName).Select(definition => Lasting(kind, definition)));

    private static void Appeared(PinnedList list, ServerDefinition server, ListingKind kind, PinnedTool shown, Dictionary<string, PinnedTool> into, List<Notice> noticed)
    {
        if (!list.Waiting.TryGetValue(shown.Name, out var already) || !Same(already, shown) || server.OnNew == OnNew.Categorise)
        {
            into[shown.Name] = shown;
            noticed.Add(new Notice(kind, shown.Name, server.OnNew == OnNew.Categorise ? "new-taken" : "new-waiting", null, shown.Fingerprint));
        }
    }

    private static bool Same(PinnedTool left, PinnedTool right) => string.Equals(left.Fingerprint, right.Fingerprint, StringComparison.Ordinal);

    private static int Longest(ListingKind kind) => kind is ListingKind.Resource or ListingKind.Template ? MaxAddress : MaxName;

    /// <summary>
    /// The category of a tool is what the definition says, until an operator gives another. It is stored with the pin, so that a
    /// newer program does not decide otherwise about what was reviewed. The server's own name decides nothing: it could be any.
    /// </summary>
    private static PinnedTool Pin(ListingKind kind, JsonElement definition)
    {
        var lasting = Lasting(kind, definition);
        return new(Listing.Of(kind).NameOf(definition)!, Reemit.Bytes(lasting), Fingerprint.Of(lasting), kind == ListingKind.Tool ? Categories.Of(definition) : null);
    }

    /// <summary>
    /// What is pinned of a definition: all of it, but for the size of a resource and the time of its last change. Those say how
    /// its content stands, and each write to a file would be a drift.
    /// </summary>
    private static JsonElement Lasting(ListingKind kind, JsonElement definition)
    {
        if (kind is not (ListingKind.Resource or ListingKind.Template))
        {
            return definition;
        }

        var isAll = definition.TryGetProperty("annotations"u8, out var annotations) && annotations.ValueKind == JsonValueKind.Object
            && annotations.TryGetProperty("lastModified"u8, out _) && annotations.GetPropertyCount() == 1;
        return JsonElement.Parse(Reemit.Bytes(definition, JsonEdit.Remove("size"), isAll ? JsonEdit.Remove("annotations") : JsonEdit.Remove("annotations", "lastModified")).Span);
    }

    /// <summary>A category that was given goes on to hold, unless the new definition is of a more dangerous one.</summary>
    private static ToolCategory? Worse(ToolCategory? kept, ToolCategory? found) => kept is null || found is null ? kept ?? found : Danger(kept.Value) >= Danger(found.Value) ? kept : found;

    private static int Danger(ToolCategory category) => category switch
    {
        ToolCategory.Financial => 5,
        ToolCategory.Destructive => 4,
        ToolCategory.Execute => 3,
        ToolCategory.Write => 2,
        ToolCategory.Read => 1,
        _ => 0,
    };

    /// <summary>Each name once; a list of tools that has one twice is not pinned at all, and of others the next look finds that it drifted.</summary>
    private static FrozenDictionary<string, PinnedTool> Pinned(ListingKind kind, IEnumerable<JsonElement> definitions) => definitions.Select(definition => Pin(kind, definition))
        .Where(pin => kind == ListingKind.Tool || pin.Name.Length <= Longest(kind)).DistinctBy(static pin => pin.Name, StringComparer.Ordinal).Take(MaxTools + 1)
        .ToFrozenDictionary(static pin => pin.Name, StringComparer.Ordinal);

    /// <summary>What equals the reviewed definition of another era is reviewed, under the same category; the rest waits.</summary>
    private static PinnedList Beside(FrozenDictionary<string, PinnedTool> shown, FrozenDictionary<string, PinnedTool> other)
    {
        var known = shown
            .Where(pair => other.TryGetValue(pair.Key, out var reviewed) && Same(reviewed, pair.Value))
            .ToFrozenDictionary(static pair => pair.Key, pair => pair.Value with { Category = other[pair.Key].Category }, StringComparer.Ordinal);
        return new PinnedList(known, shown.Where(pair => !known.ContainsKey(pair.Key)).ToFrozenDictionary(StringComparer.Ordinal));
    }

    private static FrozenDictionary<string, PinnedTool> Without(FrozenDictionary<string, PinnedTool> list, Dictionary<string, PinnedTool> taken) =>
        taken.Keys.Any(list.ContainsKey) ? list.Where(pair => !taken.ContainsKey(pair.Key)).ToFrozenDictionary(StringComparer.Ordinal) : list;

    private static FrozenDictionary<string, PinnedTool> Merged(FrozenDictionary<string, PinnedTool> before, Dictionary<string, PinnedTool> changed)
    {
        if (changed.Count == 0)
        {
            return before;
        }

        var merged = new Dictionary<string, PinnedTool>(before, StringComparer.Ordinal);
        foreach (var (name, tool) in changed)
        {
            merged[name] = tool;
        }

        return merged.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
