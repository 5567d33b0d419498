namespace Callgate.Catalogue.Attacks;

/// <summary>Tools by what they can do: those of one of the categories, and those with one of the signals.</summary>
/// <param name="Categories">A tool that is not classified counts as one of any category.</param>
/// <param name="Signals">Kinds of risk signals.</param>
public sealed record AttackTools(IReadOnlyList<RiskCategory> Categories, IReadOnlyList<RiskSignalKind> Signals)
{
    /// <summary>No tool.</summary>
    public static AttackTools None { get; } = new([], []);

    /// <summary>There is no capability in it.</summary>
    public bool IsEmpty => Categories.Count + Signals.Count == 0;

    /// <summary>Whether a tool is one of them.</summary>
    /// <param name="category">Null while it is not classified.</param>
    /// <param name="signals">Its risk signals.</param>
    public bool Fit(RiskCategory? category, IEnumerable<RiskSignal> signals) =>
        Categories.Count > 0 && (category is null || Categories.Contains(category.Value)) || signals.Any(signal => Signals.Contains(signal.Kind));

    /// <summary>The names of the capabilities, as pages and filters have them.</summary>
    public IEnumerable<string> Capabilities => Categories.Select(static category => category.ToString()).Concat(Signals.Select(RiskSignal.IdOf));
}

/// <summary>What an attack needs at the server it is made on. By capability, so that each tool finds its attacks by itself.</summary>
public sealed record AttackScope
{
    /// <summary>How <c>applies_to</c> names every tool.</summary>
    public const string AnyTool = "any tool";

    /// <summary>How <c>applies_to</c> names the gate itself, whatever tools there are.</summary>
    public const string Gate = "the gate";

    /// <summary>It is made on any tool at all.</summary>
    public bool IsAnyTool { get; init; }

    /// <summary>It is made on the gate, its pages or its operators.</summary>
    public bool IsGate { get; init; }

    /// <summary>The tools it is made on.</summary>
    public AttackTools Tools { get; init; } = AttackTools.None;

    /// <summary>Other tools that it needs beside them, as an attack that reads with one and sends with another does; none where one is enough.</summary>
    public AttackTools With { get; init; } = AttackTools.None;

    /// <summary>Methods of the protocol that it is made by; none where it is made by calls of tools.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>Whether the attack is about tools such as this one more than about any other.</summary>
    /// <param name="category">Null while it is not classified.</param>
    /// <param name="signals">Its risk signals.</param>
    public bool Names(RiskCategory? category, IReadOnlyList<RiskSignal> signals) => Tools.Fit(category, signals) || With.Fit(category, signals);

    /// <summary>The names of all capabilities in it: categories, signals, methods, <see cref="AnyTool"/> and <see cref="Gate"/>.</summary>
    public IEnumerable<string> Capabilities =>
        IsAnyTool ? [AnyTool] : IsGate ? [Gate] : Tools.Capabilities.Concat(With.Capabilities).Concat(Methods).Distinct(StringComparer.Ordinal);
}
