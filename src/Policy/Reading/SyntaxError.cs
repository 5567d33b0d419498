using System.Text;

namespace Callgate.Policy.Reading;

/// <summary>Says in our words what the JSON reader stumbled over.</summary>
internal static class SyntaxError
{
    private static ReadOnlySpan<byte> White => " \t\r\n"u8;

    public static (string Message, string? Suggestion) Describe(ReadOnlySpan<byte> bytes, int offset)
    {
        if (bytes.Trim(White).IsEmpty)
        {
            return ("the document is empty", "the smallest policy is {\"version\":\"1\",\"default\":\"deny\"}");
        }

        // The reader blames the last comma when nothing follows it.
        var rest = bytes[offset..].Trim(White);
        if (rest.IsEmpty || rest.SequenceEqual(","u8))
        {
            return ("the document ends too early", "close every quote, bracket and brace");
        }

        Rune.DecodeFromUtf8(bytes[offset..], out var found, out _);
        return ($"the document is not JSON: {Quote.User(found.ToString())} cannot stand here", Hint(bytes, offset, (char)bytes[offset]));
    }

    private static string? Hint(ReadOnlySpan<byte> bytes, int offset, char found)
    {
        var before = bytes[..offset].TrimEnd(White);
        return found switch
        {
            '\'' => "strings and names take double quotes",
            '/' => "JSON has no comments",
            '}' or ']' when before.EndsWith(","u8) => "remove the comma before it",
            '"' when before.EndsWith("\""u8) || before.EndsWith("}"u8) || before.EndsWith("]"u8) => "a comma may be missing before it",
            < ' ' => "write a control character as an escape such as \\n",
            _ when before.IsEmpty || before.SequenceEqual("-"u8) => "this is read as JSON; a file of YAML has a name that ends in `.yaml` or `.yml`",
            _ => null,
        };
    }
}
