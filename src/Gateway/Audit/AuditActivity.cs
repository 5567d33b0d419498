using System.Data.Common;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>So many calls in one minute that were judged alike.</summary>
/// <param name="Minute">Its beginning.</param>
public sealed record MinuteCalls(DateTimeOffset Minute, string Decision, long Calls);

/// <summary>So many calls of a tool (server, tool), or by a rule (code, rule, each empty where there is none).</summary>
public sealed record RankedCalls(string First, string Second, long Calls);

/// <summary>What happened since a time.</summary>
/// <param name="Minutes">In order.</param>
/// <param name="Tools">Those called most.</param>
/// <param name="Refusals">What did not pass, by the codes and rules that stopped most.</param>
public sealed record Activity(IReadOnlyList<MinuteCalls> Minutes, IReadOnlyList<RankedCalls> Tools, IReadOnlyList<RankedCalls> Refusals);

/// <summary>How long calls of a server took until their answer was out.</summary>
/// <param name="Calls">How many it is taken from, of the newest <see cref="Newest"/> entries of the record.</param>
/// <param name="Median">Half of them took at most so many milliseconds.</param>
/// <param name="Slow">One in twenty took longer than so many milliseconds.</param>
public sealed record ServerPace(int Calls, long Median, long Slow)
{
    public const long Newest = 2_000;

    /// <param name="ordered">At least one, the shortest first.</param>
    internal static ServerPace Of(long[] ordered) => new(ordered.Length, ordered[(ordered.Length - 1) / 2], ordered[(ordered.Length - 1) * 95 / 100]);
}

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

    /// <summary>Of the minutes from this one on, summed up by the store.</summary>
    /// <param name="most">Of tools, and of refusals.</param>
    public static Activity Since(DbConnection connection, DateTimeOffset from, int most)
    {
        (string, object?) since = ("$from", from.ToUnixTimeMilliseconds() / MillisecondsOfAMinute);
        List<RankedCalls> Ranked(string columns, string wanted) => connection.Rows(
            $"SELECT {columns}, sum(calls) AS n FROM activity WHERE minute >= $from {wanted} GROUP BY {columns} ORDER BY n DESC, {columns} LIMIT $most",
            static row => new RankedCalls(row.GetString(0), row.GetString(1), row.GetInt64(2)),
            since, ("$most", (long)most));
        return new Activity(
            connection.Rows(
                "SELECT minute, decision, sum(calls) FROM activity WHERE minute >= $from GROUP BY minute, decision ORDER BY minute, decision",
                static row => new MinuteCalls(DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0) * MillisecondsOfAMinute), row.GetString(1), row.GetInt64(2)),
                since),
            Ranked("server, tool", ""),
            Ranked("code, rule", "AND decision <> 'allow'"));
    }

    /// <summary>How long answered calls took, of the newest ones in the record, by server.</summary>
    public static Dictionary<string, ServerPace> Paces(DbConnection connection) => connection.Rows(
        """
        SELECT t.server, c.duration_ms
        FROM calls AS c JOIN profiles AS p ON p.id = c.profile JOIN targets AS t ON t.id = p.target JOIN verdicts AS v ON v.id = p.verdict
        WHERE c.seq > (SELECT max(seq) FROM calls) - $newest AND c.duration_ms IS NOT NULL AND t.server IS NOT NULL AND t.method = $called AND v.outcome = 'answered'
        """,
        static row => (Server: row.GetString(0), Milliseconds: row.GetInt64(1)),
        ("$newest", ServerPace.Newest), ("$called", Called))
        .GroupBy(static call => call.Server, static call => call.Milliseconds, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => ServerPace.Of([.. group.Order()]), StringComparer.Ordinal);

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
