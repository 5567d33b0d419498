using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>How far the journal has been read: the last entry lies from <paramref name="Start"/> to <paramref name="Offset"/>.</summary>
internal sealed record AuditIndexPosition(string File, long Start, long Offset, long Seq, string Hash);

/// <summary>Entries that follow a position, and the position behind them.</summary>
/// <param name="FirstSeq">The oldest number the journal still holds; 0 while it is empty.</param>
internal sealed record AuditIndexBatch(IReadOnlyList<JsonElement> Entries, AuditIndexPosition? Position, long FirstSeq, int Unreadable);

/// <summary>Reads the segments of the journal from where the index stands. It reads only whole lines, so it never meets a half-written entry.</summary>
internal sealed class AuditIndexTail(string directory)
{
    private const int ChunkBytes = 1 << 20;
    private const int MaxLineBytes = 16 << 20;

    /// <summary>True when the journal still holds the entry the position ends with, byte for byte.</summary>
    public bool Holds(AuditIndexPosition position)
    {
        var path = Path.Combine(directory, position.File);
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = Open(path);
        var line = new byte[position.Offset - position.Start];
        return RandomAccess.GetLength(file) >= position.Offset
            && Fill(file, line, position.Start) == line.Length
            && string.Equals(Hash(line.AsSpan(0, line.Length - 1)), position.Hash, StringComparison.Ordinal);
    }

    /// <summary>The next entries; none when everything is read. Null when the position is no longer in the journal.</summary>
    public AuditIndexBatch? Read(AuditIndexPosition? position)
    {
        // The list is taken before a segment is read to its end: a segment with a successor in the list is complete.
        var segments = Segments();
        var firstSeq = segments.Length == 0 ? 0 : Seq(segments[0]);
        var current = position is null ? 0 : Array.IndexOf(segments, position.File);
        if (current < 0)
        {
            return null;
        }

        var offset = position?.Offset ?? 0;
        for (; current < segments.Length; current++, offset = 0)
        {
            var path = Path.Combine(directory, segments[current]);
            if (!File.Exists(path))
            {
                return null;
            }

            using var file = Open(path);
            if (RandomAccess.GetLength(file) < offset)
            {
                return null;
            }

            var chunk = Chunk(file, offset);
            if (chunk.Length > 0)
            {
                return Parse(chunk, new AuditIndexPosition(segments[current], offset, offset, position?.Seq ?? 0, ""), firstSeq);
            }
        }

        return new AuditIndexBatch([], position, firstSeq, 0);
    }

    private static AuditIndexBatch Parse(ReadOnlyMemory<byte> chunk, AuditIndexPosition position, long firstSeq)
    {
        var entries = new List<JsonElement>();
        var unreadable = 0;
        var start = 0;
        while (start < chunk.Length)
        {
            var length = chunk.Span[start..].IndexOf((byte)'\n');
            var line = chunk.Span.Slice(start, length);
            if (Entry(line) is { } entry)
            {
                entries.Add(entry);
                position = position with { Seq = entry.GetProperty("seq"u8).GetInt64() };
            }
            else
            {
                unreadable++;
            }

            position = position with { Start = position.Offset, Offset = position.Offset + length + 1 };
            start += length + 1;
        }

        var last = chunk[..^1][^(int)(position.Offset - position.Start - 1)..];
        return new AuditIndexBatch(entries, position with { Hash = Hash(last.Span) }, firstSeq, unreadable);
    }

    /// <summary>Null for a line that no journal wrote; judging it is the verifier's work, finding the others is ours.</summary>
    private static JsonElement? Entry(ReadOnlySpan<byte> line)
    {
        try
        {
            var entry = JsonElement.Parse(line);
            return entry.ValueKind == JsonValueKind.Object
                && entry.TryGetProperty("seq"u8, out var seq) && seq.ValueKind == JsonValueKind.Number && seq.TryGetInt64(out _)
                && entry.TryGetProperty("kind"u8, out var kind) && kind.ValueKind == JsonValueKind.String
                ? entry
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whole lines from the offset on, about a megabyte; a longer line comes alone.</summary>
    private static ReadOnlyMemory<byte> Chunk(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset)
    {
        for (var size = ChunkBytes; ; size *= 2)
        {
            var available = (int)Math.Min(size, RandomAccess.GetLength(file) - offset);
            var bytes = new byte[available];
            var read = Fill(file, bytes, offset);
            var end = bytes.AsSpan(0, read).LastIndexOf((byte)'\n');
            if (end >= 0 || read < size || size >= MaxLineBytes)
            {
                return bytes.AsMemory(0, end + 1);
            }
        }
    }

    private static int Fill(Microsoft.Win32.SafeHandles.SafeFileHandle file, Span<byte> bytes, long offset)
    {
        var filled = 0;
        while (filled < bytes.Length)
        {
            var read = RandomAccess.Read(file, bytes[filled..], offset + filled);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled;
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static string Hash(ReadOnlySpan<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line));

    private string[] Segments()
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }

        var names = Directory.EnumerateFiles(directory, "*.jsonl").Select(path => Path.GetFileName(path)).Where(name => Seq(name) > 0).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    private static long Seq(string segment) =>
        segment.Length == 26 && long.TryParse(segment.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : 0;
}
