using System.Globalization;
using YamlDotNet.Core;

namespace Callgate.Policy.Reading;

/// <summary>What is wrong with a text of YAML, in our words.</summary>
internal static class YamlText
{
    /// <summary>YAML keeps <c>@</c> and the backtick for itself, and other characters begin something else than a text.</summary>
    public const string NeedsQuotes = "a text that begins with this character needs quotes";

    /// <summary>What readers of YAML see differently: other line ends than LF and CRLF, characters that do not show, tabs that indent, directives.</summary>
    public static (int Index, string Message, string? Suggestion)? FaultOf(string text)
    {
        var (atStart, isIndent) = (true, true);
        for (var i = 0; i < text.Length; i++)
        {
            var unit = text[i];
            if (IsOdd(unit) || (unit == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                return (i, string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)unit:X4} cannot stand here"), "write it as an escape such as `\\u0007` in double quotes; lines end with a line feed");
            }

            if (isIndent && unit == '\t')
            {
                return (i, "a tab cannot indent", "indent with spaces");
            }

            if (atStart && unit == '%' && !IsVersion(text.AsSpan(i)))
            {
                return (i, "directives are not read", "remove the line; a text that begins with `%` needs quotes");
            }

            isIndent = unit == '\n' || (isIndent && unit == ' ');
            atStart = unit == '\n';
        }

        return null;
    }

    /// <summary>Where the parser stopped, and why.</summary>
    public static (long Index, string Message, string? Suggestion) Describe(YamlException exception, string text)
    {
        var index = exception.End.Index;
        var said = exception.Message;
        if (said.Contains("anchor or alias", StringComparison.Ordinal))
        {
            return (exception.Start.Index, "a text that begins with `*` or `&` needs quotes", "write it as in `\"*\"`");
        }

        if (said.Contains("surrogate", StringComparison.Ordinal))
        {
            return (exception.Start.Index, "the string holds half a surrogate pair, which is no character", "write both halves, or the character itself");
        }

        if (said.Contains("invalid mapping", StringComparison.Ordinal))
        {
            return (index, "`: ` cannot stand inside a text without quotes", "put the text in quotes");
        }

        if (said.Contains("cannot start any token", StringComparison.Ordinal))
        {
            return (exception.Start.Index, NeedsQuotes, "put it in quotes");
        }

        if (text.AsSpan((int)Math.Clamp(index, 0, text.Length)).Trim().IsEmpty && !said.Contains("key", StringComparison.Ordinal))
        {
            return (index, "the document ends too early", "close every quote, bracket and brace");
        }

        var hint = said.Contains("key", StringComparison.Ordinal) || said.Contains("indentation", StringComparison.Ordinal) ? "members of one mapping are indented alike" : null;
        return (index, "the document is not YAML here: " + Words(said), hint);
    }

    private static string Words(string said)
    {
        var comma = said.IndexOf(", ", StringComparison.Ordinal);
        var words = (comma >= 0 && said.StartsWith("While", StringComparison.Ordinal) ? said[(comma + 2)..] : said).Trim().TrimEnd('.').ReplaceLineEndings(" ");
        return words.Length == 0 ? "it cannot be read" : char.ToLowerInvariant(words[0]) + words[1..];
    }

    private static bool IsOdd(char unit) =>
        unit is (< ' ' and not ('\t' or '\n' or '\r')) or (>= '\u007f' and <= '\u009f') or '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff';

    private static bool IsVersion(ReadOnlySpan<char> line)
    {
        var end = line.IndexOf('\n');
        return (end < 0 ? line : line[..end]).TrimEnd() is "%YAML 1.2";
    }
}
