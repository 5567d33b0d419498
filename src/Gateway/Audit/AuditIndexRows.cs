using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>Entries of the journal as rows. Writing the same entry twice changes nothing.</summary>
internal static class AuditIndexRows
{
    private static readonly string[] Texts =
    [
        "grant", "identity", "server", "method", "tool", "code", "rule", "policy", "outcome", "arguments_digest", "client", "request_id", "approval",
    ];

    private const string InsertSql = """
        INSERT OR IGNORE INTO calls (seq, id, time, grant_id, identity, server, method, tool, decision, code, rule, policy, revision, outcome,
            argument_names, arguments_digest, client, request_id, shadow, approval, charges)
        VALUES ($seq, $id, $time, $grant, $identity, $server, $method, $tool, $decision, $code, $rule, $policy, $revision, $outcome,
            $argument_names, $arguments_digest, $client, $request_id, $shadow, $approval, $charges)
        """;

    /// <summary>Charges that went back are no longer charges, so that the sum over a search is what the counters hold.</summary>
    private const string OutcomeSql = """
        UPDATE calls SET outcome = $outcome, upstream_status = $upstream_status, duration_ms = $duration_ms, code = coalesce($code, code),
            charges = CASE WHEN $released THEN '[]' ELSE charges END
        WHERE id = $of
        """;

    private const string RefusalsSql = """
        INSERT OR IGNORE INTO calls (seq, id, time, decision, code, rule, outcome, argument_names, shadow, charges)
        VALUES ($seq, $id, $time, 'deny', $code, $rule, 'refused', '[]', 0, '[]')
        """;

    public static AuditIndexPosition? Position(DbConnection connection) => connection.Rows(
        "SELECT file, start, offset, seq, hash FROM position",
        row => new AuditIndexPosition(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4))) is [var position]
            ? position
            : null;

    /// <summary>Writes a batch and its position; the caller holds the transaction.</summary>
    public static void Write(DbConnection connection, AuditIndexBatch batch)
    {
        using var insert = connection.Command(InsertSql);
        using var outcome = connection.Command(OutcomeSql);
        foreach (var entry in batch.Entries)
        {
            var seq = entry.GetProperty("seq"u8).GetInt64();
            switch (entry.GetProperty("kind"u8).GetString())
            {
                case "call":
                    Insert(insert, seq, entry);
                    break;
                case "outcome":
                    Merge(outcome, entry);
                    break;
                case "refusals":
                    Refusals(connection, seq, entry);
                    break;
                case "start":
                    // Who began in an earlier life of the process and was not answered then never will be.
                    connection.Execute("UPDATE calls SET outcome = 'unknown' WHERE outcome IS NULL AND seq < $seq", ("$seq", seq));
                    break;
                default:
                    break;
            }
        }

        var position = batch.Position!;
        connection.Execute(
            "INSERT OR REPLACE INTO position (id, file, start, offset, seq, hash) VALUES (1, $file, $start, $offset, $seq, $hash)",
            ("$file", position.File),
            ("$start", position.Start),
            ("$offset", position.Offset),
            ("$seq", position.Seq),
            ("$hash", position.Hash));
    }

    /// <summary>Forgets what the journal no longer holds: retention counts here too.</summary>
    public static void Forget(DbConnection connection, long beforeSeq) =>
        connection.Execute("DELETE FROM calls WHERE seq < $seq", ("$seq", beforeSeq));

    public static void Clear(DbConnection connection) => connection.Execute("DELETE FROM calls; DELETE FROM position;");

    private static void Insert(DbCommand command, long seq, JsonElement entry)
    {
        command.Parameters.Clear();
        Set(command, "seq", seq);
        Set(command, "id", Text(entry, "id") ?? string.Create(CultureInfo.InvariantCulture, $"seq-{seq}"));
        Set(command, "time", Time(entry, "time"));
        Set(command, "decision", Text(entry, "decision") ?? "deny");
        Set(command, "revision", Number(entry, "revision"));
        Set(command, "shadow", Flag(entry, "shadow"));
        Set(command, "argument_names", Array(entry, "argument_names"));
        Set(command, "charges", Array(entry, "charges"));
        foreach (var name in Texts)
        {
            Set(command, name, Text(entry, name));
        }

        command.ExecuteNonQuery();
    }

    private static void Merge(DbCommand command, JsonElement entry)
    {
        command.Parameters.Clear();
        Set(command, "of", Text(entry, "of"));
        Set(command, "outcome", Text(entry, "outcome"));
        Set(command, "upstream_status", Number(entry, "upstream_status"));
        Set(command, "duration_ms", Number(entry, "duration_ms"));
        Set(command, "code", Text(entry, "code"));
        Set(command, "released", Flag(entry, "released"));
        command.ExecuteNonQuery();
    }

    /// <summary>Refusals that were only counted stand as one row; it has the most frequent code, and the rule says the rest.</summary>
    private static void Refusals(DbConnection connection, long seq, JsonElement entry)
    {
        var codes = entry.TryGetProperty("codes"u8, out var counts) && counts.ValueKind == JsonValueKind.Object
            ? counts.EnumerateObject().Select(code => (code.Name, Count: code.Value.TryGetInt64(out var count) ? count : 0)).OrderByDescending(code => code.Count).ToArray()
            : [];
        var rule = $"{Number(entry, "count") ?? 0} refusals counted together from {Time(entry, "from")}: {string.Join(", ", codes.Select(code => $"{code.Name} {code.Count}"))}";
        connection.Execute(
            RefusalsSql,
            ("$seq", seq),
            ("$id", Text(entry, "id") ?? string.Create(CultureInfo.InvariantCulture, $"refusals-{seq}")),
            ("$time", Time(entry, "to")),
            ("$code", codes is [var first, ..] ? first.Name : null),
            ("$rule", rule));
    }

    private static void Set(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static bool Flag(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static string Time(JsonElement entry, string name) =>
        AuditIndexSearch.Written(entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)
            ? time
            : DateTimeOffset.UnixEpoch);

    /// <summary>Rewritten by our own writer, so that what a reader is shown is escaped in one way only.</summary>
    private static string Array(JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            return "[]";
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
