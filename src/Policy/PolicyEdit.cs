using System.Text.Json.Nodes;

namespace Callgate.Policy;

/// <summary>
/// Small changes to a policy document, each of which leaves everything else as it was: the other members, their order, and
/// the text of numbers. The document is laid out anew. Whether it still compiles is for the compiler to say.
/// </summary>
public static class PolicyEdit
{
    private static readonly string[] Rules = ["require", "deny_if", "approve_if", "limits", "rate_limit"];

    /// <summary>Says of a tool, by its exact name, what one word says. Its rules and limits go with any word but <see cref="SheetState.Custom"/>.</summary>
    /// <param name="document">The policy, JSON; one that compiles.</param>
    /// <param name="tool">The exact name.</param>
    /// <param name="state">
    /// <see cref="SheetState.Default"/> takes its entry away; <see cref="SheetState.Custom"/> keeps what it has, or begins with 30
    /// calls a minute.
    /// </param>
    public static byte[] OfTool(ReadOnlyMemory<byte> document, string tool, SheetState state)
    {
        var root = Read(document);
        var hidden = root["hide"] as JsonArray;
        hidden?.RemoveAll(item => ToolKeys.Spelled(item!.GetValue<string>()) == ToolKeys.OfName(tool));
        if (hidden is { Count: 0 })
        {
            root.Remove("hide");
        }

        Say(root, "tools", KeyOf(root, tool), state);
        return PolicyText.Of(root);
    }

    /// <summary>The same of a category.</summary>
    public static byte[] OfCategory(ReadOnlyMemory<byte> document, ToolCategory category, SheetState state)
    {
        var root = Read(document);
        Say(root, "categories", category.ToString(), state);
        return PolicyText.Of(root);
    }

    /// <summary>What becomes of tools that nothing else speaks of.</summary>
    public static byte[] OfDefault(ReadOnlyMemory<byte> document, bool allow)
    {
        var root = Read(document);
        root["default"] = allow ? "allow" : "deny";
        return PolicyText.Of(root);
    }

    /// <summary>Adds a limit to the entry of a tool, which gets one where it has none.</summary>
    /// <param name="document">The policy, JSON; one that compiles.</param>
    /// <param name="tool">The exact name.</param>
    /// <param name="limit">The limit as the language writes it.</param>
    public static byte[] WithLimit(ReadOnlyMemory<byte> document, string tool, JsonObject limit) => With(document, tool, "limits", limit);

    /// <summary>Adds a rule to the entry of a tool, which gets one where it has none.</summary>
    /// <param name="document">The policy, JSON; one that compiles.</param>
    /// <param name="tool">The exact name.</param>
    /// <param name="kind"><c>require</c>, <c>deny_if</c> or <c>approve_if</c>.</param>
    /// <param name="condition">Its one condition.</param>
    /// <param name="text">What the agent, or the approver, reads; empty for none.</param>
    public static byte[] WithRule(ReadOnlyMemory<byte> document, string tool, string kind, JsonObject condition, string text)
    {
        var rule = new JsonObject { ["conditions"] = new JsonArray(condition.DeepClone()) };
        if (text.Length > 0)
        {
            rule[kind == "approve_if" ? "reason" : "on_deny"] = text;
        }

        return With(document, tool, kind, rule);
    }

    /// <summary>Takes away what stands at a pointer below <c>/tools</c>, and a list that is empty then. A pointer to nothing changes nothing.</summary>
    /// <param name="document">The policy, JSON; one that compiles.</param>
    /// <param name="place">JSON Pointer (RFC 6901), as <see cref="SheetPart.Place"/>.</param>
    public static byte[] Without(ReadOnlyMemory<byte> document, string place)
    {
        var root = Read(document);
        var path = place.Split('/').Skip(1).Select(static part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        if (path is ["tools", var tool, var member, ..] && root["tools"]?[tool] is JsonObject entry)
        {
            if (path.Count == 3)
            {
                entry.Remove(member);
            }
            else if (path.Count == 4 && entry[member] is JsonArray list && int.TryParse(path[3], out var at) && at >= 0 && at < list.Count)
            {
                list.RemoveAt(at);
                if (list.Count == 0)
                {
                    entry.Remove(member);
                }
            }
        }

        return PolicyText.Of(root);
    }

    private static JsonObject Read(ReadOnlyMemory<byte> document) => JsonNode.Parse(document.Span)!.AsObject();

    private static string KeyOf(JsonObject root, string tool) =>
        ToolKeys.Of(root["tools"] as JsonObject ?? []).GetValueOrDefault(ToolKeys.OfName(tool)) ?? Glob.Exactly(tool);

    private static void Say(JsonObject root, string section, string key, SheetState state)
    {
        if (state == SheetState.Default)
        {
            (root[section] as JsonObject)?.Remove(key);
            if (root[section] is JsonObject { Count: 0 })
            {
                root.Remove(section);
            }

            return;
        }

        var entry = Entry(root, section, key);
        if (state == SheetState.Custom)
        {
            if (!entry.Any(member => Rules.Contains(member.Key)))
            {
                entry["rate_limit"] = new JsonObject { ["max"] = 30, ["window"] = 60 };
            }

            return;
        }

        foreach (var member in entry.Select(static member => member.Key).Where(name => name != "action" && !(name == "reason" && state != SheetState.Allow) && !(name == "approval" && state == SheetState.Ask)).ToList())
        {
            entry.Remove(member);
        }

        var action = state switch { SheetState.Deny => "deny", SheetState.Hide => "hide", SheetState.Ask => "require_approval", _ => null };
        if (action is null)
        {
            entry.Remove("action");
        }
        else
        {
            entry["action"] = action;
        }
    }

    private static byte[] With(ReadOnlyMemory<byte> document, string tool, string member, JsonObject item)
    {
        var root = Read(document);
        var entry = Entry(root, "tools", KeyOf(root, tool));
        if (entry[member] is not JsonArray list)
        {
            entry[member] = list = [];
        }

        list.Add(item.DeepClone());
        return PolicyText.Of(root);
    }

    private static JsonObject Entry(JsonObject root, string section, string key)
    {
        if (root[section] is not JsonObject entries)
        {
            root[section] = entries = [];
        }

        if (entries[key] is not JsonObject entry)
        {
            entries[key] = entry = [];
        }

        return entry;
    }
}
