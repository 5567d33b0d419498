using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Audit;

/// <summary>What the journal's thread does now and then: looks at the room on the disk, counts refusals, retires old segments.</summary>
internal sealed class JournalChores(JournalOptions options, TimeProvider time, ILogger log, JournalRefusals refusals, JournalEncoders encoders) : IDisposable
{
    private static readonly TimeSpan Housekeeping = TimeSpan.FromSeconds(1);

    private readonly JournalTicks look = new(Housekeeping, TimeProvider.System);
    private readonly JournalTicks count = new(options.CountEvery, time);
    private readonly JournalTicks retire = new(TimeSpan.FromHours(1), time);
    private readonly JournalSummaries summaries = new();
    private volatile bool isScarce;

    /// <summary>The disk has less room than twice the reserve.</summary>
    public bool IsScarce => isScarce;

    public TimeSpan UntilNextLook => look.Left;

    /// <summary>The refusals that were only counted, when they are due to become an entry.</summary>
    public RefusalCount? DueCount() => count.IsDue() ? refusals.Take() : null;

    public void LookWhenDue()
    {
        if (look.IsDue())
        {
            Look();
        }
    }

    public void Look()
    {
        try
        {
            isScarce = options.Disk.FreeBytes(options.Directory) < 2 * options.ReserveBytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            isScarce = true;
        }
    }

    /// <summary>True once an hour, when what was charged in windows that ended is forgotten, and when a segment has been summed up for it.</summary>
    public bool IsRetirementDue(JournalWriter writer)
    {
        if (!retire.IsDue())
        {
            return summaries.TakeReady();
        }

        writer.Fold.See(time.GetUtcNow());
        writer.Fold.Prune();
        return true;
    }

    public void Retire(JournalWriter writer)
    {
        try
        {
            new JournalRetirement(options, writer, encoders, summaries, log).Run(time.GetUtcNow());
        }
        catch (JournalDamagedException damage)
        {
            log.LogError(damage, "an old segment cannot be read and is not removed");
        }
    }

    public void Dispose() => summaries.Dispose();
}
