using System.Text.Json.Nodes;

namespace Callgate.Policy.Tests.Reference;

/// <summary>Conditions whose path mostly leads to what their operator is for.</summary>
internal sealed class ConditionGenerator(Draw draw)
{
    private static readonly string[] Scalars = ["number", "text", "flag"];
    private static readonly string[] Strings = ["text", "text", "path", "url"];

    public static readonly string[] Operators =
    [
        "eq", "neq", "lt", "lte", "gt", "gte", "in", "not_in", "contains", "not_contains", "exists", "regex", "not_regex",
        "starts_with", "ends_with", "glob", "path_within", "host_in", "length_lte",
    ];

    /// <param name="explicitMissing">A <c>deny_if</c> of <c>all_tools</c> must say what a missing argument means.</param>
    public JsonObject Condition(bool explicitMissing)
    {
        var op = draw.One(Operators);
        var kind = KindFor(op);
        var path = draw.Chance(85) ? draw.One(Vocabulary.Facts[kind]) : draw.One(Vocabulary.AllFacts);
        var mustSay = explicitMissing && path.StartsWith("args", StringComparison.Ordinal);
        if (mustSay && op == "exists") return Condition(explicitMissing);
        var condition = new JsonObject { ["path"] = path, ["op"] = op, ["value"] = Value(op, kind) };
        if (op != "exists" && (mustSay || draw.Chance(30))) condition["missing"] = "pass";
        if (op == "host_in" && draw.Chance(40)) condition["schemes"] = Listed([draw.One(Vocabulary.Schemes), .. draw.Some(Vocabulary.Schemes, 1)]);
        return condition;
    }

    private string KindFor(string op) => op switch
    {
        "eq" or "neq" or "in" or "not_in" => draw.One(Scalars),
        "lt" or "lte" or "gt" or "gte" => "number",
        "contains" or "not_contains" => draw.Chance(60) ? "array" : "text",
        "exists" => draw.One([.. Vocabulary.Facts.Keys]),
        "path_within" => "path",
        "host_in" => "url",
        "length_lte" => draw.Chance(50) ? "array" : "text",
        _ => draw.One(Strings),
    };

    private JsonNode? Value(string op, string kind) => op switch
    {
        "eq" or "neq" => draw.Chance(8) ? null : Scalar(draw.Chance(88) ? kind : draw.One(Scalars)),
        "lt" or "lte" or "gt" or "gte" => Scalar("number"),
        "in" or "not_in" => draw.Chance(20) ? Reference(draw.Chance(85) ? "array" : "odd") : List(draw.Chance(90) ? kind : draw.One(Scalars)),
        "contains" or "not_contains" => draw.Chance(5) ? null : kind == "text" ? Part() : Scalar(draw.One(Scalars)),
        "exists" => JsonValue.Create(draw.Chance(50)),
        "regex" or "not_regex" => draw.One(Vocabulary.Patterns),
        "starts_with" or "ends_with" => Part(),
        "glob" => draw.One(Vocabulary.GlobPatterns),
        "path_within" => Places(Vocabulary.Folders, "path"),
        "host_in" => Places(Vocabulary.Hosts, "url"),
        _ => draw.Chance(15) ? Reference(draw.Chance(70) ? "number" : "odd") : JsonNode.Parse(draw.One(["0", "1", "2", "3", "2.0", "65535", "65536"])),
    };

    private JsonNode? Scalar(string kind) => draw.Chance(15) ? Reference(draw.Chance(80) ? kind : "odd") : Literal(kind);

    private JsonNode? Literal(string kind) => kind switch
    {
        "number" => JsonNode.Parse(draw.Near(Vocabulary.Numbers)),
        "flag" => JsonValue.Create(draw.Chance(50)),
        "path" => draw.Near(Vocabulary.Paths),
        "url" => draw.Near(Vocabulary.Urls),
        _ => draw.Near(Vocabulary.Texts),
    };

    private JsonNode? Part() => draw.Chance(12) ? Reference(draw.Chance(80) ? "text" : "odd") : draw.Near(Vocabulary.Parts);

    private JsonArray List(string kind) => new([.. Enumerable.Range(0, draw.Below(4)).Select(_ => draw.Chance(12) ? Reference(kind) : Literal(kind))]);

    private JsonArray Places(string[] pool, string kind)
    {
        string[] listed = [draw.Near(pool), .. draw.Some(pool, 1)];
        return new([.. listed.Distinct().Select(text => draw.Chance(12) ? Reference(kind) : (JsonNode?)text)]);
    }

    private JsonObject Reference(string kind) => new() { ["ref"] = draw.One(WithoutElements(kind)) };

    private static string[] WithoutElements(string kind) => [.. Vocabulary.Facts[kind].Where(path => !path.Contains("[*]", StringComparison.Ordinal))];

    private static JsonArray Listed(IEnumerable<string> texts) => new([.. texts.Distinct().Select(text => (JsonNode?)text)]);
}
