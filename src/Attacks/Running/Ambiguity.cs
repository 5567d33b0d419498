using System.Text;
using System.Text.Json;

namespace Callgate.Attacks.Running;

/// <summary>What in the bytes of a message two readers could see differently: a member twice, or twice but for case in the protocol's own part.</summary>
internal static class Ambiguity
{
    /// <summary>What it is; null where there is nothing of the kind.</summary>
    public static string? Of(byte[] message)
    {
        try
        {
            var reader = new Utf8JsonReader(message, new JsonReaderOptions { MaxDepth = 1_000 });
            var open = new Stack<HashSet<string>?>();
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        // Names of arguments are their tool's own, and may differ in case; those of the message and of its params may not.
                        open.Push(new HashSet<string>(open.Count < 2 ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal));
                        break;
                    case JsonTokenType.StartArray:
                        open.Push(null);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        open.Pop();
                        break;
                    case JsonTokenType.PropertyName when !open.Peek()!.Add(reader.GetString()!):
                        return $"the member `{reader.GetString()}` twice";
                }
            }

            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return $"no JSON: {Shortened.Of(Encoding.UTF8.GetString(message), 60)}";
        }
    }
}
