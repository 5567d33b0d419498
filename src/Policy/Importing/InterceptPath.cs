using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Importing;

/// <summary>Paths and conditions of the older proxy in our words.</summary>
internal static class InterceptPath
{
    private static readonly ImmutableArray<string> Operators = ["eq", "neq", "in", "not_in", "lt", "lte", "gt", "gte", "regex", "contains", "exists"];

    /// <summary>Their paths are split at dots, and each part is a name, even one of digits. Null for what reads no argument.</summary>
    public static string? Of(string path)
    {
        if (!path.StartsWith("args.", StringComparison.Ordinal) || path.EndsWith('.') || path.Contains("..", StringComparison.Ordinal))
        {
            return null;
        }

        var made = new StringBuilder("args");
        foreach (var part in path.Split('.').Skip(1))
        {
            var isPlain = (char.IsAsciiLetter(part[0]) || part[0] == '_') && part.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '-');
            made.Append(isPlain ? "." + part : $"[{JsonValue.Create(part)!.ToJsonString()}]");
        }

        return made.ToString();
    }

    /// <param name="item">Their condition.</param>
    /// <param name="isQuestion">It says when a person is asked: there a missing value was false, and asked nobody.</param>
    /// <param name="sink">Takes what means something slightly else.</param>
    /// <param name="why">Why there is none.</param>
    public static JsonObject? Condition(Node item, bool isQuestion, DiagnosticSink sink, out string why)
    {
        why = "is no condition";
        if (item.Kind != NodeKind.Object || item.Find("path") is not { Kind: NodeKind.String } path || item.Find("op") is not { Kind: NodeKind.String } op || item.Find("value") is not { } value)
        {
            return null;
        }

        why = Of(path.Text) is null ? $"{Quote.User(path.Text)} is no path to an argument" : $"there is no operator {Quote.User(op.Text)}";
        if (Of(path.Text) is not { } made || !Operators.Contains(op.Text))
        {
            return null;
        }

        if (value.Kind == NodeKind.Object || value.Items.Any(one => one.Kind is NodeKind.Object or NodeKind.Array or NodeKind.Null) || value.Items.Select(one => one.Kind).Distinct().Count() > 1)
        {
            why = "its value is no scalar and no list of one type";
            return null;
        }

        if (op.Text is "eq" or "neq" or "in" or "not_in" && value.Items.Prepend(value).Any(LooksLikeAnother))
        {
            sink.Note(value, "it compared by how values print, so that the text and the number or boolean were one; here only values of one type are equal");
        }

        var condition = new JsonObject { ["path"] = made, ["op"] = op.Text, ["value"] = JsonNode.Parse(value.ToElement().GetRawText()) };
        if (isQuestion && op.Text != "exists")
        {
            condition["missing"] = "pass";
        }

        return condition;
    }

    private static bool LooksLikeAnother(Node value) =>
        (value.Kind == NodeKind.String && (value.Text is "true" or "false" || decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
        || value.Kind == NodeKind.Boolean;
}
