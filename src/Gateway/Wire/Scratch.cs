using System.Buffers;
using System.Text.Json;

namespace Callgate.Gateway.Wire;

/// <summary>
/// A JSON writer with its buffer that a thread uses again for everything it writes in one go. What was written is copied
/// out, so nothing that leaves here is shared.
/// </summary>
internal sealed class Scratch
{
    /// <summary>A buffer that grew beyond this is not kept.</summary>
    private const int LargestKept = 64 * 1024;

    [ThreadStatic]
    private static Scratch? idle;

    private readonly ArrayBufferWriter<byte> buffer = new(1_024);

    private Scratch() => Json = Reemit.Writer(buffer);

    public Utf8JsonWriter Json { get; }

    /// <summary>A writer at the begin of a text. Whoever writes inside of a write gets another one.</summary>
    public static Scratch Begin()
    {
        var scratch = idle ?? new Scratch();
        idle = null;
        return scratch;
    }

    /// <summary>The text as bytes of its own; the writer may not be used after it.</summary>
    public byte[] End()
    {
        Json.Flush();
        var bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity <= LargestKept)
        {
            buffer.ResetWrittenCount();
            Json.Reset();
            idle = this;
        }

        return bytes;
    }
}
