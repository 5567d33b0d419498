using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Callgate.Gateway.Approvals;

/// <summary>
/// What an agent sent, for the eyes of a person: on lines that we break, and every character that could hide, turn or move
/// text written as an escape. The text is still the JSON that goes up; nothing an agent wrote can look like anything else of
/// the page.
/// </summary>
public static class Shown
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, NewLine = "\n", MaxDepth = 256 };

    /// <summary>Canonical JSON, indented.</summary>
    public static string Json(string canonical)
    {
        var bytes = new ArrayBufferWriter<byte>(canonical.Length * 2);
        using (var writer = new Utf8JsonWriter(bytes, Indented))
        {
            JsonElement.Parse(canonical, new JsonDocumentOptions { MaxDepth = 256 }).WriteTo(writer);
        }

        return Escaped(Encoding.UTF8.GetString(bytes.WrittenSpan), keepsLines: true);
    }

    /// <summary>A name or another text on one line.</summary>
    public static string Line(string text) => Escaped(text, keepsLines: false);

    private static string Escaped(string text, bool keepsLines)
    {
        var shown = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            var width = pair ? 2 : 1;
            if ((keepsLines && text[i] == '\n') || IsPlain(text, i, pair))
            {
                shown.Append(text, i, width);
            }
            else
            {
                for (var j = i; j < i + width; j++)
                {
                    shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[j]:x4}");
                }
            }

            i += width - 1;
        }

        return shown.ToString();
    }

    /// <summary>Seen as what it is, where it stands. Marks that pile up on the letter before are not, nor is any space but the usual one.</summary>
    private static bool IsPlain(string text, int at, bool pair)
    {
        if (!pair && char.IsSurrogate(text[at]))
        {
            return false;
        }

        return CharUnicodeInfo.GetUnicodeCategory(text, at) switch
        {
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => false,
            UnicodeCategory.SpaceSeparator => text[at] == ' ',
            _ => true,
        };
    }
}
