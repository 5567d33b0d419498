using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>Bounds of what a call may bring to a condition: as much is judged, one more is unknown. Too long to be written as cases.</summary>
public sealed class BoundsTests
{
    [Theory]
    [InlineData(1_025, null)]
    public void Contains_ElementOfTheCall_IsAsLongAsItIs(int units, string? code) =>
        Assert.Equal(code, Code("""{"path":"args.v","op":"contains","value":{"ref":"args.w"}}""", $"[{Text('a', units)}]", Text('a', units)));

    [Theory]
    [InlineData(65_536, null)]
    [InlineData(65_537, DecisionCodes.Unjudgeable)]
    public void Regex_Text_IsSoLong(int units, string? code) =>
        Assert.Equal(code, Code("""{"path":"args.v","op":"regex","value":"a$"}""", Text('a', units), "null"));

    [Theory]
    [InlineData(65_536, null)]
    [InlineData(65_537, DecisionCodes.Condition)]
    public void LengthLte_LargestLength_IsJudged(int length, string? code) =>
        Assert.Equal(code, Code("""{"path":"args.v","op":"length_lte","value":65536}""", Text('a', length), "null"));

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, DecisionCodes.Unjudgeable)]
    public void Per_Text_IsSoLong(int units, string? code)
    {
        var policy = Texts.Policy("""{"version":"1","default":"deny","tools":{"x":{"limits":[{"counter":"c","window":"day","max":1,"per":"args.v"}]}}}""");
        var decision = policy.Decide(new CallFacts("x", ToolStanding.Reviewed) { Arguments = JsonElement.Parse($"{{\"v\":{Text('a', units)}}}") });

        Assert.Equal(code, decision.Code);
        Assert.Equal(code is null ? Text('a', units) : null, decision.Limits.FirstOrDefault()?.Per);
    }

    /// <summary>What a rule that requires the condition makes of the call; null where it holds.</summary>
    private static string? Code(string condition, string value, string other)
    {
        var policy = Texts.Policy("""{"version":"1","default":"deny","tools":{"x":{"require":[{"conditions":[""" + condition + "]}]}}}");
        return policy.Decide(new CallFacts("x", ToolStanding.Reviewed) { Arguments = JsonElement.Parse($"{{\"v\":{value},\"w\":{other}}}") }).Code;
    }

    private static string Text(char unit, int length) => $"\"{new string(unit, length)}\"";
}
