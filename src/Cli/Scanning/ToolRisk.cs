using System.Text.Json;
using Callgate.Catalogue;

namespace Callgate.Cli.Scanning;

/// <summary>A tool that a server showed, and how dangerous it is.</summary>
/// <param name="Category">Null when nothing tells what the tool does.</param>
/// <param name="Risk">That of the category, and the worst without one.</param>
internal sealed record RiskyTool(string Name, RiskCategory? Category, Severity Risk);

/// <summary>Says what a tool does.</summary>
internal static class ToolRisk
{
    /// <param name="definition">As the server showed it.</param>
    /// <param name="name">What may be shown of its name.</param>
    public static RiskyTool Of(JsonElement definition, string name)
    {
        // Reviewed overrides go by the name of a server, and nobody has reviewed the name that a configuration gives.
        var classified = ToolClassifier.Shipped.Classify(definition);
        return new RiskyTool(name, classified.Settled, SeverityOf(classified.Risk));
    }

    private static Severity SeverityOf(RiskLevel level) => level switch
    {
        RiskLevel.Low => Severity.Low,
        RiskLevel.Medium => Severity.Medium,
        RiskLevel.High => Severity.High,
        _ => Severity.Critical,
    };
}
