using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Policy;

/// <summary>What a document says of a tool or a category by its own name, as a choice of one word.</summary>
public enum SheetState
{
    /// <summary>Nothing: a pattern, the category or <c>default</c> decides.</summary>
    Default,

    /// <summary>It is allowed, whatever the call says.</summary>
    Allow,

    /// <summary>It is refused.</summary>
    Deny,

    /// <summary>It does not exist for agents.</summary>
    Hide,

    /// <summary>A person is asked.</summary>
    Ask,

    /// <summary>Anything more than that: rules, limits, or how arguments are checked and calls are recorded.</summary>
    Custom,
}

/// <summary>A part of an entry, for people who may take it away.</summary>
/// <param name="Place">JSON Pointer (RFC 6901) into the document.</param>
/// <param name="Kind">The member it stands in: <c>require</c>, <c>deny_if</c>, <c>approve_if</c>, <c>limits</c>, <c>rate_limit</c>, or another.</param>
/// <param name="Text">The part itself, as compact JSON.</param>
public sealed record SheetPart(string Place, string Kind, string Text);

/// <summary>What a document says of one tool.</summary>
/// <param name="Tool">The exact name.</param>
/// <param name="Category">The category that rules of the document go by; null without one.</param>
/// <param name="State">What is said of it by name.</param>
/// <param name="Action">What it comes to, rules about arguments aside.</param>
/// <param name="Rule">JSON Pointer of what decides that, or a word in brackets.</param>
/// <param name="Parts">What stands in its own entry beside the action.</param>
public sealed record SheetRow(string Tool, ToolCategory? Category, SheetState State, Effect Action, string Rule, ImmutableArray<SheetPart> Parts);

/// <summary>
/// A policy document as a table of tools: what is said of each, and of each category. The document stays what it is; the
/// table is read from it anew after each change (<see cref="PolicyEdit"/>), so that nothing that the table cannot show is lost.
/// </summary>
/// <param name="Default">Whether what nothing else decides is allowed.</param>
/// <param name="Rows">One for each tool, in the order they were given.</param>
/// <param name="Categories">What is said of each category.</param>
/// <param name="HidesAll"><c>hide</c> is <c>*</c>: whatever else is said, no tool exists for agents.</param>
public sealed record PolicySheet(bool Default, ImmutableArray<SheetRow> Rows, ImmutableSortedDictionary<ToolCategory, SheetState> Categories, bool HidesAll)
{
    private static readonly ImmutableHashSet<string> Plain = ["action", "reason"];

    /// <summary>Null for a document with errors.</summary>
    /// <param name="document">The policy, JSON.</param>
    /// <param name="tools">What a server offers.</param>
    public static PolicySheet? Of(ReadOnlyMemory<byte> document, IReadOnlyList<OfferedTool> tools)
    {
        if (PolicyCompiler.Compile(document).Policy is not { } policy)
        {
            return null;
        }

        var root = JsonNode.Parse(document.Span)!.AsObject();
        var entries = root["tools"] as JsonObject ?? [];
        var keys = ToolKeys.Of(entries);
        var hidden = (root["hide"] as JsonArray ?? []).Select(static item => ToolKeys.Spelled(item!.GetValue<string>())).ToHashSet(StringComparer.Ordinal);
        var rows = tools.Select(tool =>
        {
            var key = keys.GetValueOrDefault(ToolKeys.OfName(tool.Name));
            var entry = key is null ? null : entries[key]!.AsObject();
            var ruling = policy.Explain(tool.Name, tool.Category);
            var state = hidden.Contains(ToolKeys.OfName(tool.Name)) ? SheetState.Hide : StateOf(entry);
            return new SheetRow(tool.Name, tool.Category, state, ruling.Action, ruling.Decision.Rule, entry is null ? [] : Parts(entry, $"/tools/{Escaped(key!)}"));
        });
        var categories = Enum.GetValues<ToolCategory>().ToImmutableSortedDictionary(static category => category, category => StateOf(root["categories"]?[category.ToString()] as JsonObject));
        return new PolicySheet(root["default"]!.GetValue<string>() == "allow", [.. rows], categories, root["hide"] is JsonValue);
    }

    internal static SheetState StateOf(JsonObject? entry)
    {
        if (entry is null)
        {
            return SheetState.Default;
        }

        var state = (string?)entry["action"] switch
        {
            "deny" => SheetState.Deny,
            "hide" => SheetState.Hide,
            "require_approval" => SheetState.Ask,
            _ => SheetState.Allow,
        };
        return entry.All(member => Plain.Contains(member.Key) || (member.Key == "approval" && state == SheetState.Ask)) ? state : SheetState.Custom;
    }

    private static ImmutableArray<SheetPart> Parts(JsonObject entry, string place) =>
    [
        .. entry.Where(static member => !Plain.Contains(member.Key)).SelectMany(member => member.Value is JsonArray list
            ? list.Select((item, at) => new SheetPart($"{place}/{member.Key}/{at}", member.Key, Compact(item)))
            : [new SheetPart($"{place}/{member.Key}", member.Key, Compact(member.Value))]),
    ];

    private static string Compact(JsonNode? node) => node?.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null";

    private static string Escaped(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
