using System.Text;
using System.Text.Json;

namespace Callgate.Attacks.Wire;

/// <summary>One answer as it stood on the wire; the body is without its transfer coding.</summary>
public sealed record WireAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>Whether the connection broke off inside the body.</summary>
    public bool IsCut { get; init; }

    public string Text => Encoding.UTF8.GetString(Body);

    public bool IsStream => Header("Content-Type")?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    public string? Header(string name) =>
        Headers.Where(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value).FirstOrDefault();

    /// <summary>The messages in it: the body, the elements of an array, or the data of the events.</summary>
    public IReadOnlyList<JsonElement> Messages()
    {
        IEnumerable<byte[]> texts = IsStream ? SseText.Data(Text).Select(Encoding.UTF8.GetBytes) : [Body];
        return [.. texts.Where(static text => text.Length > 0).Select(Json.Lenient).SelectMany(static message => message.ValueKind == JsonValueKind.Array ? [.. message.EnumerateArray()] : new[] { message })];
    }

    /// <summary>The one response in it; undefined when there is none, or more than one.</summary>
    public JsonElement Response()
    {
        var responses = Messages().Where(static message => message.Has("result") || message.Has("error")).ToList();
        return responses is [var only] ? only : default;
    }
}
