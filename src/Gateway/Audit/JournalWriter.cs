using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Callgate.Gateway.Audit;

/// <summary>
/// The end of the chain on disk: one open segment, and the state that its entries add up to. Used by whoever holds the
/// baton. An operation that fails leaves the state as it was, so that <see cref="Reopen"/> can go on from there.
/// </summary>
internal sealed class JournalWriter(JournalOptions options, TimeProvider time, JournalOpening opening) : IDisposable
{
    private const string Changed = "the current segment has been changed from outside";

    private readonly JournalDisk disk = options.Disk;
    private readonly JournalFrame frame = new(opening.Head);
    private readonly JournalEncoder header = new();
    private SafeFileHandle? file;
    private string? path = opening.Path;
    private long length = opening.Length;
    private long headerLength = opening.HeaderLength;
    private long oldestSynced = Stopwatch.GetTimestamp();
    private volatile StrongBox<JournalHead> synced = new();
    private readonly ConcurrentQueue<JournalHead> milestones = new();

    public JournalFold Fold { get; } = opening.Fold;

    public JournalHead Head => frame.Head;

    /// <summary>The last entry that is known to be on the disk; none before the first sync. Readable from any thread.</summary>
    public JournalHead Synced => synced.Value;

    /// <summary>Every 1,000th entry, until a head of it has been signed; it may not be on the disk yet. Usable from any thread.</summary>
    public ConcurrentQueue<JournalHead> Milestones => milestones;

    /// <summary>Something written is not yet on the disk.</summary>
    public bool IsDirty { get; private set; }

    public TimeSpan SinceDirty => IsDirty ? Stopwatch.GetElapsedTime(oldestSynced) : TimeSpan.Zero;

    public bool IsFull => length - headerLength >= options.SegmentBytes;

    /// <summary>Cuts off what an unclean end left and goes on in the same segment, or begins the first one.</summary>
    public void Begin()
    {
        if (path is null)
        {
            StartSegment();
            return;
        }

        file = disk.Open(path);
        if (opening.RecoveredBytes > 0)
        {
            disk.Truncate(file, length);
            disk.Sync(file);
        }
    }

    /// <summary>Hands the entries to the kernel. When it throws, none of them counts and the segment is cut back if it can be.</summary>
    public void Write(IReadOnlyList<PendingEntry> entries)
    {
        frame.Begin();
        foreach (var entry in entries)
        {
            frame.Add(entry.Encoder.Payload);
        }

        if (JournalDisk.LengthOf(file!) != length)
        {
            // Writing behind a cut would leave a hole of the right length.
            throw new IOException(Changed);
        }

        try
        {
            disk.Write(file!, frame.Bytes, length);
        }
        catch
        {
            TryCutBack();
            throw;
        }

        length += frame.Bytes.Length;
        frame.Commit(milestones);
        foreach (var entry in entries)
        {
            Apply(entry);
        }

        MarkDirty();
    }

    /// <summary>Waits for the disk, and sees whether the segment is still the one that was written.</summary>
    public void Sync()
    {
        disk.Sync(file!);
        IsDirty = false;
        var onDisk = disk.LengthOf(path!);
        if (onDisk != length)
        {
            throw new IOException(onDisk < 0 ? "the current segment has been deleted" : Changed);
        }

        synced = new StrongBox<JournalHead>(frame.Head);
    }

    /// <summary>Begins the next segment; the one before is on the disk by then.</summary>
    public void Rotate()
    {
        Sync();
        StartSegment();
    }

    /// <summary>After a failure: makes the last segment end where the chain ends, and begins a fresh one.</summary>
    public void Reopen()
    {
        if (file is not null)
        {
            Heal();
        }
        else if (path is not null)
        {
            file = disk.Open(path);
            Heal();
        }

        StartSegment();
    }

    public bool IsCurrent(string segment) => string.Equals(segment, path, StringComparison.Ordinal);

    public void Dispose()
    {
        file?.Dispose();
        header.Dispose();
    }

    private void Heal()
    {
        var onDisk = disk.LengthOf(path!);
        if (onDisk < 0)
        {
            disk.Restore(file!, path!, length);
        }
        else if (onDisk < length)
        {
            throw new IOException($"the segment `{Path.GetFileName(path)}` is shorter than what was written to it");
        }
        else
        {
            disk.Truncate(file!, length);
            disk.Sync(file!);
        }
    }

    private void StartSegment()
    {
        var now = time.GetUtcNow();
        var first = frame.Head.Seq + 1;
        var next = JournalSegments.PathOf(options.Directory, first);
        FrameHeader(now, first);
        var fresh = disk.Create(next);
        try
        {
            disk.Write(fresh, frame.Bytes, 0);
            disk.Sync(fresh);
            disk.SyncDirectory(options.Directory);
        }
        catch
        {
            fresh.Dispose();
            TryRemove(next);
            throw;
        }

        file?.Dispose();
        file = fresh;
        path = next;
        headerLength = length = frame.Bytes.Length;
        frame.Commit(milestones);
        IsDirty = false;
        synced = new StrongBox<JournalHead>(frame.Head);
    }

    private void FrameHeader(DateTimeOffset now, long first)
    {
        var parts = Fold.Parts(now);
        frame.Begin();
        header.WriteSegment(now, first, Fold, parts);
        frame.Add(header.Payload);
        foreach (var part in parts.Skip(1))
        {
            header.WriteCounters(now, part);
            frame.Add(header.Payload);
        }
    }

    private void Apply(PendingEntry entry)
    {
        if (entry.Call is { } call)
        {
            Fold.Apply(call);
        }
        else if (entry.Outcome is { } outcome)
        {
            Fold.Apply(outcome);
        }
    }

    private void MarkDirty()
    {
        if (!IsDirty)
        {
            IsDirty = true;
            oldestSynced = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>What fails here is done again by <see cref="Reopen"/>.</summary>
    private void TryCutBack()
    {
        try
        {
            disk.Truncate(file!, length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private void TryRemove(string unbegun)
    {
        try
        {
            disk.Delete(unbegun);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next attempt has the same name and overwrites it; an opening removes it.
        }
    }
}

/// <summary>Gives entries their place: number, hash of the one before, one line each.</summary>
internal sealed class JournalFrame(JournalHead head)
{
    private readonly byte[] hash = Encoding.ASCII.GetBytes(head.Hash);
    private readonly byte[] nextHash = new byte[JournalLine.HashLength];
    private byte[] buffer = new byte[64 * 1024];
    private int used;
    private long seq = head.Seq;
    private long nextSeq;
    private readonly List<JournalHead> passed = [];

    public JournalHead Head => new(seq, Encoding.ASCII.GetString(hash));

    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, used);

    public void Begin()
    {
        used = 0;
        passed.Clear();
        nextSeq = seq;
        hash.CopyTo(nextHash, 0);
    }

    public void Add(ReadOnlySpan<byte> payload)
    {
        const int Most = 7 + 20 + 9 + JournalLine.HashLength + 2 + 1;
        if (buffer.Length - used < payload.Length + Most)
        {
            Array.Resize(ref buffer, Math.Max(checked(buffer.Length * 2), used + payload.Length + Most));
        }

        var start = used;
        Append("{\"seq\":"u8);
        System.Buffers.Text.Utf8Formatter.TryFormat(++nextSeq, buffer.AsSpan(used), out var digits);
        used += digits;
        Append(",\"prev\":\""u8);
        Append(nextHash);
        Append("\","u8);
        Append(payload[1..]);
        JournalLine.Hash(buffer.AsSpan(start, used - start), nextHash);
        buffer[used++] = (byte)'\n';
        if (nextSeq % JournalHeads.EntriesPerHead == 0)
        {
            passed.Add(new JournalHead(nextSeq, Encoding.ASCII.GetString(nextHash)));
        }
    }

    /// <summary>What was added since <see cref="Begin"/> is written.</summary>
    public void Commit(ConcurrentQueue<JournalHead> milestones)
    {
        seq = nextSeq;
        nextHash.CopyTo(hash, 0);
        passed.ForEach(milestones.Enqueue);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer.AsSpan(used));
        used += bytes.Length;
    }
}
