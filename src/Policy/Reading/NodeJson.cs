using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Callgate.Policy.Reading;

/// <summary>A part of a document as JSON of its own, whatever spelling the document has.</summary>
internal static class NodeJson
{
    public static JsonElement ToElement(this Node node)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            Write(node, writer);
        }

        using var document = JsonDocument.Parse(bytes.WrittenMemory, new JsonDocumentOptions { MaxDepth = DocumentReader.MostDepth + 1 });
        return document.RootElement.Clone();
    }

    /// <summary>For keeping: letters stand as they are, so that the text is not longer than it need be.</summary>
    public static byte[] ToUtf8(this Node node)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(node, writer);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <param name="membersOf">Which members of an object, in which order; all as they stand without.</param>
    public static void Write(Node node, Utf8JsonWriter writer, Func<Node, IEnumerable<Member>>? membersOf = null)
    {
        switch (node.Kind)
        {
            case NodeKind.Object:
                writer.WriteStartObject();
                foreach (var member in membersOf?.Invoke(node) ?? node.Members)
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value, writer, membersOf);
                }

                writer.WriteEndObject();
                break;
            case NodeKind.Array:
                writer.WriteStartArray();
                foreach (var item in node.Items)
                {
                    Write(item, writer, membersOf);
                }

                writer.WriteEndArray();
                break;
            case NodeKind.String:
                writer.WriteStringValue(node.Text);
                break;
            default:
                // Numbers keep their digits; true, false and null are their own text.
                writer.WriteRawValue(node.Text, skipInputValidation: true);
                break;
        }
    }
}
