using System.Text.Json;

namespace Callgate.Gateway.Clients;

/// <summary>
/// Reads of a JSON file what lies on the way to its servers, and the servers whole. What lies beside is skipped unread: such
/// files hold years of history beside a handful of servers.
/// </summary>
public static class JsonTree
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <param name="ways">The names that lead to the servers; <c>*</c> stands for any.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static ConfigNode Read(ReadOnlySpan<byte> bytes, bool comments, IReadOnlyList<string[]> ways)
    {
        var start = bytes.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        var options = new JsonReaderOptions
        {
            AllowTrailingCommas = comments,
            CommentHandling = comments ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
        };
        var reader = new Utf8JsonReader(bytes[start..], options);
        reader.Read();
        var root = Node(ref reader, start, ways, 0);
        while (reader.Read())
        {
            // Nothing may follow; what does is found here.
        }

        return root;
    }

    private static ConfigNode Node(ref Utf8JsonReader reader, int start, IReadOnlyList<string[]> ways, int depth)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(ref reader, start, ways, depth);
            case JsonTokenType.StartArray:
                var array = new ConfigNode(NodeKind.Array);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    array.Items.Add(Node(ref reader, start, ways, depth + 1));
                }

                return array;
            case JsonTokenType.String:
                return new ConfigNode(NodeKind.Text) { Text = reader.GetString() };
            default:
                return new ConfigNode(NodeKind.Other);
        }
    }

    private static ConfigNode Object(ref Utf8JsonReader reader, int start, IReadOnlyList<string[]> ways, int depth)
    {
        var node = new ConfigNode(NodeKind.Map);
        var whole = ways.Any(way => way.Length <= depth);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var from = start + (int)reader.TokenStartIndex;
            var name = reader.GetString()!;
            var onward = whole ? ways : [.. ways.Where(way => way[depth] == "*" || way[depth] == name)];
            reader.Read();
            if (onward.Count == 0)
            {
                reader.Skip();
                continue;
            }

            var value = Node(ref reader, start, onward, depth + 1);
            node.Members.Add(new ConfigMember(name, value, [new ByteRange(from, start + (int)reader.BytesConsumed)]));
        }

        return node;
    }
}
