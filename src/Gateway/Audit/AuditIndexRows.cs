using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Entries of the journal as rows. Writing the same entry twice changes nothing. A call and its outcome in one batch become
/// one insert, which is the usual case under load and spares the row a second visit.
/// </summary>
internal sealed class AuditIndexRows : IDisposable
{
    /// <summary>The columns of a row, in the order of its values.</summary>
    private static readonly string[] Columns =
    [
        "seq", "id", "time", "grant_id", "identity", "server", "method", "tool", "decision", "code", "rule", "policy", "revision", "outcome",
        "upstream_status", "duration_ms", "argument_names", "arguments_digest", "client", "request_id", "shadow", "approval", "charges",
    ];

    private static readonly string InsertSql =
        $"INSERT OR IGNORE INTO calls ({string.Join(", ", Columns)}) VALUES ({string.Join(", ", Columns.Select(column => "$" + column))})";

    /// <summary>Charges that went back are no longer charges, so that the sum over a search is what the counters hold.</summary>
    private const string OutcomeSql = """
        UPDATE calls SET outcome = $outcome, upstream_status = $upstream_status, duration_ms = $duration_ms, code = coalesce($code, code),
            charges = CASE WHEN $released THEN '[]' ELSE charges END
        WHERE id = $of
        """;

    private static readonly int CodeAt = Array.IndexOf(Columns, "code");
    private static readonly int OutcomeAt = Array.IndexOf(Columns, "outcome");
    private static readonly int StatusAt = Array.IndexOf(Columns, "upstream_status");
    private static readonly int DurationAt = Array.IndexOf(Columns, "duration_ms");
    private static readonly int ChargesAt = Array.IndexOf(Columns, "charges");

    private readonly DbConnection connection;
    private readonly DbCommand insert;
    private readonly DbCommand outcome;
    private readonly List<object?[]> rows = [];
    private readonly Dictionary<string, object?[]> rowsById = new(StringComparer.Ordinal);

    private AuditIndexRows(DbConnection connection)
    {
        this.connection = connection;
        insert = connection.Command(InsertSql, [.. Columns.Select(column => ("$" + column, (object?)null))]);
        outcome = connection.Command(OutcomeSql);
    }

    public static AuditIndexPosition? Position(DbConnection connection) => connection.Rows(
        "SELECT file, start, offset, seq, hash FROM position",
        row => new AuditIndexPosition(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4))) is [var position]
            ? position
            : null;

    /// <summary>Forgets what the journal no longer holds: retention counts here too.</summary>
    public static void Forget(DbConnection connection, long beforeSeq) =>
        connection.Execute("DELETE FROM calls WHERE seq < $seq; DELETE FROM sealed_arguments WHERE seq < $seq", ("$seq", beforeSeq));

    public static void Clear(DbConnection connection) => connection.Execute("DELETE FROM calls; DELETE FROM sealed_arguments; DELETE FROM position;");

    /// <summary>The sealed arguments of the calls between two numbers, both included.</summary>
    public static Dictionary<long, string> SealedArguments(DbConnection connection, long first, long last) => connection
        .Rows("SELECT seq, text FROM sealed_arguments WHERE seq BETWEEN $first AND $last", row => (Seq: row.GetInt64(0), Text: row.GetString(1)), ("$first", first), ("$last", last))
        .ToDictionary(static row => row.Seq, static row => row.Text);

    /// <summary>Writes a batch and its position; the caller holds the transaction.</summary>
    public static void Write(DbConnection connection, AuditIndexBatch batch)
    {
        using var writer = new AuditIndexRows(connection);
        foreach (var entry in batch.Entries)
        {
            writer.Take(entry);
        }

        writer.Flush();
        var position = batch.Position!;
        connection.Execute(
            "INSERT OR REPLACE INTO position (id, file, start, offset, seq, hash) VALUES (1, $file, $start, $offset, $seq, $hash)",
            ("$file", position.File),
            ("$start", position.Start),
            ("$offset", position.Offset),
            ("$seq", position.Seq),
            ("$hash", position.Hash));
    }

    public void Dispose()
    {
        insert.Dispose();
        outcome.Dispose();
    }

    private void Take(JsonElement entry)
    {
        var seq = entry.GetProperty("seq"u8).GetInt64();
        switch (entry.GetProperty("kind"u8).GetString())
        {
            case "call":
                Add(Call(seq, entry));
                Keep(seq, AuditIndexEntry.Text(entry, "arguments_sealed"));
                break;
            case "outcome":
                Merge(entry);
                break;
            case "refusals":
                Add(Refusals(seq, entry));
                break;
            case "start":
                // Who began in an earlier life of the process and was not answered then never will be.
                Flush();
                connection.Execute("UPDATE calls SET outcome = 'unknown' WHERE outcome IS NULL AND seq < $seq", ("$seq", seq));
                break;
            default:
                break;
        }
    }

    private void Add(object?[] row)
    {
        rows.Add(row);
        rowsById[(string)row[1]!] = row;
    }

    private void Keep(long seq, string? values)
    {
        if (values is not null)
        {
            connection.Execute("INSERT OR IGNORE INTO sealed_arguments (seq, text) VALUES ($seq, $text)", ("$seq", seq), ("$text", values));
        }
    }

    private void Flush()
    {
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                insert.Parameters[i].Value = row[i];
            }

            insert.ExecuteNonQuery();
        }

        rows.Clear();
        rowsById.Clear();
    }

    private void Merge(JsonElement entry)
    {
        var id = AuditIndexEntry.Text(entry, "of");
        var code = AuditIndexEntry.Text(entry, "code");
        var released = AuditIndexEntry.Flag(entry, "released");
        if (id is not null && rowsById.TryGetValue(id, out var row))
        {
            row[OutcomeAt] = AuditIndexEntry.Text(entry, "outcome");
            row[StatusAt] = AuditIndexEntry.Number(entry, "upstream_status");
            row[DurationAt] = AuditIndexEntry.Number(entry, "duration_ms");
            row[CodeAt] = code ?? row[CodeAt];
            row[ChargesAt] = released ? "[]" : row[ChargesAt];
            return;
        }

        outcome.Parameters.Clear();
        outcome.Set("$outcome", AuditIndexEntry.Text(entry, "outcome"));
        outcome.Set("$upstream_status", AuditIndexEntry.Number(entry, "upstream_status"));
        outcome.Set("$duration_ms", AuditIndexEntry.Number(entry, "duration_ms"));
        outcome.Set("$code", code);
        outcome.Set("$released", released);
        outcome.Set("$of", id);
        outcome.ExecuteNonQuery();
    }

    private static object?[] Call(long seq, JsonElement entry) =>
    [
        seq,
        AuditIndexEntry.Text(entry, "id") ?? string.Create(CultureInfo.InvariantCulture, $"seq-{seq}"),
        AuditIndexEntry.Time(entry, "time"),
        AuditIndexEntry.Text(entry, "grant"),
        AuditIndexEntry.Text(entry, "identity"),
        AuditIndexEntry.Text(entry, "server"),
        AuditIndexEntry.Text(entry, "method"),
        AuditIndexEntry.Text(entry, "tool"),
        AuditIndexEntry.Text(entry, "decision") ?? "deny",
        AuditIndexEntry.Text(entry, "code"),
        AuditIndexEntry.Text(entry, "rule"),
        AuditIndexEntry.Text(entry, "policy"),
        AuditIndexEntry.Number(entry, "revision"),
        AuditIndexEntry.Text(entry, "outcome"),
        null,
        null,
        AuditIndexEntry.List(entry, "argument_names"),
        AuditIndexEntry.Text(entry, "arguments_digest"),
        AuditIndexEntry.Text(entry, "client"),
        AuditIndexEntry.Text(entry, "request_id"),
        AuditIndexEntry.Flag(entry, "shadow"),
        AuditIndexEntry.Text(entry, "approval"),
        AuditIndexEntry.List(entry, "charges"),
    ];

    /// <summary>Refusals that were only counted stand as one row; it has the most frequent code, and the rule says the rest.</summary>
    private static object?[] Refusals(long seq, JsonElement entry)
    {
        var codes = entry.TryGetProperty("codes"u8, out var counts) && counts.ValueKind == JsonValueKind.Object
            ? counts.EnumerateObject().Select(code => (code.Name, Count: AuditIndexEntry.Number(counts, code.Name) ?? 0)).OrderByDescending(code => code.Count).ToArray()
            : [];
        var many = string.Join(", ", codes.Select(code => $"{code.Name} {code.Count}"));
        var row = new object?[Columns.Length];
        (row[0], row[1], row[2]) = (seq, string.Create(CultureInfo.InvariantCulture, $"refusals-{seq}"), AuditIndexEntry.Time(entry, "to"));
        row[Array.IndexOf(Columns, "decision")] = "deny";
        row[CodeAt] = codes is [var first, ..] ? first.Name : null;
        row[Array.IndexOf(Columns, "rule")] = $"{AuditIndexEntry.Number(entry, "count") ?? 0} refusals counted together from {AuditIndexEntry.Time(entry, "from")}: {many}";
        row[OutcomeAt] = "refused";
        row[Array.IndexOf(Columns, "argument_names")] = row[ChargesAt] = "[]";
        row[Array.IndexOf(Columns, "shadow")] = false;
        return row;
    }
}
