using System.Globalization;

namespace Callgate.Policy.Tests.Schemas;

/// <summary>Schemas and values that have a chance to meet: few names, few numbers, few texts.</summary>
internal sealed class RandomSchemas(Random random, bool old)
{
    private static readonly string[] Names = ["a", "b", "c", "ab"];
    private static readonly string[] Scalars = ["0", "1", "1.0", "2", "3", "2.5", "-1", "1e1", "\"\"", "\"a\"", "\"ab\"", "\"😀\"", "\"\\u0061\"", "true", "false", "null"];
    private static readonly string[] Types = ["integer", "number", "string", "boolean", "array", "object", "null"];
    private static readonly string[] Texts = ["^a", "b$", "a|c", "^ab?$", "[^a]"];
    private static readonly string[] Ours = ["unevaluatedProperties", "unevaluatedItems", "prefixItems", "dependentRequired", "dependentSchemas", "minContains", "maxContains"];
    private static readonly string[] Theirs = ["dependencies", "tuple", "additionalItems"];

    private static readonly string[] Both =
    [
        "type", "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "items", "contains",
        "maxItems", "minItems", "uniqueItems", "properties", "properties", "patternProperties", "additionalProperties", "propertyNames", "required", "maxProperties",
        "minProperties", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$ref",
    ];

    private string Definitions => old ? "definitions" : "$defs";

    public string Document()
    {
        var members = Members(3);
        members["$schema"] = old ? "\"http://json-schema.org/draft-07/schema#\"" : "\"https://json-schema.org/draft/2020-12/schema\"";
        members[Definitions] = Object(2, () => Schema(2), "x", "y");
        return Text(members);
    }

    public string Value(int depth) => random.Next(depth == 0 ? 4 : 9) switch
    {
        < 4 => Pick(Scalars),
        < 6 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth - 1)))}]",
        _ => Object(random.Next(4), () => Value(depth - 1), Names),
    };

    private string Schema(int depth) => random.Next(8) == 0 ? Pick("true", "true", "false") : Text(Members(depth));

    private Dictionary<string, string> Members(int depth)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var keyword = random.Next(4) == 0 ? Pick(old ? Theirs : Ours) : Pick(Both);
            members[keyword == "tuple" ? "items" : keyword] = Keyword(keyword, depth);
        }

        return members;
    }

    private string Keyword(string keyword, int depth)
    {
        string Sub() => depth == 0 ? Pick("true", "false", "{\"type\":\"integer\"}", "{\"type\":\"string\"}") : Schema(depth - 1);
        switch (keyword)
        {
            case "type":
                return random.Next(3) == 0 ? $"[\"{Pick(Types)}\",\"{Pick(Types)}\"]" : $"\"{Pick(Types)}\"";
            case "enum":
                return $"[{Value(1)},{Value(1)},{Value(2)}]";
            case "const":
                return Value(2);
            case "multipleOf":
                return Pick("1", "2", "0.5", "1.0");
            case "maximum" or "exclusiveMaximum" or "minimum" or "exclusiveMinimum":
                return Pick("0", "1", "2", "2.5", "1e1");
            case "uniqueItems":
                return Pick("true", "true", "false");
            case "pattern":
                return $"\"{Pick(Texts)}\"";
            case "$ref":
                return $"\"#/{Definitions}/{Pick("x", "y")}\"";
            case "required":
                return $"[\"{Pick(Names)}\",\"{Pick(Names)}\"]";
            case "allOf" or "anyOf" or "oneOf" or "prefixItems" or "tuple":
                return $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Sub()))}]";
            case "properties" or "dependentSchemas":
                return Object(random.Next(1, 4), Sub, Names);
            case "patternProperties":
                return Object(random.Next(1, 3), Sub, Texts);
            case "dependentRequired":
                return Object(2, () => $"[\"{Pick(Names)}\"]", Names);
            case "dependencies":
                return Object(2, () => random.Next(2) == 0 ? $"[\"{Pick(Names)}\"]" : Sub(), Names);
            default:
                var counts = keyword.StartsWith("max", StringComparison.Ordinal) || keyword.StartsWith("min", StringComparison.Ordinal);
                return counts ? random.Next(3).ToString(CultureInfo.InvariantCulture) : Sub();
        }
    }

    private string Object(int count, Func<string> value, params string[] names) =>
        Text(names.OrderBy(_ => random.Next()).Take(count).ToDictionary(name => name, _ => value(), StringComparer.Ordinal));

    private static string Text(Dictionary<string, string> members) =>
        "{" + string.Join(',', members.Select(one => $"\"{one.Key}\":{one.Value}")) + "}";

    private string Pick(params string[] words) => words[random.Next(words.Length)];
}
