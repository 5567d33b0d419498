using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Callgate.Policy.Tests;

/// <summary>A policy as a table and back: what is chosen is what the compiler then says, and nothing else changes.</summary>
public sealed class SheetTests
{
    private const string Policy = """
        { "version": "1", "description": "mine", "default": "deny", "hide": ["purge", "secret_*"],
          "categories": { "Write": { "action": "require_approval", "approval": { "timeout": "5m" } } },
          "tools": { "get_*": {}, "set\\_it": { "require": [ { "conditions": [ { "path": "args.n", "op": "lte", "value": 1.50 } ], "on_deny": "less" } ], "limits": [ { "counter": "c", "window": "day", "max": 2 } ] },
                     "drop": { "action": "deny", "reason": "never" }, "hush": { "action": "hide" }, "ask": { "action": "require_approval", "approval": { "approvers": 2 } } },
          "tests": [] }
        """;

    private static string Folder => Texts.Path(System.IO.Path.Combine("examples", "policies"));

    public static TheoryData<string> Examples => [.. Directory.GetFiles(Folder).Select(static path => System.IO.Path.GetFileName(path)!).Where(static name => !name.Contains(".cases.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Of_EachKindOfEntry_SaysWhatStandsThere()
    {
        var sheet = Sheet(Policy, "purge", "secret_a", "get_a", "set_it", "drop", "hush", "ask", "other")!;

        Assert.Equal(
            [SheetState.Hide, SheetState.Default, SheetState.Default, SheetState.Custom, SheetState.Deny, SheetState.Hide, SheetState.Ask, SheetState.Default],
            sheet.Rows.Select(static row => row.State));
        Assert.Equal(
            [Effect.Hide, Effect.Hide, Effect.Allow, Effect.Allow, Effect.Deny, Effect.Hide, Effect.Approve, Effect.Deny],
            sheet.Rows.Select(static row => row.Action));
        Assert.Equal(["/tools/set\\_it/require/0", "/tools/set\\_it/limits/0"], sheet.Rows[3].Parts.Select(static part => part.Place));
        Assert.Equal((SheetState.Ask, SheetState.Default, false), (sheet.Categories[ToolCategory.Write], sheet.Categories[ToolCategory.Read], sheet.Default));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Edits_ThatSayWhatIsSaidAlready_ChangeNoExample(string file)
    {
        var document = PolicySyntax.OfFileName(file).ToJson(File.ReadAllBytes(System.IO.Path.Combine(Folder, file)), out _)!;
        var tools = Names(document).Append("nobody-named-it").Select(static name => Tool(name)).ToList();
        var sheet = PolicySheet.Of(document, tools)!;
        var edited = PolicyEdit.OfDefault(document, sheet.Default);
        foreach (var row in sheet.Rows.Where(static row => row.State is not (SheetState.Default or SheetState.Hide)))
        {
            edited = PolicyEdit.OfTool(edited, row.Tool, row.State);
        }

        foreach (var (category, state) in sheet.Categories.Where(static pair => pair.Value != SheetState.Default))
        {
            edited = PolicyEdit.OfCategory(edited, category, state);
        }

        Assert.Equal(Encoding.UTF8.GetString(PolicyMerge.Laid(document)), Encoding.UTF8.GetString(edited));
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(document), JsonElement.Parse(edited)));
        Assert.Equivalent(sheet, PolicySheet.Of(edited, tools));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Edits_OfEveryToolToEveryWord_AreWhatTheTableThenSays(string file)
    {
        var document = PolicySyntax.OfFileName(file).ToJson(File.ReadAllBytes(System.IO.Path.Combine(Folder, file)), out _)!;
        var root = JsonNode.Parse(document)!.AsObject();
        root.Remove("tests");
        document = Encoding.UTF8.GetBytes(root.ToJsonString());
        foreach (var name in Names(document).Append("nobody*named?it"))
        {
            foreach (var state in Enum.GetValues<SheetState>())
            {
                var edited = PolicyEdit.OfTool(document, name, state);
                var others = Names(document).Where(other => other != name).Select(static other => Tool(other)).ToList();

                var row = PolicySheet.Of(edited, [Tool(name)])?.Rows[0];
                Assert.True(row is not null && row.State == state, $"{file}: {name} as {state}: {row?.State}\n{Encoding.UTF8.GetString(edited)}");
                Assert.Equivalent(PolicySheet.Of(document, others), PolicySheet.Of(edited, others));
            }
        }
    }

    [Fact]
    public void Edits_OfRulesAndLimits_StandWhereTheTableFindsThemAndGoAgain()
    {
        var document = Encoding.UTF8.GetBytes(Policy);
        var limited = PolicyEdit.WithLimit(document, "drop", new JsonObject { ["counter"] = "drops", ["window"] = "hour", ["max"] = 3 });
        var ruled = PolicyEdit.WithRule(limited, "fresh", "deny_if", new JsonObject { ["path"] = "args.x", ["op"] = "eq", ["value"] = "y" }, "no y");
        var sheet = PolicySheet.Of(ruled, [Tool("drop"), Tool("fresh")])!;

        Assert.Equal([SheetState.Custom, SheetState.Custom], sheet.Rows.Select(static row => row.State));
        Assert.Equal("""{"conditions":[{"path":"args.x","op":"eq","value":"y"}],"on_deny":"no y"}""", Assert.Single(sheet.Rows[1].Parts).Text);
        Assert.Contains("1.50", Encoding.UTF8.GetString(ruled), StringComparison.Ordinal);

        var back = PolicyEdit.OfTool(PolicyEdit.Without(PolicyEdit.Without(ruled, "/tools/drop/limits/0"), "/tools/fresh/deny_if/0"), "fresh", SheetState.Default);
        Assert.Equal(Encoding.UTF8.GetString(PolicyMerge.Laid(document)), Encoding.UTF8.GetString(back));
        Assert.Equal(Encoding.UTF8.GetString(back), Encoding.UTF8.GetString(PolicyEdit.Without(PolicyEdit.Without(back, "/tools/nobody/limits/0"), "/default")));
    }

    [Theory]
    [InlineData("""{ "version": "1", "default": "deny", "hide": "*" }""", true)]
    [InlineData("""{ "version": "1", "default": "allow" }""", false)]
    public void Of_AllHidden_SaysSo(string policy, bool hidden) => Assert.Equal(hidden, Sheet(policy, "a")!.HidesAll);

    [Theory]
    [InlineData("""{ "version": "1" }""")]
    [InlineData("not json")]
    [InlineData("")]
    public void Of_DocumentWithErrors_IsNone(string policy) => Assert.Null(Sheet(policy, "a"));

    [Fact]
    public void Fields_OfASchema_AreArgumentsWithTheirKindsAndOperators()
    {
        var tool = Tool("t", """
            { "type": "object", "properties": {
                "to": { "type": "string" }, "n": { "type": "integer" }, "on": { "type": "boolean" }, "when": { "type": "string", "format": "date" }, "at": { "type": "string", "format": "date-time" },
                "size": { "enum": ["s", "m"] }, "tags": { "type": "array", "items": { "type": "string" } }, "odd name": {}, "who": { "type": "object", "properties": { "id": { "$ref": "#/$defs/id" } } } },
              "$defs": { "id": { "type": "number" } } }
            """);
        var fields = ArgumentField.Of(tool);

        Assert.Equal(
            ["args.to Text", "args.n Number", "args.on Truth", "args.when Date", "args.at Instant", "args.size Choice", "args.tags List", "args[\"odd name\"] Text"],
            fields.Take(8).Select(static field => $"{field.Path} {field.Kind}"));
        Assert.StartsWith("args.who.id", fields[8].Path, StringComparison.Ordinal);
        foreach (var field in fields)
        {
            foreach (var op in field.Operators)
            {
                var typed = op == "exists" || field.Kind == FieldKind.Truth ? "true" : op is "length_lte" || (field.Kind == FieldKind.Number) ? "3" : op is "before" or "from" ? "2026-11-30" : op == "path_within" ? "/srv" : op == "host_in" ? "example.com" : "s";
                foreach (var kind in new[] { "require", "deny_if", "approve_if" })
                {
                    var condition = field.Condition(op, typed, kind, out var wrong);
                    Assert.True(wrong is null, $"{field.Path} {op}: {wrong}");
                    var document = PolicyEdit.WithRule("""{"version":"1","default":"deny"}"""u8.ToArray(), "t", kind, condition!, "because");
                    Assert.Equal([], PolicyCompiler.Compile(document).Diagnostics.Select(diagnostic => $"{field.Path} {op}: {diagnostic.Message}"));
                }
            }
        }
    }

    [Theory]
    [InlineData("n", "lte", "three", "the value is a number")]
    [InlineData("n", "in", "1\nx", "give at least one value")]
    [InlineData("n", "in", " \n", "give at least one value")]
    [InlineData("to", "exists", "yes", "the value is `true` or `false`")]
    [InlineData("when", "before", "30.11.2026", "is no date")]
    [InlineData("when", "before", "2026-02-30", "is no date")]
    public void Condition_OfWhatCannotBe_SaysWhy(string name, string op, string typed, string why)
    {
        var field = ArgumentField.Of(Tool("t", """{ "properties": { "n": { "type": "number" }, "to": { "type": "string" }, "when": { "type": "string", "format": "date" } } }""")).First(field => field.Path == "args." + name);

        Assert.Null(field.Condition(op, typed, "require", out var wrong));
        Assert.Contains(why, wrong, StringComparison.Ordinal);
    }

    /// <summary>Against the calendar: every rule kind, both ways, and what is no date is never let through.</summary>
    [Fact]
    public void Dates_ComparedByPattern_AreAsTheCalendarSays()
    {
        var random = new Random(20261130);
        var origin = new DateOnly(1990, 1, 1);
        for (var i = 0; i < 400; i++)
        {
            var (day, other) = (origin.AddDays(random.Next(20_000)), origin.AddDays(random.Next(20_000)));
            other = i % 5 == 0 ? day : i % 5 == 1 ? day.AddDays(1) : i % 5 == 2 ? day.AddDays(-1) : other;
            foreach (var op in new[] { "before", "from" })
            {
                var holds = op == "before" ? other < day : other >= day;
                var text = other.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal((holds, !holds), (Lets("require", op, day, text), Lets("deny_if", op, day, text)));
            }
        }

        foreach (var odd in new[] { "", "tomorrow", "2026-11-30x", "x2026-11-30", "2026-11-30\n", "2026/11/30" })
        {
            Assert.All(new[] { "before", "from" }, op => Assert.Equal((false, false), (Lets("require", op, new DateOnly(2026, 11, 30), odd), Lets("deny_if", op, new DateOnly(2026, 11, 30), odd))));
        }
    }

    private static bool Lets(string kind, string op, DateOnly day, string value)
    {
        var field = new ArgumentField("args.when", FieldKind.Date, []);
        var condition = field.Condition(op, day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), kind, out _)!;
        var policy = PolicyCompiler.Compile(PolicyEdit.WithRule("""{"version":"1","default":"deny"}"""u8.ToArray(), "t", kind, condition, "")).Policy!;
        return policy.Decide(new CallFacts("t", ToolStanding.Reviewed) { Arguments = JsonSerializer.SerializeToElement(new { when = value }) }).Effect == Effect.Allow;
    }

    private static List<string> Names(byte[] document)
    {
        var root = JsonElement.Parse(document);
        var keys = root.TryGetProperty("tools", out var tools) ? tools.EnumerateObject().Select(static entry => entry.Name) : [];
        var hidden = root.TryGetProperty("hide", out var hide) && hide.ValueKind == JsonValueKind.Array ? hide.EnumerateArray().Select(static item => item.GetString()!) : [];
        return [.. keys.Concat(hidden).Where(static name => !Regex.IsMatch(name, "[*?\\\\]")).Distinct()];
    }

    private static PolicySheet? Sheet(string policy, params string[] tools) => PolicySheet.Of(Encoding.UTF8.GetBytes(policy), [.. tools.Select(static name => Tool(name))]);

    private static OfferedTool Tool(string name, string schema = "{}") => new(name, null, JsonElement.Parse(schema));
}
