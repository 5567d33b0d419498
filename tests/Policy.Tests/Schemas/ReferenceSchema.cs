using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Callgate.Policy.Tests.Schemas;

/// <summary>
/// The keywords as the specifications describe them, one by one and without thought of time. Knows only what the random schemas
/// hold: small numbers, patterns that every engine reads alike, references by pointer.
/// </summary>
internal sealed class ReferenceSchema(JsonElement root, bool old)
{
    public bool Accepts(JsonElement value) => Judge(root, value).Valid;

    private (bool Valid, HashSet<string> Members, HashSet<int> Items) Judge(JsonElement schema, JsonElement value)
    {
        HashSet<string> members = [];
        HashSet<int> items = [];
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return (schema.ValueKind == JsonValueKind.True, members, items);
        }

        if (Get(schema, "$ref") is { } reference)
        {
            var target = reference.GetString()!.Split('/').Skip(1).Aggregate(root, (at, name) => at.GetProperty(name));
            var judged = Judge(target, value);
            if (old || !judged.Valid)
            {
                return judged;
            }

            members.UnionWith(judged.Members);
            items.UnionWith(judged.Items);
        }

        var valid = Asserts(schema, value) && InPlace(schema, value, members, items) && Members(schema, value, members) && Items(schema, value, items);
        return (valid && (old || Rest(schema, value, members, items)), members, items);
    }

    private static JsonElement? Get(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? value : null;

    private static decimal Number(JsonElement value) => decimal.Parse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private bool Fits(JsonElement schema, JsonElement value) => Judge(schema, value).Valid;

    private static bool Asserts(JsonElement schema, JsonElement value)
    {
        if (Get(schema, "type") is { } type && !(type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Any(one => IsA(one.GetString()!, value)) : IsA(type.GetString()!, value)))
        {
            return false;
        }

        if ((Get(schema, "const") is { } constant && Canonical(constant) != Canonical(value))
            || (Get(schema, "enum") is { } values && values.EnumerateArray().All(one => Canonical(one) != Canonical(value))))
        {
            return false;
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            var number = Number(value);
            return !(number > Bound("maximum") || number >= Bound("exclusiveMaximum") || number < Bound("minimum") || number <= Bound("exclusiveMinimum"))
                && (Bound("multipleOf") is not { } divisor || number % divisor == 0);
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            var text = value.GetString()!;
            var length = text.EnumerateRunes().Count();
            return !(length > Bound("maxLength") || length < Bound("minLength"))
                && (Get(schema, "pattern") is not { } pattern || Regex.IsMatch(text, pattern.GetString()!, RegexOptions.CultureInvariant));
        }

        return true;

        decimal? Bound(string keyword) => Get(schema, keyword) is { } bound ? Number(bound) : null;
    }

    private static bool IsA(string type, JsonElement value) => type switch
    {
        "integer" => value.ValueKind == JsonValueKind.Number && Number(value) == decimal.Truncate(Number(value)),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => string.Equals(type, value.ValueKind.ToString(), StringComparison.OrdinalIgnoreCase),
    };

    /// <summary>One text for all spellings of a value.</summary>
    private static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => (Number(value) / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture),
        JsonValueKind.String => "\"" + Convert.ToHexString(Encoding.UTF8.GetBytes(value.GetString()!)),
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Canonical))}]",
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().OrderBy(one => one.Name, StringComparer.Ordinal).Select(one => one.Name + ":" + Canonical(one.Value)))}}}",
        _ => value.ValueKind.ToString(),
    };

    private bool InPlace(JsonElement schema, JsonElement value, HashSet<string> members, HashSet<int> items)
    {
        bool Take(JsonElement one)
        {
            var judged = Judge(one, value);
            if (judged.Valid)
            {
                members.UnionWith(judged.Members);
                items.UnionWith(judged.Items);
            }

            return judged.Valid;
        }

        var valid = true;
        foreach (var one in List("allOf"))
        {
            valid &= Take(one);
        }

        valid &= Get(schema, "anyOf") is null || List("anyOf").Select(Take).ToList().Contains(true);
        valid &= Get(schema, "oneOf") is null || List("oneOf").Count(Take) == 1;
        valid &= Get(schema, "not") is not { } excluded || !Fits(excluded, value);
        if (Get(schema, "if") is { } condition)
        {
            valid &= Get(schema, Take(condition) ? "then" : "else") is not { } next || Take(next);
        }

        var dependent = Get(schema, old ? "dependencies" : "dependentSchemas");
        if (dependent is { } map && value.ValueKind == JsonValueKind.Object)
        {
            foreach (var one in map.EnumerateObject().Where(one => value.TryGetProperty(one.Name, out _)))
            {
                valid &= one.Value.ValueKind == JsonValueKind.Array ? one.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)) : Take(one.Value);
            }
        }

        return valid;

        JsonElement[] List(string keyword) => Get(schema, keyword) is { } list ? [.. list.EnumerateArray()] : [];
    }

    private bool Members(JsonElement schema, JsonElement value, HashSet<string> judged)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var count = value.EnumerateObject().Count();
        var valid = !(count > (Get(schema, "maxProperties")?.GetInt32() ?? int.MaxValue) || count < (Get(schema, "minProperties")?.GetInt32() ?? 0));
        valid &= Get(schema, "required") is not { } required || required.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _));
        if (!old && Get(schema, "dependentRequired") is { } dependent)
        {
            valid &= dependent.EnumerateObject().Where(one => value.TryGetProperty(one.Name, out _)).All(one => one.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)));
        }

        foreach (var member in value.EnumerateObject())
        {
            var known = false;
            if (Get(schema, "properties") is { } properties && properties.TryGetProperty(member.Name, out var property))
            {
                known = true;
                valid &= Fits(property, member.Value);
            }

            foreach (var pattern in Get(schema, "patternProperties")?.EnumerateObject() ?? default)
            {
                if (Regex.IsMatch(member.Name, pattern.Name))
                {
                    known = true;
                    valid &= Fits(pattern.Value, member.Value);
                }
            }

            if (!known && Get(schema, "additionalProperties") is { } additional)
            {
                known = true;
                valid &= Fits(additional, member.Value);
            }

            valid &= Get(schema, "propertyNames") is not { } named || Fits(named, JsonElement.Parse($"\"{JsonEncodedText.Encode(member.Name)}\""));
            if (known)
            {
                judged.Add(member.Name);
            }
        }

        return valid;
    }

    private bool Items(JsonElement schema, JsonElement value, HashSet<int> judged)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var list = value.EnumerateArray().ToList();
        var valid = !(list.Count > (Get(schema, "maxItems")?.GetInt32() ?? int.MaxValue) || list.Count < (Get(schema, "minItems")?.GetInt32() ?? 0));
        valid &= Get(schema, "uniqueItems")?.GetBoolean() != true || list.Select(Canonical).Distinct(StringComparer.Ordinal).Count() == list.Count;
        var tuple = Get(schema, old ? "items" : "prefixItems") is { ValueKind: JsonValueKind.Array } given ? given.EnumerateArray().ToList() : [];
        var isTuple = old && Get(schema, "items") is { ValueKind: JsonValueKind.Array };
        var rest = Get(schema, isTuple ? "additionalItems" : "items");
        for (var i = 0; i < list.Count; i++)
        {
            if ((i < tuple.Count ? tuple[i] : rest) is { } one)
            {
                judged.Add(i);
                valid &= Fits(one, list[i]);
            }
        }

        if (Get(schema, "contains") is { } contained)
        {
            var found = Enumerable.Range(0, list.Count).Where(i => Fits(contained, list[i])).ToList();
            judged.UnionWith(found);
            var (least, most) = old ? (null, null) : (Get(schema, "minContains")?.GetInt32(), Get(schema, "maxContains")?.GetInt32());
            valid &= found.Count >= (least ?? 1) && found.Count <= (most ?? int.MaxValue);
        }

        return valid;
    }

    private bool Rest(JsonElement schema, JsonElement value, HashSet<string> members, HashSet<int> items)
    {
        var valid = true;
        if (value.ValueKind == JsonValueKind.Object && Get(schema, "unevaluatedProperties") is { } forMembers)
        {
            foreach (var member in value.EnumerateObject().Where(one => members.Add(one.Name)))
            {
                valid &= Fits(forMembers, member.Value);
            }
        }

        if (value.ValueKind == JsonValueKind.Array && Get(schema, "unevaluatedItems") is { } forItems)
        {
            for (var i = 0; i < value.GetArrayLength(); i++)
            {
                valid &= !items.Add(i) || Fits(forItems, value[i]);
            }
        }

        return valid;
    }
}
