using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>How far the journal has been read: the last entry lies from <paramref name="Start"/> to <paramref name="Offset"/>.</summary>
internal sealed record AuditIndexPosition(string File, long Start, long Offset, long Seq, string Hash);

/// <summary>Entries that follow a position, and the position behind them.</summary>
/// <param name="FirstSeq">The oldest number the journal still holds; 0 while it is empty.</param>
internal sealed record AuditIndexBatch(IReadOnlyList<JsonElement> Entries, AuditIndexPosition? Position, long FirstSeq, int Unreadable);

/// <summary>
/// Reads the journal from where the index stands. <see cref="JournalReader"/> stops at a line that is no entry, as a judge of
/// the record must; a search that hid every later call because of it would help whoever damaged the line, so this steps over.
/// </summary>
internal sealed class AuditIndexTail(string directory)
{
    private const int BatchEntries = 1024;

    /// <summary>The next entries; none when everything is read. Null when the journal no longer holds the entry the position ends with.</summary>
    public AuditIndexBatch? Read(AuditIndexPosition? position)
    {
        if (position is not null && !Holds(position))
        {
            return null;
        }

        // The list is taken before a segment is read to its end: a segment with a successor in the list is complete.
        var segments = Directory.Exists(directory) ? JournalSegments.List(directory) : [];
        var firstSeq = segments.Count == 0 ? 0 : JournalSegments.FirstSeqOf(segments[0]);
        var batch = new AuditIndexBatch([], position, firstSeq, 0);
        foreach (var path in segments)
        {
            var name = Path.GetFileName(path);
            var order = position is null ? 1 : string.CompareOrdinal(name, position.File);
            if (order >= 0 && batch.Position == position)
            {
                batch = TryReadSegment(path, name, order == 0 ? position!.Offset : 0, batch);
            }
        }

        return batch;
    }

    /// <summary>True when the journal still holds that entry, byte for byte: after loss of power it may have been written anew.</summary>
    private bool Holds(AuditIndexPosition position)
    {
        var path = Path.Combine(directory, position.File);
        if (!File.Exists(path) || new FileInfo(path).Length < position.Offset)
        {
            return false;
        }

        using var lines = new JournalLines(path, position.Start);
        return lines.MoveNext() && lines.Next == position.Offset && string.Equals(JournalLine.HashText(lines.Line), position.Hash, StringComparison.Ordinal);
    }

    /// <summary>Nothing when retention has taken the segment since the folder was listed.</summary>
    private static AuditIndexBatch TryReadSegment(string path, string name, long offset, AuditIndexBatch batch)
    {
        try
        {
            return ReadSegment(path, name, offset, batch);
        }
        catch (FileNotFoundException)
        {
            return batch;
        }
    }

    private static AuditIndexBatch ReadSegment(string path, string name, long offset, AuditIndexBatch batch)
    {
        var entries = new List<JsonElement>();
        var unreadable = 0;
        var (start, next) = (-1L, -1L);
        using var lines = new JournalLines(path, offset);
        while (entries.Count < BatchEntries && lines.MoveNext())
        {
            if (Entry(lines.Line) is { } entry)
            {
                entries.Add(entry);
            }
            else
            {
                unreadable++;
            }

            (start, next) = (lines.Offset, lines.Next);
        }

        if (start < 0)
        {
            return batch;
        }

        var seq = entries.Count > 0 ? entries[^1].GetProperty("seq"u8).GetInt64() : batch.Position?.Seq ?? 0;
        return batch with { Entries = entries, Position = new AuditIndexPosition(name, start, next, seq, HashAt(path, start)), Unreadable = unreadable };
    }

    /// <summary>Read again: one hash a batch costs less than one a line.</summary>
    private static string HashAt(string path, long start)
    {
        using var lines = new JournalLines(path, start);
        return lines.MoveNext() ? JournalLine.HashText(lines.Line) : "";
    }

    private static JsonElement? Entry(ReadOnlySpan<byte> line)
    {
        try
        {
            return JournalLine.TryParse(line, out _) ? JsonElement.Parse(line) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
