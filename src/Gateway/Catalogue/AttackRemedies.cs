using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Catalogue.Attacks;
using Callgate.Policy;

namespace Callgate.Gateway.Catalogue;

/// <summary>
/// Changes of a policy that may stop an attack, the smallest first: what the entry of the attack counts as enough, in its order, and
/// at last to hide the tools. A rule or a limit that needs words of the operator gets <c>change-me</c>, which lets nothing pass.
/// </summary>
internal static class AttackRemedies
{
    private const int LongestCounter = 100;

    private static readonly string[] Amounts = ["amount", "total", "sum", "price", "quantity", "value"];

    public static IEnumerable<PolicyPatch> Of(AttackEntry attack, JsonObject document, IReadOnlyList<AttackedTool> through)
    {
        if (attack.AppliesTo.Methods.Count > 0)
        {
            yield return Closed(attack, document);
            yield break;
        }

        foreach (var remedy in attack.StoppedWhen)
        {
            var patch = new PolicyPatch(document);
            if (remedy == AttackRemedy.Limit && attack.AppliesTo.IsAnyTool)
            {
                patch.Append(new JsonObject { ["counter"] = Unused("calls", document), ["window"] = "minute", ["max"] = 60 }, "all_tools", "limits");
                yield return patch;
            }
            else if (through.All(tool => Treat(tool, remedy, attack, patch)))
            {
                yield return patch;
            }
        }

        yield return Hidden(document, through);
    }

    private static PolicyPatch Closed(AttackEntry attack, JsonObject document)
    {
        var patch = new PolicyPatch(document);
        var patterns = patch.At("methods", "allow")?.AsArray() ?? [];
        for (var index = patterns.Count - 1; index >= 0; index--)
        {
            if (attack.AppliesTo.Methods.Any(method => Glob.Matches(patterns[index]!.GetValue<string>(), method)))
            {
                patch.RemoveAt(index, "methods", "allow");
            }
        }

        return patch;
    }

    private static PolicyPatch Hidden(JsonObject document, IReadOnlyList<AttackedTool> through)
    {
        var patch = new PolicyPatch(document);
        foreach (var tool in through.Where(static tool => tool.Name.Length <= PolicyRecommendation.LongestName))
        {
            patch.Append(Glob.Exactly(tool.Name), "hide");
        }

        return patch;
    }

    /// <summary>False where the tool has nothing that this could be about.</summary>
    private static bool Treat(AttackedTool tool, AttackRemedy remedy, AttackEntry attack, PolicyPatch patch)
    {
        switch (remedy)
        {
            case AttackRemedy.Approval when EntryOf(tool, patch) is { } entry:
                if (patch.At([.. entry, "action"])?.GetValue<string>() != "require_approval")
                {
                    patch.Set("require_approval", [.. entry, "action"]);
                }

                return true;
            case AttackRemedy.Limit when EntryOf(tool, patch) is { } entry:
                if (patch.At([.. entry, "rate_limit"]) is null)
                {
                    patch.Set(new JsonObject { ["max"] = 10, ["window"] = "minute" }, [.. entry, "rate_limit"]);
                }

                return true;
            case AttackRemedy.Amount when AmountOf(tool) is { } amount && OwnEntryOf(tool, patch) is { } entry:
                var counter = Unused($"{(tool.Name.Length > LongestCounter ? "tool" : tool.Name)}_amount", patch.Document);
                patch.Append(new JsonObject { ["counter"] = counter, ["window"] = "day", ["max"] = 1000, ["amount"] = PathOf(amount) }, [.. entry, "limits"]);
                return true;
            case AttackRemedy.Rule when tool.ArgumentsFor(attack).ToList() is { Count: > 0 } arguments && OwnEntryOf(tool, patch) is { } entry:
                foreach (var argument in arguments.Where(argument => !tool.Ruling.Required.Any(required => required.Argument == argument && attack.RuleOperators.Contains(required.Op, StringComparer.Ordinal))))
                {
                    patch.Append(new JsonObject { ["conditions"] = new JsonArray(Condition(argument, attack.RuleOperators[0])) }, [.. entry, "require"]);
                }

                return true;
            default:
                return false;
        }
    }

    private static JsonObject Condition(string argument, string op) => new()
    {
        ["path"] = PathOf(argument),
        ["op"] = op,
        ["value"] = op switch
        {
            "path_within" => new JsonArray("/change-me"),
            "host_in" => new JsonArray("change-me.example.com"),
            "regex" => "^change-me$",
            "in" => new JsonArray("change-me"),
            _ => "change-me",
        },
        ["missing"] = "pass",
    };

    /// <summary>The entry that applies, which may be that of other tools too; one of its own where none does.</summary>
    private static IReadOnlyList<string>? EntryOf(AttackedTool tool, PolicyPatch patch) =>
        tool.Ruling.Entry is { } pointer ? PolicyPatch.NamesOf(pointer) : OwnEntryOf(tool, patch);

    /// <summary>An entry for this tool alone, that says what applied before. Null for a name that no pattern can hold.</summary>
    private static IReadOnlyList<string>? OwnEntryOf(AttackedTool tool, PolicyPatch patch)
    {
        if (tool.Name.Length > PolicyRecommendation.LongestName)
        {
            return null;
        }

        var names = tool.Ruling.Entry is { } pointer ? PolicyPatch.NamesOf(pointer) : null;
        if (names is ["tools", var key] && IsExact(key))
        {
            return names;
        }

        IReadOnlyList<string> own = ["tools", Glob.Exactly(tool.Name)];
        if (patch.At(own) is null)
        {
            patch.Set(names is null ? new JsonObject() : patch.At(names)!.DeepClone(), own);
        }

        return own;
    }

    private static bool IsExact(string pattern)
    {
        for (var at = 0; at < pattern.Length; at++)
        {
            if (pattern[at] is '*' or '?')
            {
                return false;
            }

            at += pattern[at] == '\\' ? 1 : 0;
        }

        return true;
    }

    private static string? AmountOf(AttackedTool tool) =>
        tool.Definition.ValueKind == JsonValueKind.Object && tool.Definition.TryGetProperty("inputSchema", out var schema) && schema.ValueKind == JsonValueKind.Object
            && schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? Amounts.FirstOrDefault(name => properties.TryGetProperty(name, out var property) && property.ValueKind == JsonValueKind.Object
                && property.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && (type.ValueEquals("number") || type.ValueEquals("integer")))
            : null;

    private static string PathOf(string argument) =>
        argument is [(>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_', ..] && argument.All(static unit => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '-') ? "args." + argument : $"args[{JsonSerializer.Serialize(argument)}]";

    /// <summary>A name that nothing in the document has.</summary>
    private static string Unused(string name, JsonObject document)
    {
        var text = document.ToJsonString();
        return Enumerable.Range(1, int.MaxValue).Select(number => number == 1 ? name : $"{name}_{number}").First(candidate => !text.Contains($"\"{candidate}\"", StringComparison.Ordinal));
    }
}
