using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>
/// A second reader of JSON, written for the tests and as simple as one can be. It gives a text that is equal for values
/// that are equal: members in order, strings as code units, numbers as they are written.
/// </summary>
internal sealed class NaiveJson
{
    private readonly string text;
    private int at;

    private NaiveJson(string text) => this.text = text;

    /// <summary>The value as that text; throws FormatException when this is no JSON.</summary>
    public static string Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new NaiveJson(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8));
        var value = reader.Value();
        reader.Blank();
        return reader.at == reader.text.Length ? value : throw new FormatException($"something follows at {reader.at}");
    }

    /// <summary>The same text of a value that another reader read.</summary>
    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Concat(value.EnumerateObject().Select(static member => Units(member.Name) + Of(member.Value))) + "}",
        JsonValueKind.Array => "[" + string.Concat(value.EnumerateArray().Select(Of)) + "]",
        JsonValueKind.String => Units(value.GetString()!),
        JsonValueKind.Number => "#" + value.GetRawText() + ";",
        JsonValueKind.True => "t",
        JsonValueKind.False => "f",
        _ => "n",
    };

    private static string Units(string value) =>
        "'" + string.Concat(value.Select(static unit => ((int)unit).ToString("x4", CultureInfo.InvariantCulture))) + "'";

    private void Blank()
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\n' or '\r')
        {
            at++;
        }
    }

    private string Value()
    {
        Blank();
        var first = at < text.Length ? text[at] : '\0';
        return first switch
        {
            '{' => Members(),
            '[' => Items(),
            '"' => Units(Text()),
            't' => Word("true", "t"),
            'f' => Word("false", "f"),
            'n' => Word("null", "n"),
            _ => Number(),
        };
    }

    private string Word(string word, string means)
    {
        if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0)
        {
            throw new FormatException($"no word at {at}");
        }

        at += word.Length;
        return means;
    }

    private string Members()
    {
        var read = new StringBuilder("{");
        at++;
        Blank();
        while (text[at] != '}')
        {
            if (read.Length > 1)
            {
                Expect(',');
            }

            Blank();
            read.Append(Units(Text()));
            Blank();
            Expect(':');
            read.Append(Value());
            Blank();
        }

        at++;
        return read.Append('}').ToString();
    }

    private string Items()
    {
        var read = new StringBuilder("[");
        at++;
        Blank();
        while (text[at] != ']')
        {
            if (read.Length > 1)
            {
                Expect(',');
            }

            read.Append(Value());
            Blank();
        }

        at++;
        return read.Append(']').ToString();
    }

    private void Expect(char wanted)
    {
        if (text[at] != wanted)
        {
            throw new FormatException($"`{wanted}` is missing at {at}");
        }

        at++;
    }

    private string Text()
    {
        Expect('"');
        var read = new StringBuilder();
        while (text[at] != '"')
        {
            var unit = text[at++];
            read.Append(unit != '\\' ? unit : text[at++] switch
            {
                'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t',
                'u' => (char)int.Parse(text.AsSpan((at += 4) - 4, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                var plain => plain,
            });
        }

        at++;
        return read.ToString();
    }

    private string Number()
    {
        var begin = at;
        while (at < text.Length && text[at] is (>= '0' and <= '9') or '-' or '+' or '.' or 'e' or 'E')
        {
            at++;
        }

        return at > begin ? "#" + text[begin..at] + ";" : throw new FormatException($"no value at {at}");
    }
}
