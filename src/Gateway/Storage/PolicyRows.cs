using System.Collections.Immutable;
using System.Data.Common;

namespace Callgate.Gateway.Storage;

/// <summary>Revisions of policies as rows; the table itself refuses changes and removals.</summary>
internal static class PolicyRows
{
    private const string Columns = "SELECT name, revision, document, author, note, time FROM policies";

    /// <summary>Appends unless the newest revision is these bytes of the same author; returns the number that now stands.</summary>
    public static long Save(DbConnection connection, StoredPolicy policy)
    {
        var newest = connection.Rows($"{Columns} WHERE name = $name ORDER BY revision DESC LIMIT 1", Read, ("$name", policy.Name));
        if (newest is [var current] && current.Author == policy.Author && current.Document.Span.SequenceEqual(policy.Document.Span))
        {
            return current.Revision;
        }

        var revision = newest is [var last] ? last.Revision + 1 : 1;
        connection.Execute(
            "INSERT INTO policies (name, revision, document, author, note, time) VALUES ($name, $revision, $document, $author, $note, $time)",
            ("$name", policy.Name),
            ("$revision", revision),
            ("$document", policy.Document),
            ("$author", policy.Author),
            ("$note", policy.Note),
            ("$time", policy.Time));
        return revision;
    }

    public static ImmutableArray<StoredPolicy> Newest(DbConnection connection) =>
        [.. connection.Rows($"{Columns} AS p WHERE revision = (SELECT max(revision) FROM policies WHERE name = p.name) ORDER BY name", Read)];

    public static List<StoredPolicy> Revisions(DbConnection connection, string name) =>
        connection.Rows($"{Columns} WHERE name = $name ORDER BY revision", Read, ("$name", name));

    private static StoredPolicy Read(DbDataReader row) => new(
        row.GetString(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), row.Text(3), row.Text(4), row.Time(5)!.Value);
}
