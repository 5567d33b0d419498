using System.Collections.Frozen;
using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>Recorded calls under another policy.</summary>
public sealed class SimulationTests
{
    private const string Document = """
        { "version": "1", "default": "deny", "hide": ["drop"],
          "tools": {
            "pay": { "deny_if": [ { "conditions": [ { "path": "args.note", "op": "exists", "value": false } ] } ],
                     "require": [ { "conditions": [ { "path": "args.amount", "op": "lte", "value": 500 } ] } ] },
            "ask": { "approve_if": [ { "conditions": [ { "path": "grant.identity", "op": "eq", "value": "ann" } ] } ] },
            "list": { "limits": [ { "counter": "c", "window": "minute", "max": 2 } ] },
            "slide": { "limits": [ { "counter": "s", "window": "minute", "max": 1, "sliding": true, "scope": "identity" } ] },
            "sum": { "limits": [ { "counter": "t", "window": "day", "max": 9, "amount": "args.n" } ] },
            "few": { "limits": [ { "counter": "f", "concurrent": 1 } ] },
            "off": { "deny_if": [ { "conditions": [ { "path": "args.x", "op": "eq", "value": 1, "missing": "pass" } ] } ] } } }
        """;

    private static readonly DateTimeOffset Noon = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("drop", "", "hide tool.hidden /hide/0 ")]
    [InlineData("other", "", "deny policy.default_deny /default ")]
    [InlineData("pay", "amount", "deny policy.condition /tools/pay/deny_if/0 ")]
    [InlineData("pay", "note", "deny policy.unjudgeable /tools/pay/require/0 ")]
    [InlineData("pay", "amount,note", "unclear  /tools/pay /tools/pay/require/0")]
    [InlineData("ask", "", "pending approval.required /tools/ask ")]
    [InlineData("sum", "", "deny policy.unjudgeable /tools/sum/limits/0 ")]
    [InlineData("sum", "n", "unclear  /tools/sum /tools/sum/limits/0")]
    [InlineData("off", "", "allow  /tools/off ")]
    [InlineData("off", "x", "unclear  /tools/off /tools/off/deny_if/0")]
    public void Judge_OneCall_TellsAsMuchAsTheRecordAllows(string tool, string names, string expected)
    {
        var simulation = new PolicySimulation(Texts.Policy(Document));

        Assert.Equal(expected, Told(simulation.Judge(Call(tool, Noon, names.Split(',', StringSplitOptions.RemoveEmptyEntries)))));
    }

    [Theory]
    [InlineData("pay", """{"note":"n","amount":500}""", "allow  /tools/pay ")]
    [InlineData("pay", """{"note":"n","amount":501}""", "deny policy.condition /tools/pay/require/0 ")]
    [InlineData("pay", """{"amount":501}""", "deny policy.condition /tools/pay/deny_if/0 ")]
    [InlineData("off", """{"x":1}""", "deny policy.condition /tools/off/deny_if/0 ")]
    [InlineData("ask", "{}", "pending approval.required /tools/ask/approve_if/0 ")]
    [InlineData("sum", """{"n":10}""", "deny limit.exceeded /tools/sum/limits/0 ")]
    [InlineData("few", "{}", "unclear  /tools/few /tools/few/limits/0")]
    public void Judge_WithItsValues_DecidesAsAnyCall(string tool, string arguments, string expected)
    {
        var simulation = new PolicySimulation(Texts.Policy(Document));
        var call = Call(tool, Noon);

        Assert.Equal(expected, Told(simulation.Judge(call with { KnowsValues = true, Facts = call.Facts with { Arguments = JsonElement.Parse(arguments) } })));
    }

    [Fact]
    public void Judge_AmountsInOrder_AreCountedAlong()
    {
        var simulation = new PolicySimulation(Texts.Policy(Document));
        var call = Call("sum", Noon);
        string Of(int amount) => simulation.Judge(call with { KnowsValues = true, Facts = call.Facts with { Arguments = JsonElement.Parse($$"""{"n":{{amount}}}""") } }).Decision;

        Assert.Equal(["allow", "deny", "allow", "deny"], [Of(5), Of(5), Of(4), Of(1)]);
    }

    [Fact]
    public void Judge_MoreNamesThanTheRecordKeeps_LeavesMissingOnesOpen()
    {
        var simulation = new PolicySimulation(Texts.Policy(Document));

        Assert.Equal("unclear", simulation.Judge(Call("off", Noon) with { HasAllNames = false }).Decision);
    }

    [Fact]
    public void Judge_CallsInOrder_CountsThemAlong()
    {
        var simulation = new PolicySimulation(Texts.Policy(Document));
        string At(string tool, int seconds) => simulation.Judge(Call(tool, Noon.AddSeconds(seconds))).Decision;

        Assert.Equal(["allow", "allow", "deny", "allow"], [At("list", 1), At("list", 58), At("list", 59), At("list", 60)]);
        Assert.Equal(["allow", "deny", "allow"], [At("slide", 30), At("slide", 89), At("slide", 90)]);
        Assert.Equal("limit.exceeded", simulation.Judge(Call("slide", Noon.AddSeconds(100))).Code);

        var unknown = Call("slide", Noon.AddSeconds(300));
        Assert.Equal("policy.unjudgeable", simulation.Judge(unknown with { Facts = unknown.Facts with { Caller = null } }).Code);
    }

    [Theory]
    [InlineData("grant", "g1 a, g2 a, g1 b", "allow allow allow")] // apart by grant and by server
    [InlineData("grant", "g1 a, g1 a", "allow deny")]
    [InlineData("session", "g1 a, g1 a", "allow deny")]
    [InlineData("identity", "g1 a, g2 a", "allow deny")]
    [InlineData("identity", "g1 a, g2 b", "allow allow")]
    [InlineData("server", "g1 a, g2 a", "allow deny")]
    [InlineData("server", "g1 a, g2 b", "allow allow")]
    [InlineData("global", "g1 a, g2 b", "allow deny")]
    public void Judge_Scope_SaysWhoseCallsAreCountedTogether(string scope, string calls, string decisions)
    {
        var simulation = new PolicySimulation(Texts.Policy($$"""
            { "version": "1", "default": "deny", "tools": { "t": { "limits": [ { "counter": "c", "window": "day", "max": 1, "scope": "{{scope}}" } ] } } }
            """));
        var judged = calls.Split(", ").Select(call => call.Split(' ')).Select(call =>
        {
            var made = Call("t", Noon);
            return simulation.Judge(made with { Grant = call[0], Facts = made.Facts with { Caller = made.Facts.Caller! with { Server = call[1] } } }).Decision;
        });

        Assert.Equal(decisions, string.Join(' ', judged));
    }

    [Fact]
    public void Judge_LimitApartByAFact_CountsEachValue()
    {
        var simulation = new PolicySimulation(Texts.Policy("""
            { "version": "1", "default": "deny", "tools": { "t": { "limits": [ { "counter": "c", "window": "day", "max": 1, "per": "client.name" }, { "counter": "d", "window": "day", "max": 3 } ] } } }
            """));
        string By(string client)
        {
            var call = Call("t", Noon);
            return Told(simulation.Judge(call with { Facts = call.Facts with { Caller = call.Facts.Caller! with { Client = client } } }));
        }

        Assert.Equal("allow  /tools/t ", By("a"));
        Assert.Equal("allow  /tools/t ", By("b"));
        Assert.Equal("deny limit.exceeded /tools/t/limits/0 ", By("a"));
        Assert.Equal("allow  /tools/t ", By("c"));
        Assert.Equal("deny limit.exceeded /tools/t/limits/1 ", By("d"));
    }

    [Theory]
    [InlineData("\"action\": \"require_approval\"", "", "pending approval.required /tools/t ")]
    [InlineData("\"action\": \"require_approval\", \"require\": [ { \"conditions\": [ { \"path\": \"args.x\", \"op\": \"eq\", \"value\": 1 } ] } ]", "x", "unclear approval.required /tools/t /tools/t/require/0")]
    [InlineData("\"approve_if\": [ { \"conditions\": [ { \"path\": \"args.x\", \"op\": \"eq\", \"value\": 1 } ] } ]", "x", "unclear  /tools/t /tools/t/approve_if/0")]
    [InlineData("\"approve_if\": [ { \"conditions\": [ { \"path\": \"args.x\", \"op\": \"eq\", \"value\": 1 } ] } ]", "", "pending approval.required /tools/t ")]
    [InlineData("\"approve_if\": [ { \"conditions\": [ { \"path\": \"args.x\", \"op\": \"eq\", \"value\": 1, \"missing\": \"pass\" } ] } ]", "", "allow  /tools/t ")]
    [InlineData("\"require\": [ { \"conditions\": [ { \"path\": \"grant.identity\", \"op\": \"eq\", \"value\": { \"ref\": \"args.x\" } } ] } ]", "x", "unclear  /tools/t /tools/t/require/0")]
    [InlineData("\"require\": [ { \"conditions\": [ { \"path\": \"args.x\", \"op\": \"eq\", \"value\": 1 }, { \"path\": \"grant.identity\", \"op\": \"eq\", \"value\": \"bob\" } ] } ]", "x", "deny policy.condition /tools/t/require/0 ")]
    [InlineData("\"deny_if\": [ { \"conditions\": [ { \"path\": \"args.x\", \"op\": \"eq\", \"value\": 1 }, { \"path\": \"grant.identity\", \"op\": \"eq\", \"value\": \"bob\" } ] } ]", "x", "allow  /tools/t ")]
    [InlineData("\"limits\": [ { \"counter\": \"c\", \"concurrent\": 1 } ]", "", "unclear  /tools/t /tools/t/limits/0")]
    [InlineData("\"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 1, \"per\": \"args.x\" } ]", "x", "unclear  /tools/t /tools/t/limits/0")]
    [InlineData("\"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 0 } ]", "", "deny limit.exceeded /tools/t/limits/0 ")]
    public void Judge_WhatTheRecordDoesNotHold_IsLeftOpen(string members, string names, string expected)
    {
        var simulation = new PolicySimulation(Texts.Policy($$"""{ "version": "1", "default": "deny", "tools": { "t": { {{members}} } } }"""));

        Assert.Equal(expected, Told(simulation.Judge(Call("t", Noon, names.Split(',', StringSplitOptions.RemoveEmptyEntries)))));
    }

    [Fact]
    public void Judge_ToolThatWasNotReviewed_IsHidden()
    {
        var simulation = new PolicySimulation(Texts.Policy("""{ "version": "1", "default": "allow" }"""));
        var call = Call("t", Noon);

        Assert.Equal("hide tool.unknown (unknown) ", Told(simulation.Judge(call with { Facts = call.Facts with { Standing = ToolStanding.Unknown } })));
    }

    [Fact]
    public void Judge_RefusedArguments_StayRefused()
    {
        var simulation = new PolicySimulation(Texts.Policy(Document));

        Assert.Equal("deny arguments.invalid (schema) ", Told(simulation.Judge(Call("list", Noon) with { Code = DecisionCodes.ArgumentsInvalid })));
    }

    private static RecordedCall Call(string tool, DateTimeOffset at, params string[] names) => new(
        "g1",
        new CallFacts(tool, ToolStanding.Reviewed) { Now = at, Caller = new CallerFacts("laptop", "ann", null, "s", null) },
        names.ToFrozenSet(StringComparer.Ordinal),
        null);

    private static string Told(SimulatedCall call) => $"{call.Decision} {call.Code} {call.Rule} {string.Join(',', call.Unjudged)}";
}
