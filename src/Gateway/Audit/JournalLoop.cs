using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Whoever holds the baton writes, one at a time. A caller writes its entry, and the ends of calls that wait, on its own
/// thread: handing it over and back would cost more than all of the call's other work. Everything that waits for the disk
/// is done by the one thread of the journal: the sync, a fresh segment, recovery from a failure; what comes meanwhile
/// gathers and is written by it. After any failure nothing is taken in until a fresh segment has been opened.
/// </summary>
internal sealed class JournalLoop : IDisposable
{
    private static readonly TimeSpan PatienceOfSearches = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a caller waits for another: some ten microseconds in all.</summary>
    private const int MostTurns = 16;
    private const int TurnLength = 20;

    /// <summary>A disk that takes longer for a write makes one thread wait, not callers; they write again after a fast one.</summary>
    private static readonly TimeSpan SlowWrite = TimeSpan.FromMilliseconds(20);

    private readonly Lock baton = new();
    private readonly JournalOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly JournalQueue queue;
    private readonly JournalRefusals refusals;
    private readonly JournalEncoders encoders;
    private readonly TaskCompletionSource<JournalReplay> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly JournalOwn own;
    private readonly List<PendingEntry> writing = [];
    private readonly JournalChores chores;
    private readonly JournalTicks retry;
    private JournalWriter writer = null!; // set before anything else runs on the thread
    private string? fault;
    private volatile bool willTick;
    private bool isSlow;
    private volatile StrongBox<JournalHead> head = new();

    public JournalLoop(JournalOptions options, TimeProvider time, ILogger log, JournalQueue queue, JournalRefusals refusals, JournalEncoders encoders)
    {
        (this.options, this.time, this.log) = (options, time, log);
        (this.queue, this.refusals, this.encoders) = (queue, refusals, encoders);
        retry = new JournalTicks(options.RetryEvery, TimeProvider.System);
        own = new JournalOwn(encoders);
        chores = new JournalChores(options, time, log, refusals, encoders);
    }

    /// <summary>Raised by whoever wrote, with the baton, when entries are in the kernel.</summary>
    public event Action? Written;

    /// <summary>Raised with the baton after a sync: <see cref="SyncedHead"/> has moved.</summary>
    public event Action? Synced;

    public JournalHead Head => head.Value;

    /// <summary>The last entry that is known to be on the disk.</summary>
    public JournalHead SyncedHead => writer?.Synced ?? default;

    public ConcurrentQueue<JournalHead> Milestones => writer.Milestones;

    /// <summary>The disk has less room than twice the reserve.</summary>
    public bool IsScarce => chores.IsScarce;

    public Task Ended => ended.Task;

    /// <summary>Opens the folder; the entries that say so are written as soon as the disk takes them.</summary>
    public Task<JournalReplay> Start()
    {
        new Thread(Run) { IsBackground = true, Name = "callgate journal" }.Start();
        return opened.Task;
    }

    public void Dispose()
    {
        chores.Dispose();
        writer?.Dispose();
    }

    /// <summary>
    /// Writes this entry, and the ends of calls that wait, on the thread of the caller. Another caller has the baton for some
    /// microseconds, which is waited for; what the thread does with it lasts longer, and then the entry is left to it.
    /// </summary>
    public void Help(PendingEntry entry)
    {
        for (var turn = 0; turn < MostTurns; turn++)
        {
            if (!baton.TryEnter())
            {
                Thread.SpinWait(TurnLength);
                continue;
            }

            var needsThread = true;
            try
            {
                if (IsPlainSailing())
                {
                    Append(queue.Take(entry));
                    needsThread = fault is not null || own.Count > 0 || !willTick;
                    willTick |= writer.IsDirty;
                }
            }
            finally
            {
                baton.Exit();
                if (needsThread)
                {
                    queue.Wake();
                }
            }

            return;
        }

        queue.Wake();
    }

    public void WriteWaiting()
    {
        if (!baton.TryEnter(PatienceOfSearches))
        {
            return;
        }

        try
        {
            if (IsPlainSailing())
            {
                // An entry that wants the disk may have come since: it is the thread's.
                Append(queue.TakeUnsynced());
            }
        }
        finally
        {
            baton.Exit();
            queue.Wake();
        }
    }

    /// <summary>For an entry that nobody waits for: it is written with the next one, or with the next sync.</summary>
    public void Later()
    {
        if (!willTick)
        {
            queue.Wake();
        }
    }

    private bool IsPlainSailing() => fault is null && own.Count == 0 && !isSlow && !writer.IsFull && !queue.WantsThread;

    private void Run()
    {
        if (TryOpen())
        {
            var patience = TimeSpan.Zero;
            for (var isLast = false; !isLast;)
            {
                queue.Wait(patience);
                lock (baton)
                {
                    Step(queue.Take(out isLast));
                    willTick = writer.IsDirty;
                    patience = Patience();
                }
            }

            lock (baton)
            {
                Finish();
            }
        }

        ended.SetResult();
    }

    private bool TryOpen()
    {
        JournalOpening opening;
        try
        {
            opening = JournalOpening.Scan(options.Directory, options.Disk);
        }
        catch (Exception exception)
        {
            opened.SetException(exception);
            return false;
        }

        opening.Fold.EndLife();
        opening.Fold.Prune();
        var replay = new JournalReplay([.. opening.Fold.Charges()], opening.Fold.Latest);
        writer = new JournalWriter(options, time, opening);
        own.Begin(opening, time.GetUtcNow());
        Guard(writer.Begin);
        chores.Look();
        Step([]);
        opened.SetResult(replay);
        return true;
    }

    /// <summary>How long the thread may wait; called with the baton.</summary>
    private TimeSpan Patience()
    {
        if (fault is not null)
        {
            return retry.Left;
        }

        if (own.Count > 0)
        {
            return TimeSpan.Zero;
        }

        var left = options.SyncEvery - writer.SinceDirty;
        return !writer.IsDirty ? chores.UntilNextLook : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Step(IReadOnlyList<PendingEntry> batch)
    {
        if (fault is not null && retry.IsDue() && Guard(writer.Reopen))
        {
            fault = null;
            log.LogInformation("the journal writes again");
        }

        Append(batch);
        if (fault is null && writer.SinceDirty >= options.SyncEvery)
        {
            TrySync();
        }

        if (fault is null)
        {
            KeepHouse();
        }

        if (fault is null && queue.Closed is not null)
        {
            // Also when the time limit closed it while this thread was waiting for the disk.
            queue.Open();
        }
    }

    private void Append(IReadOnlyList<PendingEntry> batch)
    {
        if (fault is not null || !TryAppend(batch))
        {
            Refuse(batch);
        }
    }

    /// <summary>False when nothing of the batch counts; else each of its entries has its answer.</summary>
    private bool TryAppend(IReadOnlyList<PendingEntry> batch)
    {
        writing.Clear();
        writing.AddRange(own.Waiting);
        foreach (var entry in batch)
        {
            // A call that was refused while it waited is not written; its caller has been told so.
            if (!entry.IsSettled || entry.Outcome is not null)
            {
                writing.Add(entry);
            }
        }

        if (writing.Count == 0)
        {
            return true;
        }

        if (!Guard(WriteGathered))
        {
            return false;
        }

        own.Clear();
        head = new StrongBox<JournalHead>(writer.Head);
        Settle(needsSync: false);
        if (writing.Exists(entry => entry.NeedsSync))
        {
            if (TrySync())
            {
                Settle(needsSync: true);
            }
            else
            {
                GiveUp();
            }
        }

        foreach (var entry in writing)
        {
            encoders.Return(entry.Encoder);
        }

        Written?.Invoke();
        return true;
    }

    private void WriteGathered()
    {
        if (writer.IsFull)
        {
            writer.Rotate();
            chores.Retire(writer);
        }

        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        writer.Write(writing);
        isSlow = System.Diagnostics.Stopwatch.GetElapsedTime(began) > SlowWrite;
    }

    private void Settle(bool needsSync)
    {
        foreach (var entry in writing)
        {
            if (entry.NeedsSync == needsSync && !entry.TrySettle(new AppendResult(true)))
            {
                own.Abandon(entry, time.GetUtcNow());
            }
        }
    }

    private void GiveUp()
    {
        foreach (var entry in writing.Where(static entry => entry.NeedsSync))
        {
            entry.TryRefuse(fault!);
            own.Abandon(entry, time.GetUtcNow());
        }
    }

    /// <summary>Nothing of the batch counts. Outcomes are kept for when the journal writes again.</summary>
    private void Refuse(IReadOnlyList<PendingEntry> batch)
    {
        foreach (var entry in batch)
        {
            entry.TryRefuse(fault!);
            if (entry.Outcome is not null && own.Count < options.QueueLength)
            {
                own.Keep(entry);
            }
        }
    }

    private void KeepHouse()
    {
        own.Add(chores.DueCount());
        chores.LookWhenDue();
        if (chores.IsRetirementDue(writer))
        {
            Guard(() => chores.Retire(writer));
        }
    }

    private bool TrySync() => Guard(() =>
    {
        writer.Sync();
        Synced?.Invoke();
    });

    /// <summary>Does what the disk may fail. A failure closes the queue until a fresh segment has been opened.</summary>
    private bool Guard(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception exception)
        {
            if (fault is null)
            {
                log.LogError(exception, "the journal cannot be written; calls are refused until it can");
            }

            fault = $"the journal cannot be written: {exception.Message.TrimEnd('.')}";
            queue.Close(fault);
            retry.Restart();
            return false;
        }
    }

    /// <summary>The last chance for outcomes that could not be written in their turn: one more attempt, whenever the next was due.</summary>
    private void Finish()
    {
        if (fault is null || Guard(writer.Reopen))
        {
            own.End(refusals.Take(), time.GetUtcNow());
            TryAppend([]);
            TrySync();
        }
    }
}
