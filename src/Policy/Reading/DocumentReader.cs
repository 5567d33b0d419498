using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Callgate.Policy.Reading;

/// <summary>
/// Bytes to a tree with places: strict JSON, no comments, no byte order mark, no duplicate members anywhere.
/// What makes a document unreadable gives one diagnostic; it never throws, whatever the bytes.
/// </summary>
internal static class DocumentReader
{
    public const int MostBytes = 1 << 20;
    public const int MostDepth = 64;

    /// <summary>In UTF-16 units. Pointers repeat names, so an unbounded name would make every diagnostic as long as the document.</summary>
    public const int MostNameLength = 1_024;

    public static Node? Read(DiagnosticSink sink)
    {
        var bytes = sink.Source.Span;
        if (!IsReadable(bytes, sink))
        {
            return null;
        }

        // The reader's own bound is wider, so that too much depth is told apart from a syntax error.
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 2 * MostDepth });
        try
        {
            reader.Read();
            var root = ReadValue(ref reader, null, "", sink);
            if (root is not null)
            {
                reader.Read();
            }

            return root;
        }
        catch (JsonException fault)
        {
            var offset = sink.Source.OffsetOf(fault.LineNumber ?? 0, fault.BytePositionInLine ?? 0);
            var (message, suggestion) = SyntaxError.Describe(bytes, offset);
            sink.Fatal(offset, message, suggestion);
            return null;
        }
    }

    /// <summary>What holds for a document in any spelling: its size, and plain UTF-8.</summary>
    public static bool IsReadable(ReadOnlySpan<byte> bytes, DiagnosticSink sink)
    {
        if (bytes.Length > MostBytes)
        {
            sink.Fatal(0, "the document is larger than 1 MiB", "split it into policies of their own");
            return false;
        }

        if (bytes.StartsWith("\uFEFF"u8))
        {
            sink.Fatal(0, "the document starts with a byte order mark", "save it as UTF-8 without a byte order mark");
            return false;
        }

        if (Utf8.IsValid(bytes))
        {
            return true;
        }

        var offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            offset += length;
        }

        sink.Fatal(offset, $"the byte 0x{bytes[offset]:x2} is not valid UTF-8 here", "save the document as UTF-8");
        return false;
    }

    public static void TooDeep(int offset, DiagnosticSink sink) =>
        sink.Fatal(offset, $"the document is nested deeper than {MostDepth} levels", "a policy needs no more than six");

    public static void HalfPair(int offset, DiagnosticSink sink) =>
        sink.Fatal(offset, "the string holds half a surrogate pair, which is no character", "write both halves, or the character itself");

    public static bool IsTooLong(string name, int offset, DiagnosticSink sink)
    {
        if (name.Length <= MostNameLength)
        {
            return false;
        }

        sink.Fatal(offset, $"the name {Quote.User(name)} is longer than {MostNameLength} characters", "shorten it");
        return true;
    }

    /// <summary>The first of two members of one name is the one that is read further.</summary>
    public static void Add(in Member member, Node to, HashSet<string> seen, DiagnosticSink sink)
    {
        if (seen.Add(member.Name))
        {
            to.Members.Add(member);
        }
        else
        {
            sink.Error(member, $"the member {Quote.User(member.Name)} is here twice", "keep one of them");
        }
    }

    /// <summary>Reads the value the reader stands on; null when a diagnostic has ended the reading.</summary>
    private static Node? ReadValue(ref Utf8JsonReader reader, Node? parent, string step, DiagnosticSink sink)
    {
        var offset = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= MostDepth:
                TooDeep(offset, sink);
                return null;
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, new Node(NodeKind.Object, offset, parent, step), sink);
            case JsonTokenType.StartArray:
                return ReadArray(ref reader, new Node(NodeKind.Array, offset, parent, step), sink);
            case JsonTokenType.String:
                return TryText(ref reader, sink, out var text) ? new Node(NodeKind.String, offset, parent, step) { Text = text } : null;
            case JsonTokenType.Number:
                return new Node(NodeKind.Number, offset, parent, step) { Text = Encoding.UTF8.GetString(reader.ValueSpan) };
            case JsonTokenType.True or JsonTokenType.False:
                return new Node(NodeKind.Boolean, offset, parent, step) { Text = Encoding.UTF8.GetString(reader.ValueSpan) };
            default:
                return new Node(NodeKind.Null, offset, parent, step) { Text = "null" };
        }
    }

    private static Node? ReadObject(ref Utf8JsonReader reader, Node node, DiagnosticSink sink)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var offset = (int)reader.TokenStartIndex;
            if (!TryText(ref reader, sink, out var name))
            {
                return null;
            }

            if (IsTooLong(name, offset, sink))
            {
                return null;
            }

            reader.Read();
            var value = ReadValue(ref reader, node, name, sink);
            if (value is null)
            {
                return null;
            }

            Add(new Member(name, offset, value), node, seen, sink);
        }

        return node;
    }

    private static Node? ReadArray(ref Utf8JsonReader reader, Node node, DiagnosticSink sink)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var item = ReadValue(ref reader, node, Node.IndexStep(node.Items.Count), sink);
            if (item is null)
            {
                return null;
            }

            node.Items.Add(item);
        }

        return node;
    }

    private static bool TryText(ref Utf8JsonReader reader, DiagnosticSink sink, out string text)
    {
        try
        {
            text = reader.GetString() ?? "";
            return true;
        }
        catch (InvalidOperationException)
        {
            // The reader accepts \ud800 as a token and refuses it as text.
            text = "";
            HalfPair((int)reader.TokenStartIndex, sink);
            return false;
        }
    }
}
