using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Copies signed heads to the anchors, each on a thread of its own. The file of heads is the queue: an anchor that does not
/// answer is tried again, later each time, and goes on where it was also after a restart. No call waits for any of this.
/// </summary>
public sealed class JournalAnchors : IAsyncDisposable
{
    private readonly List<AnchorLine> lines;

    public JournalAnchors(IEnumerable<Anchor> anchors, JournalHeads heads, string journalDirectory, TimeProvider time, ILogger log)
    {
        var positions = new AnchorPositions(Path.Combine(Path.GetFullPath(journalDirectory), AnchorPositions.Name));
        lines = [.. anchors.Select(anchor => new AnchorLine(anchor, heads.File, positions, time, log))];
        heads.Signed += () => lines.ForEach(static line => line.Wake());
    }

    public int Count => lines.Count;

    /// <summary>What keeps an anchor from having the newest head, one sentence each.</summary>
    public IEnumerable<string> Faults => lines.Select(static line => line.Fault).OfType<string>();

    /// <summary>The last entry whose head every anchor has; null without anchors.</summary>
    public long? AnchoredSeq => lines.Count == 0 ? null : lines.Min(static line => line.Seq);

    /// <summary>Brings the last heads over if that can be done in seconds.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(lines.Select(static line => line.DisposeAsync().AsTask()));

    /// <summary>One anchor and its queue.</summary>
    private sealed class AnchorLine : IAsyncDisposable
    {
        private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
        private static readonly TimeSpan Parting = TimeSpan.FromSeconds(5);

        private readonly Anchor anchor;
        private readonly HeadsFile heads;
        private readonly AnchorPositions positions;
        private readonly ILogger log;
        private readonly StoreThread thread = new("journal anchor");
        private readonly CancellationTokenSource end = new();
        private readonly OutsidePost outside;
        private readonly BackOff backOff = new(LongestPause);
        private readonly ITimer retry;
        private long offset;
        private long seq = -1;
        private int stepIsQueued;
        private volatile string? fault;

        public AnchorLine(Anchor anchor, HeadsFile heads, AnchorPositions positions, TimeProvider time, ILogger log)
        {
            (this.anchor, this.heads, this.positions, this.log) = (anchor, heads, positions, log);
            outside = new OutsidePost(time);
            retry = time.CreateTimer(_ => Post(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public string? Fault => fault;

        public long Seq => Math.Max(0, Volatile.Read(ref seq));

        /// <summary>There is a new head. While the anchor fails, its pause decides when it is tried.</summary>
        public void Wake()
        {
            if (fault is null)
            {
                Post();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await retry.DisposeAsync();
            end.CancelAfter(Parting);
            thread.TryPost(Step);
            await thread.DisposeAsync();
            outside.Dispose();
            end.Dispose();
        }

        private void Post()
        {
            if (Interlocked.Exchange(ref stepIsQueued, 1) == 0)
            {
                thread.TryPost(Step);
            }
        }

        private void Step()
        {
            Volatile.Write(ref stepIsQueued, 0);
            try
            {
                if (seq < 0)
                {
                    Volatile.Write(ref seq, positions[anchor.Id]);
                }

                while (TakeSome())
                {
                }

                backOff.Reset();
                fault = null;
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        }

        private bool TakeSome()
        {
            var (some, next) = heads.ReadFrom(offset);
            some.RemoveAll(head => head.Head.Seq <= seq);
            if (some.Count > 0)
            {
                Deliver(string.Concat(some));
                positions.Set(anchor.Id, some[^1].Head.Seq);
                Volatile.Write(ref seq, some[^1].Head.Seq);
            }

            var isMore = next > offset;
            offset = next;
            return isMore;
        }

        private void Deliver(string notes)
        {
            if (anchor.File is { } file)
            {
                new HeadsFile(file).Append(notes);
                return;
            }

            // The anchor's own thread has nothing else to do meanwhile.
            using var content = new StringContent(notes);
            if (outside.SendAsync(anchor.Webhook!, content, [], end.Token).GetAwaiter().GetResult() is { } untaken)
            {
                throw new IOException(untaken.Why);
            }
        }

        private void Fail(Exception exception)
        {
            var why = exception is OperationCanceledException ? "it does not answer in time" : exception.Message.TrimEnd('.');
            if (fault is null)
            {
                log.LogWarning("the anchor {Anchor} does not take heads of the journal ({Why}); it is tried again", anchor.Name, why);
            }

            fault = $"the anchor `{anchor.Name}` has no head after entry {Seq}: {why}";
            try
            {
                retry.Change(backOff.Next(), Timeout.InfiniteTimeSpan);
            }
            catch (ObjectDisposedException)
            {
                // The gate stops; the next start goes on.
            }
        }
    }
}
