using System.Collections.Concurrent;
using Callgate.Gateway.Quota;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Audit;

/// <summary>
/// The record: an append-only chain of entries, and the only truth about what was decided, charged and done. INVARIANT: no
/// record, no call; an append that does not answer <see cref="AppendResult.Written"/> is never followed by a call. Every
/// failure is such an answer, at once or within the time limit, and the journal recovers by itself. One call alone may wait
/// longer: the one on whose thread a write was begun that the disk does not end. It is refused when the disk lets go.
/// </summary>
public sealed class Journal : IAsyncDisposable
{
    private const string Cancelled = "the call was cancelled";

    private static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    private readonly JournalOptions options;
    private readonly TimeProvider time;
    private readonly JournalQueue queue;
    private readonly JournalEncoders encoders = new();
    private readonly JournalRefusals refusals;
    private readonly JournalLoop loop;
    private readonly JournalNotice notice;
    private readonly ITimer watch;

    private Journal(JournalOptions options, TimeProvider time, ILogger log)
    {
        (this.options, this.time) = (options, time);
        queue = new JournalQueue(options.QueueLength);
        refusals = new JournalRefusals(time);
        notice = new JournalNotice(log);
        loop = new JournalLoop(options, time, log, queue, refusals, encoders);
        loop.Written += notice.Raise;
        watch = time.CreateTimer(_ => Watch(), null, WatchEvery, WatchEvery);
    }

    /// <summary>The live charges found at open: what <see cref="Counters.Restore"/> begins with.</summary>
    public IReadOnlyList<Charge> ReplayedCharges { get; private set; } = [];

    /// <summary>The latest time in the replayed entries: counters never go back behind it.</summary>
    public DateTimeOffset ReplayedUntil { get; private set; }

    /// <summary>The last entry that is in the kernel.</summary>
    public long LastSeq => loop.Head.Seq;

    /// <summary>The end of the chain, to be noted elsewhere.</summary>
    public JournalHead Head => loop.Head;

    /// <summary>The last entry that is known to be on the disk: what may be signed, since no restart takes it back.</summary>
    public JournalHead SyncedHead => loop.SyncedHead;

    /// <summary>Every 1,000th entry in order; whoever signs them takes those out that <see cref="SyncedHead"/> covers.</summary>
    internal ConcurrentQueue<JournalHead> Milestones => loop.Milestones;

    public bool Healthy => queue.Closed is null;

    /// <summary>Why appends are refused; null while they are not.</summary>
    public string? FaultDetail => queue.Closed;

    /// <summary>
    /// Opens the folder, or begins a journal in an empty one. A disk that can be read but not written leaves the journal
    /// open and not <see cref="Healthy"/>.
    /// </summary>
    /// <exception cref="JournalDamagedException">What is there is not what was written.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static async ValueTask<Journal> OpenAsync(JournalOptions options, TimeProvider time, ILogger log)
    {
        var directory = Path.GetFullPath(options.Directory);
        CreateDirectory(directory);
        var journal = new Journal(options with { Directory = directory }, time, log);
        try
        {
            var opening = await journal.loop.Start();
            journal.ReplayedCharges = opening.Charges;
            journal.ReplayedUntil = opening.Until;
            return journal;
        }
        catch
        {
            await journal.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Done when the entry survives what was asked for. Usually it is by the time this returns, and the caller goes on where
    /// it is; where it had to wait, it goes on on the pool.
    /// </summary>
    public ValueTask<AppendResult> AppendAsync(CallRecord record, Durability durability, CancellationToken cancellationToken)
    {
        if (queue.Closed is { } closed)
        {
            return Refused(closed);
        }

        foreach (var charge in record.Charges)
        {
            if (!JournalCharges.IsExact(charge))
            {
                return Refused($"a charge of counter `{charge.Key.Counter}` cannot be written exactly; shorten the names and ids of its key");
            }
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Refused(Cancelled);
        }

        var encoder = encoders.Rent();
        encoder.Write(record);
        var needsSync = durability == Durability.Power || options.Floor == Durability.Power;
        var entry = new PendingEntry(encoder) { Call = record, NeedsSync = needsSync, Since = time.GetTimestamp() };
        return cancellationToken.CanBeCanceled ? AddAsync(entry, cancellationToken) : Add(entry);
    }

    /// <summary>Writes how a call ended. While the journal cannot write, the outcome is kept until it can, and the answer is false.</summary>
    public ValueTask<AppendResult> CompleteAsync(OutcomeRecord outcome) => Add(EntryOf(outcome, time.GetTimestamp()));

    /// <summary>Like <see cref="CompleteAsync"/>, for whoever does not wait: it is written with the next entry or the next sync.</summary>
    public void Complete(OutcomeRecord outcome)
    {
        if (queue.TryAdd(EntryOf(outcome, PendingEntry.NobodyWaits)) is null)
        {
            loop.Later();
        }
    }

    /// <summary>Hands what waits to the kernel: <see cref="LastSeq"/> covers then every end that was told before. A busy disk is not waited for.</summary>
    public void WriteWaiting() => loop.WriteWaiting();

    /// <summary>
    /// Takes a refusal that has no grant: some are written one by one, the rest are counted and written as one entry every
    /// few seconds. Counted ones are all there is while the disk has little room.
    /// </summary>
    public async ValueTask<AppendResult> AdmitRefusalAsync(CallRecord record)
    {
        if (!refusals.TryAdmit(record, onlyCount: loop.IsScarce))
        {
            return Healthy ? new AppendResult(true, "counted") : new AppendResult(false, queue.Closed);
        }

        var result = await AppendAsync(record, Durability.Process, CancellationToken.None);
        if (!result.Written)
        {
            refusals.AddUnwritten(record);
        }

        return result;
    }

    /// <summary>Calls the action, on the pool and never twice at once, after entries have been written; several batches may be one call.</summary>
    public void Subscribe(Action action) => notice.Subscribe(action);

    /// <summary>Calls the action on the journal's thread after a sync, so it must be quick and never fail.</summary>
    internal void SubscribeToSyncs(Action action) => loop.Synced += action;

    /// <summary>Writes what waits, then <c>stop</c>. A disk that does not answer is not waited for without end.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.End();
        await watch.DisposeAsync();
        var ended = await Task.WhenAny(loop.Ended, Task.Delay(LongestEnd));
        if (ended == loop.Ended)
        {
            loop.Dispose();
        }

        notice.Dispose();
    }

    private static ValueTask<AppendResult> Refused(string detail) => ValueTask.FromResult(new AppendResult(false, detail));

    private static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private PendingEntry EntryOf(OutcomeRecord outcome, long since)
    {
        var encoder = encoders.Rent();
        encoder.Write(outcome);
        return new PendingEntry(encoder) { Outcome = outcome, Since = since };
    }

    private ValueTask<AppendResult> Add(PendingEntry entry)
    {
        if (queue.TryAdd(entry) is { } why)
        {
            return Refused(why);
        }

        loop.Help(entry);
        return entry.Answer;
    }

    private async ValueTask<AppendResult> AddAsync(PendingEntry entry, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(static waiting => ((PendingEntry)waiting!).TryRefuse(Cancelled), entry);
        return await Add(entry);
    }

    /// <summary>A disk that does not answer blocks the writer's thread, so the limit is kept from another.</summary>
    private void Watch()
    {
        var limit = (long)(options.AppendLimit.TotalSeconds * time.TimestampFrequency);
        const string Detail = "the disk does not answer within the time limit";
        if (queue.RefuseOlder(time.GetTimestamp() - limit, Detail) > 0)
        {
            queue.Close(Detail);
        }
    }
}
