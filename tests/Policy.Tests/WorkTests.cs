using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>A call that would cost too much is not judged to the end; it is refused, and the next one is judged as ever.</summary>
public sealed class WorkTests
{
    [Theory]
    [InlineData("""{ "path": "args.a[*]", "op": "in", "value": { "ref": "args.b" } }""")]
    [InlineData("""{ "path": "args.a[*]", "op": "regex", "value": "[a-z0-9]{1,200}@" }""")]
    [InlineData("""{ "path": "args.long", "op": "contains", "value": { "ref": "args.long" } }""")]
    public void Decide_CallThatCostsTooMuch_IsUnjudgeable(string condition)
    {
        var policy = Texts.Policy($$"""
            { "version": "1", "default": "deny", "tools": {
              "t": { "deny_if": [ { "conditions": [ {{condition}} ] } ] },
              "small": { "deny_if": [ { "conditions": [ {{condition}} ] } ] } } }
            """);
        var text = string.Concat(Enumerable.Repeat("0123456789abcdef", 4_000));
        var heavy = JsonSerializer.SerializeToElement(new
        {
            a = Enumerable.Range(0, 3_000).Select(i => i % 100 == 0 ? text : $"a{i}"),
            b = Enumerable.Range(0, 3_000).Select(i => $"b{i}"),
            @long = string.Concat(Enumerable.Repeat(text, 8)),
        });
        var light = JsonElement.Parse(Encoding.UTF8.GetBytes("""{ "a": ["x"], "b": ["y"], "long": "" }"""));

        Assert.Equal(DecisionCodes.Unjudgeable, policy.Decide(new CallFacts("t", ToolStanding.Reviewed) { Arguments = heavy }).Code);
        Assert.NotEqual(DecisionCodes.Unjudgeable, policy.Decide(new CallFacts("small", ToolStanding.Reviewed) { Arguments = light }).Code);
    }

    [Fact]
    public void Number_LongerThanAnyoneWrites_IsNotExact()
    {
        var policy = Texts.Policy("""{ "version": "1", "default": "deny", "tools": { "t": { "require": [ { "conditions": [ { "path": "args.n", "op": "in", "value": [1, 2, 3] } ] } ] } } }""");
        Decision At(string number) => policy.Decide(new CallFacts("t", ToolStanding.Reviewed) { Arguments = JsonElement.Parse(Encoding.UTF8.GetBytes($$"""{ "n": {{number}} }""")) });

        Assert.Equal(Effect.Allow, At("1." + new string('0', 254)).Effect);
        Assert.Equal(DecisionCodes.Unjudgeable, At("1." + new string('0', 255)).Code);
    }

    [Fact]
    public void Compile_PatternsTooLargeTogether_IsAnError()
    {
        var conditions = string.Join(',', Enumerable.Range(0, 60).Select(i => $$"""{ "path": "args.a", "op": "regex", "value": "(?:{{i}}|.{900})x" }"""));
        var found = Texts.Compile($$"""{ "version": "1", "default": "deny", "tools": { "t": { "require": [ { "conditions": [ {{conditions}} ] } ] } } }""");

        Assert.Null(found.Policy);
        Assert.Contains(found.Diagnostics, diagnostic => diagnostic.Message == "the patterns of the document are too large together");
    }

    [Fact]
    public void Schema_OneLongNameOverManyOthers_IsNotKept()
    {
        var members = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"m{i}\":{{}}"));
        var schema = "{\"type\":\"object\",\"properties\":{\"" + new string('n', 20_000) + "\":{\"properties\":{" + members + "}}}}";

        Assert.Contains("too long together", InputSchema.Compile(JsonElement.Parse(Encoding.UTF8.GetBytes(schema))).Fault, StringComparison.Ordinal);
    }
}
