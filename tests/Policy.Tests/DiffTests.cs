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

    private static string Told(PolicyDifference difference) =>
        $"{difference.Kind} {difference.Subject}: " + string.Join('|', difference.Changes.Select(change => $"{change.What} {change.Before ?? "-"} → {change.After ?? "-"} ({change.Leaning})"));
}
