using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Removes the oldest segments when they are too old or too many. The removal is an entry of the chain before it happens,
/// so that a verifier can tell it from a theft, and the next signed head covers it; it says what was dropped, and in total
/// since the beginning. The current segment stays: its first entry carries every live counter.
/// </summary>
internal sealed class JournalRetirement(JournalOptions options, JournalWriter writer, JournalEncoders encoders, JournalSummaries summaries, ILogger log)
{
    public void Run(DateTimeOffset now)
    {
        if (options.Retention is { Age: null, Bytes: null })
        {
            return;
        }

        var segments = JournalSegments.List(options.Directory).ConvertAll(path => new FileInfo(path));
        var total = segments.Sum(segment => segment.Length);
        foreach (var segment in segments)
        {
            if (writer.IsCurrent(segment.FullName) || !IsDue(segment, total, now) || !TryRemove(segment, now))
            {
                return;
            }

            total -= segment.Length;
        }
    }

    private bool IsDue(FileInfo segment, long total, DateTimeOffset now) =>
        total > options.Retention.Bytes || now.UtcDateTime - segment.LastWriteTimeUtc > options.Retention.Age;

    private bool TryRemove(FileInfo segment, DateTimeOffset now)
    {
        if (summaries.Of(segment) is not { } summary)
        {
            return false;
        }

        var last = JournalOpening.LastOf(segment.FullName);
        var total = writer.Fold.Retired?.Plus(summary) ?? summary;
        var encoder = encoders.Rent();
        encoder.WriteRetired(now, segment.Name, last, summary, total);
        writer.Write([new PendingEntry(encoder)]);
        writer.Fold.Retire(last.Seq, total);
        encoders.Return(encoder);
        writer.Sync();
        try
        {
            options.Disk.Delete(segment.FullName);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Too much of the record is no reason to refuse calls.
            log.LogError(exception, "the old segment {Segment} cannot be removed", segment.Name);
            return false;
        }
    }
}
