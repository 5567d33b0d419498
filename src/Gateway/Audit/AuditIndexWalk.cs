using System.Data.Common;
using System.Globalization;
using System.Text;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Finds the numbers of a page. What fits many calls is found by walking the first few thousand. Otherwise the filters choose
/// profiles; of each of those the first calls are read in order and the page is put together from them. Either way the work
/// depends on the page and on the profiles, and not on how many calls there are.
/// </summary>
internal sealed class AuditIndexWalk
{
    /// <summary>So many calls are walked before anything else is tried.</summary>
    private const long Stroll = 8_000;

    /// <summary>With more profiles than this, so many calls are walked in the hope that enough fit.</summary>
    private const int FewProfiles = 2_000;
    private const long Stretch = 60_000;

    /// <summary>A text this long may be an id or the begin of one.</summary>
    private const int ShortestId = 8;

    private readonly DbConnection connection;
    private readonly AuditQuery query;
    private readonly AuditIndexFilter filter;
    private readonly string order;
    private long low = 1;
    private long high = long.MaxValue - 1;

    public AuditIndexWalk(DbConnection connection, AuditQuery query)
    {
        (this.connection, this.query) = (connection, query);
        order = query.OldestFirst ? "ASC" : "DESC";
        filter = new AuditIndexFilter(connection, query);
        var after = query.After();
        low = after is not null && query.OldestFirst ? after.Value + 1 : low;
        high = after is not null && !query.OldestFirst ? after.Value - 1 : high;
    }

    /// <summary>At most so many numbers, in the order of the query.</summary>
    public List<long> Find(int most)
    {
        if (!Narrow())
        {
            return [];
        }

        if (filter.IsEmpty && query.Id is null)
        {
            return Seqs($"SELECT c.seq FROM calls AS c WHERE {Span()} ORDER BY c.seq {order} LIMIT {most}");
        }

        filter.Gather(withText: query.Text is not null);
        if (query.Id is { } id)
        {
            return OfId("c.id = $own", most, ("$own", id));
        }

        var found = Near(Stroll, "CROSS JOIN profiles AS p ON p.id = c.profile", filter.Condition, most) ?? OfProfiles(most);
        if (query.Text is not { Length: >= ShortestId } text || !text.All(char.IsAsciiLetterOrDigit))
        {
            return found;
        }

        // What is compared with the text is the id here; the other filters stay.
        filter.Gather(withText: false);
        var byId = OfId("c.id >= $own AND c.id < $end", most, ("$own", text), ("$end", text + "~"));
        var all = found.Union(byId);
        return [.. (query.OldestFirst ? all.Order() : all.OrderDescending()).Take(most)];
    }

    /// <summary>The first call of each profile that fits, as SQL, the best first.</summary>
    internal string BestSql(int most) => $"""
        SELECT m.id, (SELECT c.seq FROM calls AS c WHERE c.profile = m.id AND {Span()} ORDER BY c.seq {order} LIMIT 1) AS best
        FROM matched AS m ORDER BY best {order} NULLS LAST LIMIT {most}
        """;

    /// <summary>False when no call is in reach. Blocks only narrow the numbers; each call's own time is still looked at.</summary>
    private bool Narrow()
    {
        var (first, last) = connection.Rows("SELECT (SELECT min(seq) FROM calls), (SELECT max(seq) FROM calls)", static row => row.IsDBNull(0) ? (1L, 0L) : (row.GetInt64(0), row.GetInt64(1)))[0];
        (low, high) = (Math.Max(low, first), Math.Min(high, last));
        if (query.From is not null || query.To is not null)
        {
            var (from, to) = (query.From?.ToUnixTimeMilliseconds() ?? long.MinValue, query.To?.ToUnixTimeMilliseconds() ?? long.MaxValue);
            (first, last) = connection.Rows(
                "SELECT min(block), max(block) FROM blocks WHERE latest >= $from AND earliest <= $to",
                static row => row.IsDBNull(0) ? (1L, 0L) : (row.GetInt64(0), row.GetInt64(1)),
                ("$from", from),
                ("$to", to))[0];
            low = Math.Max(low, first << AuditIndexRows.BlockShift);
            high = first <= last ? Math.Min(high, ((last + 1) << AuditIndexRows.BlockShift) - 1) : 0;
        }

        return low <= high;
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

    /// <summary>A page from the next so many calls; null when they do not fill one and there are more.</summary>
    private List<long>? Near(long length, string join, string condition, int most)
    {
        var (from, to) = query.OldestFirst ? (low, Math.Min(high, low + length)) : (Math.Max(low, high - length), high);
        var near = Seqs($"SELECT c.seq FROM calls AS c {join} WHERE {Span(from, to)}{condition} ORDER BY c.seq {order} LIMIT {most}");
        return near.Count == most || (from == low && to == high) ? near : null;
    }

    private List<long> OfProfiles(int most)
    {
        var profiles = filter.Match(low, high);
        return (profiles > FewProfiles ? Near(Stretch, "", " AND +c.profile IN (SELECT id FROM matched)", most) : null)
            ?? (profiles == 0 ? [] : Merge(connection.Rows(BestSql(most), static row => (Id: row.GetInt64(0), Best: row.IsDBNull(1) ? (long?)null : row.GetInt64(1))), most));
    }

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

    private List<long> OfId(string condition, int most, params (string Name, object? Value)[] own) => connection.Rows(
        $"SELECT c.seq FROM calls AS c INDEXED BY calls_id CROSS JOIN profiles AS p ON p.id = c.profile WHERE {condition} AND {Span()}{filter.Condition} ORDER BY c.seq {order} LIMIT {most}",
        static row => row.GetInt64(0),
        own);

    private List<long> Seqs(string sql) => connection.Rows(sql, static row => row.GetInt64(0));
}
