using System.Text.Json;

namespace Callgate.Gateway.Discovery;

/// <summary>What a server shows of itself, kind by kind.</summary>
public enum ListingKind
{
    Tool,

    Prompt,

    Resource,

    /// <summary>A pattern of addresses of resources.</summary>
    Template,

    /// <summary>The one text for agents about the whole server.</summary>
    Instructions,
}

/// <summary>How one kind is listed in the protocol.</summary>
/// <param name="Member">The member of the result that holds the list.</param>
/// <param name="Key">The member of an entry that names it.</param>
/// <param name="Capability">What a server announces that has such a list.</param>
public sealed record Listing(ListingKind Kind, string Method, string Member, string Key, string Capability)
{
    public static Listing Tools { get; } = new(ListingKind.Tool, "tools/list", "tools", "name", "tools");

    /// <summary>The lists beside that of the tools.</summary>
    public static IReadOnlyList<Listing> Others { get; } =
    [
        new(ListingKind.Prompt, "prompts/list", "prompts", "name", "prompts"),
        new(ListingKind.Resource, "resources/list", "resources", "uri", "resources"),
        new(ListingKind.Template, "resources/templates/list", "resourceTemplates", "uriTemplate", "resources"),
    ];

    /// <summary>The list beside that of the tools that this method asks for; null for any other method.</summary>
    public static Listing? Of(string method)
    {
        foreach (var listing in Others)
        {
            if (string.Equals(listing.Method, method, StringComparison.Ordinal))
            {
                return listing;
            }
        }

        return null;
    }

    public static Listing Of(ListingKind kind) => Others.FirstOrDefault(listing => listing.Kind == kind) ?? Tools;

    /// <summary>The kind in lower case, as people read it: <c>tool</c>, <c>prompt</c>, <c>resource</c>, <c>template</c>, <c>instructions</c>.</summary>
    public static string WordOf(ListingKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Null for what is no entry of such a list.</summary>
    public string? NameOf(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(Key, out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    /// <summary>False when a name stands twice: which of the two would be called is open, so such a list of tools is not used.</summary>
    public bool NamesOnce(IEnumerable<JsonElement> entries)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return entries.Select(NameOf).All(name => name is null || names.Add(name));
    }
}
