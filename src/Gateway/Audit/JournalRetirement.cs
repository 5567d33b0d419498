namespace Callgate.Gateway.Audit;

/// <summary>
/// Removes the oldest segments when they are too old or too many. The removal is an entry of the chain before it happens,
/// so that a verifier can tell it from a theft. The current segment stays: its first entry carries every live counter.
/// </summary>
internal static class JournalRetirement
{
    public static void Run(JournalOptions options, JournalWriter writer, JournalEncoders encoders, DateTimeOffset now)
    {
        if (options.Retention is { Age: null, Bytes: null })
        {
            return;
        }

        var segments = JournalSegments.List(options.Directory).ConvertAll(path => new FileInfo(path));
        var total = segments.Sum(segment => segment.Length);
        foreach (var segment in segments)
        {
            if (writer.IsCurrent(segment.FullName) || !IsDue(options.Retention, segment, total, now))
            {
                return;
            }

            Remove(segment, writer, encoders, now);
            total -= segment.Length;
        }
    }

    private static bool IsDue(JournalRetention retention, FileInfo segment, long total, DateTimeOffset now) =>
        total > retention.Bytes || now.UtcDateTime - segment.LastWriteTimeUtc > retention.Age;

    private static void Remove(FileInfo segment, JournalWriter writer, JournalEncoders encoders, DateTimeOffset now)
    {
        var last = JournalOpening.LastOf(segment.FullName);
        var encoder = encoders.Rent();
        encoder.WriteRetired(now, segment.Name, last);
        writer.Write([new PendingEntry(encoder)]);
        writer.Fold.Retire(last.Seq);
        encoders.Return(encoder);
        writer.Remove(segment.FullName);
    }
}
