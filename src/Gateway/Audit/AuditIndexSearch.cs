using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>A page of records: found by <see cref="AuditIndexWalk"/>, written as the JSON of the contract.</summary>
internal static class AuditIndexSearch
{
    /// <summary>Fixed width, so that the order of the texts is the order of the times.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>The columns in the order of the contract, each with how it is written.</summary>
    private static readonly (string Member, string Column, Kind Kind)[] Members =
    [
        ("seq", "c.seq", Kind.Number), ("id", "c.id", Kind.Text), ("time", "c.time", Kind.Time), ("grant", "a.grant_id", Kind.Text),
        ("identity", "a.identity", Kind.Text), ("server", "t.server", Kind.Text), ("method", "t.method", Kind.Text), ("tool", "t.tool", Kind.Text),
        ("decision", "v.decision", Kind.Text), ("code", "v.code", Kind.Text), ("rule", "coalesce(c.own_rule, v.rule)", Kind.Text),
        ("policy", "v.policy", Kind.Text), ("revision", "v.revision", Kind.Number), ("outcome", "v.outcome", Kind.Text),
        ("upstream_status", "c.upstream_status", Kind.Number), ("duration_ms", "c.duration_ms", Kind.Number), ("argument_names", "t.argument_names", Kind.Json),
        ("arguments_digest", "c.arguments_digest", Kind.Text), ("client", "coalesce(c.own_client, a.client)", Kind.Text), ("request_id", "c.request_id", Kind.Text),
        ("shadow", "v.shadow", Kind.Flag), ("approval", "c.approval", Kind.Text), ("charges", "coalesce(c.charges, '[]')", Kind.Json),
    ];

    private static readonly string Select = $"SELECT {string.Join(", ", Members.Select(member => member.Column))} FROM calls AS c JOIN profiles AS p ON p.id = c.profile JOIN parties AS a ON a.id = p.party JOIN targets AS t ON t.id = p.target JOIN verdicts AS v ON v.id = p.verdict WHERE c.seq IN (";

    private enum Kind
    {
        Text,
        Number,
        Flag,
        Json,
        Time,
    }

    public static string Written(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    public static AuditPage Run(DbConnection connection, AuditQuery query)
    {
        // One more than asked for tells whether there is a next page.
        var seqs = new AuditIndexWalk(connection, query).Find(query.Limit + 1);
        var isMore = seqs.Count > query.Limit;
        if (isMore)
        {
            seqs.RemoveAt(query.Limit);
        }

        if (seqs.Count == 0)
        {
            return new AuditPage([], null);
        }

        var sql = $"{Select}{string.Join(',', seqs)}) ORDER BY c.seq {(query.OldestFirst ? "ASC" : "DESC")}";
        return new AuditPage(connection.Rows(sql, Json), isMore ? query.CursorAt(seqs[^1]) : null);
    }

    private static string Json(DbDataReader row)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            for (var i = 0; i < Members.Length; i++)
            {
                writer.WritePropertyName(Members[i].Member);
                Write(writer, row, i);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, DbDataReader row, int column)
    {
        if (row.IsDBNull(column))
        {
            writer.WriteNullValue();
            return;
        }

        switch (Members[column].Kind)
        {
            case Kind.Text:
                writer.WriteStringValue(row.GetString(column));
                break;
            case Kind.Number:
                writer.WriteNumberValue(row.GetInt64(column));
                break;
            case Kind.Flag:
                writer.WriteBooleanValue(row.GetBoolean(column));
                break;
            case Kind.Time:
                writer.WriteStringValue(Written(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column))));
                break;
            default:
                writer.WriteRawValue(row.GetString(column), skipInputValidation: true);
                break;
        }
    }
}
