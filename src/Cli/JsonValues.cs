using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary>
/// The values of a stream one after the other: the items of a list, or one document, or JSON lines. Each is given as soon as
/// it is whole, so that those before a fault are not lost with it, and only one need fit in memory.
/// </summary>
internal sealed class JsonValues(Stream stream)
{
    /// <summary>Nothing larger is of use to anybody, and a text that never ends must not take the machine's memory.</summary>
    private const int LargestValue = 64 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private byte[] buffer = new byte[64 * 1024];
    private int from;
    private int until;
    private bool isWhole;
    private bool isFirst = true;
    private bool needsComma;
    private long lines;

    /// <summary>What is read is one list; known with the first value.</summary>
    public bool IsList { get; private set; }

    /// <exception cref="JsonException">The next value is none; its line is in the message.</exception>
    public async IAsyncEnumerable<JsonElement> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        while (await BeginAsync(ct))
        {
            int length;
            while ((length = Length()) == 0)
            {
                await FillAsync(ct);
            }

            var value = buffer.AsMemory(from, length);
            Pass(length);
            yield return Parsed(value.Span);
        }
    }

    /// <summary>Goes to the next value; false at the end of the list or of the text.</summary>
    private async ValueTask<bool> BeginAsync(CancellationToken ct)
    {
        while (true)
        {
            var next = await NextAsync(ct);
            if (next < 0)
            {
                return !IsList ? false : throw Fault("the list does not end");
            }

            if (isFirst && next == '[')
            {
                (isFirst, IsList) = (false, true);
                Pass(1);
            }
            else if (IsList && next == ']')
            {
                Pass(1);
                return await NextAsync(ct) < 0 ? false : throw Fault("there is more behind the list");
            }
            else if (IsList && needsComma)
            {
                needsComma = next == ',' ? false : throw Fault("a comma is missing");
                Pass(1);
            }
            else
            {
                (isFirst, needsComma) = (false, true);
                return true;
            }
        }
    }

    /// <summary>The next byte that is no white space, and no mark at the very beginning; -1 at the end.</summary>
    private async ValueTask<int> NextAsync(CancellationToken ct)
    {
        while (true)
        {
            if (isFirst && buffer.AsSpan(from, until - from).StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            {
                Pass(3);
            }

            var space = buffer.AsSpan(from, until - from).IndexOfAnyExcept(" \t\r\n"u8);
            if (space >= 0)
            {
                Pass(space);
                return buffer[from];
            }

            Pass(until - from);
            if (isWhole)
            {
                return -1;
            }

            await FillAsync(ct);
        }
    }

    /// <summary>How long the value is; 0 while its end is not read.</summary>
    private int Length()
    {
        var reader = new Utf8JsonReader(buffer.AsSpan(from, until - from), isWhole, new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 64 }));
        try
        {
            // A number at the end of what is read may go on.
            return reader.Read() && reader.TrySkip() && (isWhole || reader.TokenType != JsonTokenType.Number) ? (int)reader.BytesConsumed : 0;
        }
        catch (JsonException exception)
        {
            throw Fault("it is not JSON", exception.LineNumber ?? 0, exception.BytePositionInLine ?? 0);
        }
    }

    private static JsonElement Parsed(ReadOnlySpan<byte> value)
    {
        try
        {
            return JsonElement.Parse(value, Strict);
        }
        catch (JsonException exception)
        {
            throw new JsonException(exception.Message.Split(". ")[0].TrimEnd('.'), exception);
        }
    }

    private async ValueTask FillAsync(CancellationToken ct)
    {
        if (until - from > LargestValue)
        {
            throw Fault("it is larger than 64 MiB");
        }

        if (until == buffer.Length)
        {
            // Twice as much each time, so that a long value is looked at only a few times.
            var larger = until - from > buffer.Length / 2 ? new byte[buffer.Length * 2] : buffer;
            buffer.AsSpan(from, until - from).CopyTo(larger);
            (buffer, from, until) = (larger, 0, until - from);
        }

        var read = await stream.ReadAsync(buffer.AsMemory(until), ct);
        isWhole = read == 0;
        until += read;
    }

    private void Pass(int bytes)
    {
        lines += buffer.AsSpan(from, bytes).Count((byte)'\n');
        from += bytes;
    }

    private JsonException Fault(string what, long line = 0, long place = 0) => new($"{what} (line {lines + line + 1}, byte {place + 1})");
}
