using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Policy.Tests;

/// <summary>How a policy says that it came to a decision.</summary>
public sealed class TraceTests
{
    private const int Seed = 27_182;

    private static readonly string[] Paths = ["args.a", "args.b", "args.list[*]", "args.list[0].x", "args", "grant.identity", "grant.attributes.tenant", "time.hour", "time.weekday", "tool.category", "client.name"];

    private static readonly string[] Values = ["1", "2.0", "\"x\"", "\"ann\"", "true", "null", "\"\"", "{ \"ref\": \"args.b\" }", "{ \"ref\": \"grant.identity\" }"];

    private static readonly string[] Arguments = ["{}", """{ "a": 1 }""", """{ "a": "x", "b": "x" }""", """{ "list": [ { "x": 1 }, 2 ], "b": 2 }""", """{ "a": null, "list": [] }""", """{ "a": [1], "b": true, "list": {} }"""];

    /// <summary>Documents of rules, not all of which load.</summary>
    public static IEnumerable<string> Generated(int count)
    {
        var random = new Random(Seed);
        return Enumerable.Range(0, count).Select(_ => Document(random).ToJsonString());
    }

    [Fact]
    public void Trace_GeneratedDocumentsAndCalls_DecidesAsDecideDoes()
    {
        var random = new Random(Seed);
        var (loaded, codes) = (0, new HashSet<string>());
        for (var i = 0; i < 3_000; i++)
        {
            var document = Document(random).ToJsonString();
            if (Texts.Compile(document).Policy is not { } policy)
            {
                continue;
            }

            loaded++;
            for (var call = 0; call < 8; call++)
            {
                var facts = Facts(random);
                var trace = policy.Trace(facts);
                var decision = policy.Decide(facts);

                Assert.True(Same(decision, trace.Decision), $"seed {Seed}: {document} on {facts}");
                Assert.Equal(policy.Lists(facts), trace.Listed);
                Assert.NotEmpty(trace.Steps);
                codes.Add($"{decision.Effect} {decision.Code}");
            }
        }

        Assert.True(loaded > 1_000, $"{loaded} documents loaded");
        Assert.True(codes.Count >= 9, string.Join(", ", codes.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Trace_Refusal_TellsEveryConditionWithItsValue()
    {
        var policy = Texts.Policy("""
            { "version": "1", "default": "deny",
              "all_tools": { "deny_if": [ { "conditions": [ { "path": "time.weekday", "op": "in", "value": ["sat", "sun"] } ] } ] },
              "tools": { "refund*": { "require": [ { "conditions": [
                { "path": "args.amount", "op": "lte", "value": 500 },
                { "path": "args.note", "op": "not_contains", "value": "x" } ], "on_deny": "too much" } ] } } }
            """);

        var trace = policy.Trace(new CallFacts("refund_all", ToolStanding.Reviewed)
        {
            Arguments = JsonElement.Parse("{ \"amount\": 900, \"note\": \"\\u001b[31m\\u202egnorts\" }"),
            Now = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero),
        });

        Assert.Equal(
            ["entry /tools/refund*: this entry names the tool", "schema : no schema is known, so arguments are not checked", "deny_if /all_tools/deny_if/0: does not hold", "require /tools/refund*/require/0: does not hold, so it refuses"],
            trace.Steps.Select(step => $"{step.Step} {step.Rule}: {step.Says}"));
        Assert.Equal(new TraceCondition("/all_tools/deny_if/0/conditions/0", "time.weekday", "in", """["sat","sun"]""", "\"mon\"", "false"), trace.Steps[2].Conditions.Single());
        Assert.Equal(new TraceCondition("/tools/refund*/require/0/conditions/0", "args.amount", "lte", "500", "900", "false"), trace.Steps[3].Conditions[0]);
        Assert.Equal(("\"\\u{1b}[31m\\u{202e}gnorts\"", "true"), (trace.Steps[3].Conditions[1].Actual, trace.Steps[3].Conditions[1].Truth));
    }

    [Fact]
    public void Trace_Allowance_TellsWhatItWouldBeCharged()
    {
        var policy = Texts.Policy("""
            { "version": "1", "default": "deny", "tools": { "pay": { "limits": [
              { "counter": "sum", "window": "day", "max": 5000, "amount": "args.amount", "per": "args.to" },
              { "counter": "open", "concurrent": 2, "scope": "server" } ] } } }
            """);

        var paid = policy.Trace(new CallFacts("pay", ToolStanding.Reviewed) { Arguments = JsonElement.Parse("""{ "amount": 12.50, "to": "bob" }""") });
        var unpaid = policy.Trace(new CallFacts("pay", ToolStanding.Reviewed));

        Assert.Equal(["`sum`: charges 12.5 of at most 5000 in each day by grant, apart for \"bob\"", "`open`: at most 2 at once by server"], paid.Steps.Where(step => step.Step == "limit").Select(step => step.Says));
        Assert.Equal((DecisionCodes.Unjudgeable, "/tools/pay/limits/0"), (unpaid.Decision.Code, unpaid.Steps[^1].Rule));
    }

    [Theory]
    [InlineData("gone", "Reviewed", null, "{}", "hide /hide/0: hides the tool")]
    [InlineData("a", "Unknown", null, "{}", "standing : the server never listed the tool, or nobody reviewed it")]
    [InlineData("a", "Drifted", null, "{}", "entry /tools/a: this entry names the tool|standing : the server shows another definition than the reviewed one")]
    [InlineData("a", "ListUnavailable", null, "{}", "standing : the server's list of tools was not obtained yet")]
    [InlineData("none", "Reviewed", null, "{}", "entry /default: no entry applies, and the default is to deny")]
    [InlineData("none", "Reviewed", "Read", "{}", "entry /categories/Read: no entry names the tool, and its category is Read|schema : the entry turns the check of arguments off")]
    [InlineData("l_x", "Reviewed", "Write", "{}", "entry /categories/Write: its category is Write, and that entry is stricter than `/tools/l_*`|action /categories/Write/action: denies the tool")]
    [InlineData("h", "Reviewed", null, "{}", "entry /tools/h: this entry names the tool|action /tools/h/action: hides the tool")]
    [InlineData("ask", "Reviewed", null, "{}", "entry /tools/ask: this entry names the tool|schema : no schema is known, so arguments are not checked|action /tools/ask/action: asks a person about every call")]
    [InlineData("r", "Reviewed", null, """{ "x": [1, 2] }""", "entry /tools/r: this entry names the tool|schema : no schema is known, so arguments are not checked|deny_if /tools/r/deny_if/0: does not hold (args.x[*] false)|require /tools/r/require/0: does not hold, so it refuses (args.x[*] false)")]
    [InlineData("r", "Reviewed", null, """{ "x": [1, 3] }""", "entry /tools/r: this entry names the tool|schema : no schema is known, so arguments are not checked|deny_if /tools/r/deny_if/0: holds, so it refuses (args.x[*] true)")]
    [InlineData("r", "Reviewed", null, """{ "x": [1, 1] }""", "entry /tools/r: this entry names the tool|schema : no schema is known, so arguments are not checked|deny_if /tools/r/deny_if/0: does not hold (args.x[*] false)|require /tools/r/require/0: holds (args.x[*] true)|approve_if /tools/r/approve_if/0: holds, so a person is asked (args.x[*] true)")]
    [InlineData("r", "Reviewed", null, """{ "x": [] }""", "entry /tools/r: this entry names the tool|schema : no schema is known, so arguments are not checked|deny_if /tools/r/deny_if/0: does not hold (args.x[*] false)|require /tools/r/require/0: holds (args.x[*] true)|approve_if /tools/r/approve_if/0: does not hold (args.x[*] false)")]
    [InlineData("r", "Reviewed", null, "{}", "entry /tools/r: this entry names the tool|schema : no schema is known, so arguments are not checked|deny_if /tools/r/deny_if/0: cannot be judged, so it refuses (args.x[*] unknown)")]
    [InlineData("q", "Reviewed", null, "{}", "entry /tools/q: this entry names the tool|schema : no schema is known, so arguments are not checked|approve_if /tools/q/approve_if/0: cannot be judged, so a person is asked (args.x unknown)")]
    [InlineData("n", "Reviewed", null, "{}", "entry /tools/n: this entry names the tool|schema : no schema is known, so arguments are not checked|limit /tools/n/limits/0: `args.x` must be a number above 0, since it is what the call is charged")]
    [InlineData("s", "Reviewed", null, "{}", "entry /tools/s: this entry names the tool|schema : no schema is known, so arguments are not checked|limit /tools/s/limits/0: `e`: charges 1 of at most 2 in any hour by grant")]
    public void Trace_EveryStep_SaysWhatItFound(string tool, string standing, string? category, string arguments, string steps)
    {
        var policy = Texts.Policy("""
            { "version": "1", "default": "deny", "hide": ["gone"],
              "categories": { "Read": { "validation": "off" }, "Write": { "action": "deny" } },
              "tools": { "a": {}, "l_*": {}, "h": { "action": "hide" }, "ask": { "action": "require_approval" },
                "q": { "approve_if": [ { "conditions": [ { "path": "args.x", "op": "eq", "value": 1 } ] } ] },
                "r": { "deny_if": [ { "conditions": [ { "path": "args.x[*]", "op": "eq", "value": 3 } ] } ],
                       "require": [ { "conditions": [ { "path": "args.x[*]", "op": "eq", "value": 1 } ] } ],
                       "approve_if": [ { "conditions": [ { "path": "args.x[*]", "op": "eq", "value": 1 } ] } ] },
                "n": { "limits": [ { "counter": "c", "window": "day", "max": 2, "amount": "args.x" } ] },
                "s": { "limits": [ { "counter": "e", "window": "hour", "max": 2, "sliding": true } ] } } }
            """);

        var trace = policy.Trace(new CallFacts(tool, Enum.Parse<ToolStanding>(standing)) { Category = ToolCategories.Parse(category), Arguments = JsonElement.Parse(arguments) });

        Assert.Equal(steps, string.Join('|', trace.Steps.Select(step =>
            $"{step.Step} {step.Rule}: {step.Says}{string.Concat(step.Conditions.Select(condition => $" ({condition.Path} {condition.Truth})"))}")));
    }

    [Theory]
    [InlineData("true", "{\"x\":1}", "true")]
    [InlineData("true", "{}", "false")]
    [InlineData("false", "{}", "true")]
    public void Trace_Exists_IsToldLikeTheOthers(string value, string arguments, string truth)
    {
        var policy = Texts.Policy($$"""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "exists", "value": {{value}} } ] } ] } } }""");
        var condition = policy.Trace(new CallFacts("a", ToolStanding.Reviewed) { Arguments = JsonElement.Parse(arguments) }).Steps.Single(step => step.Step == "require").Conditions.Single();

        Assert.Equal(("exists", value, truth), (condition.Op, condition.Value, condition.Truth));
    }

    [Theory]
    [InlineData("{\"X\":1}")]
    [InlineData("{\"x\":1,\"X\":1}")]
    public void Trace_ArgumentSpelledInAnotherCase_SaysSo(string arguments)
    {
        var policy = Texts.Policy("""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "eq", "value": 1 } ] } ] } } }""");
        var trace = policy.Trace(new CallFacts("a", ToolStanding.Reviewed) { Arguments = JsonElement.Parse(arguments) });

        Assert.Equal(DecisionCodes.Unjudgeable, trace.Decision.Code);
        Assert.Equal(("(unknown: the name stands in another case, or in two)", "unknown"), (trace.Steps[^1].Conditions.Single().Actual, trace.Steps[^1].Conditions.Single().Truth));
    }

    private static bool Same(Decision one, Decision other) =>
        one with { Limits = [] } == other with { Limits = [] } && one.Limits.SequenceEqual(other.Limits);

    private static CallFacts Facts(Random random) => new(Pick(random, "a", "ab", "b", "z"), random.Next(6) == 0 ? (ToolStanding)random.Next(4) : ToolStanding.Reviewed)
    {
        Arguments = JsonElement.Parse(Pick(random, Arguments)),
        Category = random.Next(2) == 0 ? (ToolCategory)random.Next(6) : null,
        Caller = random.Next(4) == 0 ? null : new CallerFacts("laptop", Pick(random, "ann", "x"), new Dictionary<string, string> { ["tenant"] = "x" }, "s", "client"),
        Now = new DateTimeOffset(2026, 1, 1 + random.Next(7), random.Next(24), 0, 0, TimeSpan.Zero),
    };

    private static JsonObject Document(Random random)
    {
        var document = new JsonObject { ["version"] = "1", ["default"] = Pick(random, "allow", "deny") };
        if (random.Next(6) == 0)
        {
            document["hide"] = new JsonArray("b*");
        }

        document["all_tools"] = new JsonObject { ["require"] = Rules(random), ["approve_if"] = Rules(random) };
        document["tools"] = new JsonObject { ["a"] = Entry(random), ["a*"] = Entry(random) };
        document["categories"] = new JsonObject { [((ToolCategory)random.Next(6)).ToString()] = Entry(random) };
        return document;
    }

    private static JsonObject Entry(Random random)
    {
        var entry = new JsonObject { ["require"] = Rules(random), ["deny_if"] = Rules(random), ["approve_if"] = Rules(random) };
        if (random.Next(3) == 0)
        {
            entry["action"] = Pick(random, "deny", "hide", "require_approval", "allow");
        }

        if (random.Next(3) == 0)
        {
            entry["limits"] = new JsonArray(new JsonObject { ["counter"] = "sum", ["window"] = "day", ["max"] = 5, ["amount"] = "args.b" });
        }

        return entry;
    }

    private static JsonArray Rules(Random random) => new([.. Enumerable.Range(0, random.Next(3) / 2).Select(_ => (JsonNode)new JsonObject
    {
        ["conditions"] = new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => (JsonNode)Condition(random))]),
    })]);

    private static JsonObject Condition(Random random)
    {
        var op = Pick(random, "eq", "neq", "in", "exists", "regex", "lt", "contains", "length_lte");
        var condition = new JsonObject
        {
            ["path"] = Pick(random, Paths),
            ["op"] = op,
            ["value"] = op switch
            {
                "in" => new JsonArray(JsonNode.Parse(Pick(random, Values))),
                "exists" => random.Next(2) == 0,
                "regex" => "^[a-z]+$",
                "lt" or "length_lte" => random.Next(4),
                _ => JsonNode.Parse(Pick(random, Values)),
            },
        };
        if (op != "exists" && random.Next(3) == 0)
        {
            condition["missing"] = Pick(random, "pass", "refuse");
        }

        return condition;
    }

    private static T Pick<T>(Random random, params T[] from) => from[random.Next(from.Length)];
}
