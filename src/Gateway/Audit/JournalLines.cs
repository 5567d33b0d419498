using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Callgate.Gateway.Audit;

/// <summary>The complete lines of one segment, in order, while the writer may still be appending to it.</summary>
internal sealed class JournalLines : IDisposable
{
    private readonly SafeFileHandle file;

    // Rented: the search index opens a segment several times for every thousand entries.
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int start;
    private int end;
    private long offset;

    public JournalLines(string path, long offset = 0)
    {
        // Sharing everything: a reader must never stop the writer, nor retention.
        file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        this.offset = offset;
    }

    /// <summary>The current line without its newline; valid until the next step.</summary>
    public ReadOnlySpan<byte> Line => buffer.AsSpan(start, end - start)[..lineLength];

    /// <summary>Where the current line begins.</summary>
    public long Offset => offset;

    /// <summary>Where the line after the current one begins.</summary>
    public long Next => offset + lineLength + 1;

    /// <summary>Once there are no more lines: the bytes behind the last newline.</summary>
    public long TailBytes { get; private set; }

    private int lineLength = -1;

    /// <summary>Steps to the next complete line; false when there is none.</summary>
    public bool MoveNext()
    {
        offset += lineLength + 1;
        start += lineLength + 1;
        var searched = 0;
        while (true)
        {
            lineLength = buffer.AsSpan(start + searched, end - start - searched).IndexOf((byte)'\n');
            if (lineLength >= 0)
            {
                lineLength += searched;
                return true;
            }

            searched = end - start;
            MakeRoom();
            var read = RandomAccess.Read(file, buffer.AsSpan(end), offset + end - start);
            if (read == 0)
            {
                TailBytes = end - start;
                return false;
            }

            end += read;
        }
    }

    public void Dispose()
    {
        file.Dispose();
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        (start, end, lineLength) = (0, 0, -1);
    }

    private void MakeRoom()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }

        if (end == buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked(buffer.Length * 2));
            buffer.AsSpan(0, end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
    }
}
