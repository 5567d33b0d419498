using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary>Texts of JSON as they are in memory; only what holds an escape is copied.</summary>
internal static class JsonText
{
    /// <summary>What a string says, in UTF-8.</summary>
    public static ReadOnlySpan<byte> Utf8(JsonElement text)
    {
        var raw = JsonMarshal.GetRawUtf8Value(text)[1..^1];
        return raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(text.GetString() ?? "") : raw;
    }

    public static ReadOnlySpan<byte> Name(JsonProperty member)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(member);
        return raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(member.Name) : raw;
    }

    /// <summary>The token of a number as it was written.</summary>
    public static ReadOnlySpan<byte> Number(JsonElement number) => JsonMarshal.GetRawUtf8Value(number);

    /// <summary>Of a whole value as it was written, in bytes.</summary>
    public static int Length(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Length;

    public static int CodePoints(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var unit in utf8)
        {
            count += (unit & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }
}
