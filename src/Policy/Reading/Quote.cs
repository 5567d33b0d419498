using System.Globalization;
using System.Text;

namespace Callgate.Policy.Reading;

/// <summary>Text of a document inside a message: in backticks, on one line, bounded.</summary>
internal static class Quote
{
    private const int Most = 80;

    public static string User(string text)
    {
        var quoted = new StringBuilder("`");
        foreach (var rune in text.EnumerateRunes())
        {
            if (quoted.Length > Most)
            {
                quoted.Append('…');
                break;
            }

            Append(quoted, rune);
        }

        return quoted.Append('`').ToString();
    }

    private static void Append(StringBuilder quoted, Rune rune)
    {
        var category = Rune.GetUnicodeCategory(rune);
        var shown = category is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
        if (shown && rune.Value != '`')
        {
            quoted.Append(rune.ToString());
        }
        else
        {
            quoted.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }
    }
}
