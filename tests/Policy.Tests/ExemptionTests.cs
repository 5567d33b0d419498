using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>A call becomes a rule of its own: it asks nobody, and every other call asks as before.</summary>
public sealed class ExemptionTests
{
    private const string Always = """{ "version": "1", "default": "deny", "tools": { "pay": { "action": "require_approval", "reason": "money", "rate_limit": { "max": 5, "window": "day" } } } }""";
    private const string ByPattern = """{ "version": "1", "default": "deny", "tools": { "p*": { "action": "require_approval", "deny_if": [ { "conditions": [ { "path": "args.to", "op": "eq", "value": "eve" } ] } ] } } }""";
    private const string ByCategory = """{ "version": "1", "default": "deny", "categories": { "Financial": { "action": "require_approval" } } }""";
    private const string Sometimes = """{ "version": "1", "default": "allow", "tools": { "pay": { "approve_if": [ { "conditions": [ { "path": "args.amount", "op": "gt", "value": 3 } ], "reason": "much" }, { "conditions": [ { "path": "args.to", "op": "eq", "value": "eve" } ] } ] } } }""";
    private const string Everywhere = """{ "version": "1", "default": "allow", "all_tools": { "approve_if": [ { "conditions": [ { "path": "args.amount", "op": "gt", "value": 3 } ] } ] } }""";

    [Theory]
    [InlineData(Always, "/tools/pay/action")]
    [InlineData(ByPattern, "/tools/p*/action")]
    [InlineData(ByCategory, "/categories/Financial/action")]
    [InlineData(Sometimes, "/tools/pay/approve_if/0")]
    [InlineData(Everywhere, "/all_tools/approve_if/0")]
    public void Write_ACall_ExemptsItAndNothingElse(string document, string rule)
    {
        var before = Texts.Policy(document);
        var shown = """{"amount":5,"to":"ann"}""";
        Assert.Equal((Effect.Approve, rule), (Decide(before, "pay", shown).Effect, Decide(before, "pay", shown).Rule));

        var after = Texts.Policy(Encoding.UTF8.GetString(PolicyExemption.Write(Encoding.UTF8.GetBytes(document), rule, "pay", JsonElement.Parse(shown), ["amount", "to", "note"], out var why)!));

        Assert.Null(why);
        Assert.Equal(Effect.Allow, Decide(after, "pay", shown).Effect);
        Assert.Equal(Effect.Allow, Decide(after, "pay", """{"to":"ann","amount":5.0}""").Effect);
        foreach (var other in new[] { """{"amount":6,"to":"ann"}""", """{"amount":5,"to":"bob"}""", """{"amount":5,"to":"ann","note":"x"}""", """{"amount":"5","to":"ann"}""", """{"amount":5}""", """{"amount":5,"to":["ann"]}""" })
        {
            Assert.True(Decide(after, "pay", other).Effect == Decide(before, "pay", other).Effect, other);
        }

        Assert.Equal(Decide(before, "other", shown).Effect, Decide(after, "other", shown).Effect);
        Assert.Equal(Decide(before, "pay", """{"amount":5,"to":"eve"}""").Effect, Decide(after, "pay", """{"amount":5,"to":"eve"}""").Effect);
    }

    [Fact]
    public void Write_AnEntryWithMore_KeepsTheRest()
    {
        var written = Encoding.UTF8.GetString(PolicyExemption.Write(Encoding.UTF8.GetBytes(Always), "/tools/pay/action", "pay", JsonElement.Parse("""{"amount":5}"""), [], out _)!);

        var entry = JsonElement.Parse(written).GetProperty("tools").GetProperty("pay");
        Assert.Equal(5, entry.GetProperty("rate_limit").GetProperty("max").GetInt32());
        Assert.Equal("money", entry.GetProperty("approve_if")[0].GetProperty("reason").GetString());
        Assert.False(entry.TryGetProperty("action", out _));
    }

    [Theory]
    [InlineData("/tools/pay/action", "{}", "the call has no arguments to tell it by; write the rule by hand")]
    [InlineData("/tools/pay/action", """{"a":[1]}""", "the argument `a` is no text, number or truth value; write the rule by hand")]
    [InlineData("/tools/pay/action", """{"a":null}""", "the argument `a` is no text, number or truth value; write the rule by hand")]
    [InlineData("/tools/pay/action", """{"a b":1}""", "the argument `a b` has no plain name; write the rule by hand")]
    [InlineData("/tools/pay/approve_if/0", """{"a":1}""", "`/tools/pay/approve_if/0` is no rule that asks")]
    [InlineData("/default", """{"a":1}""", "`/default` is no rule that asks")]
    public void Write_ACallThatCannotBeToldApart_SaysWhy(string rule, string arguments, string expected)
    {
        Assert.Null(PolicyExemption.Write(Encoding.UTF8.GetBytes(Always), rule, "pay", JsonElement.Parse(arguments), [], out var why));
        Assert.Equal(expected, why);
    }

    private static Decision Decide(CompiledPolicy policy, string tool, string arguments) =>
        policy.Decide(new CallFacts(tool, ToolStanding.Reviewed) { Arguments = JsonElement.Parse(arguments), Category = ToolCategory.Financial });
}
