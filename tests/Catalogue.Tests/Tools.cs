using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Catalogue.Tests;

/// <summary>Definitions and their classifications by the rules alone.</summary>
internal static class Tools
{
    public static ToolClassifier Rules { get; } = new(ReviewedOverrides.None);

    public static JsonElement Definition(string name, string? description = null, string? schema = null, string? annotations = null)
    {
        var definition = new JsonObject { ["name"] = name };
        if (description is not null)
        {
            definition["description"] = description;
        }

        definition["inputSchema"] = JsonNode.Parse(schema ?? """{"type":"object"}""");
        if (annotations is not null)
        {
            definition["annotations"] = JsonNode.Parse(annotations);
        }

        return JsonElement.Parse(definition.ToJsonString());
    }

    public static ToolClassification Of(string name, string? description = null, string? schema = null, string? annotations = null, string? server = null) =>
        Rules.Classify(Definition(name, description, schema, annotations), server);

    /// <summary>Everything a classification says, in one text.</summary>
    public static string Text(ToolClassification found) =>
        $"{found.Category} {found.Risk} {(int)(found.Confidence * 1000)} [{string.Join("; ", found.Evidence)}] [{string.Join("; ", found.Signals)}]";
}
