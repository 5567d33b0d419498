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
            NodeJson.Write(root, writer, MembersOf);
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan));
    }

    private static IEnumerable<Member> MembersOf(Node node) => node.Members
        .Where(member => node.Up is not null || !Remarks.Contains(member.Name, StringComparer.Ordinal))
        .OrderBy(static member => member.Name, StringComparer.Ordinal);
}
