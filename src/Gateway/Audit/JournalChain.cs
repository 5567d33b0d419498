using System.Text;

namespace Callgate.Gateway.Audit;

/// <summary>Follows the chain line by line. The first line of a segment says where it begins; whoever crosses segments checks that.</summary>
internal sealed class JournalChain(string path)
{
    private readonly byte[] hash = new byte[JournalLine.HashLength];
    private bool hasBegun;

    /// <summary>The number that the next entry must have.</summary>
    public long Expected { get; private set; } = JournalSegments.FirstSeqOf(path);

    public JournalHead Head => new(Expected - 1, Encoding.ASCII.GetString(hash));

    /// <summary>Null when the line is the next entry, otherwise why not.</summary>
    public string? Step(ReadOnlySpan<byte> bytes, out JournalLine line)
    {
        if (!JournalLine.TryParse(bytes, out line))
        {
            return "the line is no entry";
        }

        if (line.Seq != Expected)
        {
            return hasBegun ? $"entry {line.Seq} stands where {Expected} belongs" : "the file's name is not the number of its first entry";
        }

        var isHeader = line.Kind.SequenceEqual("segment"u8);
        if (isHeader == hasBegun)
        {
            return hasBegun ? "a segment begins within a segment" : "the first entry does not begin a segment";
        }

        if (hasBegun && !line.Prev.SequenceEqual(hash))
        {
            return "the entry before it is not the one it was written after";
        }

        if (!JournalLine.IsJson(bytes))
        {
            return "the entry is no JSON";
        }

        JournalLine.Hash(bytes, hash);
        hasBegun = true;
        Expected++;
        return null;
    }
}
