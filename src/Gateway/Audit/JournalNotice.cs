using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Tells subscribers that there is something new, without ever making the writer wait for them: what comes within a
/// moment is told once, and the writer only sets a flag.
/// </summary>
internal sealed class JournalNotice : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    private readonly ILogger log;
    private readonly Lock gate = new();
    private readonly ITimer timer;
    private volatile Action[] actions = [];
    private int isNew;

    public JournalNotice(ILogger log)
    {
        this.log = log;
        timer = TimeProvider.System.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Subscribe(Action action)
    {
        lock (gate)
        {
            actions = [.. actions, action];
        }
    }

    public void Raise()
    {
        if (Interlocked.Exchange(ref isNew, 1) == 0)
        {
            timer.Change(Moment, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => timer.Dispose();

    private void Tell()
    {
        Volatile.Write(ref isNew, 0);
        if (!gate.TryEnter())
        {
            // Never twice at once: whoever is still being told is told again after that.
            Raise();
            return;
        }

        try
        {
            foreach (var action in actions)
            {
                Call(action);
            }
        }
        finally
        {
            gate.Exit();
        }
    }

    private void Call(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            log.LogError(exception, "a subscriber of the journal failed");
        }
    }
}
