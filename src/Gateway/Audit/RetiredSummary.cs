using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>What is left of entries that retention drops: how many there were, from when to when, and what was decided and came of it.</summary>
internal sealed class RetiredSummary
{
    /// <summary>The register of codes is shorter than this; whatever else a line may say is counted together.</summary>
    private const int MostNames = 128;

    private readonly SortedDictionary<string, long> decisions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> codes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> outcomes = new(StringComparer.Ordinal);

    public long FirstSeq { get; private set; }

    public long Entries { get; private set; }

    /// <summary>The earliest and the latest time that an entry names.</summary>
    public DateTimeOffset? From { get; private set; }

    public DateTimeOffset? To { get; private set; }

    /// <summary>Counts a whole segment; it reads the file and blocks on it.</summary>
    public static RetiredSummary Of(string segment)
    {
        var summary = new RetiredSummary();
        using var lines = new JournalLines(segment);
        while (lines.MoveNext())
        {
            if (!JournalLine.TryParse(lines.Line, out var line))
            {
                throw new JournalDamagedException(segment, summary.FirstSeq + summary.Entries, "the line is no entry");
            }

            summary.Add(line, lines.Line);
        }

        return summary;
    }

    /// <summary>Both together; this one comes first.</summary>
    public RetiredSummary Plus(RetiredSummary later)
    {
        var sum = new RetiredSummary { FirstSeq = FirstSeq, Entries = Entries + later.Entries, From = From, To = To };
        sum.See(later.From);
        sum.See(later.To);
        Merge(sum.decisions, decisions, later.decisions);
        Merge(sum.codes, codes, later.codes);
        Merge(sum.outcomes, outcomes, later.outcomes);
        return sum;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("first_seq", FirstSeq);
        json.WriteNumber("entries", Entries);
        if (From is { } from && To is { } to)
        {
            JournalCharges.WriteTime(json, "from", from);
            JournalCharges.WriteTime(json, "to", to);
        }

        Write(json, "decisions", decisions);
        Write(json, "codes", codes);
        Write(json, "outcomes", outcomes);
        json.WriteEndObject();
    }

    /// <exception cref="KeyNotFoundException">A member is missing.</exception>
    /// <exception cref="InvalidOperationException">A member has another type.</exception>
    public static RetiredSummary Read(JsonElement written)
    {
        var summary = new RetiredSummary { FirstSeq = written.GetProperty("first_seq").GetInt64(), Entries = written.GetProperty("entries").GetInt64() };
        if (written.TryGetProperty("from", out var from))
        {
            summary.See(JournalCharges.ReadTime(from));
            summary.See(JournalCharges.ReadTime(written.GetProperty("to")));
        }

        Read(summary.decisions, written.GetProperty("decisions"));
        Read(summary.codes, written.GetProperty("codes"));
        Read(summary.outcomes, written.GetProperty("outcomes"));
        return summary;
    }

    private static void Write(Utf8JsonWriter json, string name, SortedDictionary<string, long> counts)
    {
        json.WriteStartObject(name);
        foreach (var (key, count) in counts)
        {
            json.WriteNumber(key, count);
        }

        json.WriteEndObject();
    }

    private static void Read(SortedDictionary<string, long> counts, JsonElement written)
    {
        foreach (var member in written.EnumerateObject())
        {
            counts[member.Name] = member.Value.GetInt64();
        }
    }

    private static void Merge(SortedDictionary<string, long> sum, SortedDictionary<string, long> one, SortedDictionary<string, long> other)
    {
        foreach (var (key, count) in one.Concat(other))
        {
            Count(sum, key, count);
        }
    }

    private static void Count(SortedDictionary<string, long> counts, string? name, long more = 1)
    {
        if (name is not null)
        {
            var key = counts.Count < MostNames || counts.ContainsKey(name) ? name : "other";
            counts[key] = counts.GetValueOrDefault(key) + more;
        }
    }

    private void Add(JournalLine line, ReadOnlySpan<byte> bytes)
    {
        FirstSeq = Entries++ == 0 ? line.Seq : FirstSeq;
        var isCall = line.Kind.SequenceEqual("call"u8);
        if (!isCall && !line.Kind.SequenceEqual("outcome"u8) && !line.Kind.SequenceEqual("refusals"u8))
        {
            return;
        }

        var entry = JsonElement.Parse(bytes);
        See(entry.TryGetProperty("time", out var time) && time.TryGetDateTimeOffset(out var at) ? at : null);
        Count(outcomes, AuditIndexEntry.Text(entry, "outcome"));
        Count(codes, AuditIndexEntry.Text(entry, "code"));
        if (isCall)
        {
            Count(decisions, AuditIndexEntry.Text(entry, "decision"));
        }
        else if (entry.TryGetProperty("codes", out var counted) && counted.ValueKind == JsonValueKind.Object)
        {
            Count(decisions, "deny", AuditIndexEntry.Number(entry, "count") ?? 0);
            foreach (var code in counted.EnumerateObject())
            {
                Count(codes, code.Name, AuditIndexEntry.Number(counted, code.Name) ?? 0);
            }
        }
    }

    private void See(DateTimeOffset? time)
    {
        From = From is null || time < From ? time ?? From : From;
        To = To is null || time > To ? time ?? To : To;
    }
}
