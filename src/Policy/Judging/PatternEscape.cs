using System.Globalization;
using System.Text;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Judging;

/// <summary>Single characters of a pattern and what a backslash makes of them, in and outside a class alike.</summary>
internal static class PatternEscape
{
    private static readonly CodePointSet Digits = CodePointSet.Of(('0', '9'));

    private static readonly CodePointSet Words = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    // As RE2 has it: without the vertical tab.
    private static readonly CodePointSet Spaces = CodePointSet.Of(('\t', '\n'), ('\f', '\r'), (' ', ' '));

    /// <summary>The code point at a place, as itself.</summary>
    public static CodePointSet? Literal(string text, ref int at, out string? fault)
    {
        fault = null;
        if (!Rune.TryGetRuneAt(text, at, out var rune))
        {
            fault = "the pattern holds half of a surrogate pair; write whole characters";
            return null;
        }

        at += rune.Utf16SequenceLength;
        return Only(rune.Value);
    }

    /// <summary>What the escape at a place stands for; null with a fault when the subset has none like it.</summary>
    public static CodePointSet? Read(string text, ref int at, out string? fault)
    {
        fault = null;
        if (at + 1 >= text.Length)
        {
            fault = "the pattern ends in `\\`; write `\\\\` for the character";
            return null;
        }

        var letter = text[at + 1];
        if (letter == 'x')
        {
            return ReadHex(text, ref at, out fault);
        }

        if (Named(letter) is { } set)
        {
            at += 2;
            return set;
        }

        Rune.TryGetRuneAt(text, at + 1, out var rune);
        fault = $"{Quote.User("\\" + rune)} {Instead(letter)}";
        return null;
    }

    private static CodePointSet Only(int codePoint) => CodePointSet.Of((codePoint, codePoint));

    private static CodePointSet? Named(char letter) => letter switch
    {
        'd' => Digits,
        'D' => Digits.Negate(),
        'w' => Words,
        'W' => Words.Negate(),
        's' => Spaces,
        'S' => Spaces.Negate(),
        't' => Only('\t'),
        'n' => Only('\n'),
        'r' => Only('\r'),
        'f' => Only('\f'),
        'v' => Only('\v'),
        'a' => Only('\a'),
        ' ' => Only(' '),
        _ => char.IsAscii(letter) && (char.IsPunctuation(letter) || char.IsSymbol(letter)) ? Only(letter) : null,
    };

    private static string Instead(char letter) => letter switch
    {
        'b' or 'B' => "is not in the subset: there are no word boundaries; name the characters that may stand on either side",
        >= '1' and <= '9' or 'k' => "is a back-reference, which no engine matches in linear time; write what is to be repeated again",
        '0' => "is not in the subset; write `\\x00`",
        'p' or 'P' => "is not in the subset: there are no Unicode properties; write the ranges, such as `[A-Za-z\\x{C0}-\\x{24F}]`",
        'u' or 'U' or 'c' or 'e' => "is not in the subset; write the code point, such as `\\x{E9}`",
        'A' => "has no meaning in a class",
        'z' => "has no meaning in a class",
        'Z' or 'G' => "is not in the subset; write `\\A` for the start and `\\z` for the end of the text",
        'Q' or 'E' => "is not in the subset; write a `\\` before each character that has a meaning",
        _ => "is no escape; write the character without the backslash, or its code point, such as `\\x{E9}`",
    };

    private static CodePointSet? ReadHex(string text, ref int at, out string? fault)
    {
        const int MostDigits = 8;
        var rest = text.AsSpan(at + 2);
        var braced = rest.StartsWith("{", StringComparison.Ordinal);
        var digits = braced ? rest[1..Math.Max(1, rest.IndexOf('}'))] : rest[..Math.Min(2, rest.Length)];
        var fits = braced ? digits.Length <= MostDigits : digits.Length == 2;
        if (!fits || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) || !Rune.IsValid(value))
        {
            fault = "`\\x` must be followed by two hexadecimal digits, or by a code point in braces that is no surrogate; write `\\x0A` or `\\x{1F600}`";
            return null;
        }

        at += 2 + digits.Length + (braced ? 2 : 0);
        fault = null;
        return Only((int)value);
    }
}
