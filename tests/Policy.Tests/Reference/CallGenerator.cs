using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Policy.Tests.Reference;

/// <summary>Calls that are mostly as the policies' paths expect them, and near misses of that.</summary>
internal sealed class CallGenerator
{
    private static readonly DateTimeOffset[] Times =
    [
        DateTimeOffset.UnixEpoch, new(2026, 8, 30, 23, 59, 59, 999, TimeSpan.Zero), new(2026, 8, 31, 0, 0, 0, TimeSpan.Zero),
        new(2026, 9, 1, 1, 30, 0, TimeSpan.FromHours(2)), new(2028, 2, 29, 12, 0, 0, TimeSpan.Zero),
    ];

    private static readonly (string Name, string Kind)[] Members =
    [
        ("n", "number"), ("m", "number"), ("s", "text"), ("t", "text"), ("flag", "flag"), ("path", "path"), ("url", "url"),
        ("nums", "numbers"), ("tags", "texts"), ("😀", "text"), ("_x-1", "text"),
    ];

    private static readonly string[] Kinds = ["number", "text", "flag", "path", "url", "numbers", "texts", "null", "object", "odd number", "empty"];

    private readonly Draw draw;

    private CallGenerator(Draw draw) => this.draw = draw;

    public static NaiveFacts Call(int seed, int document, int call) => new CallGenerator(new Draw(seed, document, call)).Facts();

    private NaiveFacts Facts() => new()
    {
        Tool = draw.One(Vocabulary.Tools),
        Standing = draw.Chance(95) ? NaiveStanding.Reviewed : draw.One(Enum.GetValues<NaiveStanding>()),
        SchemaMismatch = draw.Chance(4),
        Category = draw.Chance(45) ? "Read" : draw.Chance(30) ? null : draw.One(Vocabulary.Categories),
        ShownCategory = draw.Chance(50) ? draw.One(Vocabulary.Categories) : null,
        Args = draw.Chance(3) ? null : JsonSerializer.Deserialize<JsonElement>(Arguments().ToJsonString()),
        Label = draw.One(Vocabulary.Texts),
        Identity = draw.Chance(30) ? null : draw.One(Vocabulary.Texts),
        Attributes = Attributes(),
        Server = draw.One(Vocabulary.Texts),
        Client = draw.Chance(30) ? null : draw.One(Vocabulary.Texts),
        Now = draw.Chance(50) ? draw.One(Times) : DateTimeOffset.UnixEpoch.AddMinutes(draw.Below(int.MaxValue)),
    };

    private Dictionary<string, string> Attributes() => draw.Some(Vocabulary.Attributes, 5).ToDictionary(name => name, name => draw.One(name switch
    {
        "home" => draw.Chance(60) ? Vocabulary.Folders : Vocabulary.Paths,
        "host" => draw.Chance(60) ? Vocabulary.Hosts : Vocabulary.Urls,
        _ => Vocabulary.Texts,
    }));

    private JsonObject Arguments()
    {
        var args = Inner(Members);
        AddArray(args, "items", Item);
        AddArray(args, "grid", () => Value("numbers"));
        AddArray(args, "mixed", () => Value(draw.One(Kinds)));
        AddArray(args, "paths", () => Value("path"));
        AddArray(args, "urls", () => Value("url"));
        if (draw.Chance(90)) args["a b"] = Inner(("n", "number"), ("q\"x", "text"));
        if (draw.Chance(90)) args["deep"] = new JsonObject { ["x"] = Inner(("n", "number"), ("s", "text"), ("ok", "flag")) };
        if (draw.Chance(50)) args["none"] = null;
        return args;
    }

    private JsonNode? Item()
    {
        if (draw.Chance(5)) return Value(draw.One(Kinds));
        var item = Inner(("q", "number"), ("s", "text"), ("ok", "flag")).AsObject();
        AddArray(item, "p", () => Inner(("n", "number")));
        return item;
    }

    private JsonObject Inner(params (string Name, string Kind)[] members)
    {
        var inner = new JsonObject();
        foreach (var (name, kind) in members)
        {
            Add(inner, name, kind);
        }

        return inner;
    }

    private void Add(JsonObject holder, string name, string kind)
    {
        if (!draw.Chance(8)) holder[name] = Value(draw.Chance(92) ? kind : draw.One(Kinds));
    }

    private void AddArray(JsonObject holder, string name, Func<JsonNode?> element)
    {
        if (draw.Chance(7)) return;
        holder[name] = draw.Chance(5) ? Value(draw.One(Kinds)) : new JsonArray([.. Enumerable.Range(0, draw.Below(4)).Select(_ => element())]);
    }

    private JsonNode? Value(string kind) => kind switch
    {
        "number" => JsonNode.Parse(draw.Near(draw.Chance(80) ? Vocabulary.Numbers : Vocabulary.WildNumbers)),
        "odd number" => JsonNode.Parse(draw.One(Vocabulary.WildNumbers)),
        "text" => draw.Below(4000) == 0 ? Long() : draw.Near(draw.Chance(75) ? Vocabulary.Texts : Vocabulary.Parts),
        "flag" => JsonValue.Create(draw.Chance(50)),
        "path" => draw.Near(draw.Chance(30) ? Vocabulary.Folders : Vocabulary.Paths),
        "url" => draw.Near(Vocabulary.Urls),
        "numbers" => new JsonArray([.. Enumerable.Range(0, draw.Below(4)).Select(_ => Value(draw.Chance(94) ? "number" : draw.One(Kinds)))]),
        "texts" => new JsonArray([.. Enumerable.Range(0, draw.Below(4)).Select(_ => Value(draw.Chance(94) ? "text" : draw.One(Kinds)))]),
        "object" => new JsonObject { ["inner"] = 1 },
        "empty" => draw.Chance(50) ? new JsonArray() : new JsonObject(),
        _ => null,
    };

    /// <summary>At the length where patterns are no longer tried, and at the same length in code points.</summary>
    private string Long() => draw.Below(4) switch
    {
        0 => new string('a', 65_536),
        1 => new string('a', 65_537),
        2 => string.Concat(Enumerable.Repeat("😀", 32_768)),
        _ => string.Concat(Enumerable.Repeat("😀", 32_768)) + "a",
    };
}
