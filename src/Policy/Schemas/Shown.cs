using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary>Values in messages: bounded, on one line, and without what may not be repeated.</summary>
internal static class Shown
{
    private const int Most = 80;

    private static readonly string[] Secrets =
        ["password", "passwd", "passphrase", "secret", "token", "apikey", "credential", "authorization", "privatekey"];

    /// <summary>What came, for people. A string that may be a secret is counted, not shown.</summary>
    public static string Value(JsonElement value, bool isSecret)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                var text = value.GetString() ?? "";
                var quoted = isSecret || text.Length > Most ? null : Quoted(text);
                return quoted is { Length: <= Most } ? $"the string {quoted}" : $"a string of {Count(text.EnumerateRunes().Count(), "character")}";
            case JsonValueKind.Number:
                var token = value.GetRawText();
                return token.Length <= Most ? $"the number {token}" : $"a number of {Count(token.Length, "character")}";
            case JsonValueKind.True:
                return "the boolean true";
            case JsonValueKind.False:
                return "the boolean false";
            case JsonValueKind.Array:
                return $"an array of {Count(value.GetArrayLength(), "item")}";
            case JsonValueKind.Object:
                return $"an object with {Count(value.GetPropertyCount(), "member")}";
            case JsonValueKind.Null:
                return "null";
            default:
                return "nothing";
        }
    }

    /// <summary>A value of the schema itself: short, as JSON.</summary>
    public static string Constant(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Quoted(Cut(value.GetString() ?? "")),
        JsonValueKind.Array or JsonValueKind.Object => Value(value, false),
        _ => Cut(value.GetRawText()),
    };

    /// <summary>How a path goes on to a member (policy language, Paths).</summary>
    public static string Step(string name) => IsPlain(name) ? "." + name : $"[{Quoted(Cut(name))}]";

    /// <summary>A name of the schema, between backticks.</summary>
    public static string Name(string name) => $"`{(IsPlain(name) ? name : Quoted(Cut(name)))}`";

    public static string Count(long count, string noun) =>
        count == 1 ? $"1 {noun}" : string.Create(CultureInfo.InvariantCulture, $"{count} {noun}s");

    /// <summary>Whether a member of this name looks like one that holds a secret.</summary>
    public static bool IsSecret(string name)
    {
        var plain = string.Concat(name.Where(char.IsAsciiLetter)).ToLowerInvariant();
        return Array.Exists(Secrets, word => plain.Contains(word, StringComparison.Ordinal));
    }

    private static bool IsPlain(string name) =>
        name.Length is > 0 and <= Most && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '-');

    private static string Cut(string text)
    {
        const int Short = 40;
        if (text.Length <= Short)
        {
            return text;
        }

        var whole = char.IsHighSurrogate(text[Short - 1]) ? Short - 1 : Short;
        return string.Concat(text.AsSpan(0, whole), "…");
    }

    /// <summary>As a string of JSON, with whatever does not show escaped; the backtick too, since names stand between them.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            var hidden = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
            if (hidden || rune.Value == '`')
            {
                quoted.Append(Escaped(rune));
            }
            else
            {
                quoted.Append(rune.Value is '"' or '\\' ? "\\" : "").Append(rune.ToString());
            }
        }

        return quoted.Append('"').ToString();
    }

    private static string Escaped(Rune rune)
    {
        Span<char> units = stackalloc char[2];
        var length = rune.EncodeToUtf16(units);
        return length == 1 ? $"\\u{(int)units[0]:x4}" : $"\\u{(int)units[0]:x4}\\u{(int)units[1]:x4}";
    }
}
