using System.Text;
using System.Text.Json;

namespace Callgate.Attacks.Wire;

/// <summary>Small readings of JSON that never throw: what is not there is undefined.</summary>
public static class Json
{
    private static readonly JsonDocumentOptions Anything = new() { MaxDepth = 1_000, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The value, read as leniently as many readers do; undefined when it is no JSON.</summary>
    public static JsonElement Lenient(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Anything);
            return document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    public static JsonElement Lenient(string text) => Lenient(Encoding.UTF8.GetBytes(text));

    public static bool Has(this JsonElement value, string member) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member, out _);

    public static JsonElement Member(this JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member, out var found) ? found : default;

    public static string? Text(this JsonElement value, string member) => value.Member(member).AsText();

    public static string? AsText(this JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: no text.
            return null;
        }
    }

    public static bool IsTrue(this JsonElement value, string member) => value.Member(member).ValueKind == JsonValueKind.True;

    public static IEnumerable<JsonElement> Items(this JsonElement value) => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Members(this JsonElement value) => value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];

    /// <summary>What a JSON Pointer leads to, as far as it is there.</summary>
    public static JsonElement At(this JsonElement value, string path)
    {
        foreach (var step in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            value = value.ValueKind == JsonValueKind.Array && int.TryParse(step, out var index) && index < value.GetArrayLength()
                ? value[index]
                : value.Member(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
        }

        return value;
    }

    /// <summary>A text as a JSON string, with as few escapes as there may be.</summary>
    public static string Quoted(string text) => JsonSerializer.Serialize(text, Plain);
}
