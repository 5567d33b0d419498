using System.Globalization;
using System.Text.Json.Nodes;
using Callgate.Catalogue;

namespace Callgate.Gateway.Catalogue;

/// <summary>
/// A server of this gate as the registry API of MCP shows it: its name, its risk in numbers, and the address at the gate.
/// INVARIANT: nothing of what stands behind the gate is in it, neither address nor command, header or variable.
/// </summary>
internal sealed record RegistryEntry(string Name, string Title, string Description, string Url, DateTimeOffset Updated)
{
    /// <summary>
    /// Of every server for ever: what a client installs is an address at the gate, which stays when the tools behind it change,
    /// and who wrote a version down finds it again.
    /// </summary>
    public const string Version = "1.0.0";

    private const string Schema = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

    /// <summary>The space of names of a gate that has no name in the network.</summary>
    private const string NamelessSpace = "local.callgate";

    private const int LongestName = 200;

    private static readonly RiskLevel[] Levels = [RiskLevel.Critical, RiskLevel.High, RiskLevel.Medium, RiskLevel.Low];

    /// <param name="server">A server that this gate stands before.</param>
    /// <param name="publicUrl">The address that clients use, as it is configured; null where it is not.</param>
    /// <param name="front">The address that clients use.</param>
    public static RegistryEntry Of(ListedServer server, Uri? publicUrl, Uri front) => new(
        NameOf(server.Name, publicUrl),
        server.Name,
        Describe(server.Tools),
        $"{front.AbsoluteUri.TrimEnd('/')}/mcp/{server.Name}",
        server.Updated);

    /// <summary>The name of the host from its end, and the name of the server, which has no character that the schema has not.</summary>
    public static string NameOf(string server, Uri? publicUrl)
    {
        if (publicUrl is not { HostNameType: UriHostNameType.Dns })
        {
            return $"{NamelessSpace}/{server}";
        }

        var space = string.Join('.', publicUrl.IdnHost.Split('.', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var name = $"{space}/{server}";
        return name.Length <= LongestName && space.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') ? name : $"{NamelessSpace}/{server}";
    }

    public bool Has(string text) =>
        Name.Contains(text, StringComparison.OrdinalIgnoreCase) || Description.Contains(text, StringComparison.OrdinalIgnoreCase);

    public JsonObject Json() => new()
    {
        ["server"] = new JsonObject
        {
            ["$schema"] = Schema,
            ["name"] = Name,
            ["title"] = Title,
            ["description"] = Description,
            ["version"] = Version,
            ["remotes"] = new JsonArray(new JsonObject { ["type"] = "streamable-http", ["url"] = Url }),
        },
        ["_meta"] = new JsonObject
        {
            ["io.modelcontextprotocol.registry/official"] = new JsonObject
            {
                ["status"] = "active",
                ["publishedAt"] = Time(Updated),
                ["updatedAt"] = Time(Updated),
                ["isLatest"] = true,
            },
        },
    };

    /// <summary>Our own words, which fit into the hundred characters of the schema whatever the numbers are.</summary>
    private static string Describe(CategoryCounts tools)
    {
        var levels = tools.ByDanger()
            .GroupBy(static one => RiskLevels.Of(Enum.TryParse<RiskCategory>(one.Category, out var category) ? category : null), static one => one.Count)
            .ToDictionary(static level => level.Key, static level => level.Sum());
        var text = string.Join(", ", Levels.Where(level => levels.GetValueOrDefault(level) > 0).Select(level => $"{levels[level]} {level.ToString().ToLowerInvariant()}"));
        return text.Length == 0 ? "Called through Callgate; its tools are not known yet"
            : $"{tools.Total} {(tools.Total == 1 ? "tool" : "tools")}, called through Callgate; risk: {text}";
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
