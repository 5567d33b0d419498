using System.Text.Json;
using Callgate.Catalogue;

namespace Callgate.Gateway.Catalogue;

/// <summary>Where a server of the catalogue comes from. The order is that in which one is shown of several that share a name.</summary>
public enum CatalogueSource
{
    /// <summary>This gate stands before it; its tools are the reviewed ones.</summary>
    Registered,

    /// <summary>An operator took it in, from a file or a registry.</summary>
    Added,

    /// <summary>It ships with the product.</summary>
    Pack,
}

/// <summary>Who looks.</summary>
public enum CatalogueScope
{
    /// <summary>Anybody: the pack, and servers marked public.</summary>
    Public,

    /// <summary>Somebody who has signed in.</summary>
    All,
}

/// <summary>How many tools of each category there are.</summary>
public sealed record CategoryCounts(long Read, long Write, long Execute, long Destructive, long Financial, long Other, long Unclassified)
{
    public long Total => Read + Write + Execute + Destructive + Financial + Other + Unclassified;

    /// <summary>The counts with their names, the most dangerous first.</summary>
    public IEnumerable<(string Category, long Count)> ByDanger()
    {
        yield return ("Financial", Financial);
        yield return ("Destructive", Destructive);
        yield return ("Unclassified", Unclassified);
        yield return ("Execute", Execute);
        yield return ("Write", Write);
        yield return ("Other", Other);
        yield return ("Read", Read);
    }
}

/// <summary>A server as lists show it.</summary>
public sealed record ListedServer(string Name, CatalogueSource Source, string Title, string Description, string Version, bool IsPublic, DateTimeOffset Updated, CategoryCounts Tools);

/// <summary>A tool as lists show it.</summary>
/// <param name="Category">Null while unclassified.</param>
public sealed record ListedTool(string Server, string ServerTitle, string Name, string Description, RiskCategory? Category, CatalogueSource Source)
{
    public RiskLevel Risk => RiskLevels.Of(Category);

    /// <summary>What reviewed categories go by: the name from the pack or from an operator. Null where the server names itself.</summary>
    public string? ReviewedAs => CatalogueItem.ReviewedAs(Source, ServerTitle);
}

/// <summary>A server whole.</summary>
/// <param name="Manifest">Its <c>server.json</c>; null where there is none.</param>
public sealed record FoundServer(ListedServer Listed, JsonElement? Manifest, IReadOnlyList<FoundTool> Tools);

/// <summary>A tool whole.</summary>
public sealed record FoundTool(ListedTool Listed, JsonElement Definition);

/// <summary>What a search asks for.</summary>
/// <param name="Text">Words, the last ones perhaps not finished; empty for everything.</param>
/// <param name="Category">A category by its name, or <c>Unclassified</c>; null for all.</param>
/// <param name="Risk">Null for all.</param>
/// <param name="From">How many hits were shown already.</param>
public sealed record CatalogueQuery(string Text, string? Category = null, RiskLevel? Risk = null, int From = 0)
{
    public const int PageLength = 50;

    public const int LongestText = 200;

    /// <summary>Nobody reads on for longer; a better word is quicker.</summary>
    public const int MostHits = 1_000;
}

/// <summary>What a search found.</summary>
/// <param name="More">There are more hits than these.</param>
public sealed record CatalogueHits(IReadOnlyList<ListedTool> Tools, bool More);

/// <summary>What taking servers in came to.</summary>
public sealed record CatalogueTaken(int Added, int Changed, int Unchanged, int Removed)
{
    public static CatalogueTaken None { get; } = new(0, 0, 0, 0);

    public static CatalogueTaken operator +(CatalogueTaken one, CatalogueTaken other) =>
        new(one.Added + other.Added, one.Changed + other.Changed, one.Unchanged + other.Unchanged, one.Removed + other.Removed);

    public static CatalogueTaken Add(CatalogueTaken one, CatalogueTaken other) => one + other;
}

/// <summary>A server to be taken in.</summary>
/// <param name="Categories">What is settled about tools already, by name; those that are missing are classified.</param>
public sealed record CatalogueItem(ServerEntry Entry, CatalogueSource Source, bool IsPublic, IReadOnlyDictionary<string, RiskCategory?>? Categories = null)
{
    /// <summary>A server that was added wrote its title itself; under a title of the pack it would be given what people decided about another.</summary>
    public static string? ReviewedAs(CatalogueSource source, string title) => source == CatalogueSource.Added ? null : title;
}
