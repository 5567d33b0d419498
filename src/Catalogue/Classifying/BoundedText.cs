using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Callgate.Catalogue.Classifying;

/// <summary>
/// The beginning of a JSON string, read leniently: a definition comes from a server nobody vouches for, so that what no
/// strict reader would take (half a surrogate pair, bytes that are no UTF-8) becomes a replacement character, one unit
/// for one, and the work does not grow with the text.
/// </summary>
internal static class BoundedText
{
    private const char Replacement = '\uFFFD';

    /// <summary>At most <paramref name="most"/> UTF-16 units of a string; empty for any other kind of value.</summary>
    public static string Of(JsonElement value, int most, out bool isCut)
    {
        isCut = false;
        if (value.ValueKind != JsonValueKind.String)
        {
            return "";
        }

        var raw = JsonMarshal.GetRawUtf8Value(value);
        return Decode(raw.Length >= 2 ? raw[1..^1] : raw, most, out isCut);
    }

    /// <summary>At most <paramref name="most"/> UTF-16 units of a member's name.</summary>
    public static string NameOf(JsonProperty member, int most) => Decode(JsonMarshal.GetRawUtf8PropertyName(member), most, out _);

    private static string Decode(ReadOnlySpan<byte> raw, int most, out bool isCut)
    {
        // One unit takes at most six bytes, as an escape.
        var window = raw.Length > most * 6 ? raw[..(most * 6)] : raw;
        var plain = window.IndexOf((byte)'\\') < 0 && Ascii.IsValid(window);
        if (plain)
        {
            isCut = raw.Length > most;
            return Encoding.ASCII.GetString(isCut ? raw[..most] : raw);
        }

        var text = new StringBuilder(Math.Min(window.Length, most));
        var at = 0;
        while (at < window.Length && text.Length < most)
        {
            at += window[at] == (byte)'\\' ? Escape(window[at..], text) : Character(window[at..], text);
        }

        isCut = at < raw.Length;
        return text.ToString(0, Math.Min(text.Length, most));
    }

    private static int Character(ReadOnlySpan<byte> rest, StringBuilder text)
    {
        Rune.DecodeFromUtf8(rest, out var rune, out var length); // gives U+FFFD for what is no UTF-8
        text.Append(rune);
        return Math.Max(length, 1);
    }

    private static int Escape(ReadOnlySpan<byte> rest, StringBuilder text)
    {
        if (rest.Length < 2)
        {
            return rest.Length;
        }

        if (rest[1] != (byte)'u')
        {
            text.Append(rest[1] switch { (byte)'n' => '\n', (byte)'t' => '\t', (byte)'r' => '\r', (byte)'b' => '\b', (byte)'f' => '\f', var plain => (char)plain });
            return 2;
        }

        if (Unit(rest) is not { } unit)
        {
            text.Append(Replacement);
            return Math.Min(rest.Length, 6);
        }

        if (char.IsHighSurrogate(unit) && Unit(rest[6..]) is { } low && char.IsLowSurrogate(low))
        {
            text.Append(unit).Append(low);
            return 12;
        }

        text.Append(char.IsSurrogate(unit) ? Replacement : unit);
        return 6;
    }

    private static char? Unit(ReadOnlySpan<byte> escape) =>
        escape.Length >= 6 && escape[0] == (byte)'\\' && escape[1] == (byte)'u' && ushort.TryParse(escape[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
