using System.Buffers;
using System.Globalization;
using System.Text;

namespace Callgate.Gateway.Wire;

/// <summary>
/// One block of an event stream. <paramref name="HasData"/> is false for a block without a <c>data</c> field and for a
/// keep-alive; a frame without any field at all (<see cref="IsKeepAlive"/>) stands for one or more comments.
/// </summary>
/// <param name="Data">The data, its lines joined by a line feed; owned by the frame.</param>
/// <param name="Event">The <c>event</c> field of this block, null where it has none.</param>
/// <param name="Id">The <c>id</c> field of this block, null where it has none; empty where the field is there and empty.</param>
/// <param name="Retry">The <c>retry</c> field in milliseconds.</param>
/// <param name="HasData">True when there was a <c>data</c> field, even an empty one (the prime event of 2025-11-25).</param>
public readonly record struct SseFrame(ReadOnlyMemory<byte> Data, string? Event, string? Id, int? Retry, bool HasData)
{
    public bool IsKeepAlive => !HasData && Event is null && Id is null && Retry is null;
}

/// <summary>
/// Reads an event stream (HTML standard, 9.2.6) from bytes as they come: CR, LF and CRLF, data over several lines,
/// comments, a leading byte order mark. What is unfinished when the stream ends was never sent.
/// </summary>
/// <remarks>
/// Feed, then take frames until there is none. A block without data is reported too when it has an <c>id</c>,
/// <c>event</c> or <c>retry</c>, because a relay passes these on. Comments between two frames are reported as one
/// keep-alive frame, and not at all when a frame follows in the same bytes.
/// </remarks>
public sealed class SseParser(int maxEventBytes = SseParser.DefaultMaxEventBytes)
{
    public const int DefaultMaxEventBytes = 16 * 1024 * 1024;

    /// <summary>Room for a field name before the data of a line.</summary>
    private const int FieldRoom = 16;

    private byte[] buffer = [];
    private int start;
    private int end;
    private int scanned;
    private bool begun;
    private bool skipLineFeed;
    private bool commented;

    private ArrayBufferWriter<byte>? data;
    private string? eventName;
    private string? id;
    private int? retry;

    /// <summary>An event or a line was larger than allowed; the parser gives nothing more.</summary>
    public bool TooLarge { get; private set; }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (TooLarge || bytes.IsEmpty)
        {
            return;
        }

        MakeRoom(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(end));
        end += bytes.Length;
    }

    public bool TryNext(out SseFrame frame)
    {
        while (!TooLarge && TryLine(out var line))
        {
            if (!line.IsEmpty)
            {
                Take(line);
            }
            else if (TryDispatch(out frame))
            {
                return true;
            }
        }

        frame = default;
        if (TooLarge || !commented)
        {
            return false;
        }

        commented = false;
        return true;
    }

    private void MakeRoom(int wanted)
    {
        if (buffer.Length - end >= wanted)
        {
            return;
        }

        var held = end - start;
        var size = Math.Max(1024, buffer.Length);
        while (size - held < wanted)
        {
            size = checked(size * 2);
        }

        var target = size == buffer.Length ? buffer : new byte[size];
        Buffer.BlockCopy(buffer, start, target, 0, held);
        buffer = target;
        scanned -= start;
        start = 0;
        end = held;
    }

    /// <summary>The next line without its end. A CR ends a line at once; an LF right after it belongs to it.</summary>
    private bool TryLine(out ReadOnlySpan<byte> line)
    {
        line = default;
        if (!SkipMark())
        {
            return false;
        }

        if (skipLineFeed && start < end)
        {
            skipLineFeed = false;
            start += buffer[start] == (byte)'\n' ? 1 : 0;
            scanned = Math.Max(scanned, start);
        }

        var at = buffer.AsSpan(scanned, end - scanned).IndexOfAny((byte)'\r', (byte)'\n');
        if (at < 0)
        {
            scanned = end;
            TooLarge = end - start + (data?.WrittenCount ?? 0) > maxEventBytes + FieldRoom;
            return false;
        }

        var stop = scanned + at;
        line = buffer.AsSpan(start, stop - start);
        skipLineFeed = buffer[stop] == (byte)'\r';
        start = scanned = stop + 1;
        return true;
    }

    /// <summary>Drops one byte order mark at the very beginning. False while it cannot be told yet.</summary>
    private bool SkipMark()
    {
        if (begun)
        {
            return true;
        }

        var mark = "\uFEFF"u8;
        var held = buffer.AsSpan(start, end - start);
        if (held.Length < mark.Length && mark.StartsWith(held))
        {
            return false;
        }

        begun = true;
        start += held.StartsWith(mark) ? mark.Length : 0;
        scanned = start;
        return true;
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon == 0)
        {
            commented = true;
            return;
        }

        var name = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? default : line[(colon + 1)..];
        if (value.StartsWith(" "u8))
        {
            value = value[1..];
        }

        if (name.SequenceEqual("data"u8))
        {
            TakeData(value);
        }
        else if (name.SequenceEqual("event"u8))
        {
            eventName = Encoding.UTF8.GetString(value);
        }
        else if (name.SequenceEqual("id"u8) && !value.Contains((byte)0))
        {
            id = Encoding.UTF8.GetString(value);
        }
        else if (name.SequenceEqual("retry"u8) && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            retry = milliseconds;
        }
    }

    private void TakeData(ReadOnlySpan<byte> value)
    {
        data ??= new ArrayBufferWriter<byte>(Math.Max(16, value.Length + 1));
        if (data.WrittenCount + value.Length > maxEventBytes)
        {
            TooLarge = true;
            return;
        }

        data.Write(value);
        data.Write("\n"u8);
    }

    private bool TryDispatch(out SseFrame frame)
    {
        frame = new SseFrame(data is null ? default : data.WrittenMemory[..^1], eventName, id, retry, data is not null);
        data = null;
        eventName = id = null;
        retry = null;
        if (frame.IsKeepAlive)
        {
            return false;
        }

        commented = false;
        return true;
    }
}
