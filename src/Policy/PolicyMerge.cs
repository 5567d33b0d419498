using System.Text.Json.Nodes;

namespace Callgate.Policy;

/// <summary>
/// Writes a policy that treats some tools as a recommendation does and everything else as before. It is a proposal: somebody
/// compares it and saves it.
/// </summary>
public static class PolicyMerge
{
    /// <summary>
    /// The document as UTF-8 JSON. A tool that the recommendation hides is hidden, and has no entry of its own any more; one
    /// that it has an entry for gets that entry in place of its own, and is taken out of <c>hide</c> where its name stands
    /// there. What a pattern hides stays hidden. Whether the document compiles is for the compiler to say: its own
    /// <c>tests</c> may not agree.
    /// </summary>
    /// <param name="document">The policy, JSON; one that compiles.</param>
    /// <param name="recommended">What <see cref="PolicyRecommendation"/> wrote: exact names in <c>hide</c> and <c>tools</c>.</param>
    public static byte[] Write(ReadOnlyMemory<byte> document, ReadOnlyMemory<byte> recommended)
    {
        var (root, wanted) = (JsonNode.Parse(document.Span)!.AsObject(), JsonNode.Parse(recommended.Span)!.AsObject());
        Hide(root, [.. (wanted["hide"] as JsonArray ?? []).Select(static item => item!.GetValue<string>())]);
        Enter(root, wanted["tools"] as JsonObject ?? []);
        return PolicyText.Of(root);
    }

    /// <summary>The document as a merged one is laid out, so that what differs between the two is what was changed.</summary>
    /// <param name="document">A policy, JSON; one that compiles.</param>
    public static byte[] Laid(ReadOnlyMemory<byte> document) => PolicyText.Of(JsonNode.Parse(document.Span)!.AsObject());

    private static void Hide(JsonObject root, List<string> names)
    {
        if (names.Count == 0)
        {
            return;
        }

        var tools = root["tools"] as JsonObject ?? [];
        var keys = ToolKeys.Of(tools);
        foreach (var name in names)
        {
            tools.Remove(keys.GetValueOrDefault(ToolKeys.Spelled(name), name));
        }

        if (root["hide"] is JsonValue)
        {
            // `*`: all are hidden.
            return;
        }

        if (root["hide"] is not JsonArray hidden)
        {
            var place = root.IndexOf("tools");
            root.Insert(place < 0 ? root.Count : place, "hide", hidden = []);
        }

        var known = hidden.Select(static item => ToolKeys.Spelled(item!.GetValue<string>())).ToHashSet(StringComparer.Ordinal);
        names.Where(name => known.Add(ToolKeys.Spelled(name))).ToList().ForEach(name => hidden.Add((JsonNode)name));
    }

    private static void Enter(JsonObject root, JsonObject entries)
    {
        var entered = ToolKeys.Of(entries);
        if (root["hide"] is JsonArray hidden && hidden.RemoveAll(item => entered.ContainsKey(ToolKeys.Spelled(item!.GetValue<string>()))) > 0 && hidden.Count == 0)
        {
            root.Remove("hide");
        }

        if (root["tools"] is not JsonObject tools && entries.Count > 0)
        {
            root["tools"] = tools = [];
        }
        else
        {
            tools = root["tools"] as JsonObject ?? [];
        }

        var keys = ToolKeys.Of(tools);
        foreach (var (name, entry) in entries)
        {
            tools[keys.GetValueOrDefault(ToolKeys.Spelled(name), name)] = entry!.DeepClone();
        }
    }
}
