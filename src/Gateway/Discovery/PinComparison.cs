using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Callgate.Policy;

namespace Callgate.Gateway.Discovery;

/// <summary>What a look at a server's list brought to light about one tool.</summary>
/// <param name="What"><c>drift</c>, <c>drift-reverted</c>, <c>drift-ended</c>, <c>new-waiting</c> or <c>new-taken</c>.</param>
public readonly record struct Notice(string Tool, string What);

/// <summary>
/// Compares what a server shows with what was reviewed. Pure: the pins before and a list give the pins after. Under
/// <c>on_drift: block</c> and <c>approve</c> a drift ends only by review, or a server that shows two faces could unblock itself.
/// </summary>
public static class PinComparison
{
    /// <summary>More tools than this, reviewed and waiting together, are not kept for one server.</summary>
    public const int MaxTools = 10_000;

    private const int MaxName = 256;

    /// <summary>Of a name that is listed more than once so many definitions are kept, for people to see.</summary>
    private const int MostOfOneName = 4;

    /// <summary>Pins as a first contact makes them: the list as it stands, all of it reviewed.</summary>
    public static PinnedServer First(string key, Showing showing, DateTimeOffset now) =>
        new(key, Tools(showing.Tools), FrozenDictionary<string, PinnedTool>.Empty, showing.Instructions, now);

    /// <summary>
    /// Pins of an era that a known server shows for the first time. What equals the reviewed definition of the other era is
    /// reviewed; the rest waits.
    /// </summary>
    public static PinnedServer Later(string key, Showing showing, PinnedServer other, DateTimeOffset now)
    {
        var shown = Tools(showing.Tools);
        var known = shown
            .Where(pair => other.Tools.TryGetValue(pair.Key, out var reviewed) && Same(reviewed, pair.Value))
            .ToFrozenDictionary(pair => pair.Key, pair => pair.Value with { Category = other.Tools[pair.Key].Category }, StringComparer.Ordinal);
        var waiting = shown.Where(pair => !known.ContainsKey(pair.Key)).ToFrozenDictionary(StringComparer.Ordinal);
        var instructions = string.Equals(showing.Instructions, other.Instructions, StringComparison.Ordinal) ? showing.Instructions : null;
        return new PinnedServer(key, known, waiting, instructions, now);
    }

    /// <summary>The pins after a look at these definitions; the same object when nothing differs.</summary>
    public static PinnedServer Compare(PinnedServer pinned, ServerDefinition server, IReadOnlyList<JsonElement> tools, List<Notice> noticed)
    {
        var known = new Dictionary<string, PinnedTool>(StringComparer.Ordinal);
        var waiting = new Dictionary<string, PinnedTool>(StringComparer.Ordinal);
        var room = MaxTools - pinned.Tools.Count - pinned.Waiting.Count;
        foreach (var sameName in tools.GroupBy(PinBook.NameOf, StringComparer.Ordinal))
        {
            if (sameName.Key is not { Length: <= MaxName } name)
            {
                continue;
            }

            var twice = sameName.Skip(1).Any();
            var shown = Tool(sameName.First());
            if (pinned.Tools.TryGetValue(name, out var reviewed))
            {
                Known(server, reviewed, twice ? Several(sameName) : Same(reviewed, shown) ? null : shown.Definition, known, noticed);
            }
            else if (!twice && (pinned.Waiting.ContainsKey(name) || room-- > 0))
            {
                Appeared(pinned, server, shown, server.OnNew == OnNew.Categorise ? known : waiting, noticed);
            }
        }

        return known.Count + waiting.Count == 0 ? pinned : pinned with { Tools = Merged(pinned.Tools, known), Waiting = Merged(pinned.Waiting, waiting) };
    }

    /// <summary>Takes what drifted or waits and is wanted as reviewed. A category set for a tool goes on to hold, in every era, unless what is accepted is more dangerous.</summary>
    public static PinnedServer Accept(PinnedServer pinned, PinnedServer? other, Acceptance wanted)
    {
        var tools = new Dictionary<string, PinnedTool>(pinned.Tools, StringComparer.Ordinal);
        var waiting = new Dictionary<string, PinnedTool>(pinned.Waiting, StringComparer.Ordinal);
        foreach (var tool in pinned.Tools.Values.Where(tool => tool.Shown is { } shown && wanted.Takes(tool.Name, shown.Fingerprint)))
        {
            var shown = Tool(tool.Shown!.Definition);
            tools[tool.Name] = shown with { Category = Worse(tool.Category, shown.Category) };
        }

        foreach (var tool in pinned.Waiting.Values.Where(tool => wanted.Takes(tool.Name, tool.Fingerprint)))
        {
            tools[tool.Name] = tool with { Category = Worse(other?.Tools.GetValueOrDefault(tool.Name)?.Category, tool.Category) };
            waiting.Remove(tool.Name);
        }

        return pinned with { Tools = tools.ToFrozenDictionary(StringComparer.Ordinal), Waiting = waiting.ToFrozenDictionary(StringComparer.Ordinal) };
    }

    /// <summary>Gives a reviewed tool a category, or takes it away; the same object when there is no such tool.</summary>
    public static PinnedServer Categorise(PinnedServer pinned, string tool, ToolCategory? category) => pinned.Tools.TryGetValue(tool, out var known)
        ? pinned with { Tools = Merged(pinned.Tools, new() { [tool] = known with { Category = category } }) }
        : pinned;

    /// <param name="shown">What differs from the reviewed definition; null where nothing does.</param>
    private static void Known(ServerDefinition server, PinnedTool reviewed, ReadOnlyMemory<byte>? shown, Dictionary<string, PinnedTool> known, List<Notice> noticed)
    {
        var (driftedTo, what) = (shown, reviewed.DriftedTo, server.OnDrift) switch
        {
            ({ } differing, _, _) => (differing, "drift"),
            (null, null, _) => ((ReadOnlyMemory<byte>?)null, ""),
            (null, _, OnDrift.Report) => (null, "drift-ended"),
            _ => (reviewed.Definition, "drift-reverted"),
        };
        var unchanged = driftedTo is null ? reviewed.DriftedTo is null : reviewed.DriftedTo is { } before && before.Span.SequenceEqual(driftedTo.Value.Span);
        if (!unchanged)
        {
            known[reviewed.Name] = reviewed with { DriftedTo = driftedTo };
            noticed.Add(new Notice(reviewed.Name, what));
        }
    }

    private static ReadOnlyMemory<byte> Several(IEnumerable<JsonElement> sameName) => JsonSerializer.SerializeToUtf8Bytes(sameName.Take(MostOfOneName));

    private static void Appeared(PinnedServer pinned, ServerDefinition server, PinnedTool shown, Dictionary<string, PinnedTool> into, List<Notice> noticed)
    {
        if (!pinned.Waiting.TryGetValue(shown.Name, out var already) || !Same(already, shown) || server.OnNew == OnNew.Categorise)
        {
            into[shown.Name] = shown;
            noticed.Add(new Notice(shown.Name, server.OnNew == OnNew.Categorise ? "new-taken" : "new-waiting"));
        }
    }

    private static bool Same(PinnedTool left, PinnedTool right) => string.Equals(left.Fingerprint, right.Fingerprint, StringComparison.Ordinal);

    /// <summary>
    /// The category is what the definition says, until an operator gives another. It is stored with the pin, so that a newer
    /// program does not decide otherwise about what was reviewed. The server's own name decides nothing: it could be any.
    /// </summary>
    private static PinnedTool Tool(JsonElement definition) =>
        new(PinBook.NameOf(definition)!, Reemit.Bytes(definition), Fingerprint.Of(definition), Categories.Of(definition));

    /// <summary>The more dangerous of two; null, which counts as the most dangerous, where one of them is not known.</summary>
    public static ToolCategory? Worst(ToolCategory? one, ToolCategory? other) => one is null || other is null ? null : Worse(one, other);

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

    private static FrozenDictionary<string, PinnedTool> Tools(IEnumerable<JsonElement> definitions) =>
        definitions.Select(Tool).ToFrozenDictionary(static tool => tool.Name, StringComparer.Ordinal);

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
