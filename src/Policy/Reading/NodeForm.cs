using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Callgate.Policy.Reading;

/// <summary>What a document says, whatever its spelling: two documents of one form judge every call alike.</summary>
internal static class NodeForm
{
    /// <summary>Members at the top that judge nothing.</summary>
    private static readonly string[] Remarks = ["$schema", "description", "tests"];

    /// <summary>SHA-256 over the members in order of their names, the remarks left out; lower-case hex.</summary>
    public static string DigestOf(Node root)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            Write(root, writer, isTop: true);
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan));
    }

    private static void Write(Node node, Utf8JsonWriter writer, bool isTop)
    {
        if (node.Kind == NodeKind.Object)
        {
            writer.WriteStartObject();
            foreach (var member in node.Members.Where(member => !isTop || !Remarks.Contains(member.Name, StringComparer.Ordinal)).OrderBy(static member => member.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(member.Name);
                Write(member.Value, writer, isTop: false);
            }

            writer.WriteEndObject();
        }
        else if (node.Kind == NodeKind.Array)
        {
            writer.WriteStartArray();
            foreach (var item in node.Items)
            {
                Write(item, writer, isTop: false);
            }

            writer.WriteEndArray();
        }
        else if (node.Kind == NodeKind.String)
        {
            writer.WriteStringValue(node.Text);
        }
        else
        {
            writer.WriteRawValue(node.Text, skipInputValidation: true);
        }
    }
}
