using System.Text;

namespace Callgate.Gateway.Audit;

/// <summary>Follows the chain line by line. The first line of a segment says where it begins; whoever crosses segments checks that.</summary>
/// <param name="first">The number that the first entry must have.</param>
/// <param name="holdsMany">Segments follow each other without files between them, as in an export.</param>
internal sealed class JournalChain(long first, bool holdsMany = false)
{
    /// <summary>The one fault whose cause may as well be the entry before.</summary>
    public const string Unlinked = "the entry before it is not the one it was written after";

    private readonly byte[] hash = new byte[JournalLine.HashLength];
    private bool hasBegun;

    public JournalChain(string path)
        : this(JournalSegments.FirstSeqOf(path))
    {
    }

    /// <summary>The number that the next entry must have.</summary>
    public long Expected { get; private set; } = first;

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
        if (isHeader == hasBegun && !(isHeader && holdsMany))
        {
            return hasBegun ? "a segment begins within a segment" : "the first entry does not begin a segment";
        }

        if (hasBegun && !line.Prev.SequenceEqual(hash))
        {
            return Unlinked;
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
