using System.Diagnostics;
using System.Globalization;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Storage.Sqlite;

namespace Callgate.Bench.Record;

/// <summary>Pages of 100 over a large index, through each filter, at the newest end, in the middle and at the oldest end.</summary>
internal static class SearchBench
{
    private const int Rounds = 40;
    private const int Batch = 1_024;

    public static void Run(long records, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("callgate-bench-record-");
        try
        {
            var path = Path.Combine(folder.FullName, "audit-index.db");
            var calls = new GeneratedCalls(seed, records);
            using var connection = StoreFile.Open(path, StoreKind.AuditIndex);
            var filling = Fill(connection, calls, records);
            connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
            var profiles = (long)connection.Scalar("SELECT count(*) FROM profiles")!;
            Print($"{records} records, seed {seed}, {profiles} profiles; {new FileInfo(path).Length / 1_000_000} MB; filled at {records / filling.TotalSeconds:0} records/s, {filling.TotalMicroseconds / records:0.0} us of one thread each, the making of the entries included");
            Print($"| filter | page | found | p50 ms | p99 ms | max ms | CPU p50 ms | CPU max ms |");
            Print($"|---|---|---:|---:|---:|---:|---:|---:|");
            foreach (var (name, make) in Queries(calls))
            {
                foreach (var depth in new[] { "newest", "middle", "oldest", "oldest first" })
                {
                    Measure(connection, name, depth, make, calls, records);
                }
            }

            Print($"{Machine.Describe()}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static TimeSpan Fill(SqliteConnection connection, GeneratedCalls calls, long records)
    {
        var profiles = new AuditProfiles();
        var begun = Stopwatch.GetTimestamp();
        while (calls.Seq < records)
        {
            var entries = calls.Take(Batch);
            using var transaction = connection.BeginTransaction();
            AuditIndexRows.Write(connection, profiles, new AuditIndexBatch(entries, new AuditIndexPosition("f", 0, calls.Seq, calls.Seq, "h"), 1, 0));
            transaction.Commit();
            if (calls.Seq % (1_000 * Batch) == 0)
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{calls.Seq} records after {Stopwatch.GetElapsedTime(begun).TotalSeconds:0} s"));
            }
        }

        return Stopwatch.GetElapsedTime(begun);
    }

    private static (string Name, Func<AuditQuery> Make)[] Queries(GeneratedCalls calls) =>
    [
        ("none", static () => new AuditQuery()),
        ("grant", () => new AuditQuery { Grant = calls.AnyGrant() }),
        ("identity", () => new AuditQuery { Identity = calls.AnyIdentity() }),
        ("server", () => new AuditQuery { Server = calls.AnyServer() }),
        ("tool", () => new AuditQuery { Tool = calls.AnyTool() }),
        ("method, the usual", static () => new AuditQuery { Method = "tools/call" }),
        ("method, a rare one", static () => new AuditQuery { Method = "operator/policy-put" }),
        ("decision", static () => new AuditQuery { Decision = "deny" }),
        ("outcome", static () => new AuditQuery { Outcome = "failed" }),
        ("code", () => new AuditQuery { Code = calls.AnyCode() }),
        ("rule", () => new AuditQuery { Rule = calls.AnyRule() }),
        ("time, an hour", () => calls.AnyTime() is var from ? new AuditQuery { From = from, To = from.AddHours(1) } : null!),
        ("time, until a day", () => new AuditQuery { To = calls.AnyTime() }),
        ("text, in most", static () => new AuditQuery { Text = "RUN_ID" }),
        ("text, in a few", static () => new AuditQuery { Text = "delete_11_3" }),
        ("text, in ten records", static () => new AuditQuery { Text = "needle" }),
        ("text, in none", static () => new AuditQuery { Text = "haystack" }),
        ("grant, tool", () => new AuditQuery { Grant = calls.AnyGrant(), Tool = calls.AnyTool() }),
        ("grant, decision, time", () => new AuditQuery { Grant = calls.AnyGrant(), Decision = "deny", To = calls.AnyTime() }),
        ("server, outcome, text", () => new AuditQuery { Server = calls.AnyServer(), Outcome = "failed", Text = "update" }),
    ];

    private static void Measure(SqliteConnection connection, string name, string depth, Func<AuditQuery> make, GeneratedCalls calls, long records)
    {
        var (times, cpus) = (new List<double>(), new List<double>());
        var found = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var query = make() with { OldestFirst = depth == "oldest first" };
            query = depth switch
            {
                "middle" => query with { Cursor = query.CursorAt(calls.AnySeq()) },
                "oldest" => query with { Cursor = query.CursorAt(records / 100) },
                _ => query,
            };
            var cpu = Environment.CpuUsage.TotalTime;
            var begun = Stopwatch.GetTimestamp();
            found += AuditIndexSearch.Run(connection, query).Records.Count;
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            cpus.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
        }

        times.Sort();
        cpus.Sort();
        Print($"| {name} | {depth} | {found / Rounds} | {Machine.Percentile(times, 0.5):0.0} | {Machine.Percentile(times, 0.99):0.0} | {times[^1]:0.0} | {Machine.Percentile(cpus, 0.5):0.0} | {cpus[^1]:0.0} |");
    }

    private static void Print(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
