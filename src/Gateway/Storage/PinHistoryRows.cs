using System.Data.Common;

namespace Callgate.Gateway.Storage;

/// <summary>What became of the definitions of servers, as rows.</summary>
internal static class PinHistoryRows
{
    /// <summary>Of one server; more push the oldest out.</summary>
    public const int MostKept = 1_000;

    /// <summary>What is said of the thing already, as the last of it, is not said again: both eras of a server show the same.</summary>
    private const string AddSql = """
        INSERT INTO pin_history (server, time, kind, name, what, before, after, who)
        SELECT $server, $time, $kind, $name, $what, $before, $after, $who
        WHERE NOT EXISTS (
            SELECT 1 FROM (SELECT what, after FROM pin_history WHERE server = $server AND kind = $kind AND name = $name ORDER BY seq DESC LIMIT 1) AS last
            WHERE last.what = $what AND last.after IS $after)
        """;

    public static void Add(DbConnection connection, string server, IReadOnlyList<PinEvent> events)
    {
        foreach (var one in events)
        {
            connection.Execute(
                AddSql,
                ("$server", server), ("$time", one.Time), ("$kind", one.Kind), ("$name", one.Name), ("$what", one.What), ("$before", one.Before), ("$after", one.After), ("$who", one.Who));
        }

        connection.Execute(
            "DELETE FROM pin_history WHERE server = $server AND seq <= (SELECT seq FROM pin_history WHERE server = $server ORDER BY seq DESC LIMIT 1 OFFSET $most)",
            ("$server", server),
            ("$most", MostKept));
    }

    /// <summary>Newest first.</summary>
    public static List<PinEvent> Newest(DbConnection connection, string server, int most) => connection.Rows(
        "SELECT time, kind, name, what, before, after, who FROM pin_history WHERE server = $server ORDER BY seq DESC LIMIT $most",
        static row => new PinEvent(row.Time(0)!.Value, row.GetString(1), row.GetString(2), row.GetString(3), row.Text(4), row.Text(5), row.Text(6)),
        ("$server", server),
        ("$most", most));
}
