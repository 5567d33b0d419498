using System.Text.Json;

namespace Callgate.Policy.Tests.Reference;

/// <summary>One condition on one value that is there. Null is unknown.</summary>
internal static class NaiveOperators
{
    public delegate (JsonElement? Value, bool Literal) Operand(JsonElement written);

    public static bool? Judge(JsonElement condition, JsonElement fact, Operand operand)
    {
        if (fact.ValueKind == JsonValueKind.Number && NaiveText.Number(fact) is null) return null;
        var value = condition.GetProperty("value");
        return condition.GetProperty("op").GetString() switch
        {
            "eq" => Equal(fact, operand(value)),
            "neq" => !Equal(fact, operand(value)),
            "lt" => Order(fact, operand(value)) is { } order ? order < 0 : null,
            "lte" => Order(fact, operand(value)) is { } order ? order <= 0 : null,
            "gt" => Order(fact, operand(value)) is { } order ? order > 0 : null,
            "gte" => Order(fact, operand(value)) is { } order ? order >= 0 : null,
            "in" => In(fact, value, operand),
            "not_in" => !In(fact, value, operand),
            "contains" => Contains(fact, operand(value)),
            "not_contains" => !Contains(fact, operand(value)),
            "regex" => Finds(fact, value),
            "not_regex" => !Finds(fact, value),
            "starts_with" => Texts(fact, operand(value)) is var (text, start) ? text.Take(start.Count).SequenceEqual(start) : null,
            "ends_with" => Texts(fact, operand(value)) is var (text, end) ? text.TakeLast(end.Count).SequenceEqual(end) : null,
            "glob" => Text(fact) is { } text ? NaiveText.Globs(value.GetString()!, text) : null,
            "path_within" => Within(fact, value, operand),
            "host_in" => HostIn(fact, condition, operand),
            "length_lte" => Length(fact) is { } length && NaiveText.Number(operand(value).Value) is { } most
                ? length * NaiveText.One <= most
                : null,
            var op => throw new ArgumentException("no such operator: " + op),
        };
    }

    private static bool? Equal(JsonElement fact, (JsonElement? Value, bool Literal) other)
    {
        if (other.Value is not { } value) return null;
        return (fact.ValueKind, value.ValueKind) switch
        {
            (JsonValueKind.Null, JsonValueKind.Null) => other.Literal ? true : null,
            (JsonValueKind.String, JsonValueKind.String) => Texts(fact, other) is var (left, right) && left.SequenceEqual(right),
            (JsonValueKind.Number, JsonValueKind.Number) => Order(fact, other) is { } order ? order == 0 : null,
            (JsonValueKind.True or JsonValueKind.False, JsonValueKind.True or JsonValueKind.False) => fact.ValueKind == value.ValueKind,
            _ => null,
        };
    }

    private static int? Order(JsonElement fact, (JsonElement? Value, bool Literal) other) =>
        NaiveText.Number(fact) is { } left && NaiveText.Number(other.Value) is { } right ? left.CompareTo(right) : null;

    private static bool? In(JsonElement fact, JsonElement list, Operand operand)
    {
        if (list.ValueKind == JsonValueKind.Array) return Any(list.EnumerateArray().Select(member => Equal(fact, operand(member))));
        return operand(list).Value is { ValueKind: JsonValueKind.Array } elements
            ? Any(elements.EnumerateArray().Select(element => Equal(fact, (element, false))))
            : null;
    }

    private static bool? Contains(JsonElement fact, (JsonElement? Value, bool Literal) other)
    {
        if (fact.ValueKind == JsonValueKind.Array)
        {
            return IsComparable(other) ? Any(fact.EnumerateArray().Select(element => Equal(element, other))) : null;
        }

        if (Texts(fact, other) is not var (text, part)) return null;
        return Enumerable.Range(0, Math.Max(0, text.Count - part.Count + 1))
            .Any(start => text.GetRange(start, part.Count).SequenceEqual(part));
    }

    /// <summary>A value read through a reference can be of a type that nothing is compared with.</summary>
    private static bool IsComparable((JsonElement? Value, bool Literal) other) => other.Value?.ValueKind switch
    {
        null or JsonValueKind.Object or JsonValueKind.Array => false,
        JsonValueKind.Null => other.Literal,
        JsonValueKind.Number => NaiveText.Number(other.Value) is not null,
        _ => true,
    };

    private static bool? Finds(JsonElement fact, JsonElement pattern) =>
        Text(fact) is { Length: <= 65_536 } text ? NaiveRegex.Finds(pattern.GetString()!, text) : null;

    private static int? Length(JsonElement fact) =>
        fact.ValueKind == JsonValueKind.Array ? fact.GetArrayLength()
        : Text(fact) is { } text ? NaiveText.CodePoints(text).Count
        : null;

    private static bool? Within(JsonElement fact, JsonElement folders, Operand operand)
    {
        if (Text(fact) is not { } text || NaiveText.PathParts(text) is not { } parts) return null;
        return Any(folders.EnumerateArray().Select(folder => Text(operand(folder).Value) is { } named && NaiveText.PathParts(named) is { } above
            ? parts.Take(above.Count).SequenceEqual(above)
            : (bool?)null));
    }

    private static bool? HostIn(JsonElement fact, JsonElement condition, Operand operand)
    {
        var schemes = condition.TryGetProperty("schemes", out var listed) ? listed.EnumerateArray().Select(scheme => scheme.GetString()!) : [];
        if (Text(fact) is not { } url || NaiveText.HostOf(url, [.. schemes, "https"]) is not { } host) return null;
        return Any(condition.GetProperty("value").EnumerateArray().Select(entry =>
        {
            if (Text(operand(entry).Value)?.ToLowerInvariant() is not { } pattern) return (bool?)null;
            if (!pattern.StartsWith("*.", StringComparison.Ordinal)) return NaiveText.IsHost(pattern) ? host == pattern : null;
            return NaiveText.IsHost(pattern[2..]) ? host.EndsWith(pattern[1..], StringComparison.Ordinal) : null;
        }));
    }

    private static bool? Any(IEnumerable<bool?> values) => values.Aggregate((bool?)false, (left, right) => left | right);

    private static string? Text(JsonElement? fact) => fact is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static (List<int> Left, List<int> Right)? Texts(JsonElement fact, (JsonElement? Value, bool) other) =>
        Text(fact) is { } left && Text(other.Value) is { } right ? (NaiveText.CodePoints(left), NaiveText.CodePoints(right)) : null;
}
