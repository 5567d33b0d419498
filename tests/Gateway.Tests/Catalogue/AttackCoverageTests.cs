using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Catalogue.Attacks;
using Callgate.Gateway.Catalogue;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>Which attacks a policy stops on the tools of a server (docs/attacks.md, A policy by its attacks).</summary>
public sealed class AttackCoverageTests
{
    private const string AllowAll = """{ "version": "1", "default": "allow", "methods": { "allow": ["*"] } }""";

    private const string ToolList = """
        [
          { "name": "list_issues", "description": "Lists issues of a repository.", "inputSchema": { "type": "object", "properties": { "repo": { "type": "string" } } } },
          { "name": "get_email", "description": "Reads an email from the inbox.", "inputSchema": { "type": "object", "properties": { "id": { "type": "string" } } } },
          { "name": "list_contacts", "description": "Lists the contacts of a person.", "inputSchema": { "type": "object" } },
          { "name": "send_email", "description": "Sends an email.", "inputSchema": { "type": "object", "properties": { "to": { "type": "string" }, "body": { "type": "string" } } } },
          { "name": "copy_file", "description": "Reads a file and writes it elsewhere.", "inputSchema": { "type": "object", "properties": { "source_path": { "type": "string" }, "target_path": { "type": "string" } } } },
          { "name": "fetch_url", "description": "Fetches a page of the web.", "inputSchema": { "type": "object", "properties": { "url": { "type": "string" } } } },
          { "name": "execute_sql", "description": "Runs an SQL statement.", "inputSchema": { "type": "object", "properties": { "query": { "type": "string" } } } },
          { "name": "delete_project", "description": "Deletes a project for ever.", "inputSchema": { "type": "object", "properties": { "id": { "type": "string" } } } },
          { "name": "refund_payment", "description": "Refunds a payment to the customer.", "inputSchema": { "type": "object", "properties": { "amount": { "type": "number" }, "currency": { "type": "string" } } } }
        ]
        """;

    private static readonly IReadOnlyList<OfferedTool> Tools = [.. OfferedTool.ReadList(JsonElement.Parse(ToolList))!.Select(static tool => tool with { Category = Categories.Of(tool.Definition) })];

    [Fact]
    public void Score_EverythingAllowed_StopsNothingThatAPolicyDecides()
    {
        var open = Of(AllowAll);

        Assert.Equal(0, open.Score);
        Assert.Equal(0, open.Stopped);
        Assert.True(open.Counted > 15, $"{open.Counted}");
        Assert.True(open.Count(AttackOutcome.AlwaysStopped) > 50);
    }

    [Fact]
    public void Score_TheRecommendedPolicy_StopsMoreThanAllAndLessThanNone()
    {
        var recommended = Of(Encoding.UTF8.GetString(PolicyRecommendation.Write(Tools)));

        Assert.InRange(recommended.Score!.Value, 1, 99);
        Assert.Superset(new HashSet<string> { "A15", "A23", "A49", "B13", "B14" }, Ids(recommended, AttackOutcome.StoppedByPolicy));
        Assert.Superset(new HashSet<string> { "A11", "A13", "A16", "B09", "B10" }, Ids(recommended, AttackOutcome.GetsThrough));
    }

    [Theory]
    [InlineData("""{ "version": "1", "default": "deny" }""")]
    [InlineData("""{ "version": "1", "default": "allow", "hide": "*" }""")]
    public void Score_NothingIsOpen_StopsAll(string policy)
    {
        var shut = Of(policy);

        Assert.Equal(100, shut.Score);
        Assert.Equal(Of(AllowAll).Counted, shut.Counted);
        Assert.DoesNotContain(shut.Verdicts, static verdict => verdict.IsPolicys && verdict.Outcome != AttackOutcome.StoppedByPolicy);
    }

    /// <summary>What speaks to the model by its definition is in the list, though every call of it is refused.</summary>
    [Fact]
    public void Outcome_DeniedTools_StillSpeakByTheirDefinitions()
    {
        var denied = Of("""{ "version": "1", "default": "deny", "tools": { "*": { "action": "deny" } } }""");

        Assert.Equal(["B01", "B02"], denied.Verdicts.Where(static verdict => verdict.IsPolicys && verdict.Outcome != AttackOutcome.StoppedByPolicy).Select(static verdict => verdict.Attack.Id));
    }

    /// <summary>The promise of the page: with the change the attack does not get through, and the document is still a policy.</summary>
    [Theory]
    [InlineData(AllowAll)]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "*": {} } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "categories": { "Read": {}, "Write": {}, "Execute": { "limits": [{ "counter": "runs", "window": "minute", "max": 1, "scope": "session" }] }, "Destructive": {}, "Financial": {} }, "methods": { "allow": ["prompts/*", "sampling/createMessage", "resources/*", "ping"] } }""")]
    [InlineData("""{ "version": "1", "default": "allow", "hide": ["x"], "all_tools": { "limits": [{ "counter": "calls", "window": "day", "max": 5, "scope": "session" }] }, "tools": { "refund_*": { "limits": [{ "counter": "refund_payment_amount", "window": "hour", "max": 9, "per": "args.currency" }] } } }""")]
    public void Change_OfEachThatGetsThrough_StopsIt(string policy)
    {
        var before = Of(policy);
        var through = before.Verdicts.Where(static verdict => verdict is { IsPolicys: true, Outcome: AttackOutcome.GetsThrough }).ToList();

        Assert.NotEmpty(through);
        foreach (var verdict in through)
        {
            Assert.True(verdict.Change.Count > 0, verdict.Attack.Id);
            var patched = JsonNode.Parse(policy)!.AsObject();
            foreach (var step in verdict.Change)
            {
                Apply(patched, step.ToJson());
            }

            Assert.Equal(AttackOutcome.StoppedByPolicy, Of(patched.ToJsonString()).Verdicts.Single(one => one.Attack == verdict.Attack).Outcome);
        }
    }

    [Fact]
    public void Change_OfAPattern_LeavesOtherToolsAsTheyWere()
    {
        var change = Verdict("""{ "version": "1", "default": "deny", "tools": { "*": { "rate_limit": { "max": 5, "window": "minute" } } } }""", "A13").Change;

        var step = Assert.Single(change);
        Assert.Equal(("add", "/tools/fetch_url"), (step.Op, step.Path));
        Assert.Equal("""{"rate_limit":{"max":5,"window":"minute"},"require":[{"conditions":[{"path":"args.url","op":"host_in","value":["change-me.example.com"],"missing":"pass"}]}]}""", step.Value!.ToJsonString());
    }

    [Fact]
    public void Change_OfMethods_TakesOutWhatOpensThem()
    {
        var change = Verdict("""{ "version": "1", "default": "deny", "methods": { "allow": ["prompts/list", "sampling/*", "roots/list"] } }""", "B13").Change;

        Assert.Equal([("remove", "/methods/allow/2"), ("remove", "/methods/allow/1")], change.Select(static step => (step.Op, step.Path)));
    }

    [Theory]
    [InlineData("""{ "require": [{ "conditions": [{ "path": "args.source_path", "op": "path_within", "value": ["/data"] }] }] }""", AttackOutcome.GetsThrough)]
    [InlineData("""{ "require": [{ "conditions": [{ "path": "args.source_path", "op": "path_within", "value": ["/data"] }, { "path": "args.target_path", "op": "path_within", "value": ["/data"] }] }] }""", AttackOutcome.StoppedByPolicy)]
    [InlineData("""{ "require": [{ "conditions": [{ "path": "args.source_path", "op": "exists", "value": true }, { "path": "args.target_path", "op": "exists", "value": true }] }] }""", AttackOutcome.GetsThrough)]
    [InlineData("""{ "deny_if": [{ "conditions": [{ "path": "args.source_path", "op": "path_within", "value": ["/etc"] }, { "path": "args.target_path", "op": "path_within", "value": ["/etc"] }] }] }""", AttackOutcome.GetsThrough)]
    [InlineData("""{ "action": "require_approval" }""", AttackOutcome.StoppedByPolicy)]
    [InlineData("""{ "rate_limit": { "max": 1, "window": "day" } }""", AttackOutcome.GetsThrough)]
    [InlineData("""{ "action": "deny" }""", AttackOutcome.StoppedByPolicy)]
    public void Outcome_OfAPath_NeedsARuleOnEveryPath(string entry, AttackOutcome outcome) =>
        Assert.Equal(outcome, Verdict($$"""{ "version": "1", "default": "deny", "tools": { "copy_file": {{entry}} } }""", "A11").Outcome);

    [Theory]
    [InlineData("""{ "counter": "c", "window": "day", "max": 9 }""", AttackOutcome.StoppedByPolicy)]
    [InlineData("""{ "counter": "c", "window": "day", "max": 9, "scope": "session" }""", AttackOutcome.GetsThrough)]
    [InlineData("""{ "counter": "c", "window": "day", "max": 9, "per": "args.id" }""", AttackOutcome.GetsThrough)]
    [InlineData("""{ "counter": "c", "concurrent": 2 }""", AttackOutcome.GetsThrough)]
    [InlineData("""{ "counter": "c", "window": "day", "max": 9, "amount": "args.id" }""", AttackOutcome.GetsThrough)]
    public void Outcome_OfALimit_CountsOnlyOneThatHoldsEveryCall(string limit, AttackOutcome outcome) =>
        Assert.Equal(outcome, Verdict($$"""{ "version": "1", "default": "deny", "tools": { "delete_project": { "limits": [{{limit}}] } } }""", "A15").Outcome);

    [Fact]
    public void Outcome_OfAFlow_EndsWithEitherHalf()
    {
        string Policy(string hidden) => $$"""{ "version": "1", "default": "allow", "hide": [{{hidden}}] }""";

        Assert.Equal(["send_email"], Verdict(AllowAll, "B10").Tools);
        Assert.Equal(AttackOutcome.StoppedByPolicy, Verdict(Policy("\"send_email\""), "B10").Outcome);
        Assert.Equal(AttackOutcome.StoppedByPolicy, Verdict(Policy("\"get_email\", \"list_contacts\""), "B10").Outcome);
        Assert.Equal(AttackOutcome.GetsThrough, Verdict(Policy("\"get_email\""), "B10").Outcome);
    }

    [Fact]
    public void Outcome_AToolThatIsNotClassified_CountsAsTheWorst()
    {
        var unknown = OfferedTool.ReadList(JsonElement.Parse("""[{ "name": "frobnicate" }]"""))!;
        var verdicts = Of(AllowAll, unknown).Verdicts;

        Assert.Equal(AttackOutcome.GetsThrough, verdicts.Single(static verdict => verdict.Attack.Id == "A15").Outcome);
        Assert.Equal(AttackOutcome.NotApplicable, verdicts.Single(static verdict => verdict.Attack.Id == "A13").Outcome);
    }

    [Fact]
    public void Score_WithoutTools_IsThatOfMethodsAlone()
    {
        var none = Of("""{ "version": "1", "default": "deny" }""", []);

        Assert.Equal((3, 3, 100), (none.Stopped, none.Counted, none.Score));
        Assert.Equal(AttackOutcome.Partly, none.Verdicts.Single(static verdict => verdict.Attack.Id == "O05").Outcome);
    }

    /// <summary>Every policy that an entry shows stops its attack, on the tools it is written for.</summary>
    [Fact]
    public void Policies_OfEntriesThatNameARemedy_HaveOne()
    {
        foreach (var attack in AttackPack.Database.Entries.Where(static entry => entry.StoppedWhen.Count > 0))
        {
            var policy = PolicyCompiler.Compile(Encoding.UTF8.GetBytes(attack.Policy.GetRawText())).Policy!;
            var names = attack.Policy.TryGetProperty("tools", out var tools) ? tools.EnumerateObject().Select(static tool => tool.Name).ToList() : [];
            var categories = attack.Policy.TryGetProperty("categories", out var entries) ? entries.EnumerateObject().Select(static entry => entry.Name).ToList() : [];
            var rulings = names.Select(name => policy.Explain(name)).Concat(categories.Select(name => policy.Explain("any", ToolCategories.Parse(name)))).ToList();

            Assert.NotEmpty(rulings);
            Assert.All(rulings, ruling => Assert.True(
                attack.StoppedWhen.Any(remedy => remedy switch
                {
                    AttackRemedy.Approval => ruling.Action == Effect.Approve,
                    AttackRemedy.Limit => ruling.IsLimited,
                    AttackRemedy.Amount => ruling.IsLimitedByAmount,
                    _ => ruling.Required.Any(required => attack.RuleOperators.Contains(required.Op)),
                }),
                attack.Id));
        }
    }

    private static AttackVerdict Verdict(string policy, string id) => Of(policy).Verdicts.Single(verdict => verdict.Attack.Id == id);

    private static HashSet<string> Ids(AttackCoverage coverage, AttackOutcome outcome) =>
        [.. coverage.Verdicts.Where(verdict => verdict.Outcome == outcome).Select(static verdict => verdict.Attack.Id)];

    private static AttackCoverage Of(string policy, IReadOnlyList<OfferedTool>? tools = null) =>
        AttackCoverage.Of(Compiled(policy), JsonNode.Parse(policy)!.AsObject(), tools ?? Tools, AttackPack.Database);

    private static CompiledPolicy Compiled(string policy)
    {
        var compilation = PolicyCompiler.Compile(Encoding.UTF8.GetBytes(policy));
        return compilation.Policy ?? throw new InvalidOperationException($"{compilation.Diagnostics[0].Pointer}: {compilation.Diagnostics[0].Message}");
    }

    /// <summary>RFC 6902, as far as it is used: a reader of its own, that shares nothing with what wrote the patch.</summary>
    private static void Apply(JsonObject document, JsonObject step)
    {
        var names = step["path"]!.GetValue<string>().Split('/')[1..].Select(static name => name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        JsonNode owner = document;
        foreach (var name in names[..^1])
        {
            owner = owner is JsonArray list ? list[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)]! : owner[name]!;
        }

        switch (step["op"]!.GetValue<string>(), owner)
        {
            case ("add", JsonArray list):
                Assert.Equal("-", names[^1]);
                list.Add(step["value"]!.DeepClone());
                break;
            case ("add", JsonObject parent):
                parent[names[^1]] = step["value"]!.DeepClone();
                break;
            case ("remove", JsonArray list):
                list.RemoveAt(int.Parse(names[^1], System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                Assert.Fail(step.ToJsonString());
                break;
        }
    }
}
