using System.Data.Common;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>So many calls of one kind in one minute.</summary>
/// <param name="Minute">Its beginning.</param>
/// <param name="Code">Empty for a call that was allowed.</param>
/// <param name="Rule">Empty where none decided.</param>
public sealed record ActivityLine(DateTimeOffset Minute, string Server, string Tool, string Decision, string Code, string Rule, long Calls);

/// <summary>Calls per minute, as the index counts them while it reads the journal. Only the last minutes are kept.</summary>
internal sealed class AuditActivity(DbConnection connection)
{
    /// <summary>Minutes back from the newest call.</summary>
    public const int Kept = 180;

    private const string Called = "tools/call";

    private const long MillisecondsOfAMinute = 60_000;

    private readonly Dictionary<(long Minute, string Server, string Tool, string Decision, string Code, string Rule), long> counted = [];

    /// <summary>Of a row that was new in the index.</summary>
    public void Count(long time, AuditTarget target, AuditVerdict verdict)
    {
        if (target.Method == Called)
        {
            var key = (time / MillisecondsOfAMinute, target.Server ?? "", target.Tool ?? "", verdict.Decision, verdict.Code ?? "", verdict.Rule ?? "");
            counted[key] = counted.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>Adds what was counted; the caller holds the transaction.</summary>
    public void Write()
    {
        foreach (var ((minute, server, tool, decision, code, rule), calls) in counted)
        {
            connection.Execute(
                """
                INSERT INTO activity (minute, server, tool, decision, code, rule, calls) VALUES ($minute, $server, $tool, $decision, $code, $rule, $calls)
                ON CONFLICT DO UPDATE SET calls = calls + $calls
                """,
                ("$minute", minute), ("$server", server), ("$tool", tool), ("$decision", decision), ("$code", code), ("$rule", rule), ("$calls", calls));
        }

        if (counted.Count > 0)
        {
            connection.Execute("DELETE FROM activity WHERE minute <= (SELECT max(minute) FROM activity) - $kept", ("$kept", (long)Kept));
        }

        counted.Clear();
    }

    /// <summary>Lines of the minutes from this one on.</summary>
    public static List<ActivityLine> Since(DbConnection connection, DateTimeOffset from) => connection.Rows(
        "SELECT minute, server, tool, decision, code, rule, calls FROM activity WHERE minute >= $from ORDER BY minute",
        static row => new ActivityLine(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0) * MillisecondsOfAMinute), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetInt64(6)),
        ("$from", from.ToUnixTimeMilliseconds() / MillisecondsOfAMinute));

    /// <summary>When each grant was last used, by its id; what operators did to it does not count.</summary>
    public static Dictionary<string, DateTimeOffset> LastUses(DbConnection connection) => connection.Rows(
        """
        SELECT u.grant_id, c.time
        FROM (
            SELECT a.grant_id, max(p.last_seq) AS seq
            FROM profiles AS p JOIN parties AS a ON a.id = p.party JOIN targets AS t ON t.id = p.target
            WHERE a.grant_id IS NOT NULL AND t.method NOT LIKE 'operator/%'
            GROUP BY a.grant_id
        ) AS u JOIN calls AS c ON c.seq = u.seq
        """,
        static row => (Grant: row.GetString(0), Time: DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))))
        .ToDictionary(static use => use.Grant, static use => use.Time, StringComparer.Ordinal);
}
