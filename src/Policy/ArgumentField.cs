using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Policy.Linting;

namespace Callgate.Policy;

/// <summary>What kind of value an argument holds, as far as its schema says.</summary>
public enum FieldKind
{
    /// <summary>Text of any kind, or the schema does not say.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Truth,

    /// <summary>One of the values that the schema lists.</summary>
    Choice,

    /// <summary>Text that the schema calls a <c>date</c>: <c>2026-11-30</c>.</summary>
    Date,

    /// <summary>Text that the schema calls a <c>date-time</c>.</summary>
    Instant,

    /// <summary>A list.</summary>
    List,
}

/// <summary>An argument of a tool that rules may be about.</summary>
/// <param name="Path">As a condition names it.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Choices">What the schema lists; empty for other kinds.</param>
public sealed record ArgumentField(string Path, FieldKind Kind, ImmutableArray<string> Choices)
{
    /// <summary>How a comparison of dates is named, which the language writes as a pattern (<see cref="DatePattern"/>).</summary>
    public const string Before = "before";

    /// <summary>The day itself and any after it.</summary>
    public const string From = "from";

    private const int MostFields = 200;

    private static readonly ImmutableArray<string> OfText =
        ["eq", "neq", "in", "not_in", "starts_with", "ends_with", "contains", "not_contains", "glob", "regex", "not_regex", "path_within", "host_in", "length_lte", "exists"];

    /// <summary>The operators that make sense of it, the likeliest first.</summary>
    public ImmutableArray<string> Operators => Kind switch
    {
        FieldKind.Number => ["lte", "lt", "gte", "gt", "eq", "neq", "in", "not_in", "exists"],
        FieldKind.Truth => ["eq", "exists"],
        FieldKind.Choice => ["in", "not_in", "exists"],
        FieldKind.Date or FieldKind.Instant => [Before, From, .. OfText],
        FieldKind.List => ["contains", "not_contains", "length_lte", "exists"],
        _ => OfText,
    };

    /// <summary>The arguments of a tool, and the members of those that are objects; in the order of its schema.</summary>
    public static ImmutableArray<ArgumentField> Of(OfferedTool tool) => [.. Of("args", tool.InputSchema, 2).Take(MostFields)];

    /// <summary>The condition that an operator and a value, as people type them, come to; null with a reason where they come to none.</summary>
    /// <param name="op">One of <see cref="Operators"/>.</param>
    /// <param name="value">What was typed; a list has one value a line.</param>
    /// <param name="kind">The rule it is for: <c>require</c>, <c>deny_if</c> or <c>approve_if</c>.</param>
    /// <param name="wrong">Why it is none.</param>
    public JsonObject? Condition(string op, string value, string kind, out string? wrong)
    {
        wrong = null;
        if (op is Before or From)
        {
            if (DatePattern.Of(value.Trim(), op, kind != "require", Kind == FieldKind.Instant) is not { } pattern)
            {
                wrong = $"`{value.Trim()}` is no date: write it as 2026-11-30";
                return null;
            }

            return new JsonObject { ["path"] = Path, ["op"] = kind == "require" ? "regex" : "not_regex", ["value"] = pattern };
        }

        JsonNode? operand = op switch
        {
            "exists" => Truth(value),
            "in" or "not_in" or "path_within" or "host_in" => List(value, op is "in" or "not_in" && Kind == FieldKind.Number),
            "length_lte" => Number(value),
            "contains" or "not_contains" => JsonValue.Create(value),
            _ when Kind == FieldKind.Number => Number(value),
            _ when Kind == FieldKind.Truth => Truth(value),
            _ => JsonValue.Create(value),
        };
        wrong = operand is not null ? null
            : op is "exists" || Kind == FieldKind.Truth ? "the value is `true` or `false`"
            : op is "in" or "not_in" or "path_within" or "host_in" ? "give at least one value, one a line; numbers where the argument is a number"
            : "the value is a number";
        return operand is null ? null : new JsonObject { ["path"] = Path, ["op"] = op, ["value"] = operand };
    }

    private static IEnumerable<ArgumentField> Of(string path, JsonElement schema, int depth)
    {
        foreach (var argument in new InputShape(schema).Arguments())
        {
            var named = Plain(argument.Name) ? $"{path}.{argument.Name}" : $"{path}[{JsonValue.Create(argument.Name).ToJsonString()}]";
            if (depth > 1 && TypeOf(argument.Schema) == "object")
            {
                foreach (var inner in Of(named, argument.Schema, depth - 1))
                {
                    yield return inner;
                }

                continue;
            }

            var choices = ChoicesOf(argument.Schema);
            yield return new ArgumentField(named, choices.IsEmpty ? KindOf(argument.Schema) : FieldKind.Choice, choices);
        }
    }

    private static bool Plain(string name) => name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private static string? TypeOf(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static FieldKind KindOf(JsonElement schema) => TypeOf(schema) switch
    {
        "number" or "integer" => FieldKind.Number,
        "boolean" => FieldKind.Truth,
        "array" => FieldKind.List,
        _ => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("format", out var format) && format.ValueKind == JsonValueKind.String
            ? format.GetString() switch { "date" => FieldKind.Date, "date-time" => FieldKind.Instant, _ => FieldKind.Text }
            : FieldKind.Text,
    };

    private static ImmutableArray<string> ChoicesOf(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array && values.EnumerateArray().All(static value => value.ValueKind == JsonValueKind.String)
            ? [.. values.EnumerateArray().Select(static value => value.GetString()!)]
            : [];

    private static JsonValue? Truth(string value) => value.Trim() switch { "true" => JsonValue.Create(true), "false" => JsonValue.Create(false), _ => null };

    /// <summary>The text of the number is kept.</summary>
    private static JsonValue? Number(string value)
    {
        try
        {
            return JsonNode.Parse(value.Trim()) is JsonValue number && number.GetValueKind() == JsonValueKind.Number ? number : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonArray? List(string value, bool numbers)
    {
        var items = value.Split('\n').Select(static line => line.Trim('\r', ' ', '\t')).Where(static line => line.Length > 0).Select(line => numbers ? Number(line) : JsonValue.Create(line)).ToList();
        return items.Count == 0 || items.Contains(null) ? null : [.. items];
    }
}
