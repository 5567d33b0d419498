using System.Text.Json;

namespace Callgate.Policy;

/// <summary>A tool as its server offers it: what the linter and the tools for operators need to know of it.</summary>
/// <param name="Name">The exact name.</param>
/// <param name="Category">The category stored with its reviewed definition; null without one.</param>
/// <param name="InputSchema">Its <c>inputSchema</c> as given; undefined where the definition has none.</param>
public sealed record OfferedTool(string Name, ToolCategory? Category, JsonElement InputSchema)
{
    /// <summary>The definition whole, as it was given; undefined where the tool was made without one.</summary>
    public JsonElement Definition { get; init; }

    /// <summary>The schema ready to check arguments; null where there is none to check.</summary>
    public InputSchema? Schema { get; init; }

    /// <summary>Why the schema cannot be judged; null when it can.</summary>
    public string? SchemaFault => Schema?.Fault;

    /// <summary>Takes a definition of <c>tools/list</c>; null for what has no name.</summary>
    /// <param name="definition">The definition, an object.</param>
    /// <param name="category">The category stored beside it, by its name; an unknown one counts as none.</param>
    public static OfferedTool? Of(JsonElement definition, string? category)
    {
        if (definition.ValueKind != JsonValueKind.Object || !definition.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var schema = definition.TryGetProperty("inputSchema", out var given) ? given : default;
        return new OfferedTool(name.GetString()!, ToolCategories.Parse(category), schema) { Definition = definition, Schema = schema.ValueKind == JsonValueKind.Undefined ? null : Policy.InputSchema.Compile(schema) };
    }

    /// <summary>
    /// Takes a list of tools in any of the forms that lie around: a <c>tools/list</c> response or its result, the bare list,
    /// or what <c>callgate server tools --json</c> prints. Null for anything else.
    /// </summary>
    public static IReadOnlyList<OfferedTool>? ReadList(JsonElement list)
    {
        if (list.ValueKind == JsonValueKind.Object && list.TryGetProperty("result", out var result))
        {
            list = result;
        }

        if (list.ValueKind == JsonValueKind.Object && list.TryGetProperty("tools", out var tools))
        {
            list = tools;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var offered = list.EnumerateArray().Select(OfItem).ToList();
        return offered.Contains(null) ? null : [.. offered.Where(tool => tool != Waiting).DistinctBy(tool => tool!.Name, StringComparer.Ordinal)!];
    }

    private static OfferedTool Waiting { get; } = new("", null, default);

    private static OfferedTool? OfItem(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        // What waits for review is unknown to every client, so nothing is said about it.
        if (item.TryGetProperty("state", out var state) && state.ValueKind == JsonValueKind.String && state.ValueEquals("waiting"))
        {
            return Waiting;
        }

        var category = item.TryGetProperty("category", out var stated) && stated.ValueKind == JsonValueKind.String ? stated.GetString() : null;
        return Of(item.TryGetProperty("definition", out var definition) && definition.ValueKind == JsonValueKind.Object ? definition : item, category);
    }
}
