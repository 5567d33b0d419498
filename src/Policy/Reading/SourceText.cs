using System.Text;

namespace Callgate.Policy.Reading;

/// <summary>The document's bytes and the lines in them.</summary>
internal sealed class SourceText
{
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly List<int> lineStarts = [0];

    public SourceText(ReadOnlyMemory<byte> bytes)
    {
        this.bytes = bytes;
        var span = bytes.Span;
        for (var i = 0; i < span.Length; i++)
        {
            if (span[i] == (byte)'\n')
            {
                lineStarts.Add(i + 1);
            }
        }
    }

    public ReadOnlySpan<byte> Span => bytes.Span;

    /// <summary>The byte offset of a place that the JSON reader counts from 0.</summary>
    public int OffsetOf(long line, long bytesInLine)
    {
        var start = lineStarts[(int)Math.Clamp(line, 0, lineStarts.Count - 1)];
        return (int)Math.Clamp(start + bytesInLine, 0, bytes.Length);
    }

    /// <summary>Line and column from 1; the column counts UTF-16 units, as editors do.</summary>
    public (int Line, int Column) PositionOf(int offset)
    {
        var line = lineStarts.BinarySearch(offset);
        line = line >= 0 ? line : ~line - 1;
        var start = lineStarts[line];
        return (line + 1, Encoding.UTF8.GetCharCount(bytes.Span[start..offset]) + 1);
    }
}
