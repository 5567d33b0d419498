using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Audit;

/// <summary>Tells subscribers that there is something new, without ever making the writer wait for them.</summary>
internal sealed class JournalNotice(ILogger log)
{
    private readonly Lock gate = new();
    private Action[] actions = [];
    private bool isRunning;
    private bool isNew;

    public void Subscribe(Action action)
    {
        lock (gate)
        {
            actions = [.. actions, action];
        }
    }

    public void Raise()
    {
        lock (gate)
        {
            isNew = true;
            if (isRunning || actions.Length == 0)
            {
                return;
            }

            isRunning = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static notice => notice.Run(), this, preferLocal: false);
    }

    private void Run()
    {
        while (TakeNew() is { } called)
        {
            foreach (var action in called)
            {
                Call(action);
            }
        }
    }

    private Action[]? TakeNew()
    {
        lock (gate)
        {
            isRunning = isNew;
            isNew = false;
            return isRunning ? actions : null;
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
