using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Callgate.Policy.Reading;

namespace Callgate.Policy;

/// <summary>
/// Writes a policy under which one call, with exactly its arguments, asks nobody any more; every other call of the tool asks as
/// before (policy language, Approvals). It is a proposal: somebody reads it, compares it and saves it.
/// </summary>
public static partial class PolicyExemption
{
    /// <summary>The document as UTF-8 JSON; null when the call cannot be told apart by its arguments.</summary>
    /// <param name="document">The policy that asked, JSON; one that compiles.</param>
    /// <param name="rule">JSON Pointer of the rule that asked: an <c>action</c>, or a member of an <c>approve_if</c>.</param>
    /// <param name="tool">The exact name of the tool.</param>
    /// <param name="arguments">The arguments of the call, an object.</param>
    /// <param name="others">Names that the tool's schema knows besides: a call that has one of them is another call.</param>
    /// <param name="why">Why there is none, in words; null where there is one.</param>
    public static byte[]? Write(ReadOnlyMemory<byte> document, string rule, string tool, JsonElement arguments, IEnumerable<string> others, out string? why)
    {
        if (Differences(arguments, others, out why) is not { } differences)
        {
            return null;
        }

        var root = JsonNode.Parse(document.Span)!.AsObject();
        var steps = Pointers.Steps(rule).ToArray();
        var done = steps switch
        {
            ["all_tools", "approve_if", var index] => Split(root["all_tools"], index, differences, tool),
            ["tools" or "categories", var name, "action"] => Ask(Entry(root, steps[0], name, tool), differences),
            ["tools" or "categories", var name, "approve_if", var index] => Split(Entry(root, steps[0], name, tool), index, differences, null),
            _ => false,
        };
        var bytes = PolicyText.Of(root);
        why = !done ? $"`{rule}` is no rule that asks"
            : PolicyCompiler.Compile(bytes).Diagnostics is [var first, ..] ? $"the proposal would not compile: {first.Message}"
            : null;
        return why is null ? bytes : null;
    }

    /// <summary>One condition for each way in which another call can differ; null when some difference could not be said.</summary>
    private static List<JsonObject>? Differences(JsonElement arguments, IEnumerable<string> others, out string? why)
    {
        var differences = new List<JsonObject>();
        var given = arguments.ValueKind == JsonValueKind.Object ? arguments.EnumerateObject().ToList() : [];
        var absent = others.Except(given.Select(static argument => argument.Name), StringComparer.Ordinal).ToList();
        why = given.Select(static argument => argument.Name).Concat(absent).FirstOrDefault(static name => !Plain().IsMatch(name)) is { } odd ? $"the argument `{odd}` has no plain name"
            : given.FirstOrDefault(static argument => argument.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null) is { Value.ValueKind: not JsonValueKind.Undefined } nested ? $"the argument `{nested.Name}` is no text, number or truth value"
            : given.Count + absent.Count == 0 ? "the call has no arguments to tell it by"
            : null;
        if (why is not null)
        {
            why += "; write the rule by hand";
            return null;
        }

        differences.AddRange(given.Select(static argument => new JsonObject { ["path"] = "args." + argument.Name, ["op"] = "neq", ["value"] = JsonNode.Parse(argument.Value.GetRawText()) }));
        differences.AddRange(absent.Select(static name => new JsonObject { ["path"] = "args." + name, ["op"] = "exists", ["value"] = true }));
        return differences;
    }

    /// <summary>The entry of exactly this tool; what applied by a pattern or a category is written out for it.</summary>
    private static JsonObject? Entry(JsonObject root, string section, string name, string tool)
    {
        if (root[section]?[name] is not JsonObject entry || section == "tools" && name == tool)
        {
            return root[section]?[name] as JsonObject;
        }

        var own = entry.DeepClone().AsObject();
        if (root["tools"] is not JsonObject tools)
        {
            root["tools"] = tools = [];
        }

        tools[tool] = own;
        return own;
    }

    private static bool Ask(JsonObject? entry, List<JsonObject> differences)
    {
        if (entry is null)
        {
            return false;
        }

        var reason = entry["reason"]?.DeepClone();
        entry.Remove("action");
        entry.Remove("reason");
        if (entry["approve_if"] is not JsonArray rules)
        {
            entry["approve_if"] = rules = [];
        }

        foreach (var difference in differences)
        {
            rules.Add((JsonNode)Rule(reason, [difference]));
        }

        return true;
    }

    /// <summary>A rule holds for a call when its conditions do; with each difference it holds for every call but this one.</summary>
    private static bool Split(JsonNode? holder, string index, List<JsonObject> differences, string? tool)
    {
        if (holder?["approve_if"] is not JsonArray rules || !int.TryParse(index, out var at) || at >= rules.Count || rules[at] is not JsonObject rule)
        {
            return false;
        }

        var conditions = rule["conditions"]!.AsArray();
        rules.RemoveAt(at);
        var split = differences.Select(difference => Rule(rule["reason"], [.. conditions, difference]));
        if (tool is not null)
        {
            var ofOthers = new JsonObject { ["path"] = "tool.name", ["op"] = "neq", ["value"] = tool };
            split = split.Prepend(Rule(rule["reason"], [.. conditions, ofOthers]));
        }

        foreach (var part in split.Reverse())
        {
            rules.Insert(at, part);
        }

        return true;
    }

    private static JsonObject Rule(JsonNode? reason, JsonNode?[] conditions)
    {
        var rule = new JsonObject { ["conditions"] = new JsonArray([.. conditions.Select(static condition => condition!.DeepClone())]) };
        if (reason is not null)
        {
            rule["reason"] = reason.DeepClone();
        }

        return rule;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_-]*$")]
    private static partial Regex Plain();
}
