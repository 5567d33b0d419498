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
    /// <summary>So many numbers share a block of times.</summary>
    public const int BlockShift = 12;

    private static readonly string[] Columns =
        ["seq", "id", "time", "profile", "open", "upstream_status", "duration_ms", "arguments_digest", "request_id", "approval", "charges", "own_client", "own_rule"];

    private static readonly string InsertSql =
        $"INSERT OR IGNORE INTO calls ({string.Join(", ", Columns)}) VALUES ({string.Join(", ", Columns.Select(column => "$" + column))})";

    /// <summary>Charges that went back are no longer charges, so that the sum over a search is what the counters hold.</summary>
    private const string OutcomeSql = """
        UPDATE calls SET profile = $profile, open = 0, upstream_status = $upstream_status, duration_ms = $duration_ms,
            charges = CASE WHEN $released THEN NULL ELSE charges END
        WHERE seq = $seq
        """;

    private readonly DbConnection connection;
    private readonly AuditProfiles profiles;
    private readonly DbCommand insert;
    private readonly DbCommand outcome;
    private readonly DbCommand find;
    private readonly AuditActivity activity;
    private readonly List<Row> rows = [];
    private readonly Dictionary<string, Row> rowsById = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (long Earliest, long Latest)> blocks = [];

    private AuditIndexRows(DbConnection connection, AuditProfiles profiles)
    {
        (this.connection, this.profiles) = (connection, profiles);
        activity = new AuditActivity(connection);
        insert = connection.Command(InsertSql, [.. Columns.Select(column => ("$" + column, (object?)null))]);
        outcome = connection.Command(OutcomeSql);
        find = connection.Command("SELECT seq, profile FROM calls WHERE id = $id", ("$id", null));
    }

    public static AuditIndexPosition? Position(DbConnection connection) => connection.Rows(
        "SELECT file, start, offset, seq, hash FROM position",
        row => new AuditIndexPosition(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4))) is [var position]
            ? position
            : null;

    /// <summary>Forgets what the journal no longer holds: retention counts here too.</summary>
    public static void Forget(DbConnection connection, AuditProfiles profiles, long beforeSeq)
    {
        connection.Execute("DELETE FROM calls WHERE seq < $seq", ("$seq", beforeSeq));
        connection.Execute("DELETE FROM sealed_arguments WHERE seq < $seq", ("$seq", beforeSeq));
        connection.Execute("DELETE FROM blocks WHERE block < $block", ("$block", beforeSeq >> BlockShift));
        profiles.Forget(connection, beforeSeq);
    }

    public static void Clear(DbConnection connection, AuditProfiles profiles)
    {
        connection.Execute("DELETE FROM calls; DELETE FROM sealed_arguments; DELETE FROM profiles; DELETE FROM parties; DELETE FROM targets; DELETE FROM verdicts; DELETE FROM blocks; DELETE FROM activity; DELETE FROM position;");
        profiles.Clear();
    }

    /// <summary>The sealed arguments of the calls between two numbers, both included.</summary>
    public static Dictionary<long, string> SealedArguments(DbConnection connection, long first, long last) => connection
        .Rows("SELECT seq, text FROM sealed_arguments WHERE seq BETWEEN $first AND $last", row => (Seq: row.GetInt64(0), Text: row.GetString(1)), ("$first", first), ("$last", last))
        .ToDictionary(static row => row.Seq, static row => row.Text);

    /// <summary>Writes a batch and its position; the caller holds the transaction.</summary>
    public static void Write(DbConnection connection, AuditProfiles profiles, AuditIndexBatch batch)
    {
        using var writer = new AuditIndexRows(connection, profiles);
        foreach (var entry in batch.Entries)
        {
            writer.Take(entry);
        }

        writer.Flush();
        writer.WriteBlocks();
        writer.activity.Write();
        profiles.WriteRanges(connection);
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
        find.Dispose();
    }

    private void Take(JsonElement entry)
    {
        var seq = entry.GetProperty("seq"u8).GetInt64();
        switch (entry.GetProperty("kind"u8).GetString())
        {
            case "call":
                Add(Row.OfCall(seq, entry));
                Keep(seq, AuditIndexEntry.Text(entry, "arguments_sealed"));
                break;
            case "outcome":
                Merge(entry);
                break;
            case "refusals":
                Add(Row.OfRefusals(seq, entry));
                break;
            case "start":
                // Who began in an earlier life of the process and was not answered then never will be.
                Flush();
                EndOpen(seq);
                break;
            default:
                break;
        }
    }

    private void Add(Row row)
    {
        rows.Add(row);
        rowsById[row.Id] = row;
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
            See(row.Seq, row.Time);
            object?[] values =
            [
                row.Seq, row.Id, row.Time, profiles.Intern(connection, row.Profile, row.Seq), row.Profile.Verdict.Outcome is null, row.Status, row.Duration,
                row.Digest, row.RequestId, row.Approval, row.Charges, row.OwnClient, row.OwnRule,
            ];
            for (var i = 0; i < values.Length; i++)
            {
                insert.Parameters[i].Value = values[i];
            }

            if (insert.ExecuteNonQuery() > 0)
            {
                activity.Count(row.Time, row.Profile.Target, row.Profile.Verdict);
            }
        }

        rows.Clear();
        rowsById.Clear();
    }

    private void See(long seq, long time)
    {
        var block = seq >> BlockShift;
        blocks[block] = blocks.TryGetValue(block, out var range) ? (Math.Min(range.Earliest, time), Math.Max(range.Latest, time)) : (time, time);
    }

    private void WriteBlocks()
    {
        foreach (var (block, (earliest, latest)) in blocks)
        {
            connection.Execute(
                """
                INSERT INTO blocks (block, earliest, latest) VALUES ($block, $earliest, $latest)
                ON CONFLICT (block) DO UPDATE SET earliest = min(earliest, $earliest), latest = max(latest, $latest)
                """,
                ("$block", block),
                ("$earliest", earliest),
                ("$latest", latest));
        }
    }

    private void EndOpen(long before)
    {
        foreach (var (seq, profile) in connection.Rows("SELECT seq, profile FROM calls WHERE open = 1 AND seq < $seq", SeqAndProfile, ("$seq", before)))
        {
            var ended = profiles.Revise(connection, profile, seq, static verdict => verdict with { Outcome = "unknown" });
            connection.Execute("UPDATE calls SET profile = $profile, open = 0 WHERE seq = $seq", ("$profile", ended), ("$seq", seq));
        }
    }

    private void Merge(JsonElement entry)
    {
        var id = AuditIndexEntry.Text(entry, "of");
        var ended = AuditIndexEntry.Text(entry, "outcome");
        var code = AuditIndexEntry.Text(entry, "code");
        var status = AuditIndexEntry.Number(entry, "upstream_status");
        var duration = AuditIndexEntry.Number(entry, "duration_ms");
        var released = AuditIndexEntry.Flag(entry, "released");
        if (id is not null && rowsById.TryGetValue(id, out var row))
        {
            row.Profile = row.Profile with { Verdict = row.Profile.Verdict with { Outcome = ended, Code = code ?? row.Profile.Verdict.Code } };
            (row.Status, row.Duration, row.Charges) = (status, duration, released ? null : row.Charges);
            return;
        }

        foreach (var (seq, profile) in Find(id))
        {
            outcome.Parameters.Clear();
            outcome.Set("$profile", profiles.Revise(connection, profile, seq, verdict => verdict with { Outcome = ended, Code = code ?? verdict.Code }));
            outcome.Set("$upstream_status", status);
            outcome.Set("$duration_ms", duration);
            outcome.Set("$released", released);
            outcome.Set("$seq", seq);
            outcome.ExecuteNonQuery();
        }
    }

    private List<(long Seq, long Profile)> Find(string? id)
    {
        find.Parameters[0].Value = (object?)id ?? DBNull.Value;
        using var reader = find.ExecuteReader();
        var found = new List<(long, long)>();
        while (reader.Read())
        {
            found.Add(SeqAndProfile(reader));
        }

        return found;
    }

    private static (long Seq, long Profile) SeqAndProfile(DbDataReader row) => (row.GetInt64(0), row.GetInt64(1));

    /// <summary>A row that is still to be inserted.</summary>
    private sealed class Row
    {
        public required long Seq { get; init; }

        public required string Id { get; init; }

        /// <summary>Milliseconds since 1970.</summary>
        public required long Time { get; init; }

        public required AuditProfile Profile { get; set; }

        public long? Status { get; set; }

        public long? Duration { get; set; }

        public string? Digest { get; init; }

        public string? RequestId { get; init; }

        public string? Approval { get; init; }

        public string? Charges { get; set; }

        public string? OwnClient { get; init; }

        public string? OwnRule { get; init; }

        public static Row OfCall(long seq, JsonElement entry)
        {
            var grant = AuditIndexEntry.Text(entry, "grant");
            var identity = AuditIndexEntry.Text(entry, "identity");
            var client = AuditIndexEntry.Text(entry, "client");

            // Who has no grant may call itself something else each time.
            var isStranger = grant is null && identity is null;
            var target = new AuditTarget(
                AuditIndexEntry.Text(entry, "server"), AuditIndexEntry.Text(entry, "method"), AuditIndexEntry.Text(entry, "tool"), AuditIndexEntry.List(entry, "argument_names"));
            var verdict = new AuditVerdict(
                AuditIndexEntry.Text(entry, "decision") ?? "deny",
                AuditIndexEntry.Text(entry, "code"),
                AuditIndexEntry.Text(entry, "rule"),
                AuditIndexEntry.Text(entry, "policy"),
                AuditIndexEntry.Number(entry, "revision"),
                AuditIndexEntry.Text(entry, "outcome"),
                AuditIndexEntry.Flag(entry, "shadow"));
            var charges = AuditIndexEntry.List(entry, "charges");
            return new Row
            {
                Seq = seq,
                Id = AuditIndexEntry.Text(entry, "id") ?? string.Create(CultureInfo.InvariantCulture, $"seq-{seq}"),
                Time = AuditIndexEntry.Milliseconds(entry, "time"),
                Profile = new AuditProfile(new AuditParty(grant, identity, isStranger ? null : client), target, verdict),
                Digest = AuditIndexEntry.Text(entry, "arguments_digest"),
                RequestId = AuditIndexEntry.Text(entry, "request_id"),
                Approval = AuditIndexEntry.Text(entry, "approval"),
                Charges = charges == "[]" ? null : charges,
                OwnClient = isStranger ? client : null,
            };
        }

        /// <summary>Refusals that were only counted stand as one row; it has the most frequent code, and the rule says the rest.</summary>
        public static Row OfRefusals(long seq, JsonElement entry)
        {
            var codes = entry.TryGetProperty("codes"u8, out var counts) && counts.ValueKind == JsonValueKind.Object
                ? counts.EnumerateObject().Select(code => (code.Name, Count: AuditIndexEntry.Number(counts, code.Name) ?? 0)).OrderByDescending(code => code.Count).ToArray()
                : [];
            var many = string.Join(", ", codes.Select(code => $"{code.Name} {code.Count}"));
            var first = codes is [var most, ..] ? most.Name : null;
            return new Row
            {
                Seq = seq,
                Id = string.Create(CultureInfo.InvariantCulture, $"refusals-{seq}"),
                Time = AuditIndexEntry.Milliseconds(entry, "to"),
                Profile = new AuditProfile(new AuditParty(null, null, null), new AuditTarget(null, null, null, "[]"), new AuditVerdict("deny", first, null, null, null, "refused", false)),
                OwnRule = $"{AuditIndexEntry.Number(entry, "count") ?? 0} refusals counted together from {AuditIndexEntry.Time(entry, "from")}: {many}",
            };
        }
    }
}
