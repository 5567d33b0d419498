using System.Data.Common;
using System.Globalization;
using System.Text;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>
/// What a query asks of profiles. The parties, targets and verdicts that fit are gathered first, in tables of the connection:
/// they are few, so that the slow comparisons are made once for each and not for each call.
/// </summary>
internal sealed class AuditIndexFilter
{
    private static readonly string[] Tables = ["parties", "targets", "verdicts"];
    private static readonly string[] Columns = ["party", "target", "verdict"];

    private readonly DbConnection connection;
    private readonly string? text;

    /// <summary>For each table what its rows must be.</summary>
    private readonly StringBuilder[] wanted = [new(), new(), new()];
    private readonly List<(string Name, object? Value)>[] values = [[], [], []];
    private readonly long[] fitting = new long[3];
    private bool withText;

    public AuditIndexFilter(DbConnection connection, AuditQuery query)
    {
        this.connection = connection;
        text = query.Text is { Length: > 0 } given ? $"%{Escaped(given)}%" : null;
        Add(0, "grant_id", query.Grant);
        Add(0, "identity", query.Identity);
        Add(1, "server", query.Server);
        Add(1, "tool", query.Tool);
        Add(1, "method", query.Method);
        Add(2, "decision", query.Decision);
        Add(2, "code", query.Code);
        Add(2, "rule", query.Rule);
        Add(2, "outcome", query.Outcome);
    }

    public bool IsEmpty => text is null && wanted.All(static part => part.Length == 0);

    /// <summary>As a condition on the profile `p` of a call; what it needs has been gathered. It is no way to find profiles by.</summary>
    public string Condition
    {
        get
        {
            var sql = new StringBuilder();
            for (var i = 0; i < Tables.Length; i++)
            {
                sql.Append(wanted[i].Length > 0 ? $" AND +p.{Columns[i]} IN (SELECT id FROM fit_{Columns[i]})" : "");
            }

            return withText
                ? sql.Append(CultureInfo.InvariantCulture, $" AND ({string.Join(" OR ", Columns.Select(static column => $"+p.{column} IN (SELECT id FROM text_{column})"))})").ToString()
                : sql.ToString();
        }
    }

    /// <summary>Gathers the parties, targets and verdicts that fit.</summary>
    public void Gather(bool withText)
    {
        this.withText = withText && text is not null;
        for (var i = 0; i < Tables.Length; i++)
        {
            if (wanted[i].Length > 0)
            {
                fitting[i] = Fill($"fit_{Columns[i]}", $"SELECT x.id FROM {Tables[i]} AS x WHERE 1{wanted[i]}", [.. values[i]]);
            }

            if (this.withText)
            {
                Fill($"text_{Columns[i]}", $"SELECT x.id FROM {Tables[i]} AS x WHERE x.searched LIKE $text ESCAPE '\\'", ("$text", text));
            }
        }
    }

    /// <summary>Gathers the profiles that fit and have calls between these numbers; says how many.</summary>
    public int Match(long low, long high)
    {
        var select = string.Create(CultureInfo.InvariantCulture, $"SELECT p.id FROM profiles AS p WHERE p.first_seq <= {high} AND p.last_seq >= {low}");
        if (!withText)
        {
            return Fill("matched", select + Driven(Narrowest()));
        }

        // One after the other, each by its own index: an OR would look at every profile.
        var count = Fill("matched", $"{select}{Others(-1)} AND p.party IN (SELECT id FROM text_party)");
        count += connection.Execute($"INSERT OR IGNORE INTO matched {select}{Others(-1)} AND p.target IN (SELECT id FROM text_target)");
        return count + connection.Execute($"INSERT OR IGNORE INTO matched {select}{Others(-1)} AND p.verdict IN (SELECT id FROM text_verdict)");
    }

    /// <summary>The part of the filter that leaves the smallest share of its table: its index is the one to follow.</summary>
    private int Narrowest()
    {
        var (best, share) = (-1, double.MaxValue);
        for (var i = 0; i < Tables.Length; i++)
        {
            if (wanted[i].Length > 0)
            {
                var own = (double)fitting[i] / Math.Max(1, (long)connection.Scalar($"SELECT count(*) FROM {Tables[i]}")!);
                (best, share) = own < share ? (i, own) : (best, share);
            }
        }

        return best;
    }

    private string Driven(int by) => $" AND p.{Columns[by]} IN (SELECT id FROM fit_{Columns[by]}){Others(by)}";

    /// <summary>The rest, kept away from the indexes.</summary>
    private string Others(int but) => string.Concat(Enumerable.Range(0, Tables.Length).Where(i => i != but && wanted[i].Length > 0).Select(static i => $" AND +p.{Columns[i]} IN (SELECT id FROM fit_{Columns[i]})"));

    private int Fill(string table, string select, params (string Name, object? Value)[] given)
    {
        connection.Execute($"CREATE TEMP TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY)");
        connection.Execute($"DELETE FROM {table}");
        return connection.Execute($"INSERT INTO {table} {select}", given);
    }

    private void Add(int table, string column, string? value)
    {
        if (value is not null)
        {
            wanted[table].Append(CultureInfo.InvariantCulture, $" AND x.{column} = ${column}");
            values[table].Add(("$" + column, value));
        }
    }

    private static string Escaped(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
