using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Storage.Sqlite;

namespace Callgate.Gateway.Catalogue;

/// <summary>Writes servers and their tools. A server that is the same as before costs one comparison, so an import that was interrupted is begun again.</summary>
internal static class CatalogueWriter
{
    /// <summary>A larger definition is kept without its schema: nobody reads it, and a page must stay quick.</summary>
    private const int LargestDefinition = 64 * 1024;

    private const int LongestIndexed = 2_000;

    public static CatalogueTaken Put(SqliteConnection database, CatalogueItem item, DateTimeOffset now)
    {
        if (item.Entry.IsDeleted)
        {
            return CatalogueTaken.None with { Removed = Remove(database, item.Entry.Name, item.Source) ? 1 : 0 };
        }

        var digest = DigestOf(item);
        var (name, source) = (item.Entry.Name, NameOf(item.Source));
        var known = database.Rows("SELECT id, digest FROM servers WHERE name = $name AND source = $source", static row => (Id: row.GetInt64(0), Digest: row.Bytes(1)!), ("$name", name), ("$source", source));
        if (known is [var same] && same.Digest.AsSpan().SequenceEqual(digest))
        {
            return CatalogueTaken.None with { Unchanged = 1 };
        }

        foreach (var (id, _) in known)
        {
            Remove(database, id);
        }

        var tools = item.Entry.Tools.Select(tool => TakenTool.Of(tool, item)).ToList();
        var server = Insert(database, item, digest, tools, now);
        foreach (var tool in tools)
        {
            Insert(database, server, item, tool);
        }

        return known.Count == 0 ? CatalogueTaken.None with { Added = 1 } : CatalogueTaken.None with { Changed = 1 };
    }

    public static bool Remove(SqliteConnection database, string name, CatalogueSource source)
    {
        var known = database.Rows("SELECT id FROM servers WHERE name = $name AND source = $source", static row => row.GetInt64(0), ("$name", name), ("$source", NameOf(source)));
        known.ForEach(id => Remove(database, id));
        return known.Count > 0;
    }

    public static string NameOf(CatalogueSource source) => source switch
    {
        CatalogueSource.Registered => "registered",
        CatalogueSource.Added => "added",
        _ => "pack",
    };

    /// <summary>Words that stand beside the text of a tool, so that a search by category reads one list and not every tool.</summary>
    public static string Facet(RiskCategory? category) => Mark + "is" + (category?.ToString() ?? "Unclassified");

    public static string Facet(RiskLevel risk) => Mark + "risk" + risk;

    public const string PublicFacet = Mark + "forall";

    /// <summary>No word of a search begins so: the list of all words that begin like <c>for</c> must not hold every public tool.</summary>
    private const string Mark = "\uE000";

    private static void Remove(SqliteConnection database, long server)
    {
        database.Execute("DELETE FROM names WHERE rowid IN (SELECT id FROM tools WHERE server = $server)", ("$server", server));
        database.Execute("DELETE FROM words WHERE rowid IN (SELECT id FROM tools WHERE server = $server)", ("$server", server));
        database.Execute("DELETE FROM tools WHERE server = $server", ("$server", server));
        database.Execute("DELETE FROM servers WHERE id = $server", ("$server", server));
    }

    private static long Insert(SqliteConnection database, CatalogueItem item, byte[] digest, List<TakenTool> tools, DateTimeOffset now)
    {
        int Count(RiskCategory? category) => tools.Count(tool => tool.Category == category);
        var entry = item.Entry;
        database.Execute(
            """
            INSERT INTO servers (name, source, title, description, version, public, manifest, digest, updated, reads, writes, executes, destroys, pays, others, unclassified)
            VALUES ($name, $source, $title, $description, $version, $public, $manifest, $digest, $updated, $reads, $writes, $executes, $destroys, $pays, $others, $unclassified)
            """,
            ("$name", entry.Name), ("$source", NameOf(item.Source)), ("$title", entry.Title), ("$description", entry.Description), ("$version", entry.Version), ("$public", item.IsPublic ? 1L : 0L),
            ("$manifest", entry.Manifest is { } manifest ? Canonical(manifest) : null), ("$digest", digest), ("$updated", now),
            ("$reads", (long)Count(RiskCategory.Read)), ("$writes", (long)Count(RiskCategory.Write)), ("$executes", (long)Count(RiskCategory.Execute)), ("$destroys", (long)Count(RiskCategory.Destructive)),
            ("$pays", (long)Count(RiskCategory.Financial)), ("$others", (long)Count(RiskCategory.Other)), ("$unclassified", (long)Count(null)));
        return (long)database.Scalar("SELECT last_insert_rowid()")!;
    }

    private static void Insert(SqliteConnection database, long server, CatalogueItem item, TakenTool tool)
    {
        database.Execute(
            "INSERT INTO tools (server, name, definition, category, signals, confidence) VALUES ($server, $name, $definition, $category, $signals, $confidence)",
            ("$server", server), ("$name", tool.Name), ("$definition", tool.Definition), ("$category", tool.Category is { } category ? (long)category : null), ("$signals", tool.Signals), ("$confidence", tool.Confidence));
        var (id, name) = ((long)database.Scalar("SELECT last_insert_rowid()")!, Spread(tool.Name));
        var facets = $"{Facet(tool.Category)} {Facet(RiskLevels.Of(tool.Category))} {(item.IsPublic ? PublicFacet : "")}";
        var seen = item.IsPublic ? "public_" : "";
        database.Execute($"INSERT INTO names (rowid, {seen}tool, facets) VALUES ($id, $tool, $facets)", ("$id", id), ("$tool", name), ("$facets", facets));
        database.Execute(
            $"INSERT INTO words (rowid, {seen}tool, {seen}server, {seen}description, facets) VALUES ($id, $tool, $server, $description, $facets)",
            ("$id", id), ("$tool", name), ("$server", Spread(item.Entry.Name == item.Entry.Title ? item.Entry.Name : item.Entry.Name + " " + item.Entry.Title)), ("$description", Head(tool.Description)), ("$facets", facets));
    }

    /// <summary>A name and its words: <c>deleteIssue</c> is found by <c>issue</c> too.</summary>
    private static string Spread(string name)
    {
        var head = Head(name);
        var spread = new StringBuilder(head.Length + 8);
        for (var at = 0; at < head.Length; at++)
        {
            if (at > 0 && char.IsUpper(head[at]) && char.IsLower(head[at - 1]))
            {
                spread.Append(' ');
            }

            spread.Append(head[at]);
        }

        return spread.Length == head.Length ? head : $"{head} {spread}";
    }

    private static string Head(string text) => text.Length <= LongestIndexed ? text : text[..(char.IsHighSurrogate(text[LongestIndexed - 1]) ? LongestIndexed - 1 : LongestIndexed)];

    private static byte[] DigestOf(CatalogueItem item)
    {
        var entry = item.Entry;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in (string[])[entry.Name, entry.Title, entry.Description, entry.Version, item.IsPublic ? "public" : "", Shape])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text));
            hash.AppendData([0xFF]);
        }

        hash.AppendData(entry.Manifest is { } manifest ? Canonical(manifest) : []);
        foreach (var tool in entry.Tools)
        {
            hash.AppendData([0xFE]);
            hash.AppendData(Canonical(tool));
            if (TakenTool.NameIn(tool) is var name && item.Categories?.TryGetValue(name, out var category) == true)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(category?.ToString() ?? "none"));
            }
        }

        return hash.GetHashAndReset();
    }

    /// <summary>What a newer program classifies otherwise is taken in anew.</summary>
    private static string Shape { get; } = typeof(ToolClassifier).Module.ModuleVersionId.ToString();

    private static byte[] Canonical(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        CanonicalJson.Write(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A tool with what is known of it.</summary>
    private sealed record TakenTool(string Name, string Description, byte[] Definition, RiskCategory? Category, double Confidence, long Signals)
    {
        public static TakenTool Of(JsonElement tool, CatalogueItem item)
        {
            var name = NameIn(tool);
            var found = ToolClassifier.Shipped.Classify(tool, CatalogueItem.ReviewedAs(item.Source, item.Entry.Title));
            var settled = item.Categories?.TryGetValue(name, out var given) == true ? given : found.Settled;
            var signals = found.Signals.Aggregate(0L, static (bits, signal) => bits | 1L << (int)signal.Kind);
            var description = tool.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
            var definition = Canonical(tool);
            return new TakenTool(name, description, definition.Length <= LargestDefinition ? definition : Reduced(name, description), settled, found.Confidence, signals);
        }

        public static string NameIn(JsonElement tool) => tool.GetProperty("name").GetString()!;

        private static byte[] Reduced(string name, string description) =>
            JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["description"] = Head(description), ["name"] = name });
    }
}
