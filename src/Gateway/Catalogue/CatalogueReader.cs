using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Storage.Sqlite;

namespace Callgate.Gateway.Catalogue;

/// <summary>What pages, searches and the registry read. A name that several sources have is shown from the first of them that the viewer may see.</summary>
internal static class CatalogueReader
{
    private const string ServerColumns = "s.name, s.source, s.title, s.description, s.version, s.public, s.updated, s.reads, s.writes, s.executes, s.destroys, s.pays, s.others, s.unclassified";

    private const string ToolColumns = "s.name, s.title, t.name, ifnull(w.description, w.public_description), t.category, s.source";

    private static readonly (RiskCategory? Category, string Name)[] Kinds = [(null, "Unclassified"), .. Enum.GetValues<RiskCategory>().Select(static category => ((RiskCategory?)category, category.ToString()))];

    private const int MostWords = 8;

    /// <summary>How many tools of each category, and how many servers.</summary>
    public static (CategoryCounts Tools, long Servers) Totals(SqliteConnection database, CatalogueScope scope) =>
        database.Rows(
            $"""
            SELECT ifnull(sum(reads), 0), ifnull(sum(writes), 0), ifnull(sum(executes), 0), ifnull(sum(destroys), 0), ifnull(sum(pays), 0), ifnull(sum(others), 0), ifnull(sum(unclassified), 0), count(*)
            FROM servers AS s INDEXED BY servers_counts
            WHERE {(scope == CatalogueScope.Public ? "public = 1 AND " : "")}(source = 'registered'
                OR source = 'added' AND name NOT IN ({NamesOf(scope, "'registered'")})
                OR source = 'pack' AND name NOT IN ({NamesOf(scope, "'registered'")}) AND NOT EXISTS (SELECT 1 FROM servers AS b WHERE b.name = s.name AND b.source = 'added'{(scope == CatalogueScope.Public ? " AND b.public = 1" : "")}))
            """,
            static row => (Counts(row, 0), row.GetInt64(7)))[0];

    public static List<string> Names(SqliteConnection database, CatalogueSource source) =>
        database.Rows("SELECT name FROM servers WHERE source = $source", static row => row.GetString(0), ("$source", CatalogueWriter.NameOf(source)));

    public static bool Has(SqliteConnection database, string name, CatalogueSource source) =>
        database.Scalar("SELECT 1 FROM servers WHERE name = $name AND source = $source", ("$name", name), ("$source", CatalogueWriter.NameOf(source))) is not null;

    /// <summary>Servers by name, from behind <paramref name="after"/>.</summary>
    public static List<ListedServer> Servers(SqliteConnection database, CatalogueScope scope, string after, int limit) =>
        database.Rows(
            $"SELECT {ServerColumns} FROM servers AS s WHERE {Shown(scope)} AND s.name > $after ORDER BY s.name LIMIT $limit",
            Server, ("$after", after), ("$limit", (long)limit));

    /// <summary>Servers that the gate stands before, by name.</summary>
    public static List<ListedServer> Registered(SqliteConnection database, CatalogueScope scope) =>
        database.Rows($"SELECT {ServerColumns} FROM servers AS s WHERE {Shown(scope)} AND s.source = 'registered' ORDER BY s.name", Server);

    /// <summary>Categories of the tools of a server that the gate stands before, by name; none without a category.</summary>
    public static Dictionary<string, RiskCategory> Categories(SqliteConnection database, string server) =>
        database.Rows(
            "SELECT t.name, t.category FROM tools AS t JOIN servers AS s ON s.id = t.server WHERE s.name = $server AND s.source = 'registered' AND t.category IS NOT NULL",
            static row => (Name: row.GetString(0), Category: (RiskCategory)row.GetInt64(1)), ("$server", server))
            .ToDictionary(static tool => tool.Name, static tool => tool.Category, StringComparer.Ordinal);

    public static FoundServer? Find(SqliteConnection database, CatalogueScope scope, string name)
    {
        var found = database.Rows(
            $"SELECT {ServerColumns}, s.id, s.manifest FROM servers AS s WHERE {Shown(scope)} AND s.name = $name LIMIT 1",
            static row => (Listed: Server(row), Id: row.GetInt64(14), Manifest: row.Bytes(15)), ("$name", name));
        if (found is not [var server])
        {
            return null;
        }

        var tools = database.Rows(
            $"SELECT {ToolColumns}, t.definition FROM tools AS t JOIN servers AS s ON s.id = t.server JOIN words AS w ON w.rowid = t.id WHERE t.server = $id ORDER BY t.name", Whole, ("$id", server.Id));
        return new FoundServer(server.Listed, server.Manifest is { } manifest ? JsonElement.Parse(manifest) : null, tools);
    }

    public static FoundTool? Find(SqliteConnection database, CatalogueScope scope, string server, string tool) =>
        database.Rows(
            $"""
            SELECT {ToolColumns}, t.definition FROM servers AS s CROSS JOIN tools AS t ON t.server = s.id CROSS JOIN words AS w ON w.rowid = t.id
            WHERE {Shown(scope)} AND s.name = $server AND t.name = $tool LIMIT 1
            """,
            Whole, ("$server", server), ("$tool", tool)).FirstOrDefault();

    /// <summary>The tool that a part of a path leads to; see <see cref="CataloguePath"/>.</summary>
    public static FoundTool? FindAt(SqliteConnection database, CatalogueScope scope, string server, string part) =>
        (CataloguePath.DigestIn(part) is { } digest ? LongName(database, scope, server, digest) : CataloguePath.NameIn(part)) is { } tool ? Find(database, scope, server, tool) : null;

    /// <summary>Other tools of the same name on other servers.</summary>
    public static List<ListedTool> Namesakes(SqliteConnection database, CatalogueScope scope, string server, string tool, int limit) =>
        database.Rows(
            $"SELECT {ToolColumns} FROM tools AS t CROSS JOIN servers AS s ON s.id = t.server CROSS JOIN words AS w ON w.rowid = t.id WHERE {Shown(scope)} AND t.name = $tool AND s.name <> $server LIMIT $limit",
            Tool, ("$tool", tool), ("$server", server), ("$limit", (long)limit));

    /// <summary>
    /// Hits in the order in which they are worth reading: the tool of this very name, tools whose name has all the words,
    /// then whatever has them. Nothing is ranked by counting words in every hit, which a short word would make slow.
    /// </summary>
    public static CatalogueHits Search(SqliteConnection database, CatalogueScope scope, CatalogueQuery query)
    {
        var wanted = Math.Min(query.From + CatalogueQuery.PageLength + 1, CatalogueQuery.MostHits);
        var words = Words(query.Text);
        var facets = Facets(query);
        var ids = new List<long>();
        if (words.Count > 0)
        {
            ids.AddRange(Named(database, scope, query, wanted));
            AddNew(ids, Match(database, scope, "names", All([In(scope, ["tool"], words), .. facets]), wanted));
        }

        if (ids.Count < wanted)
        {
            var rest = words.Count > 0 ? All([In(scope, ["tool", "server", "description"], words), .. facets])
                : facets.Count == 0 ? null
                : All(scope == CatalogueScope.Public ? [Facet(CatalogueWriter.PublicFacet), .. facets] : facets);
            AddNew(ids, rest is null ? All(database, scope, wanted) : Match(database, scope, "words", rest, wanted));
        }

        var page = ids.Skip(query.From).Take(CatalogueQuery.PageLength).ToList();
        return new CatalogueHits(ByIds(database, page), ids.Count > query.From + CatalogueQuery.PageLength && query.From + CatalogueQuery.PageLength < CatalogueQuery.MostHits);
    }

    /// <summary>Few names of a server are so long, so that each is compared; they need no index of their own.</summary>
    private static string? LongName(SqliteConnection database, CatalogueScope scope, string server, string digest) =>
        database.Rows(
            $"SELECT t.name FROM servers AS s CROSS JOIN tools AS t ON t.server = s.id WHERE {Shown(scope)} AND s.name = $server AND length(CAST(t.name AS BLOB)) >= {CataloguePath.ShortestDigested}",
            static row => row.GetString(0), ("$server", server)).Find(name => CataloguePath.DigestOf(name) == digest);

    private static void AddNew(List<long> ids, IEnumerable<long> more)
    {
        var known = ids.ToHashSet();
        ids.AddRange(more.Where(known.Add));
    }

    private static List<long> Named(SqliteConnection database, CatalogueScope scope, CatalogueQuery query, int limit) =>
        database.Rows(
            $"SELECT t.id FROM tools AS t CROSS JOIN servers AS s ON s.id = t.server WHERE t.name = $name AND {Shown(scope)} AND ifnull(t.category, -1) IN ({Wanted(query)}) LIMIT $limit",
            static row => row.GetInt64(0), ("$name", query.Text.Trim()), ("$limit", (long)limit));

    private static List<long> Match(SqliteConnection database, CatalogueScope scope, string index, string expression, int limit) =>
        database.Rows(
            $"SELECT t.id FROM {index} CROSS JOIN tools AS t ON t.id = {index}.rowid CROSS JOIN servers AS s ON s.id = t.server WHERE {index} MATCH $expression AND {Shown(scope)} LIMIT $limit",
            static row => row.GetInt64(0), ("$expression", expression), ("$limit", (long)limit));

    private static List<long> All(SqliteConnection database, CatalogueScope scope, int limit) =>
        database.Rows($"SELECT t.id FROM tools AS t CROSS JOIN servers AS s ON s.id = t.server WHERE {Shown(scope)} ORDER BY t.id LIMIT $limit", static row => row.GetInt64(0), ("$limit", (long)limit));

    /// <summary>All of a page at once: a statement for each would cost more than what it reads.</summary>
    private static List<ListedTool> ByIds(SqliteConnection database, List<long> ids)
    {
        var found = database.Rows(
            $"SELECT {ToolColumns}, t.id FROM json_each($ids) AS one CROSS JOIN tools AS t ON t.id = one.value CROSS JOIN servers AS s ON s.id = t.server CROSS JOIN words AS w ON w.rowid = t.id",
            static row => (Id: row.GetInt64(6), Tool: Tool(row)), ("$ids", $"[{string.Join(',', ids)}]")).ToDictionary(static row => row.Id, static row => row.Tool);
        return [.. ids.Select(id => found[id])];
    }

    /// <summary>The categories that a query lets through, as the store numbers them.</summary>
    private static string Wanted(CatalogueQuery query) => string.Join(", ", Kinds
        .Where(known => (query.Category is null || query.Category == known.Name) && (query.Risk is null || query.Risk == RiskLevels.Of(known.Category)))
        .Select(static known => known.Category is { } category ? (int)category : -1));

    /// <summary>Letters with their marks, and digits, alone reach the index, so that nothing a person types is an operator of its language.</summary>
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Append(new Rune(' ')))
        {
            if (Rune.IsLetterOrDigit(rune) || (word.Length > 0 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
            {
                word.Append(rune);
            }
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return [.. words.Distinct(StringComparer.Ordinal).Take(MostWords)];
    }

    /// <summary>All words, in these columns of what the viewer may see.</summary>
    private static string In(CatalogueScope scope, string[] columns, List<string> words)
    {
        var seen = columns.Select(static column => "public_" + column);
        return $"{{{string.Join(' ', scope == CatalogueScope.Public ? seen : seen.Concat(columns))}}} : ({All(words.Select(static word => $"\"{word}\" *"))})";
    }

    private static List<string> Facets(CatalogueQuery query)
    {
        var facets = new List<string>();
        if (query.Category is { } category)
        {
            facets.Add(Facet(CatalogueWriter.Facet(Enum.TryParse<RiskCategory>(category, out var known) ? known : null)));
        }

        if (query.Risk is { } risk)
        {
            facets.Add(Facet(CatalogueWriter.Facet(risk)));
        }

        return facets;
    }

    private static string Facet(string facet) => $"{{facets}} : \"{facet}\"";

    private static string All(IEnumerable<string> terms) => string.Join(" AND ", terms);

    /// <summary>There are few registered servers, so that their names are looked at once; of the others each asks for itself.</summary>
    private static string NamesOf(CatalogueScope scope, string source) => $"SELECT name FROM servers WHERE source = {source}{(scope == CatalogueScope.Public ? " AND public = 1" : "")}";

    /// <summary>What the viewer may see, but for a server that another of its name stands before.</summary>
    private static string Shown(CatalogueScope scope)
    {
        static string Order(string server) => $"CASE {server}.source WHEN 'registered' THEN 0 WHEN 'added' THEN 1 ELSE 2 END";
        var (visible, before) = scope == CatalogueScope.Public ? ("s.public = 1 AND ", " AND before.public = 1") : ("", "");
        return $"{visible}NOT EXISTS (SELECT 1 FROM servers AS before WHERE before.name = s.name{before} AND {Order("before")} < {Order("s")})";
    }

    private static ListedServer Server(DbDataReader row) => new(
        row.GetString(0), Source(row.GetString(1)), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5) == 1, row.Time(6)!.Value, Counts(row, 7));

    private static ListedTool Tool(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), Category(row, 4), Source(row.GetString(5)));

    private static FoundTool Whole(DbDataReader row) => new(Tool(row), JsonElement.Parse(row.Bytes(6)!));

    private static CatalogueSource Source(string name) => name switch
    {
        "registered" => CatalogueSource.Registered,
        "added" => CatalogueSource.Added,
        _ => CatalogueSource.Pack,
    };

    private static RiskCategory? Category(DbDataReader row, int column) => row.IsDBNull(column) ? null : (RiskCategory)row.GetInt64(column);

    private static CategoryCounts Counts(DbDataReader row, int from) =>
        new(row.GetInt64(from), row.GetInt64(from + 1), row.GetInt64(from + 2), row.GetInt64(from + 3), row.GetInt64(from + 4), row.GetInt64(from + 5), row.GetInt64(from + 6));
}
