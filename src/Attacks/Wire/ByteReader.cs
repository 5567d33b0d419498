using System.Globalization;
using System.Text;

namespace Callgate.Attacks.Wire;

/// <summary>Reads what comes on a connection: lines, exact lengths, chunks. Every wait has a bound, and so has every line.</summary>
public sealed class ByteReader(Stream stream, TimeSpan patience)
{
    private const int LongestLine = 256 * 1024;

    private readonly byte[] buffer = new byte[16 * 1024];
    private int start;
    private int end;

    /// <summary>Bytes read so far, framing included.</summary>
    public long Taken { get; private set; }

    /// <summary>The line without its end; null when the connection ended before it began.</summary>
    public async Task<string?> LineAsync(CancellationToken cancellationToken = default)
    {
        var line = new List<byte>();
        while (end > start || await FillAsync(cancellationToken))
        {
            var next = buffer[start++];
            if (next == (byte)'\n')
            {
                return Encoding.Latin1.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(next);
            if (line.Count > LongestLine)
            {
                throw new InvalidDataException($"a line of more than {LongestLine} bytes");
            }
        }

        return line.Count == 0 ? null : throw new EndOfStreamException("the connection ended inside a line");
    }

    public async Task<byte[]> ExactlyAsync(int length, CancellationToken cancellationToken = default)
    {
        var bytes = new byte[length];
        for (var filled = 0; filled < length;)
        {
            var piece = await PieceAsync(length - filled, cancellationToken);
            if (piece.Length == 0)
            {
                throw new EndOfStreamException($"the connection ended after {filled} of {length} bytes");
            }

            piece.CopyTo(bytes.AsMemory(filled));
            filled += piece.Length;
        }

        return bytes;
    }

    /// <summary>What is there, at most so much; empty when the connection has ended.</summary>
    public async Task<ReadOnlyMemory<byte>> PieceAsync(int most, CancellationToken cancellationToken = default)
    {
        if (end == start && !await FillAsync(cancellationToken))
        {
            return default;
        }

        var take = Math.Min(end - start, most);
        var piece = buffer.AsMemory(start, take).ToArray();
        start += take;
        return piece;
    }

    /// <summary>The next chunk of a chunked body; empty at its end.</summary>
    public async Task<byte[]> ChunkAsync(CancellationToken cancellationToken = default)
    {
        var size = await LineAsync(cancellationToken) ?? throw new EndOfStreamException("the connection ended before the last chunk");
        if (!int.TryParse(size.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length))
        {
            throw new InvalidDataException($"`{size}` is no size of a chunk");
        }

        var chunk = await ExactlyAsync(length, cancellationToken);
        while (await LineAsync(cancellationToken) is { Length: > 0 })
        {
            // Trailers after the last chunk say nothing here; after any other there is an empty line.
        }

        return chunk;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            end = await stream.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came for {patience.TotalSeconds} s");
        }

        start = 0;
        Taken += end;
        return end > 0;
    }
}
