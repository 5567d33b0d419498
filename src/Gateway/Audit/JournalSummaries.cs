using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>Summaries of segments that are to be dropped. A large one is counted on a thread of its own, so that no call waits for it.</summary>
internal sealed class JournalSummaries : IDisposable
{
    /// <summary>Counted in about a millisecond, which is counted at once.</summary>
    private const long SmallBytes = 128 * 1024;

    private readonly Lock gate = new();
    private StoreThread? thread;
    private string? asked;
    private RetiredSummary? ready;
    private Exception? failure;
    private volatile bool isReady;

    /// <summary>True once when a summary that was asked for has been made.</summary>
    public bool TakeReady()
    {
        var was = isReady;
        isReady = false;
        return was;
    }

    /// <summary>The summary of this segment; null while it is being made.</summary>
    /// <exception cref="JournalDamagedException">The segment cannot be read.</exception>
    public RetiredSummary? Of(FileInfo segment)
    {
        if (segment.Length <= SmallBytes)
        {
            return RetiredSummary.Of(segment.FullName);
        }

        lock (gate)
        {
            if (asked != segment.FullName)
            {
                (asked, ready, failure) = (segment.FullName, null, null);
                thread ??= new StoreThread("journal summaries");
                thread.TryPost(() => Make(segment.FullName));
                return null;
            }

            var why = failure;
            asked = ready is null && why is null ? asked : null;
            return why is null ? ready : throw new JournalDamagedException(segment.FullName, 0, why.Message.TrimEnd('.'));
        }
    }

    public void Dispose() => _ = thread?.DisposeAsync().AsTask();

    private void Make(string segment)
    {
        RetiredSummary? made = null;
        Exception? why = null;
        try
        {
            made = RetiredSummary.Of(segment);
        }
        catch (Exception exception)
        {
            why = exception;
        }

        lock (gate)
        {
            (ready, failure) = (made, why);
        }

        isReady = true;
    }
}
