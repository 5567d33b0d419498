using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>One pass over all entries, oldest first.</summary>
internal sealed class JournalPass(KnownHeads known, IProgress<long>? progress)
{
    private const int ProgressEvery = 10_000;

    private const string Unlinked = "the segment does not follow from the one before it";

    private readonly IReadOnlyList<JournalHead> marks = known.InOrder();
    private int nextMark;
    private long agreed;
    private long heads;
    private long signedSeq;

    /// <summary>The last entry that follows, the one before it, and the files of both.</summary>
    private JournalHead head;
    private JournalHead before;
    private string? file;
    private string? fileBefore;

    private long entries;
    private long firstSeq;
    private bool isRetirementKnown = true;
    private string firstPrev = "";

    public VerifyReport Run(List<string> segments)
    {
        long tail = 0;
        for (var i = 0; i < segments.Count; i++)
        {
            var next = i + 1 < segments.Count ? segments[i + 1] : null;
            using var lines = new JournalLines(segments[i]);
            var broken = CheckLines(lines, new JournalChain(segments[i]), Path.GetFileName(segments[i]), next) ?? CheckEnd(segments[i], lines.TailBytes, next);
            if (broken is not null)
            {
                return broken;
            }

            tail = lines.TailBytes;
        }

        return Conclude(segments.Count == 0 ? null : Path.GetFileName(segments[^1]), tail);
    }

    public VerifyReport RunExport(string path)
    {
        var name = Path.GetFileName(path);
        using var lines = new JournalLines(path);
        while (lines.MoveNext())
        {
            if (ExportHeader.IsEntry(lines.Line))
            {
                var first = JournalLine.TryParse(lines.Line, out var line) ? line.Seq : 1;
                var begin = lines.Offset;
                using var rest = new JournalLines(path, begin);
                return CheckLines(rest, new JournalChain(first, holdsMany: true), name, null)
                    ?? (rest.TailBytes > 0 ? Broken(name, head.Seq + 1, "the export ends within an entry") : Conclude(name, 0));
            }
        }

        return Conclude(name, 0);
    }

    private VerifyReport? CheckLines(JournalLines lines, JournalChain chain, string name, string? nextSegment)
    {
        while (lines.MoveNext())
        {
            var expected = chain.Expected;
            var reason = chain.Step(lines.Line, out var line) ?? CheckPlace(line, lines.Line);
            if (reason is not null)
            {
                return reason is JournalChain.Unlinked or Unlinked && IsEntryBeforeWrong(lines, nextSegment)
                    ? BrokenBefore()
                    : Broken(name, entries == 0 ? expected : head.Seq + 1, reason);
            }

            (before, fileBefore) = (head, file);
            (head, file) = (chain.Head, name);
            if (CheckMarks() is { } broken)
            {
                return broken;
            }

            if (++entries % ProgressEvery == 0)
            {
                progress?.Report(entries);
            }
        }

        return null;
    }

    private VerifyReport? CheckEnd(string path, long tail, string? next)
    {
        var isEmpty = head.Seq < JournalSegments.FirstSeqOf(path);
        return next is not null && (tail > 0 || isEmpty)
            ? Broken(Path.GetFileName(path), head.Seq + 1, "the segment ends within an entry and is not the last")
            : null;
    }

    private VerifyReport Conclude(string? last, long tail)
    {
        if (!isRetirementKnown)
        {
            return Broken(last, firstSeq - 1, "the entries before the first segment are missing and were not retired");
        }

        if (nextMark < marks.Count)
        {
            var (from, to) = (Math.Max(agreed + 1, firstSeq), head.Seq + 1);
            return Broken(last, from, $"the journal ends before entry {marks[nextMark].Seq}, whose head is known{Range(from, to)}");
        }

        // Whoever replaces everything by entries that begin later must not get past heads that speak of earlier ones only.
        return firstSeq > 1 && marks.Count > 0 && marks[^1].Seq < firstSeq - 1
            ? Broken(last, firstSeq, $"the last head that is known is that of entry {marks[^1].Seq}, and the journal begins at {firstSeq}")
            : new VerifyReport(entries, firstSeq, head, TailBytes: tail) { Heads = heads, SignedSeq = signedSeq };
    }

    /// <summary>What the chain within a segment does not say: the begin of the journal, the step between segments.</summary>
    private string? CheckPlace(JournalLine line, ReadOnlySpan<byte> bytes)
    {
        if (entries == 0)
        {
            Begin(line);
            if (isRetirementKnown && !line.Prev.SequenceEqual(JournalLine.NoHash))
            {
                return "the first entry points at one before it";
            }
        }
        else if (line.Seq != head.Seq + 1)
        {
            return $"the entries {head.Seq + 1} to {line.Seq - 1} are missing";
        }
        else if (!line.Prev.SequenceEqual(Encoding.ASCII.GetBytes(head.Hash)))
        {
            return Unlinked;
        }

        return isRetirementKnown || !line.Kind.SequenceEqual("retired"u8) ? null : SeeRetired(bytes);
    }

    /// <summary>Compares the entry that was just read with the heads that are known of it, and those of retired entries with the begin.</summary>
    private VerifyReport? CheckMarks()
    {
        for (; nextMark < marks.Count && marks[nextMark].Seq <= head.Seq; nextMark++)
        {
            var mark = marks[nextMark];
            var hash = mark.Seq == head.Seq ? head.Hash : mark.Seq == firstSeq - 1 ? firstPrev : null;
            if (hash is null)
            {
                continue;
            }

            if (!string.Equals(mark.Hash, hash, StringComparison.OrdinalIgnoreCase))
            {
                var from = Math.Max(agreed + 1, firstSeq);
                return Broken(file, Math.Min(from, mark.Seq), $"entry {mark.Seq} is not the one whose head is known{Range(from, mark.Seq)}");
            }

            agreed = mark.Seq;
            if (known.IsSigned(mark))
            {
                heads++;
                signedSeq = mark.Seq;
            }
        }

        return null;
    }

    /// <summary>
    /// Entry and pointer do not fit: the pointer was changed, or the entry before was. The entry after tells, or a head: if
    /// this one is as it was written, it is the one before that is not.
    /// </summary>
    private bool IsEntryBeforeWrong(JournalLines lines, string? nextSegment)
    {
        var seq = head.Seq + 1;
        var hash = JournalLine.HashText(lines.Line);
        if (marks.Any(mark => mark.Seq == seq))
        {
            return marks.Any(mark => mark.Seq == seq && string.Equals(mark.Hash, hash, StringComparison.OrdinalIgnoreCase));
        }

        if (lines.MoveNext())
        {
            return IsPrev(lines.Line, hash);
        }

        if (nextSegment is null)
        {
            return true;
        }

        using var following = new JournalLines(nextSegment);
        return !following.MoveNext() || IsPrev(following.Line, hash);
    }

    /// <summary>Between two heads only the links hold the entries together, and whoever changes one can make those right again.</summary>
    private static string Range(long from, long to) => from >= to ? "" : $"; the first that was changed or is missing is one of {from} to {to}";

    private static bool IsPrev(ReadOnlySpan<byte> line, string hash) =>
        JournalLine.TryParse(line, out var parsed) && parsed.Prev.SequenceEqual(Encoding.ASCII.GetBytes(hash));

    private void Begin(JournalLine line)
    {
        firstSeq = line.Seq;
        firstPrev = Encoding.ASCII.GetString(line.Prev);
        isRetirementKnown = firstSeq == 1;
    }

    private string? SeeRetired(ReadOnlySpan<byte> bytes)
    {
        var entry = JsonElement.Parse(bytes);
        if (!entry.TryGetProperty("last_seq", out var seq) || !seq.TryGetInt64(out var last) || !entry.TryGetProperty("last_hash", out var hash))
        {
            return "the entry cannot be read";
        }

        isRetirementKnown = last == firstSeq - 1 && string.Equals(hash.GetString(), firstPrev, StringComparison.Ordinal);
        return null;
    }

    private VerifyReport BrokenBefore()
    {
        var changed = (Seq: head.Seq, File: file);
        (head, file) = (before, fileBefore);
        entries--;
        return Broken(changed.File, changed.Seq, "the entry is not the one that the next was written after");
    }

    private VerifyReport Broken(string? name, long seq, string reason) =>
        new(entries, firstSeq, head, Math.Max(seq, 1), name, reason) { Heads = heads, SignedSeq = signedSeq };
}
