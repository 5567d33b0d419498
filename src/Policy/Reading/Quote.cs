using System.Globalization;
using System.Text;

namespace Callgate.Policy.Reading;

/// <summary>Text of a document inside a message: in backticks, on one line, bounded.</summary>
internal static class Quote
{
    private const int Most = 80;

    /// <summary>The same without backticks, for a value beside words of ours.</summary>
    public static string Bounded(string text, int most)
    {
        var plain = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (plain.Length >= most)
            {
                return plain.Append('…').ToString();
            }

            Append(plain, rune, mark: '\0');
        }

        return plain.ToString();
    }

    /// <param name="text">What somebody else wrote.</param>
    /// <param name="most">UTF-16 units of it that are shown, about.</param>
    public static string User(string text, int most = Most)
    {
        var quoted = new StringBuilder("`");
        foreach (var rune in text.EnumerateRunes())
        {
            if (quoted.Length > most)
            {
                quoted.Append('…');
                break;
            }

            Append(quoted, rune, mark: '`');
        }

        return quoted.Append('`').ToString();
    }

    private static void Append(StringBuilder quoted, Rune rune, char mark)
    {
        var category = Rune.GetUnicodeCategory(rune);
        var shown = category is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
        if (shown && rune.Value != mark)
        {
            quoted.Append(rune.ToString());
        }
        else
        {
            quoted.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }
    }
}
