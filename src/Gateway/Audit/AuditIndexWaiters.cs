namespace Callgate.Gateway.Audit;

/// <summary>Who waits until an entry is searchable.</summary>
internal sealed class AuditIndexWaiters
{
    private readonly Lock gate = new();
    private readonly List<(long Seq, TaskCompletionSource Done)> waiting = [];
    private long reached;
    private bool ended;

    public long Reached => Volatile.Read(ref reached);

    /// <summary>True while somebody waits.</summary>
    public bool Any
    {
        get
        {
            lock (gate)
            {
                return waiting.Count > 0;
            }
        }
    }

    public async Task For(long seq, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (reached >= seq)
            {
                return;
            }

            ObjectDisposedException.ThrowIf(ended, this);
            waiting.Add((seq, done));
        }

        try
        {
            await done.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (gate)
            {
                waiting.RemoveAll(waiter => waiter.Done == done);
            }
        }
    }

    public void Reach(long seq)
    {
        lock (gate)
        {
            reached = seq;
            foreach (var (wanted, done) in waiting)
            {
                if (seq >= wanted)
                {
                    done.TrySetResult();
                }
            }
        }
    }

    public void End()
    {
        lock (gate)
        {
            ended = true;
            foreach (var (_, done) in waiting)
            {
                done.TrySetException(new ObjectDisposedException(nameof(AuditIndex)));
            }
        }
    }
}
