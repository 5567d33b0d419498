using System.Threading.Tasks.Sources;

namespace Callgate.Gateway.Audit;

/// <summary>An entry on its way to the disk, and the promise of its answer.</summary>
internal sealed class PendingEntry(JournalEncoder encoder) : IValueTaskSource<AppendResult>
{
    /// <summary>A time that is never too long ago: a process that was stopped for a while has not lost its disk.</summary>
    public const long NobodyWaits = long.MaxValue;

    private ManualResetValueTaskSourceCore<AppendResult> answer = new() { RunContinuationsAsynchronously = true };
    private int settled;

    public JournalEncoder Encoder { get; } = encoder;

    public CallRecord? Call { get; init; }

    public OutcomeRecord? Outcome { get; init; }

    /// <summary>Wait for the disk, not only for the kernel.</summary>
    public bool NeedsSync { get; init; }

    /// <summary>When its caller began to wait.</summary>
    public long Since { get; init; }

    /// <summary>To be awaited once.</summary>
    public ValueTask<AppendResult> Answer => new(this, answer.Version);

    public bool IsSettled => Volatile.Read(ref settled) == 1;

    /// <summary>Whoever settles it first decides: the writer that it is written, a time limit or a fault that it does not count.</summary>
    public bool TrySettle(AppendResult result)
    {
        if (Interlocked.Exchange(ref settled, 1) == 1)
        {
            return false;
        }

        answer.SetResult(result);
        return true;
    }

    public bool TryRefuse(string detail) => TrySettle(new AppendResult(false, detail));

    AppendResult IValueTaskSource<AppendResult>.GetResult(short token) => answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<AppendResult>.GetStatus(short token) => answer.GetStatus(token);

    void IValueTaskSource<AppendResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        answer.OnCompleted(continuation, state, token, flags);
}

/// <summary>
/// Entries wait here for the writer. It is bounded, and closed while the journal is not able to write: then an entry is
/// refused at once.
/// </summary>
internal sealed class JournalQueue(int length)
{
    private readonly object gate = new();
    private List<PendingEntry> waiting = [];
    private List<PendingEntry> taken = [];
    private string? closed;
    private bool ended;
    private bool wantsThread;
    private bool isAwaited;

    /// <summary>Only the writer's own thread may take what waits: an entry asks for the disk, or nothing more comes.</summary>
    public bool WantsThread
    {
        get
        {
            lock (gate)
            {
                return wantsThread || ended;
            }
        }
    }

    /// <summary>Why nothing is taken in; null while entries are.</summary>
    public string? Closed
    {
        get
        {
            lock (gate)
            {
                return closed;
            }
        }
    }

    /// <summary>
    /// Null when the entry waits now, otherwise why not. An outcome is kept even while the queue is closed, so that the end
    /// of a call is told when the journal writes again.
    /// </summary>
    public string? TryAdd(PendingEntry entry)
    {
        lock (gate)
        {
            if (ended)
            {
                return "the journal is closed";
            }

            if (waiting.Count >= length)
            {
                return closed ?? "the journal's queue is full";
            }

            if (closed is not null && entry.Outcome is null)
            {
                return closed;
            }

            waiting.Add(entry);
            wantsThread |= entry.NeedsSync;
            return closed;
        }
    }

    /// <summary>The writer's thread looks at once.</summary>
    public void Wake()
    {
        lock (gate)
        {
            isAwaited = true;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>For the writer's thread: waits until something does, it is called, or the time is up.</summary>
    public void Wait(TimeSpan limit)
    {
        lock (gate)
        {
            if (waiting.Count == 0 && !isAwaited && !ended && limit > TimeSpan.Zero)
            {
                // Whole milliseconds are waited, rounded down: what is left below one would be a loop that waits for nothing.
                Monitor.Wait(gate, TimeSpan.FromMilliseconds(Math.Ceiling(limit.TotalMilliseconds)));
            }

            isAwaited = false;
        }
    }

    /// <summary>
    /// For a caller that writes: its entry and the ends of calls. Other calls have callers of their own. Nothing when the
    /// entry has been taken already. The list is valid until the next call.
    /// </summary>
    public IReadOnlyList<PendingEntry> Take(PendingEntry own)
    {
        lock (gate)
        {
            taken.Clear();
            if (waiting.Contains(own))
            {
                TakeSome(own);
            }

            return taken;
        }
    }

    /// <summary>For a search: everything that does not wait for the disk. The list is valid until the next call.</summary>
    public IReadOnlyList<PendingEntry> TakeUnsynced()
    {
        lock (gate)
        {
            taken.Clear();
            TakeSome(own: null);
            return taken;
        }
    }

    /// <summary>For the writer's thread: everything that waits. The list is valid until the next call.</summary>
    public IReadOnlyList<PendingEntry> Take(out bool isLast)
    {
        lock (gate)
        {
            taken.Clear();
            (waiting, taken) = (taken, waiting);
            wantsThread = false;
            isLast = ended;
            return taken;
        }
    }

    /// <summary>Refuses what has waited since before the timestamp, what the writer is busy with included.</summary>
    public int RefuseOlder(long timestamp, string detail)
    {
        lock (gate)
        {
            return Refuse(taken, timestamp, detail) + Refuse(waiting, timestamp, detail);
        }
    }

    /// <summary>Refuses what waits, and what comes until <see cref="Open"/>.</summary>
    public void Close(string detail)
    {
        lock (gate)
        {
            closed = detail;
            Refuse(waiting, long.MaxValue, detail);
        }
    }

    public void Open()
    {
        lock (gate)
        {
            closed = null;
        }
    }

    /// <summary>Nothing more comes; the writer takes what is left.</summary>
    public void End()
    {
        lock (gate)
        {
            ended = true;
            Monitor.Pulse(gate);
        }
    }

    private void TakeSome(PendingEntry? own)
    {
        var left = 0;
        for (var at = 0; at < waiting.Count; at++)
        {
            var entry = waiting[at];
            if (own is null ? !entry.NeedsSync : entry == own || entry.Outcome is not null)
            {
                taken.Add(entry);
            }
            else
            {
                waiting[left++] = entry;
            }
        }

        waiting.RemoveRange(left, waiting.Count - left);
    }

    private static int Refuse(List<PendingEntry> entries, long timestamp, string detail)
    {
        var refused = 0;
        foreach (var entry in entries)
        {
            if (entry.Since <= timestamp && entry.TryRefuse(detail))
            {
                refused++;
            }
        }

        return refused;
    }
}
