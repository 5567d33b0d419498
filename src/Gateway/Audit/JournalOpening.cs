using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>What a journal folder holds when it is opened: where to go on, and what the live counters are.</summary>
/// <param name="Path">The current segment; null in an empty folder.</param>
/// <param name="Length">Its length up to the end of the last complete entry.</param>
/// <param name="HeaderLength">Where its second entry begins.</param>
/// <param name="RecoveredBytes">What an unclean end left behind the last complete entry.</param>
internal sealed record JournalOpening(string? Path, long Length, long HeaderLength, JournalHead Head, JournalFold Fold, long RecoveredBytes)
{
    private const int TailBlock = 64 * 1024;

    private const int Version = 1;

    /// <summary>
    /// Checks the folder's segments against each other by their ends, and every entry of the last one. Only an incomplete
    /// last line is forgiven: the entry in it has been acknowledged to nobody.
    /// </summary>
    /// <exception cref="JournalDamagedException">Anything else is not as it was written.</exception>
    public static JournalOpening Scan(string directory, JournalDisk disk)
    {
        var segments = JournalSegments.List(directory);
        var leftover = RemoveUnbegun(segments, disk);
        if (segments.Count == 0)
        {
            var none = new JournalHead(0, Encoding.ASCII.GetString(JournalLine.NoHash));
            return new JournalOpening(null, 0, 0, none, new JournalFold(), leftover);
        }

        for (var i = 1; i < segments.Count; i++)
        {
            CheckLink(segments[i - 1], segments[i]);
        }

        var last = ScanLast(segments[^1], leftover);
        CheckBegin(segments[0], last.Fold);
        return last;
    }

    /// <summary>The number and hash of a segment's last entry.</summary>
    public static JournalHead LastOf(string path)
    {
        var line = LastLine(path);
        if (!JournalLine.TryParse(line, out var parsed))
        {
            throw new JournalDamagedException(path, 0, "its last line is no entry");
        }

        return new JournalHead(parsed.Seq, JournalLine.HashText(line));
    }

    /// <summary>
    /// A process that ended while it began a segment leaves one that ends within its first entries, always the last. They
    /// are written before anything else is, so nothing acknowledged is in it.
    /// </summary>
    private static long RemoveUnbegun(List<string> segments, JournalDisk disk)
    {
        if (segments.Count == 0 || HasBegun(segments[^1]))
        {
            return 0;
        }

        var bytes = disk.LengthOf(segments[^1]);
        disk.Delete(segments[^1]);
        segments.RemoveAt(segments.Count - 1);
        return bytes;
    }

    private static bool HasBegun(string path)
    {
        using var lines = new JournalLines(path);
        if (!lines.MoveNext())
        {
            return false;
        }

        for (var more = MoreOf(path, lines.Line); more > 0; more--)
        {
            if (!lines.MoveNext())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How many entries the first one says belong to the begin of its segment.</summary>
    private static long MoreOf(string path, ReadOnlySpan<byte> line)
    {
        var first = JournalSegments.FirstSeqOf(path);
        if (!JournalLine.TryParse(line, out var parsed) || !parsed.Kind.SequenceEqual("segment"u8) || !JournalLine.IsJson(line))
        {
            throw new JournalDamagedException(path, first, "its first line does not begin a segment");
        }

        var entry = JsonElement.Parse(line);
        if (!entry.TryGetProperty("version", out var version) || !version.TryGetInt32(out var number) || number != Version)
        {
            throw new JournalDamagedException(path, first, $"only version {Version} of the journal can be read; it was written by another release");
        }

        return entry.TryGetProperty("more", out var more) && more.TryGetInt64(out var count) ? count : 0;
    }

    private static void CheckLink(string before, string after)
    {
        var head = LastOf(before);
        using var lines = new JournalLines(after);
        var first = JournalSegments.FirstSeqOf(after);
        if (!lines.MoveNext() || !JournalLine.TryParse(lines.Line, out var line) || line.Seq != first)
        {
            throw new JournalDamagedException(after, first, "its first line is not the entry its name says");
        }

        if (line.Seq != head.Seq + 1)
        {
            throw new JournalDamagedException(after, head.Seq + 1, $"the entries {head.Seq + 1} to {line.Seq - 1} before it are missing");
        }

        if (!line.Prev.SequenceEqual(Encoding.ASCII.GetBytes(head.Hash)))
        {
            throw new JournalDamagedException(after, line.Seq, "it does not follow from the segment before it");
        }
    }

    private static void CheckBegin(string oldest, JournalFold fold)
    {
        var first = JournalSegments.FirstSeqOf(oldest);
        if (first - 1 > fold.RetiredSeq)
        {
            throw new JournalDamagedException(oldest, fold.RetiredSeq + 1, $"the entries {fold.RetiredSeq + 1} to {first - 1} before it are missing and were not retired");
        }
    }

    private static JournalOpening ScanLast(string path, long leftover)
    {
        using var lines = new JournalLines(path);
        var chain = new JournalChain(path);
        var fold = new JournalFold();
        long length = 0;
        long headerLength = 0;
        long more = 0;
        long index = 0;
        while (lines.MoveNext())
        {
            if (chain.Step(lines.Line, out var line) is { } reason)
            {
                throw new JournalDamagedException(path, chain.Expected, reason);
            }

            Replay(path, fold, line, lines.Line);
            length = lines.Next;
            more = index == 0 ? MoreOf(path, lines.Line) : more;
            headerLength = index++ <= more ? length : headerLength;
        }

        return new JournalOpening(path, length, headerLength, chain.Head, fold, lines.TailBytes + leftover);
    }

    private static void Replay(string path, JournalFold fold, JournalLine line, ReadOnlySpan<byte> bytes)
    {
        try
        {
            fold.Apply(line.Kind, bytes);
        }
        catch (JsonException exception)
        {
            throw new JournalDamagedException(path, line.Seq, $"the entry cannot be read: {exception.Message.TrimEnd('.')}");
        }
    }

    private static byte[] LastLine(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        for (long size = TailBlock; ; size *= 4)
        {
            var block = new byte[Math.Min(size, length)];
            var read = RandomAccess.Read(file, block, length - block.Length);
            if (read < block.Length || read == 0 || block[^1] != (byte)'\n')
            {
                throw new JournalDamagedException(path, JournalSegments.FirstSeqOf(path), "it ends within an entry and is not the last segment");
            }

            var before = block.AsSpan(0, block.Length - 1).LastIndexOf((byte)'\n');
            if (before >= 0 || block.Length == length)
            {
                return block[(before + 1)..^1];
            }
        }
    }
}

/// <summary>What an opening hands to the counters, taken before the writer changes it.</summary>
internal sealed record JournalReplay(IReadOnlyList<Quota.Charge> Charges, DateTimeOffset Until);
