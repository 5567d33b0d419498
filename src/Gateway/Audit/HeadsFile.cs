using System.Text;
using Callgate.Gateway.Storage;
using Microsoft.Win32.SafeHandles;

namespace Callgate.Gateway.Audit;

/// <summary>A file of signed heads: one note after the other, only ever appended to.</summary>
internal sealed class HeadsFile(string path)
{
    /// <summary>In the folder of the segments.</summary>
    public const string Name = "heads";

    /// <summary>A note of ours has some 350 bytes.</summary>
    private const int TailBytes = 64 * 1024;

    private const long WorthDropping = 8L << 20;

    public string Path { get; } = path;

    /// <summary>Where the last whole note ends.</summary>
    private static int EndOfNotes(ReadOnlySpan<byte> bytes)
    {
        for (var end = bytes.LastIndexOf("\n\n"u8); end >= 0; end = bytes[..end].LastIndexOf("\n\n"u8))
        {
            var line = bytes[..end];
            line = line[(line.LastIndexOf((byte)'\n') + 1)..];
            if (line.StartsWith("— "u8))
            {
                return end + 2;
            }
        }

        return 0;
    }

    /// <summary>Whether the file ends with a whole note.</summary>
    public static bool IsWhole(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        var tail = Read(file, Math.Max(0, length - TailBytes), length);
        return EndOfNotes(tail) == tail.Length;
    }

    /// <summary>Cuts off what a crash left of a last note, and gives the last whole one of this origin.</summary>
    public SignedHead? Repair(string origin)
    {
        using var file = Open();
        var length = RandomAccess.GetLength(file);
        var start = Math.Max(0, length - TailBytes);
        var tail = Read(file, start, length);
        var end = EndOfNotes(tail);
        if (end < tail.Length)
        {
            RandomAccess.SetLength(file, start + end);
        }

        // The first note of a tail may be cut, and is then none.
        return SignedHead.ReadAll(new StringReader(Encoding.UTF8.GetString(tail, 0, end))).LastOrDefault(note => note is not null && note.Origin == origin);
    }

    /// <summary>Drops heads of entries before this one, when there are so many that it is worth writing the file again.</summary>
    public void DropBefore(long seq)
    {
        if (new FileInfo(Path).Length < WorthDropping)
        {
            return;
        }

        using var text = new StringReader(File.ReadAllText(Path));
        var kept = SignedHead.ReadAll(text).OfType<SignedHead>().Where(head => head.Head.Seq >= seq);
        PrivateFile.Replace(Path, Encoding.UTF8.GetBytes(string.Concat(kept)));
    }

    /// <summary>A failure leaves the file as it was.</summary>
    public void Append(string notes)
    {
        using var file = Open();
        var length = RandomAccess.GetLength(file);
        try
        {
            RandomAccess.Write(file, Encoding.UTF8.GetBytes(notes), length);
            RandomAccess.FlushToDisk(file);
        }
        catch
        {
            RandomAccess.SetLength(file, length);
            throw;
        }
    }

    /// <summary>Whole notes from a place on, some at a time, and the place behind them; the same place when there are none.</summary>
    public (List<SignedHead> Heads, long Next) ReadFrom(long offset)
    {
        if (!File.Exists(Path))
        {
            return ([], offset);
        }

        using var file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = Read(file, offset, Math.Min(RandomAccess.GetLength(file), offset + TailBytes));
        var end = EndOfNotes(bytes);
        return ([.. SignedHead.ReadAll(new StringReader(Encoding.UTF8.GetString(bytes, 0, end))).OfType<SignedHead>()], offset + end);
    }

    private static byte[] Read(SafeFileHandle file, long start, long end)
    {
        var bytes = new byte[Math.Max(0, end - start)];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), start + read) is var more and > 0)
        {
            read += more;
        }

        return bytes[..read];
    }

    private SafeFileHandle Open()
    {
        if (!File.Exists(Path))
        {
            PrivateFile.TryCreate(Path, default);
        }

        return File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }
}
