using Callgate.Attacks.Running;
using Callgate.Attacks.Scenarios;

namespace Callgate.Attacks.Reporting;

/// <summary>What a run of the suite found.</summary>
/// <param name="Target">What was attacked.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Results">By id.</param>
public sealed record Report(string Target, int Seed, IReadOnlyList<ScenarioResult> Results)
{
    /// <summary>Nothing was breached but what no policy can stop yet, and what was inconclusive is not against the gate.</summary>
    public bool IsAsExpected => Results.All(static result => result.IsAsExpected || result.Outcome == Outcome.Inconclusive);

    /// <summary>Each property with what was run against it, S1 first.</summary>
    public IReadOnlyList<PropertyResult> Properties => [.. Enumerable.Range(1, 18).Select(number =>
    {
        var name = $"S{number}";
        var against = Results.Where(result => result.Scenario.Properties.Contains(name, StringComparer.Ordinal)).ToList();
        return new PropertyResult(
            name, PropertyNames.Of(name), against.Count(static result => result.Outcome == Outcome.Held), [.. Ids(against, Outcome.Breached)], [.. Ids(against, Outcome.Inconclusive)]);
    })];

    public int Count(Outcome outcome) => Results.Count(result => result.Outcome == outcome);

    private static IEnumerable<string> Ids(IEnumerable<ScenarioResult> against, Outcome outcome) => against.Where(result => result.Outcome == outcome).Select(static result => result.Scenario.Id);
}

/// <summary>How one property came out.</summary>
public sealed record PropertyResult(string Name, string Title, int Held, IReadOnlyList<string> Breached, IReadOnlyList<string> Inconclusive);

/// <summary>The properties in a few words.</summary>
internal static class PropertyNames
{
    private static readonly string[] All =
    [
        "one reading", "complete mediation", "exact names", "hidden is absent", "quota only falls", "fresh judgement", "an approval is one execution", "no record, no call", "tamper evidence",
        "grants do not touch", "pinned surface", "one answer", "bounded", "no connection inside", "credentials stay put", "fail closed", "one revision", "operators only",
    ];

    public static string Of(string name) => All[int.Parse(name[1..], System.Globalization.CultureInfo.InvariantCulture) - 1];
}
