using System.Text.Json;
using Callgate.Catalogue.Classifying;

namespace Callgate.Catalogue;

/// <summary>
/// Says what a tool does from its definition alone: rules over its words, arguments and annotations, and reviewed
/// overrides. The same bytes give the same answer on every machine; nothing is looked up anywhere.
/// </summary>
public sealed class ToolClassifier
{
    private const int MostEvidence = 8;

    private readonly ConfidenceTable confidence;
    private readonly ReviewedOverrides overrides;

    /// <summary>A classifier with overrides of one's own.</summary>
    /// <param name="overrides">What people decided; <see cref="ReviewedOverrides.None"/> for the rules alone.</param>
    public ToolClassifier(ReviewedOverrides overrides)
        : this(ConfidenceTable.Shipped, overrides)
    {
    }

    internal ToolClassifier(ConfidenceTable confidence, ReviewedOverrides overrides)
    {
        this.confidence = confidence;
        this.overrides = overrides;
    }

    /// <summary>The rules with the overrides of the pack.</summary>
    public static ToolClassifier Shipped { get; } = new(ReviewedOverrides.Shipped);

    /// <summary>Classifies a tool. Never fails: a definition that says nothing gives an unclassified tool.</summary>
    /// <param name="definition">A tool of <c>tools/list</c>, whole; members it does not know are not read.</param>
    /// <param name="server">
    /// The server's name in the pack or as an operator gave it; null for none. Overrides go by it and may lower, so that it must not be
    /// what a server calls itself.
    /// </param>
    public ToolClassification Classify(JsonElement definition, string? server = null)
    {
        var tool = ToolText.Of(definition, server);
        var rules = RuleReading.Of(tool);
        var signals = SignalReading.Of(tool, rules);
        if (server is not null && overrides.Find(server, tool.Name) is { } reviewed)
        {
            return new ToolClassification(reviewed.Category, 1, [new ClassificationEvidence(reviewed.Tool, "name", "reviewed: " + reviewed.Reason), .. rules.Evidence], signals) { OverrideReason = reviewed.Reason };
        }

        var hidden = HiddenIn(tool);
        var evidence = rules.Evidence.Concat(tool.Cuts).Take(MostEvidence).ToList();
        if (hidden is not null)
        {
            evidence.Insert(0, hidden);
        }

        return new ToolClassification(rules.Category, hidden is null ? confidence.Of(rules) : 0, evidence, signals);
    }

    /// <summary>All arguments that show a risk signal; a classification names the first of each kind alone.</summary>
    /// <param name="definition">A tool of <c>tools/list</c>, whole.</param>
    public static IReadOnlyList<SignalledArgument> ArgumentsOf(JsonElement definition) => [.. SignalReading.ArgumentsOf(ToolText.Of(definition, null)).Distinct()];

    /// <summary>A name that hides characters is meant to be read in two ways, so that nothing read in it is certain.</summary>
    private static ClassificationEvidence? HiddenIn(ToolText tool) =>
        tool.NameWords.HidesCharacters ? new ClassificationEvidence(Quotation.Of(tool.Name, 0, tool.Name.Length), "name", "hides characters, or mixes scripts that look alike")
        : tool.DescriptionWords.HidesCharacters ? new ClassificationEvidence(Quotation.Of(tool.Description, 0, 24), "description", "hides characters within words, or mixes scripts that look alike")
        : null;
}
