using System.Text.Json;
using Callgate.Policy;

namespace Callgate.Cli.Scanning;

/// <summary>A tool that a server showed, and how dangerous it is.</summary>
/// <param name="Category">Null when nothing tells what the tool does.</param>
internal sealed record RiskyTool(string Name, ToolCategory? Category)
{
    public Severity Risk => Category switch
    {
        ToolCategory.Read => Severity.Low,
        ToolCategory.Write => Severity.Medium,
        ToolCategory.Execute => Severity.High,
        ToolCategory.Destructive or ToolCategory.Financial => Severity.Critical,
        _ => Severity.None,
    };
}

/// <summary>Says what a tool does.</summary>
internal static class ToolRisk
{
    /// <summary>
    /// What a server says of itself is taken only where it makes the tool worse: a tool that admits to destroy is believed, one
    /// that claims only to read is not.
    /// </summary>
    public static RiskyTool Of(JsonElement definition, string name) => new(name, SaysDestructive(definition) ? ToolCategory.Destructive : null);

    private static bool SaysDestructive(JsonElement definition) =>
        definition.TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object
        && annotations.TryGetProperty("destructiveHint", out var hint) && hint.ValueKind == JsonValueKind.True;
}
