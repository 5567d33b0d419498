using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Callgate.Catalogue.Classifying;

/// <summary>Single characters: which are folded to which, which cannot be seen, which look like others.</summary>
internal static class Letters
{
    /// <summary>Latin letters with marks, and what the lexicon spells them as; ß and ligatures are spelled out below.</summary>
    private static readonly FrozenDictionary<char, char> Marked = Pairs(
        "àáâãäåāăą", "a", "çćĉċč", "c", "ďđ", "d", "èéêëēĕėęě", "e", "ĝğġģ", "g", "ĥħ", "h", "ìíîïĩīĭįı", "i", "ĵ", "j", "ķ", "k", "ĺļľŀł", "l",
        "ñńņň", "n", "òóôõöøōŏő", "o", "ŕŗř", "r", "śŝşšș", "s", "ţťŧț", "t", "ùúûüũūŭůűų", "u", "ŵ", "w", "ýÿŷ", "y", "źżž", "z", "ё", "е");

    /// <summary>Cyrillic and Greek letters that look like Latin ones.</summary>
    private static readonly FrozenDictionary<char, char> LookAlikes = Pairs(
        "аα", "a", "сϲ", "c", "ԁ", "d", "еε", "e", "һ", "h", "іι", "i", "ј", "j", "кκ", "k", "ӏ", "l", "мμ", "m", "пη", "n", "оο", "o", "рρ", "p", "ԛ", "q", "гᴦ", "r", "ѕ", "s",
        "тτ", "t", "υц", "u", "ѵνв", "v", "ԝω", "w", "хχ", "x", "уγ", "y");

    /// <summary>Han, kana and hangul, which are written without spaces or with endings grown on.</summary>
    public static bool IsUnspaced(char unit) => unit is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF') or (>= '\uAC00' and <= '\uD7A3') or (>= '\uF900' and <= '\uFAFF');

    /// <summary>Kana, by which Japanese is told from Chinese.</summary>
    public static bool IsKana(char unit) => unit is >= '\u3040' and <= '\u30FF';

    public static bool IsApostrophe(char unit) => unit is '\'' or '\u2019' or '`';

    public static bool IsInvisible(char unit) =>
        unit > '~' && CharUnicodeInfo.GetUnicodeCategory(unit) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Control;

    /// <summary>Letters of scripts in which a word never needs an invisible character.</summary>
    public static bool IsCased(char unit) => char.IsAsciiLetter(unit) || unit is (>= '\u00C0' and <= '\u024F') or (>= '\u0370' and <= '\u052F');

    public static void Fold(char unit, StringBuilder word)
    {
        var lower = unit is >= '\uFF01' and <= '\uFF5E' ? char.ToLowerInvariant((char)(unit - 0xFEE0)) : char.ToLowerInvariant(unit);
        switch (lower)
        {
            case < '\u0080':
                word.Append(lower);
                break;
            case 'ß':
                word.Append("ss");
                break;
            case 'æ':
                word.Append("ae");
                break;
            case 'œ':
                word.Append("oe");
                break;
            default:
                word.Append(Marked.TryGetValue(lower, out var plain) ? plain : lower);
                break;
        }
    }

    /// <summary>Turns look-alikes in a word with Latin letters into these; whether there were any.</summary>
    public static bool MakeOneScript(StringBuilder word)
    {
        bool latin = false, other = false;
        for (var i = 0; i < word.Length; i++)
        {
            latin |= char.IsAsciiLetterLower(word[i]);
            other |= word[i] is >= '\u0370' and <= '\u052F';
        }

        if (!latin || !other)
        {
            return false;
        }

        for (var i = 0; i < word.Length; i++)
        {
            word[i] = LookAlikes.GetValueOrDefault(word[i], word[i]);
        }

        return true;
    }

    private static FrozenDictionary<char, char> Pairs(params string[] table) =>
        Enumerable.Range(0, table.Length / 2).SelectMany(i => table[2 * i].Select(from => (from, to: table[(2 * i) + 1][0])))
            .GroupBy(static pair => pair.from).ToFrozenDictionary(static group => group.Key, static group => group.First().to);
}
