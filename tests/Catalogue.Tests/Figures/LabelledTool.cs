using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>A tool with the category a page gives it, and the one a careful reader gives it.</summary>
/// <param name="Server">The server's name: tools of one server are never on both sides of a split.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Definition">A definition of name and description, all that the labels hold.</param>
/// <param name="Raw">The label as collected.</param>
/// <param name="Reviewed">The label after review; the same where nobody objected.</param>
internal sealed record LabelledTool(string Server, string Name, JsonElement Definition, RiskCategory Raw, RiskCategory Reviewed)
{
    public bool HasDescription => Definition.TryGetProperty("description", out _);

    /// <summary>Reads the labels and their reviews from the folder of the pack.</summary>
    public static IReadOnlyList<LabelledTool> ReadAll(string folder)
    {
        var reviews = Lines(Path.Combine(folder, "label-reviews.jsonl"))
            .ToDictionary(static line => (line.GetProperty("server").GetString()!, line.GetProperty("tool").GetString()!, line.GetProperty("label").GetString()!));
        var used = 0;
        var all = new List<LabelledTool>();
        foreach (var line in Lines(Path.Combine(folder, "labels.jsonl")))
        {
            var (server, tool, label) = (line.GetProperty("server").GetString()!, line.GetProperty("tool").GetString()!, line.GetProperty("category").GetString()!);
            var isReviewed = reviews.TryGetValue((server, tool, label), out var review);
            used += isReviewed ? 1 : 0;
            all.Add(new LabelledTool(server, tool, DefinitionOf(line), Enum.Parse<RiskCategory>(label), Enum.Parse<RiskCategory>(isReviewed ? review.GetProperty("category").GetString()! : label)));
        }

        return used == reviews.Count ? all : throw new InvalidOperationException($"{reviews.Count - used} reviews fit no label");
    }

    private static JsonElement DefinitionOf(JsonElement line)
    {
        var definition = new JsonObject { ["name"] = line.GetProperty("tool").GetString() };
        if (line.GetProperty("description").GetString() is { Length: > 0 } description)
        {
            definition["description"] = description;
        }

        return JsonElement.Parse(definition.ToJsonString());
    }

    private static IEnumerable<JsonElement> Lines(string path) =>
        !File.Exists(path) ? [] : File.ReadLines(path).Where(static line => line.Length > 0).Select(static line => JsonElement.Parse(line));
}
