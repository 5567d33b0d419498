using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>A query as SQL, and its rows as the JSON of the contract.</summary>
internal static class AuditIndexSearch
{
    /// <summary>Fixed width, so that the order of the texts is the order of the times.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>The columns in the order of the contract, each with how it is written.</summary>
    private static readonly (string Member, string Column, Kind Kind)[] Members =
    [
        ("seq", "seq", Kind.Number), ("id", "id", Kind.Text), ("time", "time", Kind.Text), ("grant", "grant_id", Kind.Text),
        ("identity", "identity", Kind.Text), ("server", "server", Kind.Text), ("method", "method", Kind.Text), ("tool", "tool", Kind.Text),
        ("decision", "decision", Kind.Text), ("code", "code", Kind.Text), ("rule", "rule", Kind.Text), ("policy", "policy", Kind.Text),
        ("revision", "revision", Kind.Number), ("outcome", "outcome", Kind.Text), ("upstream_status", "upstream_status", Kind.Number),
        ("duration_ms", "duration_ms", Kind.Number), ("argument_names", "argument_names", Kind.Json),
        ("arguments_digest", "arguments_digest", Kind.Text), ("client", "client", Kind.Text), ("request_id", "request_id", Kind.Text),
        ("shadow", "shadow", Kind.Flag), ("approval", "approval", Kind.Text), ("charges", "charges", Kind.Json),
    ];

    private static readonly string Select = $"SELECT {string.Join(", ", Members.Select(member => member.Column))} FROM calls WHERE 1";

    private static readonly string[] Searched = ["id", "tool", "method", "server", "identity", "client", "code", "rule", "policy", "argument_names"];

    private enum Kind
    {
        Text,
        Number,
        Flag,
        Json,
    }

    public static string Written(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    public static AuditPage Run(DbConnection connection, AuditQuery query)
    {
        var (sql, values) = Statement(query);
        var rows = connection.Rows(sql, row => (Seq: row.GetInt64(0), Json: Json(row)), values);
        if (rows.Count <= query.Limit)
        {
            return new AuditPage([.. rows.Select(row => row.Json)], null);
        }

        rows.RemoveAt(query.Limit);
        return new AuditPage([.. rows.Select(row => row.Json)], query.CursorAt(rows[^1].Seq));
    }

    internal static (string Sql, (string Name, object? Value)[] Values) Statement(AuditQuery query)
    {
        var sql = new StringBuilder(Select);
        var values = new List<(string, object?)>();
        Filter(query, sql, values);

        // One more than asked for tells whether there is a next page.
        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY seq {(query.OldestFirst ? "ASC" : "DESC")} LIMIT {query.Limit + 1}");
        return (sql.ToString(), [.. values]);
    }

    private static void Filter(AuditQuery query, StringBuilder sql, List<(string, object?)> values)
    {
        Add("id = $id", "$id", query.Id);
        Add("grant_id = $grant", "$grant", query.Grant);
        Add("identity = $identity", "$identity", query.Identity);
        Add("server = $server", "$server", query.Server);
        Add("tool = $tool", "$tool", query.Tool);
        Add(Rare("method", "tools/call", query.Method), "$method", query.Method);
        Add(Rare("decision", "allow", query.Decision), "$decision", query.Decision);
        Add("code = $code", "$code", query.Code);
        Add("rule = $rule", "$rule", query.Rule);
        Add(Rare("outcome", "answered", query.Outcome), "$outcome", query.Outcome);
        Add("time >= $from", "$from", query.From is { } from ? Written(from) : null);
        Add("time < $to", "$to", query.To is { } to ? Written(to) : null);
        Add(
            $"({string.Join(" OR ", Searched.Select(column => $"{column} LIKE $text ESCAPE '\\'"))})",
            "$text",
            query.Text is { Length: > 0 } text ? $"%{Escaped(text)}%" : null);
        Add(query.OldestFirst ? "seq > $after" : "seq < $after", "$after", query.After());

        void Add(string condition, string name, object? value)
        {
            if (value is not null)
            {
                sql.Append(" AND ").Append(condition);
                values.Add((name, value));
            }
        }
    }

    /// <summary>The index of such a column leaves its usual value out; saying so is what lets SQLite use it.</summary>
    private static string Rare(string column, string usual, string? value) =>
        string.Equals(value, usual, StringComparison.Ordinal) ? $"{column} = ${column}" : $"{column} = ${column} AND {column} <> '{usual}'";

    private static string Escaped(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

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
            default:
                writer.WriteRawValue(row.GetString(column), skipInputValidation: true);
                break;
        }
    }
}
