using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>What a check of the whole chain found.</summary>
/// <param name="Entries">Entries that follow from each other, from the first one there is.</param>
/// <param name="FirstSeq">The first entry there is: 1, or the one after those that retention removed.</param>
/// <param name="Head">The last good entry; note it elsewhere and give it to a later check.</param>
/// <param name="BrokenSeq">The first entry that cannot be trusted; null when all can.</param>
/// <param name="File">Its segment.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="TailBytes">Bytes of an incomplete last line: one being written, or left by an unclean end.</param>
public sealed record VerifyReport(
    long Entries,
    long FirstSeq,
    JournalHead Head,
    long? BrokenSeq = null,
    string? File = null,
    string? Reason = null,
    long TailBytes = 0)
{
    public bool Ok => BrokenSeq is null;
}

/// <summary>
/// Checks every entry of every segment. Without a noted head it finds every change but one: a cut or an edit at the very
/// end that leaves whole entries, which only something kept outside the folder can tell.
/// </summary>
public static class JournalVerifier
{
    private const int ProgressEvery = 10_000;

    /// <summary>Reads the whole journal; call it from a thread of one's own. Progress is the number of entries so far.</summary>
    public static VerifyReport Verify(string directory, IProgress<long>? progress = null, JournalHead? noted = null)
    {
        try
        {
            return new Pass(progress, noted).Run(JournalSegments.List(directory));
        }
        catch (JournalDamagedException damage)
        {
            return new VerifyReport(0, 0, default, damage.Seq, damage.File, damage.Reason);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new VerifyReport(0, 0, default, 0, directory, $"the journal cannot be read: {exception.Message.TrimEnd('.')}");
        }
    }

    private sealed class Pass(IProgress<long>? progress, JournalHead? noted)
    {
        private JournalHead head;
        private long entries;
        private long firstSeq;
        private bool isRetirementKnown = true;
        private bool isNotedSeen = noted is null;
        private string firstPrev = "";

        public VerifyReport Run(List<string> segments)
        {
            long tail = 0;
            for (var i = 0; i < segments.Count; i++)
            {
                if (CheckSegment(segments[i], isLast: i == segments.Count - 1, out tail) is { } broken)
                {
                    return broken;
                }
            }

            if (!isRetirementKnown)
            {
                return Broken(segments[0], firstSeq - 1, "the entries before the first segment are missing and were not retired");
            }

            if (!isNotedSeen && noted!.Value.Seq >= firstSeq)
            {
                return Broken(segments.LastOrDefault(), head.Seq + 1, $"the journal ends before entry {noted.Value.Seq}, which was noted");
            }

            return new VerifyReport(entries, firstSeq, head, TailBytes: tail);
        }

        private VerifyReport? CheckSegment(string path, bool isLast, out long tail)
        {
            using var lines = new JournalLines(path);
            var chain = new JournalChain(path);
            while (lines.MoveNext())
            {
                var expected = chain.Expected;
                var reason = chain.Step(lines.Line, out var line) ?? CheckPlace(line, chain.Head, lines.Line);
                if (reason is not null)
                {
                    tail = 0;
                    return Broken(path, entries == 0 ? expected : head.Seq + 1, reason);
                }

                head = chain.Head;
                if (++entries % ProgressEvery == 0)
                {
                    progress?.Report(entries);
                }
            }

            tail = lines.TailBytes;
            return tail > 0 && !isLast || chain.Head.Seq < JournalSegments.FirstSeqOf(path) && !isLast
                ? Broken(path, head.Seq + 1, "the segment ends within an entry and is not the last")
                : null;
        }

        /// <summary>What the chain within a segment does not say: the begin of the journal, the step between segments, the noted head.</summary>
        private string? CheckPlace(JournalLine line, JournalHead own, ReadOnlySpan<byte> bytes)
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
                return "the segment does not follow from the one before it";
            }

            if (noted is { } mark && line.Seq == mark.Seq)
            {
                isNotedSeen = true;
                return string.Equals(mark.Hash, own.Hash, StringComparison.OrdinalIgnoreCase) ? null : "the entry is not the one that was noted";
            }

            return isRetirementKnown || !line.Kind.SequenceEqual("retired"u8) ? null : SeeRetired(bytes);
        }

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

        private VerifyReport Broken(string? path, long seq, string reason) =>
            new(entries, firstSeq, head, Math.Max(seq, 1), path is null ? null : Path.GetFileName(path), reason);
    }
}
