using Callgate.Attacks.Scenarios;

namespace Callgate.Attacks.Running;

/// <summary>One thing that is not as it must be, with what each of the three says of it.</summary>
/// <param name="Where">The part and the step.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Client">What the client saw.</param>
/// <param name="Upstream">What the upstream saw.</param>
/// <param name="Record">What the record says.</param>
public sealed record Finding(string Where, string What, string Client, string Upstream, string Record)
{
    public override string ToString() => $"{Where}: {What}\n    client: {Client}\n    upstream: {Upstream}\n    record: {Record}";
}

/// <summary>How one scenario ended in one era.</summary>
public sealed record EraResult(Era Era, Outcome Outcome, string? Reason, IReadOnlyList<Finding> Findings);

/// <summary>How a scenario ended.</summary>
public sealed record ScenarioResult(Scenario Scenario, IReadOnlyList<EraResult> Eras)
{
    /// <summary>The worst of its eras; what was inconclusive in one counts when nothing is worse.</summary>
    public Outcome Outcome => Eras.Any(static era => era.Outcome == Outcome.Breached) ? Outcome.Breached
        : Eras.Any(static era => era.Outcome == Outcome.Inconclusive) ? Outcome.Inconclusive
        : Outcome.Held;

    public bool IsAsExpected => Outcome == Scenario.Expected;
}
