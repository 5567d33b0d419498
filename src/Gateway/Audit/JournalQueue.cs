namespace Callgate.Gateway.Audit;

/// <summary>An entry on its way to the disk.</summary>
internal sealed class PendingEntry(JournalEncoder encoder)
{
    public JournalEncoder Encoder { get; } = encoder;

    public CallRecord? Call { get; init; }

    public OutcomeRecord? Outcome { get; init; }

    /// <summary>Wait for the disk, not only for the kernel.</summary>
    public bool NeedsSync { get; init; }

    public long Since { get; set; }

    /// <summary>Whoever settles it first decides: the writer that it is written, a time limit or a fault that it does not count.</summary>
    public TaskCompletionSource<AppendResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsSettled => Done.Task.IsCompleted;

    public bool TryRefuse(string detail) => Done.TrySetResult(new AppendResult(false, detail));
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
            if (waiting.Count == 1 && closed is null)
            {
                Monitor.Pulse(gate);
            }

            return closed;
        }
    }

    /// <summary>
    /// For the writer: everything that waits, as soon as something does or the time is up. The list is valid until the next call.
    /// </summary>
    public IReadOnlyList<PendingEntry> Take(TimeSpan limit, out bool isLast)
    {
        lock (gate)
        {
            taken.Clear();
            if (waiting.Count == 0 && !ended && limit > TimeSpan.Zero)
            {
                Monitor.Wait(gate, limit);
            }

            (waiting, taken) = (taken, waiting);
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
