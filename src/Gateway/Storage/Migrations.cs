using System.Globalization;
using Callgate.Gateway.Storage.Sqlite;

namespace Callgate.Gateway.Storage;

/// <summary>The numbered steps that bring a database to the shape this program knows. They ship inside the program.</summary>
internal static class Migrations
{
    private const string Folder = "Callgate.Gateway.Storage.Sqlite.";

    /// <summary>Applies what is missing, all of it or nothing. The number of the last step is the file's <c>user_version</c>.</summary>
    /// <exception cref="StoreException">The file was written by a newer program.</exception>
    public static void Apply(SqliteConnection connection, string path, StoreKind kind)
    {
        var steps = Steps(kind);
        var known = steps.Count == 0 ? 0 : steps.Keys.Last();
        if (Version(connection) == known)
        {
            return;
        }

        using var transaction = connection.BeginTransaction();
        var version = Version(connection);
        if (version > known)
        {
            throw new StoreException($"the {kind.Title} `{path}` has schema {version} and this program knows {known}; start a newer callgate, or restore an older backup") { FileIsUnusable = true };
        }

        foreach (var (number, resource) in steps.Where(step => step.Key > version))
        {
            connection.Execute(Script(resource));
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {number}"));
        }

        transaction.Commit();
    }

    /// <summary>What is missing or there too much, compared with a database that these steps have just made; null when nothing is.</summary>
    public static string? Difference(SqliteConnection connection, StoreKind kind)
    {
        using var model = new SqliteConnection("Data Source=:memory:");
        model.Open();
        Apply(model, ":memory:", kind);
        var (wanted, found) = (Shape(model), Shape(connection));
        return wanted.Except(found).FirstOrDefault() is { } missing ? $"it lacks {missing}"
            : found.Except(wanted).FirstOrDefault() is { } foreign ? $"it has {foreign}, which this program did not make"
            : null;
    }

    /// <summary>Names and columns rather than texts: SQLite may write the same table in another way after a change.</summary>
    private static HashSet<string> Shape(SqliteConnection connection)
    {
        const string sql = """
            SELECT 'the ' || type || ' `' || name || '`' FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'
            UNION ALL
            SELECT 'the column `' || s.name || '.' || c.name || '` (' || c.type || ' ' || c."notnull" || ' ' || c.pk || ')'
            FROM sqlite_schema AS s JOIN pragma_table_xinfo(s.name) AS c WHERE s.type = 'table'
            """;
        return connection.Rows(sql, row => row.GetString(0)).ToHashSet(StringComparer.Ordinal);
    }

    private static long Version(SqliteConnection connection) => (long)connection.Scalar("PRAGMA user_version")!;

    private static SortedDictionary<long, string> Steps(StoreKind kind)
    {
        var prefix = Folder + kind.Migrations;
        var steps = new SortedDictionary<long, string>();
        foreach (var resource in typeof(Migrations).Assembly.GetManifestResourceNames())
        {
            if (resource.StartsWith(prefix, StringComparison.Ordinal))
            {
                steps.Add(long.Parse(resource.AsSpan(prefix.Length, 4), NumberStyles.None, CultureInfo.InvariantCulture), resource);
            }
        }

        return steps;
    }

    private static string Script(string resource)
    {
        using var stream = typeof(Migrations).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
