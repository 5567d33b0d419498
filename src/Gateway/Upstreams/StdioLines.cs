using System.Buffers;
using System.IO.Pipelines;

namespace Callgate.Gateway.Upstreams;

/// <summary>Lines of a child's standard output as bytes, each bounded. An unfinished last line was never a message.</summary>
internal sealed class StdioLines(Stream stdout, int maxBytes)
{
    private readonly PipeReader reader = PipeReader.Create(stdout, new StreamPipeReaderOptions(bufferSize: 64 * 1024, minimumReadSize: 16 * 1024));

    /// <summary>What is known to hold no line end, so that a long line is searched once.</summary>
    private long searched;

    /// <summary>A line was longer than allowed; nothing more is read.</summary>
    public bool TooLong { get; private set; }

    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        while (!TooLong)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            var ending = buffer.Slice(searched).PositionOf((byte)'\n');
            TooLong = (ending is { } at ? buffer.Slice(0, at).Length : buffer.Length) > maxBytes;
            if (ending is { } position && !TooLong)
            {
                var line = buffer.Slice(0, position).ToArray();
                searched = 0;
                reader.AdvanceTo(buffer.GetPosition(1, position));
                return line;
            }

            searched = buffer.Length;
            reader.AdvanceTo(TooLong ? buffer.End : buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }

        return null;
    }
}
