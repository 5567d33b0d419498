using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>The cases of <c>Cases/Decisions</c>: a policy, calls, and what each must meet.</summary>
public sealed class DecisionTests
{
    private static readonly string[] CaseMembers =
        ["tool", "standing", "effect", "code", "rule", "reason", "limits", "listed", "power"];

    public static TheoryData<string> Files => [.. Texts.CaseFiles("Decisions")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Decide_CaseFile_DecidesAsWritten(string file)
    {
        var root = Texts.CaseFile("Decisions", file);
        var document = root.TryGetProperty("seed", out var seed)
            ? File.ReadAllText(Texts.Path($"Seeds/{seed.GetString()}.json"))
            : root.GetProperty("policy").GetRawText();
        var policy = Texts.Policy(document);
        var cases = root.GetProperty("cases").EnumerateArray().ToList();
        Assert.NotEmpty(cases);
        foreach (var expected in cases)
        {
            Assert.All(expected.EnumerateObject(), member => Assert.Contains(member.Name, CaseMembers));
            Assert.Equal(Expected(expected), Actual(policy, expected));
        }
    }

    [Fact]
    public void Seeds_OfTheFiveSystems_AllHaveACaseFile()
    {
        var named = Texts.CaseFiles("Decisions").Select(name => Texts.CaseFile("Decisions", name).Text("seed")).OfType<string>();
        var seeds = Directory.GetFiles(Texts.Path("Seeds")).Select(System.IO.Path.GetFileNameWithoutExtension);

        Assert.Equal(5, seeds.Count());
        Assert.Equal(seeds.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void NoPolicy_AnyCall_IsRefusedWithItsOwnCode() =>
        Assert.Equal((Effect.Deny, "policy.no_policy", "(no policy)"), (Decision.NoPolicy.Effect, Decision.NoPolicy.Code, Decision.NoPolicy.Rule));

    [Fact]
    public void Decide_StandingOfALaterVersion_OpensNothing()
    {
        var policy = Texts.Policy("""{"version":"1","default":"allow"}""");

        Assert.Equal(Effect.Hide, policy.Decide("x", (ToolStanding)99).Effect);
        Assert.False(policy.Lists(new CallFacts("x", (ToolStanding)99)));
    }

    private static string Expected(JsonElement expected)
    {
        var limits = expected.TryGetProperty("limits", out var list)
            ? list.EnumerateArray().Select(limit => limit.GetString()!)
            : [];
        var power = expected.TryGetProperty("power", out var asked) && asked.GetBoolean();
        return string.Join(
            " | ",
            expected.GetProperty("tool").GetString(),
            expected.Text("effect"),
            expected.Text("code"),
            expected.Text("rule"),
            expected.Text("reason"),
            string.Join(", ", limits),
            expected.GetProperty("listed").GetBoolean(),
            power);
    }

    private static string Actual(CompiledPolicy policy, JsonElement expected)
    {
        var facts = new CallFacts(expected.GetProperty("tool").GetString()!, Enum.Parse<ToolStanding>(expected.Text("standing") ?? "Reviewed"))
        {
            Caller = new CallerFacts("laptop", "alice@example.com", null, "server", null),
        };
        var decision = policy.Decide(facts);
        var limits = decision.Limits.Select(limit =>
            FormattableString.Invariant($"{limit.Counter} {limit.Max}/{limit.Window.Name} {limit.Scope} {limit.Rule}"));
        return string.Join(
            " | ",
            facts.Tool,
            decision.Effect,
            decision.Code,
            decision.Rule,
            decision.Reason,
            string.Join(", ", limits),
            policy.Lists(facts),
            decision.PowerDurable);
    }
}
