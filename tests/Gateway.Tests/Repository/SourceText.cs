namespace Callgate.Gateway.Tests.Repository;

/// <summary>C# text made safe to scan: comments, directives and literals become spaces, lines stay where they are.</summary>
internal static class SourceText
{
    public static string Mask(string source)
    {
        var output = source.ToCharArray();
        for (var at = 0; at < source.Length;)
        {
            var end = EndOfOpaque(source, at);
            for (var i = at; i < end; i++)
            {
                output[i] = source[i] == '\n' ? '\n' : ' ';
            }

            at = Math.Max(end, at + 1);
        }

        return new string(output);
    }

    /// <summary>Where the comment, directive or literal that begins here ends; <paramref name="at"/> itself where none begins.</summary>
    private static int EndOfOpaque(string source, int at)
    {
        switch (source[at])
        {
            case '/' when Is(source, at, "//"):
            case '#' when IsFirstOnLine(source, at):
                return IndexOrEnd(source, "\n", at);
            case '/' when Is(source, at, "/*"):
                return Past(source, "*/", at + 2);
            case '\'':
                return EndOfQuoted(source, at + 1, '\'');
            case '"' or '$' or '@':
                var quote = at;
                while (quote < source.Length && source[quote] is '$' or '@')
                {
                    quote++;
                }

                return quote < source.Length && source[quote] == '"' ? EndOfString(source, quote, source[at..quote]) : at;
            default:
                return at;
        }
    }

    private static int EndOfString(string source, int quote, string prefix)
    {
        var verbatim = prefix.Contains('@', StringComparison.Ordinal);
        var quotes = CountQuotes(source, quote);
        if (!verbatim && quotes >= 3)
        {
            var close = IndexOrEnd(source, new string('"', quotes), quote + quotes);
            return close + CountQuotes(source, close);
        }

        if (prefix.Contains('$', StringComparison.Ordinal))
        {
            return EndOfInterpolated(source, quote + 1, verbatim);
        }

        return verbatim ? EndOfVerbatim(source, quote + 1) : EndOfQuoted(source, quote + 1, '"');
    }

    private static int EndOfQuoted(string source, int at, char quote)
    {
        while (at < source.Length && source[at] != quote)
        {
            at += source[at] == '\\' ? 2 : 1;
        }

        return Math.Min(at + 1, source.Length);
    }

    private static int EndOfVerbatim(string source, int at)
    {
        while (at < source.Length && (source[at] != '"' || Is(source, at, "\"\"")))
        {
            at += source[at] == '"' ? 2 : 1;
        }

        return Math.Min(at + 1, source.Length);
    }

    private static int EndOfInterpolated(string source, int at, bool verbatim)
    {
        while (at < source.Length)
        {
            if (Is(source, at, "{{") || (verbatim && Is(source, at, "\"\"")) || (!verbatim && source[at] == '\\'))
            {
                at += 2;
            }
            else if (source[at] == '{')
            {
                at = EndOfHole(source, at + 1);
            }
            else if (source[at++] == '"')
            {
                return at;
            }
        }

        return source.Length;
    }

    private static int EndOfHole(string source, int at)
    {
        for (var depth = 1; at < source.Length && depth > 0;)
        {
            depth += source[at] switch { '{' => 1, '}' => -1, _ => 0 };
            at = Math.Max(EndOfOpaque(source, at), at + 1);
        }

        return at;
    }

    private static int CountQuotes(string source, int at)
    {
        var count = 0;
        while (at + count < source.Length && source[at + count] == '"')
        {
            count++;
        }

        return count;
    }

    private static bool Is(string source, int at, string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

    private static bool IsFirstOnLine(string source, int at) =>
        source.AsSpan(0, at)[(source.LastIndexOf('\n', at) + 1)..].IsWhiteSpace();

    private static int IndexOrEnd(string source, string text, int from)
    {
        var found = source.IndexOf(text, Math.Min(from, source.Length), StringComparison.Ordinal);
        return found < 0 ? source.Length : found;
    }

    private static int Past(string source, string text, int from) => Math.Min(IndexOrEnd(source, text, from) + text.Length, source.Length);
}
