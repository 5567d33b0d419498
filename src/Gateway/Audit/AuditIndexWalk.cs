using System.Data.Common;
using System.Globalization;
using System.Text;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Finds the numbers of a page. The filters choose profiles, which are few; of each of those the first calls are read in
/// order and the pages put together from them. Where so many profiles fit that most calls do, it walks the calls themselves.
/// Either way the work depends on the page and on the profiles, and not on how many calls there are.
/// </summary>
internal sealed class AuditIndexWalk
{
    /// <summary>With fewer profiles, looking at each is the fastest.</summary>
    private const int FewProfiles = 300;

    /// <summary>So many calls are walked in the hope that most fit.</summary>
    private const long Stretch = 20_000;

    /// <summary>A text this long may be an id or the begin of one.</summary>
    private const int ShortestId = 8;

    private readonly DbConnection connection;
    private readonly AuditQuery query;
    private readonly List<(string Name, object? Value)> values = [];
    private readonly string where;
    private readonly string order;
    private readonly bool isFiltered;
    private long low = 1;
    private long high = long.MaxValue;

    public AuditIndexWalk(DbConnection connection, AuditQuery query)
    {
        (this.connection, this.query) = (connection, query);
        order = query.OldestFirst ? "ASC" : "DESC";
        var after = query.After();
        low = after is not null && query.OldestFirst ? after.Value + 1 : low;
        high = after is not null && !query.OldestFirst ? after.Value - 1 : high;
        where = Conditions();
        isFiltered = where.Length > 0;
    }

    /// <summary>At most so many numbers, in the order of the query.</summary>
    public List<long> Find(int most)
    {
        if (!NarrowToTime())
        {
            return [];
        }

        if (query.Id is { } id)
        {
            return OfId("c.id = $own", most, ("$own", id));
        }

        if (!isFiltered)
        {
            return Seqs($"SELECT c.seq FROM calls AS c WHERE {Span()} ORDER BY c.seq {order} LIMIT {most}");
        }

        var found = OfProfiles(Match(), most);
        return query.Text is { Length: >= ShortestId } text && text.All(char.IsAsciiLetterOrDigit)
            ? Together(found, OfId("c.id >= $own AND c.id < $end", most, ("$own", text), ("$end", text + "~")), most)
            : found;
    }

    /// <summary>The first call of each profile that fits, as SQL, the best first.</summary>
    internal string BestSql(int most) => $"""
        SELECT m.id, (SELECT c.seq FROM calls AS c WHERE c.profile = m.id AND {Span()} ORDER BY c.seq {order} LIMIT 1) AS best
        FROM matched AS m ORDER BY best {order} NULLS LAST LIMIT {most}
        """;

    private string Conditions()
    {
        var sql = new StringBuilder();
        Add("grant_id", "$grant", query.Grant);
        Add("identity", "$identity", query.Identity);
        Add("server", "$server", query.Server);
        Add("tool", "$tool", query.Tool);
        Add("method", "$method", query.Method);
        Add("decision", "$decision", query.Decision);
        Add("code", "$code", query.Code);
        Add("rule", "$rule", query.Rule);
        Add("outcome", "$outcome", query.Outcome);
        if (query.Text is { Length: > 0 } text)
        {
            sql.Append(" AND p.searched LIKE $text ESCAPE '\\'");
            values.Add(("$text", $"%{Escaped(text)}%"));
        }

        return sql.ToString();

        void Add(string column, string name, string? value)
        {
            if (value is not null)
            {
                sql.Append(CultureInfo.InvariantCulture, $" AND p.{column} = {name}");
                values.Add((name, value));
            }
        }
    }

    /// <summary>False when no call is in the time. Blocks only narrow the numbers; each call's own time is still looked at.</summary>
    private bool NarrowToTime()
    {
        if (query.From is null && query.To is null)
        {
            return true;
        }

        var (from, to) = (query.From?.ToUnixTimeMilliseconds() ?? long.MinValue, query.To?.ToUnixTimeMilliseconds() ?? long.MaxValue);
        var (first, last) = connection.Rows(
            "SELECT min(block), max(block) FROM blocks WHERE latest >= $from AND earliest <= $to",
            static row => row.IsDBNull(0) ? (1L, 0L) : (row.GetInt64(0), row.GetInt64(1)),
            ("$from", from),
            ("$to", to))[0];
        low = Math.Max(low, first << AuditIndexRows.BlockShift);
        high = Math.Min(high, ((last + 1) << AuditIndexRows.BlockShift) - 1);
        return first <= last && low <= high;
    }

    /// <summary>Numbers and times that count, of a call `c`. A time finer than a millisecond is compared as one that is not.</summary>
    private string Span(long? from = null, long? to = null)
    {
        var sql = new StringBuilder();
        sql.Append(CultureInfo.InvariantCulture, $"c.seq BETWEEN {from ?? low} AND {to ?? high}");
        if (query.From is { } begin)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND c.time >= {Ceiling(begin)}");
        }

        if (query.To is { } end)
        {
            sql.Append(CultureInfo.InvariantCulture, $" AND c.time < {Ceiling(end)}");
        }

        return sql.ToString();
    }

    private static long Ceiling(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds() + (time.UtcTicks % TimeSpan.TicksPerMillisecond == 0 ? 0 : 1);

    /// <summary>Gathers the profiles that fit and have calls in reach; says how many.</summary>
    private int Match()
    {
        connection.Execute("CREATE TEMP TABLE IF NOT EXISTS matched (id INTEGER PRIMARY KEY)");
        connection.Execute("DELETE FROM matched");
        return connection.Execute(
            string.Create(CultureInfo.InvariantCulture, $"INSERT INTO matched SELECT p.id FROM profiles AS p WHERE p.first_seq <= {high} AND p.last_seq >= {low}{where}"),
            [.. values]);
    }

    private List<long> OfProfiles(int profiles, int most)
    {
        if (profiles > FewProfiles)
        {
            var end = query.OldestFirst ? low + Stretch : high;
            end = query.OldestFirst ? Math.Min(end, high) : Math.Min(high, Last());
            var begin = query.OldestFirst ? low : Math.Max(low, end - Stretch);
            var near = Seqs($"SELECT c.seq FROM calls AS c WHERE {Span(begin, end)} AND +c.profile IN (SELECT id FROM matched) ORDER BY c.seq {order} LIMIT {most}");
            if (near.Count == most)
            {
                return near;
            }
        }

        return profiles == 0 ? [] : Merge(connection.Rows(BestSql(most), static row => (Id: row.GetInt64(0), Best: row.IsDBNull(1) ? (long?)null : row.GetInt64(1))), most);
    }

    private long Last() => (long?)connection.Scalar("SELECT max(seq) FROM calls") ?? 0;

    /// <summary>Reads profile after profile, the one with the best call first, until no other can have a better one.</summary>
    private List<long> Merge(List<(long Id, long? Best)> profiles, int most)
    {
        var page = new SortedSet<long>(query.OldestFirst ? Comparer<long>.Default : Comparer<long>.Create(static (one, other) => other.CompareTo(one)));
        using var command = connection.Command($"SELECT c.seq FROM calls AS c WHERE c.profile = $profile AND {Span()} ORDER BY c.seq {order} LIMIT {most}", ("$profile", null));
        foreach (var (id, best) in profiles)
        {
            if (best is null || (page.Count == most && page.Comparer.Compare(best.Value, page.Max) > 0))
            {
                break;
            }

            command.Parameters[0].Value = id;
            using var reader = command.ExecuteReader();
            while (reader.Read() && (page.Count < most || page.Comparer.Compare(reader.GetInt64(0), page.Max) < 0))
            {
                page.Add(reader.GetInt64(0));
                if (page.Count > most)
                {
                    page.Remove(page.Max);
                }
            }
        }

        return [.. page];
    }

    private List<long> OfId(string condition, int most, params (string Name, object? Value)[] own)
    {
        // What the text is compared with is the id here.
        var others = query.Text is null || query.Id is not null ? where : where.Replace(" AND p.searched LIKE $text ESCAPE '\\'", "", StringComparison.Ordinal);
        var needed = values.Where(value => others.Contains(value.Name, StringComparison.Ordinal));
        return connection.Rows(
            $"SELECT c.seq FROM calls AS c JOIN profiles AS p ON p.id = c.profile WHERE {condition} AND {Span()}{others} ORDER BY c.seq {order} LIMIT {most}",
            static row => row.GetInt64(0),
            [.. own, .. needed]);
    }

    private List<long> Together(List<long> found, List<long> byId, int most)
    {
        var all = found.Union(byId);
        return [.. (query.OldestFirst ? all.Order() : all.OrderDescending()).Take(most)];
    }

    private List<long> Seqs(string sql) => connection.Rows(sql, static row => row.GetInt64(0));

    private static string Escaped(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
