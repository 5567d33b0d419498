using Callgate.Attacks.Running;
using Callgate.Attacks.Scenarios;
using Xunit;

namespace Callgate.Attacks.Tests;

/// <summary>Every scenario against the product, against a gate with the weakness that it is there to catch, and against the same without it.</summary>
public sealed class ScenarioTests(ProductRun product, WeakGateRuns weak) : IClassFixture<ProductRun>, IClassFixture<WeakGateRuns>
{
    public static TheoryData<string> Ids { get; } = [.. ScenarioReader.Shipped().Select(static scenario => scenario.Id)];

    public static TheoryData<string, string> Planted { get; } = [.. WeakGateRuns.Planted.Select(static pair => (pair.Scenario.Id, pair.Weakness))];

    public static TheoryData<string> Held { get; } = [.. ScenarioReader.Shipped().Where(static scenario => scenario.Expected == Outcome.Held).Select(static scenario => scenario.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Scenario_OnTheProduct_EndsAsItSays(string id)
    {
        var result = product.Results[id];
        Assert.True(result.IsAsExpected, Text(result));
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public void Scenario_OnAGateWithItsWeakness_FindsIt(string id, string weakness)
    {
        var result = weak.Results[(id, weakness)];
        Assert.True(result.Outcome == Outcome.Breached, $"with `{weakness}`: {Text(result)}");
    }

    /// <summary>The weakness is what is found, and not that the stand-in is a stand-in.</summary>
    [Theory]
    [MemberData(nameof(Held))]
    public void Scenario_OnTheSameGateWithoutIt_FindsNothing(string id)
    {
        var result = weak.Results[(id, "")];
        Assert.True(result.Outcome == Outcome.Held, Text(result));
    }

    [Fact]
    public void Properties_AllOfThem_AreAttacked()
    {
        var attacked = ScenarioReader.Shipped().SelectMany(static scenario => scenario.Properties).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(Enumerable.Range(1, 18).Select(static number => $"S{number}").Except(attacked));
        Assert.True(Ids.Count >= 60);
    }

    private static string Text(ScenarioResult result) =>
        $"{result.Scenario.Id} {result.Scenario.Title}: {result.Outcome}\n{string.Join('\n', result.Eras.Select(static era => $"{era.Era.Version()}: {era.Outcome} {era.Reason}\n{string.Join('\n', era.Findings.Take(3))}"))}";
}
