namespace Callgate.Catalogue;

/// <summary>Words of a definition that decided something.</summary>
/// <param name="Text">As they stand there, at most 80 UTF-16 units, without invisible characters. A server wrote them: show them as text.</param>
/// <param name="Place">
/// Where: <c>name</c>, <c>title</c>, <c>server</c>, <c>description:12-18</c> (offsets in UTF-16 units, end excluded), <c>annotations/destructiveHint</c>,
/// or the path of a schema member such as <c>inputSchema/properties/path</c>.
/// </param>
/// <param name="Says">What they say, in a few words of ours.</param>
public sealed record ClassificationEvidence(string Text, string Place, string Says);

/// <summary>What a tool does, how sure that is, and what in its definition says so.</summary>
/// <param name="Category">The most likely category, whatever the confidence.</param>
/// <param name="Confidence">From 0 to 1: of tools with this figure about so many in a hundred are in <paramref name="Category"/>, on the labelled tools of the repository.</param>
/// <param name="Evidence">What decided, the strongest first; never empty for a classified tool.</param>
/// <param name="Signals">What else is worth knowing before a call is allowed, in the order of <see cref="RiskSignalKind"/>, each kind once.</param>
public sealed record ToolClassification(
    RiskCategory Category, double Confidence, IReadOnlyList<ClassificationEvidence> Evidence, IReadOnlyList<RiskSignal> Signals)
{
    /// <summary>Below this confidence a tool is unclassified.</summary>
    public const double Floor = 0.5;

    /// <summary>The reason of a reviewed override that decided; null where the classifier did.</summary>
    public string? OverrideReason { get; init; }

    /// <summary>Whether the confidence reaches <see cref="Floor"/>.</summary>
    public bool IsClassified => Confidence >= Floor;

    /// <summary>The category to store and to judge by: null for an unclassified tool, which policies treat as having none.</summary>
    public RiskCategory? Settled => IsClassified ? Category : null;

    /// <summary>The level to show and to recommend by: that of the category, and Critical for an unclassified tool.</summary>
    public RiskLevel Risk => RiskLevels.Of(Settled);
}
