using System.Text.Json;

namespace Callgate.Attacks.Scenarios;

/// <summary>What a scenario must end with on a gate that is as good as a gate can be today.</summary>
public enum Outcome
{
    /// <summary>The property was kept: client, upstream and record agree, and on what the scenario says.</summary>
    Held,

    /// <summary>One of the three says what it must not, or they disagree.</summary>
    Breached,

    /// <summary>Nothing was shown, because the benign twin did not pass or a part was missing.</summary>
    Inconclusive,
}

/// <summary>One attack as data. The members are those of its file; the steps are read by whoever runs them.</summary>
public sealed record Scenario
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>The properties S1 to S18 that it tries to break, the first one above all.</summary>
    public required IReadOnlyList<string> Properties { get; init; }

    /// <summary>The planted weaknesses that it must catch, each alone.</summary>
    public required IReadOnlyList<string> Weaknesses { get; init; }

    public required IReadOnlyList<Era> Eras { get; init; }

    /// <summary>What is expected of a gate that has no known hole: breached where no policy can stop it yet.</summary>
    public required Outcome Expected { get; init; }

    /// <summary>Whether it can be run, as far as the client sees, against a gate that is not ours.</summary>
    public required bool Outside { get; init; }

    /// <summary>Why it needs a gate of its own; null when it may share one.</summary>
    public required JsonElement? OwnGate { get; init; }

    public required IReadOnlyList<JsonElement> Twin { get; init; }

    public required IReadOnlyList<JsonElement> Attack { get; init; }

    /// <summary>The whole document.</summary>
    public required JsonElement Document { get; init; }

    public required int Seed { get; init; }

    /// <summary>How long an answer may take before it counts as none.</summary>
    public required TimeSpan Patience { get; init; }
}
