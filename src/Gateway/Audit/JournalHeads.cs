using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Signs the end of the chain every 1,000 entries or every minute in which something was written, and at an orderly stop.
/// It does so on a thread of its own: no call waits for a signature, and none is refused for want of one. Only what is on
/// the disk is signed, so that no restart makes a signed head wrong. INVARIANT: heads of one file never contradict each other.
/// </summary>
public sealed class JournalHeads : IAsyncDisposable
{
    public const int EntriesPerHead = 1_000;

    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly JournalKey key;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly StoreThread thread = new("journal heads");
    private readonly ITimer timer;
    private Journal? journal;
    private long signedSeq;
    private int stepIsQueued;
    private bool isBegun;
    private volatile bool isContradicted;
    private volatile string? fault;

    /// <param name="journalDirectory">The folder of the segments, beside which the heads lie.</param>
    public JournalHeads(string journalDirectory, JournalKey key, TimeProvider time, ILogger log)
    {
        (this.key, this.time, this.log) = (key, time, log);
        File = new HeadsFile(Path.Combine(Path.GetFullPath(journalDirectory), HeadsFile.Name));
        timer = time.CreateTimer(_ => thread.TryPost(() => Step(isEnd: true)), null, Longest, Longest);
    }

    public NoteKey Key => key.Public;

    /// <summary>The last entry that a head covers.</summary>
    public long SignedSeq => Volatile.Read(ref signedSeq);

    /// <summary>Why heads are not signed; null while they are.</summary>
    public string? Fault => fault;

    internal HeadsFile File { get; }

    /// <summary>Raised on this object's thread when a head has been written, and when it is known what was written before.</summary>
    internal event Action? Signed;

    /// <summary>Begins to sign what this journal writes.</summary>
    public void Follow(Journal written)
    {
        journal = written;
        Post();
        written.SubscribeToSyncs(() =>
        {
            if (written.Milestones.TryPeek(out var next) && next.Seq <= written.SyncedHead.Seq)
            {
                Post();
            }
        });
    }

    /// <summary>Signs what is on the disk by now, and answers when that is done or has failed.</summary>
    public Task SignNowAsync() => thread.RunAsync(
        () =>
        {
            Step(isEnd: true);
            return true;
        },
        CancellationToken.None);

    /// <summary>Signs the end; the journal must have been closed before.</summary>
    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        thread.TryPost(() => Step(isEnd: true));
        await thread.DisposeAsync();
    }

    private void Post()
    {
        if (Interlocked.Exchange(ref stepIsQueued, 1) == 0)
        {
            thread.TryPost(() =>
            {
                Volatile.Write(ref stepIsQueued, 0);
                Step(isEnd: false);
            });
        }
    }

    /// <param name="isEnd">Also the end is signed, and not only every 1,000th entry before it.</param>
    private void Step(bool isEnd)
    {
        if (journal is null || isContradicted)
        {
            return;
        }

        try
        {
            if (!isBegun)
            {
                Begin(journal);
                isBegun = true;
            }

            if (!isContradicted)
            {
                Sign(journal, isEnd);
            }

            fault = isContradicted ? fault : null;
        }
        catch (Exception exception)
        {
            // Whatever it is, it must neither end the thread nor reach a call; the next turn tries again.
            if (fault is null)
            {
                log.LogError(exception, "the end of the journal cannot be signed; calls pass, and it is tried again");
            }

            fault = $"the end of the journal cannot be signed: {exception.Message.TrimEnd('.')}";
        }
    }

    private void Sign(Journal written, bool isEnd)
    {
        var end = written.SyncedHead;
        var due = written.Milestones.TakeWhile(head => head.Seq <= end.Seq).ToList();
        var heads = isEnd && due.LastOrDefault().Seq < end.Seq ? due.Append(end) : due;
        var fresh = heads.Where(head => head.Seq > SignedSeq).ToList();
        if (fresh.Count > 0)
        {
            File.Append(string.Concat(fresh.Select(head => SignedHead.Sign(key, head, time.GetUtcNow()))));
            Volatile.Write(ref signedSeq, fresh[^1].Seq);
            Signed?.Invoke();
        }

        // Only now: what could not be written is signed at the next turn.
        for (var i = 0; i < due.Count; i++)
        {
            written.Milestones.TryDequeue(out _);
        }
    }

    /// <summary>Goes on after the last head, but only when the journal still holds what it says.</summary>
    private void Begin(Journal written)
    {
        if (File.Repair(key.Public.Name) is not { } last)
        {
            return;
        }

        Volatile.Write(ref signedSeq, last.Head.Seq);
        var segments = JournalSegments.List(Path.GetDirectoryName(File.Path)!);
        if (segments.Count > 0 && last.Head.Seq >= JournalSegments.FirstSeqOf(segments[0]))
        {
            // The one before the first entry proves where the journal begins.
            File.DropBefore(JournalSegments.FirstSeqOf(segments[0]) - 1);
        }

        if (Contradiction(written, last.Head) is { } why)
        {
            isContradicted = true;
            fault = $"the record is no longer signed: {why}; run `callgate audit verify`, and move `journal/{HeadsFile.Name}` away to begin a new series";
            log.LogError("{Problem}", fault);
        }

        Signed?.Invoke();
    }

    private string? Contradiction(Journal written, JournalHead signed)
    {
        if (signed.Seq > written.Head.Seq)
        {
            return $"entry {signed.Seq} was signed and the journal ends at {written.Head.Seq}";
        }

        var segment = JournalSegments.List(Path.GetDirectoryName(File.Path)!).LastOrDefault(path => JournalSegments.FirstSeqOf(path) <= signed.Seq);
        if (segment is null)
        {
            return null;
        }

        using var lines = new JournalLines(segment);
        while (lines.MoveNext())
        {
            if (JournalLine.TryParse(lines.Line, out var line) && line.Seq == signed.Seq)
            {
                return string.Equals(JournalLine.HashText(lines.Line), signed.Hash, StringComparison.Ordinal) ? null : $"entry {signed.Seq} is not the one that was signed";
            }
        }

        return $"entry {signed.Seq} was signed and is missing";
    }
}
