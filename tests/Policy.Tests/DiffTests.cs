using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>What becomes of each tool when one document takes the place of another.</summary>
public sealed class DiffTests
{
    private const string Old = """
        { "version": "1", "default": "deny", "hide": ["drop_*"],
          "all_tools": { "limits": [ { "counter": "calls", "window": "minute", "max": 60 } ] },
          "categories": { "Destructive": { "action": "require_approval", "approval": { "approvers": 2 } } },
          "tools": { "cancel_run": { "rate_limit": { "max": 10, "window": 60 } },
                     "list_*": {},
                     "refund": { "require": [ { "conditions": [ { "path": "args.amount", "op": "lte", "value": 500 } ], "on_deny": "too much" } ] } },
          "methods": { "allow": ["resources/*"] } }
        """;

    [Fact]
    public void Compare_SameTreatmentInOtherWords_IsNoDifference()
    {
        const string Same = """
            { "default": "deny", "version": "1", "description": "other words", "hide": ["drop_*", "drop_table"],
              "tools": { "refund": { "action": "allow", "require": [ { "on_deny": "no", "conditions": [ { "value": 500, "op": "lte", "path": "args.amount", "missing": "refuse" } ] } ] },
                         "list_*": { "validation": "schema" },
                         "cancel_run": { "rate_limit": { "window": "minute", "max": 10 }, "approval": { "timeout": "60m" } } },
              "categories": { "Destructive": { "action": "require_approval", "reason": "for people", "approval": { "approvers": 2 } } },
              "all_tools": { "limits": [ { "counter": "calls", "window": 60, "max": 60, "scope": "grant" } ] },
              "methods": { "allow": ["resources/*"] } }
            """;

        Assert.Empty(PolicyDiff.Compare(Texts.Compile(Old), Texts.Compile(Same)));
    }

    [Theory]
    [InlineData("\"max\": 10", "\"max\": 5", "tool cancel_run: limit each tool by itself: 10 in each minute by grant → each tool by itself: 5 in each minute by grant (Stricter)")]
    [InlineData("\"max\": 60", "\"max\": 90", "all_tools : limit `calls`: 60 in each minute by grant → `calls`: 90 in each minute by grant (Looser)")]
    [InlineData("\"rate_limit\": { \"max\": 10, \"window\": 60 }", "", "tool cancel_run: limit each tool by itself: 10 in each minute by grant → - (Looser)")]
    [InlineData("\"hide\": [\"drop_*\"],", "", "pattern drop_*: action hidden by `/hide/0` → denied by `/default` (Looser)")]
    [InlineData("[\"drop_*\"]", "[\"drop_*\", \"refund\"]", "tool refund: action allowed by `/tools/refund` → hidden by `/hide/1` (Stricter)")]
    [InlineData("\"list_*\": {}", "\"list_*\": { \"action\": \"require_approval\" }", "pattern list_*: action allowed by `/tools/list_*` → asks a person by `/tools/list_*` (Stricter)")]
    [InlineData("\"approvers\": 2", "\"approvers\": 1", "category Destructive: approval 2 within 3600 s → 1 within 3600 s (Looser)")]
    [InlineData("\"value\": 500", "\"value\": 400", "tool refund: require args.amount lte 500 → - (Looser)|require - → args.amount lte 400 (Stricter)")]
    [InlineData("\"resources/*\"", "\"prompts/*\"", "methods : method resources/* → - (Stricter)|method - → prompts/* (Looser)")]
    [InlineData("\"version\": \"1\"", "\"version\": \"1\", \"mode\": \"shadow\"", "mode : mode enforce → shadow (Looser)")]
    [InlineData("\"list_*\": {}", "\"list_*\": { \"validation\": \"off\", \"durability\": \"power\" }", "pattern list_*: validation schema → off (Looser)|durability process → power (Stricter)")]
    public void Compare_OneEdit_TellsWhatBecomesOfIt(string from, string to, string expected)
    {
        var after = Old.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Old, after);

        Assert.Equal(expected, string.Join('\n', PolicyDiff.Compare(Texts.Compile(Old), Texts.Compile(after)).Select(Told)));
    }

    [Theory]
    [InlineData("\"counter\": \"a\", \"window\": \"day\", \"max\": 5", "`a`: 5 in each day by grant")]
    [InlineData("\"counter\": \"a\", \"window\": 90, \"max\": 5", "`a`: 5 in each 90 seconds by grant")]
    [InlineData("\"counter\": \"a\", \"window\": \"hour\", \"max\": 2.5, \"sliding\": true, \"scope\": \"global\"", "`a`: 2.5 in any hour by global")]
    [InlineData("\"counter\": \"a\", \"concurrent\": 3, \"scope\": \"server\"", "`a`: 3 at once by server")]
    [InlineData("\"counter\": \"a\", \"window\": \"day\", \"max\": 5, \"per\": \"args.x\"", "`a`: 5 in each day by grant, apart by `args.x`")]
    [InlineData("\"counter\": \"a\", \"window\": \"day\", \"max\": 5, \"amount\": \"args.n\"", "`a`: 5 in each day by grant, by `args.n`")]
    public void Compare_LimitComesOrGoes_IsToldWhole(string limit, string told)
    {
        var without = Entry("");
        var with = Entry($$""" "limits": [ { {{limit}} } ] """);

        Assert.Equal($"tool a: limit - → {told} (Stricter)", Differences(without, with));
        Assert.Equal($"tool a: limit {told} → - (Looser)", Differences(with, without));
    }

    [Theory]
    [InlineData("\"window\": \"day\", \"max\": 5", "\"concurrent\": 5")]
    [InlineData("\"window\": \"day\", \"max\": 5", "\"window\": \"hour\", \"max\": 5")]
    [InlineData("\"window\": \"day\", \"max\": 5", "\"window\": \"day\", \"max\": 5, \"sliding\": true")]
    [InlineData("\"window\": \"day\", \"max\": 5", "\"window\": \"day\", \"max\": 5, \"scope\": \"server\"")]
    [InlineData("\"window\": \"day\", \"max\": 5", "\"window\": \"day\", \"max\": 5, \"per\": \"args.x\"")]
    [InlineData("\"window\": \"day\", \"max\": 5", "\"window\": \"day\", \"max\": 5, \"amount\": \"args.x\"")]
    public void Compare_LimitOfAnotherShape_IsAnotherLimit(string before, string after)
    {
        var told = PolicyDiff.Compare(Limited(before), Limited(after));

        Assert.Equal([Leaning.Stricter, Leaning.Looser], Assert.Single(told).Changes.Select(change => change.Leaning));

        static PolicyCompilation Limited(string rest) => Entry($$""" "limits": [ { "counter": "a", {{rest}} } ] """);
    }

    [Theory]
    [InlineData("{}", "{ \"approvers\": 2 }", "1 within 3600 s → 2 within 3600 s (Stricter)")]
    [InlineData("{ \"approvers\": 3 }", "{ \"approvers\": 2 }", "3 within 3600 s → 2 within 3600 s (Looser)")]
    [InlineData("{ \"timeout\": \"10m\" }", "{ \"timeout\": \"20m\" }", "1 within 600 s → 1 within 1200 s (Neutral)")]
    [InlineData("{}", "{ \"not_requester\": true }", "1 within 3600 s → 1 within 3600 s, not the requester (Stricter)")]
    [InlineData("{ \"not_requester\": true }", "{}", "1 within 3600 s, not the requester → 1 within 3600 s (Looser)")]
    [InlineData("{ \"not_requester\": true, \"timeout\": \"10m\" }", "{ \"not_requester\": true }", "1 within 600 s, not the requester → 1 within 3600 s, not the requester (Neutral)")]
    [InlineData("{ \"not_requester\": true }", "{ \"approvers\": 2 }", "1 within 3600 s, not the requester → 2 within 3600 s (Looser)")]
    public void Compare_TermsOfApproval_LeanByWhoMustAgree(string before, string after, string told) =>
        Assert.Equal($"tool a: approval {told}", Differences(Approved(before), Approved(after)));

    [Theory]
    [InlineData("", "\"validation\": \"off\"", "validation schema → off (Looser)")]
    [InlineData("\"validation\": \"off\"", "", "validation off → schema (Stricter)")]
    [InlineData("", "\"durability\": \"power\"", "durability process → power (Stricter)")]
    [InlineData("\"durability\": \"power\"", "\"durability\": \"process\"", "durability power → process (Looser)")]
    [InlineData("", "\"deny_if\": [ { \"conditions\": [] } ]", "deny_if - → always (Stricter)")]
    [InlineData("\"approve_if\": [ { \"conditions\": [] } ]", "", "approve_if always → - (Looser)")]
    [InlineData("", "\"deny_if\": [ { \"conditions\": [ { \"path\": \"args.x\", \"op\": \"eq\", \"value\": 1, \"missing\": \"pass\" }, { \"path\": \"args.y\", \"op\": \"exists\", \"value\": true } ] } ]", "deny_if - → args.x eq 1, missing \"pass\" and args.y exists true (Stricter)")]
    [InlineData("", "\"require\": [ { \"conditions\": [ { \"path\": \"args.x\", \"op\": \"host_in\", \"value\": [\"a.test\"], \"schemes\": [\"wss\"], \"missing\": \"pass\" } ] } ]", "require - → args.x host_in [\"a.test\"], missing \"pass\", schemes [\"wss\"] (Stricter)")]
    [InlineData("\"action\": \"require_approval\"", "", "action asks a person by `/tools/a` → allowed by `/tools/a` (Looser)")]
    [InlineData("\"action\": \"deny\", \"validation\": \"off\"", "\"action\": \"hide\"", "action denied by `/tools/a` → hidden by `/tools/a` (Stricter)")]
    public void Compare_MemberOfAnEntry_LeansAsItOpens(string before, string after, string told) =>
        Assert.Equal($"tool a: {told}", Differences(Entry(before), Entry(after)));

    [Theory]
    [InlineData("\"durability\": \"power\", \"validation\": \"off\"", true)]
    [InlineData("\"validation\": \"off\", \"durability\": \"power\"", true)]
    [InlineData("\"durability\": \"power\"", false)]
    public void IsLooser_OneChangeOfSeveral_IsEnough(string members, bool looser) =>
        Assert.Equal(looser, Assert.Single(PolicyDiff.Compare(Entry(""), Entry(members))).IsLooser);

    [Fact]
    public void Compare_ShadowEnds_IsStricter() => Assert.Equal(
        "mode : mode shadow → enforce (Stricter)",
        Differences(Texts.Compile("""{ "version": "1", "default": "deny", "mode": "shadow" }"""), Texts.Compile("""{ "version": "1", "default": "deny", "mode": "enforce" }""")));

    [Fact]
    public void Compare_DefaultOpened_IsLooserForAllThatIsNotNamed()
    {
        var differences = PolicyDiff.Compare(Texts.Compile(Old), Texts.Compile(Old.Replace("\"default\": \"deny\"", "\"default\": \"allow\"", StringComparison.Ordinal)));

        Assert.Equal("others : action denied by `/default` → allowed by `/default` (Looser)", Told(Assert.Single(differences)));
        Assert.True(differences[0].IsLooser);
    }

    [Fact]
    public void Compare_ToolsOfAServer_NamesEachOneThatChanges()
    {
        var tools = OfferedTool.ReadList(JsonElement.Parse("""[ { "name": "list_a" }, { "name": "list_b", "category": "Destructive" }, { "name": "drop_x" } ]"""));
        var after = Old.Replace("\"list_*\": {}", "\"list_b\": {}", StringComparison.Ordinal);

        var told = PolicyDiff.Compare(Texts.Compile(Old), Texts.Compile(after), tools).Select(Told);

        Assert.Equal(["tool list_a: action allowed by `/tools/list_*` → denied by `/default` (Stricter)", "tool list_b: action asks a person by `/categories/Destructive` → allowed by `/tools/list_b` (Looser)"], told);
    }

    private static PolicyCompilation Entry(string members)
    {
        var compilation = Texts.Compile($$"""{ "version": "1", "default": "deny", "tools": { "a": { {{members}} } } }""");
        Assert.Empty(compilation.Diagnostics);
        return compilation;
    }

    private static PolicyCompilation Approved(string terms) => Entry($$""" "action": "require_approval", "approval": {{terms}} """);

    private static string Differences(PolicyCompilation before, PolicyCompilation after) =>
        string.Join('\n', PolicyDiff.Compare(before, after).Select(Told));

    private static string Told(PolicyDifference difference) =>
        $"{difference.Kind} {difference.Subject}: " + string.Join('|', difference.Changes.Select(change => $"{change.What} {change.Before ?? "-"} → {change.After ?? "-"} ({change.Leaning})"));
}
