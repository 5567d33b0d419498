using System.Text.Json;

namespace Callgate.Catalogue;

/// <summary>A server and its tools, as a catalogue takes them in.</summary>
/// <param name="Name">The registry's name (<c>io.example/thing</c>) or any other of at most <see cref="LongestName"/> UTF-16 units, without control characters.</param>
public sealed record ServerEntry(string Name)
{
    /// <summary>The longest name, in UTF-16 units (registry schema 2025-12-11: 200).</summary>
    public const int LongestName = 200;

    /// <summary>The longest description that is kept, in UTF-16 units; what is longer is cut.</summary>
    public const int LongestDescription = 4_000;

    /// <summary>The most tools of one server.</summary>
    public const int MostTools = 5_000;

    private const int LongestVersion = 255;

    /// <summary>For people; the name where none is given.</summary>
    public string Title { get; init; } = Name;

    /// <summary>What it is for; empty where nobody says.</summary>
    public string Description { get; init; } = "";

    /// <summary>Empty where nobody says.</summary>
    public string Version { get; init; } = "";

    /// <summary>Its tools as <c>tools/list</c> shows them; each an object with a <c>name</c> of its own.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    /// <summary>The <c>server.json</c> it came with (registry schema 2025-12-11); null where there is none.</summary>
    public JsonElement? Manifest { get; init; }

    /// <summary>The registry says that it is gone.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>
    /// Takes one server in any of the forms that lie around: <c>{"name", "tools", …}</c> of a pack, a <c>server.json</c>, or an
    /// item of a registry's list, which has a <c>server.json</c> as <c>server</c> and its standing as <c>_meta</c>.
    /// </summary>
    /// <param name="value">The object.</param>
    /// <param name="fault">Why it is none; null when it is.</param>
    /// <returns>Null with a fault; null without one for a version that is not the registry's latest.</returns>
    public static ServerEntry? Read(JsonElement value, out string? fault)
    {
        fault = null;
        if (value.ValueKind != JsonValueKind.Object)
        {
            fault = "a server is an object";
            return null;
        }

        if (!value.TryGetProperty("server", out var manifest))
        {
            return Named(value, value.TryGetProperty("tools", out _) ? null : value, out fault);
        }

        var standing = Standing(value);
        if (standing.ValueKind == JsonValueKind.Object && standing.TryGetProperty("isLatest", out var latest) && latest.ValueKind == JsonValueKind.False)
        {
            return null;
        }

        var entry = Named(manifest, manifest, out fault);
        return entry is null ? null : entry with { IsDeleted = Text(standing, "status") == "deleted" };
    }

    /// <summary>Takes the tools of a <c>tools/list</c> response, of its result, or of the bare list.</summary>
    /// <param name="value">The JSON.</param>
    /// <param name="fault">Why it is none; null when it is.</param>
    public static IReadOnlyList<JsonElement>? ReadTools(JsonElement value, out string? fault)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("result", out var result))
        {
            value = result;
        }

        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("tools", out var tools))
        {
            value = tools;
        }

        fault = value.ValueKind != JsonValueKind.Array ? "`tools` is an array"
            : value.GetArrayLength() > MostTools ? $"a server has at most {MostTools} tools"
            : null;
        if (fault is not null)
        {
            return null;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var all = new List<JsonElement>(value.GetArrayLength());
        foreach (var tool in value.EnumerateArray())
        {
            if (Text(tool, "name") is not { Length: > 0 } name)
            {
                fault = $"tool {all.Count + 1} has no `name`";
                return null;
            }

            if (!names.Add(name))
            {
                fault = $"two tools have the name `{Cut(name, 64)}`; which of them would be called is open";
                return null;
            }

            all.Add(tool);
        }

        return all;
    }

    private static ServerEntry? Named(JsonElement value, JsonElement? manifest, out string? fault)
    {
        fault = null;
        if (Text(value, "name") is not { Length: > 0 and <= LongestName } name || name.Any(char.IsControl))
        {
            fault = $"`name` is missing; it is a text of 1 to {LongestName} characters";
            return null;
        }

        IReadOnlyList<JsonElement>? tools = [];
        if (value.TryGetProperty("tools", out var listed) && (tools = ReadTools(listed, out fault)) is null)
        {
            return null;
        }

        return new ServerEntry(name)
        {
            Title = Cut(Text(value, "title") is { Length: > 0 } title ? title : name, LongestName),
            Description = Cut(Text(value, "description") ?? "", LongestDescription),
            Version = Cut(Text(value, "version") ?? "", LongestVersion),
            Tools = tools,
            Manifest = manifest,
        };
    }

    private static JsonElement Standing(JsonElement item) =>
        item.TryGetProperty("_meta", out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("io.modelcontextprotocol.registry/official", out var official) ? official : default;

    private static string? Text(JsonElement value, string member)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(member, out var found) || found.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return found.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, but no text.
            return null;
        }
    }

    private static string Cut(string text, int longest) =>
        text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 2]) ? longest - 2 : longest - 1)] + "…";
}
