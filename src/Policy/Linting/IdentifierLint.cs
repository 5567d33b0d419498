using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using Callgate.Policy.Binding;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Linting;

/// <summary>An argument that names a thing and may be any text.</summary>
/// <param name="Path">As a condition would read it: <c>args.run_id</c>, or <c>args.ids[*]</c>.</param>
/// <param name="Pattern">What such names look like.</param>
internal sealed record LooseIdentifier(string Path, string Argument, string Pattern, bool Required)
{
    /// <summary>The rule that closes it, to paste into <c>require</c>.</summary>
    public string Rule => JsonSerializer.Serialize(ToRule(), LooseIdentifiers.Default.LooseRule);

    public LooseRule ToRule() => new([new LooseCondition(Path, "regex", Pattern, Required ? null : "pass")], $"{Argument} must be a plain identifier.");
}

/// <summary>How a rule is written.</summary>
internal sealed record LooseRule(IReadOnlyList<LooseCondition> Conditions, string OnDeny);

/// <summary>How a condition is written.</summary>
internal sealed record LooseCondition(string Path, string Op, string Value, string? Missing);

/// <summary>Writes rules to paste.</summary>
[System.Text.Json.Serialization.JsonSourceGenerationOptions(
    PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
[System.Text.Json.Serialization.JsonSerializable(typeof(LooseRule))]
internal sealed partial class LooseIdentifiers : System.Text.Json.Serialization.JsonSerializerContext;

/// <summary>
/// Servers put identifiers into addresses of what stands behind them, often as they come: a <c>run_id</c> of
/// <c>ID/cancel?</c> then asks for something else than the tool's name says. Where the schema leaves such an argument open,
/// a rule has to close it.
/// </summary>
internal static class IdentifierLint
{
    private const string Uuid = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";

    private const string Plain = "^[A-Za-z0-9_-]{1,128}$";

    /// <summary>Names of things may hold dots and spaces, but not begin with them: no `..`, no address.</summary>
    private const string Title = "^[A-Za-z0-9_-][A-Za-z0-9 ._-]{0,127}$";

    private static readonly FrozenSet<string> Words = new[]
    {
        "id", "uuid", "guid", "name", "slug", "key", "ref", "identifier", "handle", "sha", "arn", "urn", "branch", "tag",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Titles = new[] { "name", "ref", "branch", "tag" }.ToFrozenSet(StringComparer.Ordinal);

    public static void Run(PolicyModel model, IReadOnlyList<ReachedTool> tools, DiagnosticSink sink)
    {
        var forAll = RuleNode.Of(model.Root?.Find("all_tools"));
        var open = tools
            .Where(tool => tool.Tool.Category != ToolCategory.Read)
            .SelectMany(tool => Of(tool.Tool, tool.Entry is not { ChecksSchema: false }).Select(loose => (Tool: tool, Loose: loose)))
            .Where(one => !Covers(forAll, one.Loose) && !Covers(RuleNode.Of(one.Tool.Entry?.Node), one.Loose));
        foreach (var group in open.GroupBy(one => (one.Tool.At, one.Loose.Path)))
        {
            // One rule for all tools of the entry: it must fit the one that may leave the argument out.
            var loose = group.First().Loose;
            loose = loose with
            {
                Required = group.All(one => one.Loose.Required) && (group.First().Tool.Entry?.Pattern.ExactName is not null),
                Pattern = group.Select(one => one.Loose.Pattern).Distinct().Count() == 1 ? loose.Pattern : Plain,
            };
            var names = ToolLint.Named([.. group.Select(one => one.Tool.Tool.Name)]);
            sink.Warn(
                group.Key.At,
                $"{Quote.User(loose.Argument)} of {names} takes any text: where the server puts it into an address, `ID/other?` in it asks for another action",
                $"add to `require`: {loose.Rule}");
        }
    }

    /// <summary>The open identifiers of a tool. Integers, lists of choices and what a pattern narrows are not open.</summary>
    public static IEnumerable<LooseIdentifier> Of(OfferedTool tool, bool schemaIsChecked)
    {
        var shape = new InputShape(tool.InputSchema);
        foreach (var argument in shape.Arguments())
        {
            if (WordOf(argument.Name) is not { } word)
            {
                continue;
            }

            var elements = shape.ElementsOf(argument.Schema);
            var isList = elements.ValueKind is JsonValueKind.Object or JsonValueKind.True;
            var schema = isList ? elements : argument.Schema;
            if (shape.IsFreeText(schema) || (!schemaIsChecked && IsText(schema)))
            {
                yield return new LooseIdentifier(PathOf(argument.Name) + (isList ? "[*]" : ""), argument.Name, PatternOf(word, schema), argument.Required);
            }
        }
    }

    private static bool Covers(List<RuleNode> rules, LooseIdentifier loose) =>
        rules.Any(rule =>
            (rule.Requires || (rule.Denies && rule.Conditions.Count == 1))
            && rule.Conditions.Any(condition => condition.Narrows(rule.Denies) && string.Equals(condition.Path.Text, loose.Path, StringComparison.Ordinal)));

    private static bool IsText(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("string");

    /// <summary>The last word of <c>runId</c>, <c>run_ids</c>, <c>run-id</c>, when it says that the argument names a thing.</summary>
    private static string? WordOf(string name)
    {
        var start = name.Length;
        while (start > 0 && char.IsAsciiLetter(name[start - 1]))
        {
            start--;
            if (char.IsAsciiLetterUpper(name[start]) && start > 0 && !char.IsAsciiLetterUpper(name[start - 1]))
            {
                break;
            }
        }

        var word = name[start..].ToLowerInvariant();
        if (Words.Contains(word))
        {
            return word;
        }

        var single = word.TrimEnd('s');
        return Words.Contains(single) ? single : null;
    }

    private static string PathOf(string name)
    {
        var isPlain = name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '-');
        return isPlain ? "args." + name : $"args[\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(name)}\"]";
    }

    private static string PatternOf(string word, JsonElement schema)
    {
        var isUuid = word is "uuid" or "guid" || Says(schema, "format", "uuid") || Says(schema, "description", "uuid");
        return isUuid ? Uuid : Titles.Contains(word) ? Title : Plain;
    }

    private static bool Says(JsonElement schema, string member, string word) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(member, out var text) && text.ValueKind == JsonValueKind.String
        && text.GetString()!.Contains(word, StringComparison.OrdinalIgnoreCase);
}
