using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>JSON as the list of its tokens: numbers as they are written, strings by what they mean, members in their order.</summary>
internal static class Tokens
{
    public static IReadOnlyList<string> Of(JsonElement element) => Of(element.GetRawText());

    public static IReadOnlyList<string> Of(string json)
    {
        var tokens = new List<string>();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        while (reader.Read())
        {
            tokens.Add(reader.TokenType switch
            {
                JsonTokenType.String => "s:" + reader.GetString(),
                JsonTokenType.PropertyName => "p:" + reader.GetString(),
                _ => Encoding.UTF8.GetString(reader.ValueSpan),
            });
        }

        return tokens;
    }
}
