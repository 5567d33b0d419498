using System.Diagnostics.CodeAnalysis;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Callgate.Policy.Reading;

/// <summary>
/// YAML to the tree that <see cref="DocumentReader"/> makes of JSON, within the same bounds. Of YAML 1.2 it reads what has one
/// meaning to everybody: one document, no anchors, aliases, tags, merges or directives, and numbers as JSON writes them.
/// Never throws, whatever the bytes.
/// </summary>
internal sealed class YamlReader
{
    private readonly DiagnosticSink sink;
    private readonly Parser parser;
    private readonly int[]? offsets;

    private YamlReader(string text, DiagnosticSink sink)
    {
        this.sink = sink;
        offsets = OffsetsOf(text, sink.Source.Span.Length);
#pragma warning disable RS0030 // The library takes its text through a reader; this one reads the string and nothing else.
        parser = new Parser(new System.IO.StringReader(text));
#pragma warning restore RS0030
    }

    [SuppressMessage("Design", "CA1031", Justification = "on some texts the parser leaves an invariant of its own with an exception of any kind")]
    public static Node? Read(DiagnosticSink sink)
    {
        if (!DocumentReader.IsReadable(sink.Source.Span, sink))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(sink.Source.Span);
        var reader = new YamlReader(text, sink);
        if (YamlText.FaultOf(text) is { } fault)
        {
            return reader.Stop(fault.Index, fault.Message, fault.Suggestion);
        }

        try
        {
            return reader.Document();
        }
        catch (YamlException exception)
        {
            var (index, message, suggestion) = YamlText.Describe(exception, text);
            return reader.Stop(index, message, suggestion);
        }
        catch (Exception)
        {
            return reader.Stop(reader.parser.Current?.End.Index ?? 0, "the document is not YAML after this place", null);
        }
    }

    /// <summary>Byte offsets of UTF-16 units; null where both are the same.</summary>
    private static int[]? OffsetsOf(string text, int bytes)
    {
        if (text.Length == bytes)
        {
            return null;
        }

        var offsets = new int[text.Length + 1];
        var offset = 0;
        for (var i = 0; i < text.Length; i++)
        {
            offsets[i] = offset;

            // A pair has four bytes in UTF-8, counted as three and one.
            offset += text[i] switch { < '\u0080' => 1, < '\u0800' => 2, _ when char.IsLowSurrogate(text[i]) => 1, _ => 3 };
        }

        offsets[text.Length] = offset;
        return offsets;
    }

    private Node? Document()
    {
        parser.MoveNext();
        if (!parser.MoveNext() || parser.Current is not DocumentStart)
        {
            return Stop(0, "the document is empty", "the smallest policy has the two lines `version: \"1\"` and `default: deny`");
        }

        parser.MoveNext();
        var root = Value(null, "", 0);
        if (root is null)
        {
            return null;
        }

        // The end of the document, and then of the stream.
        parser.MoveNext();
        parser.MoveNext();
        return parser.Current is StreamEnd or null ? root : Stop(parser.Current.Start.Index, "a second document begins here", "keep one document in a file");
    }

    /// <summary>Reads the value that begins with the current event, and leaves the parser on the last one of it. Null when a diagnostic has ended the reading.</summary>
    private Node? Value(Node? parent, string step, int depth)
    {
        var at = parser.Current!;
        var offset = OffsetOf(at.Start.Index);
        switch (at)
        {
            case AnchorAlias alias:
                return Stop(at.Start.Index, $"{Quote.User("*" + alias.Value)} is an alias, and aliases are not read", "write the value itself; a text that begins with `*` needs quotes");
            case NodeEvent node when !IsPlain(node):
                return null;
            case MappingStart or SequenceStart when depth >= DocumentReader.MostDepth:
                DocumentReader.TooDeep(offset, sink);
                return null;
            case MappingStart:
                return Mapping(new Node(NodeKind.Object, offset, parent, step), depth);
            case SequenceStart:
                return Sequence(new Node(NodeKind.Array, offset, parent, step), depth);
            case Scalar scalar:
                return Scalar(scalar, parent, step);
            default:
                return Stop(at.Start.Index, "the document is not YAML: a value is missing here", null);
        }
    }

    private Node? Mapping(Node node, int depth)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (parser.MoveNext() && parser.Current is not MappingEnd)
        {
            var place = parser.Current!.Start.Index;
            if (parser.Current is not Scalar key)
            {
                return parser.Current is AnchorAlias ? Value(null, "", depth) : Stop(place, "a list or mapping cannot be the name of a member", "write a text");
            }

            var (name, isName) = (key.Value, CoreScalar.KindOf(key) == NodeKind.String);
            if (!IsPlain(key) || !IsWhole(key) || DocumentReader.IsTooLong(name, OffsetOf(place), sink))
            {
                return null;
            }

            if (name == "<<" && key.Style == ScalarStyle.Plain)
            {
                return Stop(place, "`<<` merges another mapping, and merges are not read", "write the members out");
            }

            parser.MoveNext();
            if (Value(node, name, depth + 1) is not { } value)
            {
                return null;
            }

            var member = new Member(name, OffsetOf(place), value);
            if (!isName)
            {
                sink.Error(member, $"the name of a member must be a string, and {Quote.User(name)} without quotes is none", "put it in quotes");
            }

            DocumentReader.Add(member, node, seen, sink);
        }

        return node;
    }

    private Node? Sequence(Node node, int depth)
    {
        while (parser.MoveNext() && parser.Current is not SequenceEnd)
        {
            if (Value(node, Node.IndexStep(node.Items.Count), depth + 1) is not { } item)
            {
                return null;
            }

            node.Items.Add(item);
        }

        return node;
    }

    private Node? Scalar(Scalar scalar, Node? parent, string step)
    {
        if (!IsWhole(scalar))
        {
            return null;
        }

        var kind = CoreScalar.KindOf(scalar);
        var text = kind == NodeKind.Number ? CoreScalar.JsonNumber(scalar.Value) ?? "1" : CoreScalar.TextOf(kind, scalar.Value);
        var node = new Node(kind, OffsetOf(scalar.Start.Index), parent, step) { Text = text };
        if (kind == NodeKind.Number && !CoreScalar.IsJsonNumber(scalar.Value))
        {
            var meant = CoreScalar.JsonNumber(scalar.Value);
            sink.Error(node, $"{Quote.User(scalar.Value)} is a number that JSON cannot write", meant is null ? "put it in quotes where it is a text" : $"write `{meant}`, or put it in quotes where it is a text");
        }

        return node;
    }

    private bool IsPlain(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            Stop(node.Start.Index, $"{Quote.User("&" + node.Anchor.Value)} is an anchor, and anchors are not read", "remove it; a text that begins with `&` needs quotes");
            return false;
        }

        if (!node.Tag.IsEmpty)
        {
            Stop(node.Start.Index, "this value has a tag, and tags are not read", "remove it; a text that begins with `!` needs quotes");
            return false;
        }

        return true;
    }

    private bool IsWhole(Scalar scalar)
    {
        // The parser lets the two reserved characters pass inside brackets.
        if (scalar is { Style: ScalarStyle.Plain, Value: ['@' or '`', ..] })
        {
            Stop(scalar.Start.Index, YamlText.NeedsQuotes, "put it in quotes");
            return false;
        }

        if (HoldsHalfPair(scalar.Value))
        {
            DocumentReader.HalfPair(OffsetOf(scalar.Start.Index), sink);
            return false;
        }

        return true;
    }

    private static bool HoldsHalfPair(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (!isPair && char.IsSurrogate(text[i]))
            {
                return true;
            }

            i += isPair ? 1 : 0;
        }

        return false;
    }

    private int OffsetOf(long index) =>
        offsets is null ? (int)Math.Clamp(index, 0, sink.Source.Span.Length) : offsets[Math.Clamp(index, 0, offsets.Length - 1)];

    private Node? Stop(long index, string message, string? suggestion)
    {
        sink.Fatal(OffsetOf(index), message, suggestion);
        return null;
    }
}
