using System.Collections.Concurrent;

namespace Callgate.Policy.Tests;

public sealed class CompiledPolicyTests
{
    private const string Rich = """
        {"version":"1","description":"for people","default":"deny","hide":["gone","admin_*"],
         "all_tools":{"limits":[{"counter":"calls","window":"minute","max":60}]},
         "tools":{"cancel_run":{"limits":[{"counter":"cancels","window":"day","max":5}],"rate_limit":{"max":1,"window":60}},
                  "list_*":{"rate_limit":{"max":10,"window":60}}, "drop":{"action":"deny","reason":"never"}},
         "methods":{"allow":["resources/*","prompts/get","completion/complete"]}}
        """;

    private static readonly string[] Tools = ["cancel_run", "list_runs", "list_jobs", "drop", "gone", "admin_x", "unnamed"];

    [Fact]
    public void Decide_StandingOfALaterVersion_OpensNothing()
    {
        var policy = Texts.Policy("""{"version":"1","default":"allow"}""");

        Assert.Equal(Effect.Hide, policy.Decide("x", (ToolStanding)99).Effect);
        Assert.False(policy.Lists(new CallFacts("x", (ToolStanding)99)));
    }

    /// <summary>Two entries apply to an approved call of a drifted tool, and yet it meets each counter once.</summary>
    [Fact]
    public void Decide_DriftedAndApproved_ChargesEachCounterOnceByTheStricterLimit()
    {
        var policy = Texts.Policy("""
            {"version":"1","default":"deny","categories":{
              "Read":{"rate_limit":{"max":10,"window":60},"limits":[{"counter":"sum","window":"day","max":5,"amount":"args.a"},{"counter":"slots","concurrent":3}]},
              "Write":{"rate_limit":{"max":1,"window":60},"limits":[{"counter":"sum","window":"day","max":9,"amount":"args.a"},{"counter":"slots","concurrent":1},{"counter":"own","window":"hour","max":7}]}}}
            """);

        var decision = policy.Decide(new CallFacts("x", ToolStanding.DriftedAsked) { Category = ToolCategory.Read, ShownCategory = ToolCategory.Write, IsApproved = true, Arguments = System.Text.Json.JsonElement.Parse("""{"a":2}""") });

        Assert.Equal(Effect.Allow, decision.Effect);
        Assert.Equal(
            ["own 7 1", "slots 1 1", "sum 5 2", "x_rate 1 1"],
            decision.Limits.Select(static limit => $"{limit.Counter} {limit.Concurrent ?? limit.Max} {limit.Amount}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(DecisionCodes.Denied, true)]
    [InlineData(DecisionCodes.DefaultDeny, true)]
    [InlineData(DecisionCodes.ArgumentsInvalid, true)]
    [InlineData(DecisionCodes.Condition, true)]
    [InlineData(DecisionCodes.Unjudgeable, true)]
    [InlineData(DecisionCodes.ApprovalRequired, true)]
    [InlineData(DecisionCodes.NoPolicy, false)]
    [InlineData(DecisionCodes.ToolUnknown, false)]
    [InlineData(DecisionCodes.ToolHidden, false)]
    [InlineData(DecisionCodes.Drifted, false)]
    [InlineData(DecisionCodes.UpstreamUnavailable, false)]
    public void IsOfARule_Code_IsOfStepOneOrLater(string? code, bool ofARule) =>
        Assert.Equal(ofARule, new Decision(Effect.Deny, code, "/x", null, []).IsOfARule);

    [Fact]
    public void Explain_Tool_IsWhatACallWithoutArgumentsWouldMeet()
    {
        var policy = Texts.Policy("""{"version":"1","default":"allow","hide":["gone"],"categories":{"Write":{"action":"deny"}},"tools":{"a":{}}}""");
        string Told(string tool, ToolCategory? category = null)
        {
            var ruling = policy.Explain(tool, category);
            return $"{ruling.Decision.Effect} {ruling.Entry ?? "-"} {ruling.Listed}";
        }

        Assert.Equal("Allow /tools/a True", Told("a", ToolCategory.Write));
        Assert.Equal("Allow - True", Told("b"));
        Assert.Equal("Deny /categories/Write True", Told("b", ToolCategory.Write));
        Assert.Equal("Hide - False", Told("gone"));
    }

    [Theory]
    [InlineData("""{ "require": [{ "conditions": [{ "path": "args.path", "op": "path_within", "value": ["/d"] }, { "path": "grant.label", "op": "eq", "value": "x" }] }] }""", "path path_within", false, false)]
    [InlineData("""{ "require": [{ "conditions": [{ "path": "args.files[*].name", "op": "glob", "value": "*.txt" }] }], "deny_if": [{ "conditions": [{ "path": "args.x", "op": "eq", "value": 1 }] }] }""", "files glob", false, false)]
    [InlineData("""{ "rate_limit": { "max": 1, "window": "day" } }""", "", true, false)]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1, "amount": "args.sum" }] }""", "", false, true)]
    [InlineData("""{ "limits": [{ "counter": "c", "window": "day", "max": 1, "scope": "session" }, { "counter": "d", "concurrent": 1 }, { "counter": "e", "window": "day", "max": 1, "per": "args.id" }] }""", "", false, false)]
    [InlineData("{}", "", false, false)]
    public void Explain_Tool_SaysWhichArgumentsAndCountsItIsHeldTo(string entry, string required, bool limited, bool byAmount)
    {
        var ruling = Texts.Policy($$"""{ "version": "1", "default": "deny", "tools": { "x": {{entry}} } }""").Explain("x");

        Assert.Equal(required, string.Join(", ", ruling.Required.Select(static one => $"{one.Argument} {one.Op}")));
        Assert.Equal((limited, byAmount), (ruling.IsLimited, ruling.IsLimitedByAmount));
    }

    [Fact]
    public void Explain_Tool_IsHeldToWhatAllToolsSay()
    {
        var ruling = Texts.Policy("""{"version":"1","default":"allow","all_tools":{"limits":[{"counter":"c","window":"day","max":1}],"require":[{"conditions":[{"path":"args.url","op":"host_in","value":["a.example"],"missing":"pass"}]}]}}""").Explain("x");

        Assert.True(ruling.IsLimited);
        Assert.Equal([new RequiredArgument("url", "host_in")], ruling.Required);
    }

    [Fact]
    public void Explain_Tool_SaysWhatHoldsWhateverACallSays()
    {
        var policy = Texts.Policy("""
            {"version":"1","default":"deny","hide":["gone"],"categories":{"Write":{"action":"hide"}},
             "tools":{"plain":{},"asks":{"action":"require_approval"},"never":{"action":"deny"},
                      "must":{"require":[{"conditions":[{"path":"args.a","op":"eq","value":1}]}]},
                      "not":{"deny_if":[{"conditions":[{"path":"args.a","op":"eq","value":1}]}]},
                      "may":{"approve_if":[{"conditions":[{"path":"args.a","op":"eq","value":1}]}]}}}
            """);
        string Told(string tool, ToolCategory? category = null) => policy.Explain(tool, category) is var ruling ? $"{ruling.Action} {ruling.HasRules}" : "";

        Assert.Equal(["Allow False", "Approve False", "Deny False", "Allow True", "Allow True", "Allow True"], new[] { "plain", "asks", "never", "must", "not", "may" }.Select(tool => Told(tool)));
        Assert.Equal(("Hide False", "Deny False", "Hide False"), (Told("gone"), Told("other"), Told("other", ToolCategory.Write)));
        Assert.Equal(Effect.Allow, Texts.Policy("""{"version":"1","default":"allow"}""").Explain("other").Action);
    }

    [Theory]
    [InlineData("true", "true")]
    [InlineData("false", "false")]
    [InlineData("\"true\"", "\"true\"")]
    [InlineData("12", "12")]
    [InlineData("1.20e1", "12")]
    [InlineData("\"12\"", "\"12\"")]
    [InlineData("null", null)]
    [InlineData("[]", null)]
    [InlineData("1e400", null)]
    public void Decide_LimitApartByAnArgument_CountsEachScalarByItself(string value, string? per)
    {
        var policy = Texts.Policy("""{"version":"1","default":"deny","tools":{"a":{"limits":[{"counter":"c","window":"day","max":1,"per":"args.x"}]}}}""");
        var decision = policy.Decide(new CallFacts("a", ToolStanding.Reviewed) { Arguments = System.Text.Json.JsonElement.Parse($"{{\"x\":{value}}}") });

        Assert.Equal(per, decision.Limits.SingleOrDefault()?.Per);
        Assert.Equal(per is null ? DecisionCodes.Unjudgeable : null, decision.Code);
    }

    [Fact]
    public void Decide_ToolsSeenBefore_AllocatesNothing()
    {
        var policy = Texts.Policy(Rich);
        ToolStanding[] standings = Enum.GetValues<ToolStanding>();
        Judge(policy, standings, 1_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var judged = Judge(policy, standings, 1_000);
        var after = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(1_000 * Tools.Length * standings.Length, judged);
        Assert.Equal(0, after - before);
    }

    [Fact]
    public void Decide_RateLimitUnderAGlob_SharesOneDecisionPerTool()
    {
        var policy = Texts.Policy(Rich);

        Assert.Same(policy.Decide("list_runs"), policy.Decide(new string("list_runs")));
        Assert.NotSame(policy.Decide("list_runs"), policy.Decide("list_jobs"));
    }

    [Fact]
    public void Decide_MoreToolsThanAreKept_StillNamesTheCounterOfEach()
    {
        var policy = Texts.Policy(Rich);
        for (var i = 0; i < 17_000; i++)
        {
            Assert.Equal($"list_{i}_rate", policy.Decide($"list_{i}").Limits[1].Counter);
        }

        Assert.Same(policy.Decide("list_0"), policy.Decide("list_0"));
        Assert.NotSame(policy.Decide("list_16999"), policy.Decide("list_16999"));
    }

    [Fact]
    public void Decide_ManyThreadsAtOnce_GiveEachToolItsOwnCounter()
    {
        var policy = Texts.Policy(Rich);
        var wrong = new ConcurrentBag<string>();

        Parallel.For(0, 20_000, i =>
        {
            var tool = $"list_{i % 500}";
            var counter = policy.Decide(tool).Limits[1].Counter;
            if (counter != tool + "_rate")
            {
                wrong.Add(counter);
            }
        });

        Assert.Empty(wrong);
    }

    [Fact]
    public void Compile_SameBytesTwice_DecidesEqually()
    {
        var (one, other) = (Texts.Policy(Rich), Texts.Policy(Rich));
        foreach (var tool in Tools)
        {
            foreach (var standing in Enum.GetValues<ToolStanding>())
            {
                var (left, right) = (one.Decide(tool, standing), other.Decide(tool, standing));

                Assert.Equal(left with { Limits = [] }, right with { Limits = [] });
                Assert.Equal(left.Limits.AsEnumerable(), right.Limits);
            }
        }
    }

    [Fact]
    public void Compile_BytesChangedAfterwards_ChangesNothing()
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(Rich);
        var policy = PolicyCompiler.Compile(bytes).Policy!;
        Array.Clear(bytes);

        Assert.Equal("never", policy.Decide("drop").Reason);
        Assert.Equal("list_x_rate", policy.Decide("list_x").Limits[1].Counter);
    }

    [Theory]
    [InlineData("resources/list", true)]
    [InlineData("resources/templates/list", true)]
    [InlineData("resources/", true)]
    [InlineData("resources", false)]
    [InlineData("Resources/list", false)]
    [InlineData("prompts/get", true)]
    [InlineData("prompts/list", false)]
    [InlineData("completion/complete", true)]
    [InlineData("sampling/createMessage", false)]
    [InlineData("", false)]
    public void OpensMethod_Method_FollowsThePatterns(string method, bool opened) =>
        Assert.Equal(opened, Texts.Policy(Rich).OpensMethod(method));

    [Fact]
    public void OpensMethod_WithoutMethods_OpensNothing() =>
        Assert.False(Texts.Policy("""{"version":"1","default":"allow","methods":{}}""").OpensMethod("resources/list"));

    [Fact]
    public void Description_AndPatterns_AreTheDocuments()
    {
        var policy = Texts.Policy(Rich);

        Assert.Equal("for people", policy.Description);
        Assert.Equal(["resources/*", "prompts/get", "completion/complete"], policy.MethodPatterns);
        Assert.Null(Texts.Policy("""{"version":"1","default":"allow"}""").Description);
    }

    [Theory]
    [InlineData("cancel_run", Effect.Allow, "/tools/cancel_run", "/tools/cancel_run", true)]
    [InlineData("list_x", Effect.Allow, "/tools/list_*", "/tools/list_*", true)]
    [InlineData("drop", Effect.Deny, "/tools/drop/action", "/tools/drop", true)]
    [InlineData("gone", Effect.Hide, "/hide/0", null, false)]
    [InlineData("other", Effect.Deny, "/default", null, false)]
    public void Explain_Tool_NamesTheRuleAndTheEntry(string tool, Effect effect, string rule, string? entry, bool listed)
    {
        var ruling = Texts.Policy(Rich).Explain(tool);

        Assert.Equal((tool, effect, rule), (ruling.Tool, ruling.Decision.Effect, ruling.Decision.Rule));
        Assert.Equal((entry, listed), (ruling.Entry, ruling.Listed));
    }

    [Fact]
    public void Explain_HiddenToolWithAnEntry_NamesBoth()
    {
        var ruling = Texts.Policy("""{"version":"1","default":"allow","hide":"*","tools":{"x":{}}}""").Explain("x");

        Assert.Equal(("/hide", "/tools/x"), (ruling.Decision.Rule, ruling.Entry));
    }

    private static int Judge(CompiledPolicy policy, ToolStanding[] standings, int rounds)
    {
        var judged = 0;
        for (var round = 0; round < rounds; round++)
        {
            foreach (var tool in Tools)
            {
                foreach (var standing in standings)
                {
                    var facts = new CallFacts(tool, standing);
                    judged += policy.Decide(facts).Rule.Length > 0 || policy.Lists(facts) ? 1 : 0;
                }
            }
        }

        return judged;
    }
}
