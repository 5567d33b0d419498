namespace Callgate.Policy.Linting;

/// <summary>Whether a pattern describes the whole text. One end left open, in one alternative, lets anything stand there.</summary>
internal static class Anchors
{
    public static bool Hold(string pattern)
    {
        var at = pattern.StartsWith("(?i)", StringComparison.Ordinal) || pattern.StartsWith("(?s)", StringComparison.Ordinal) ? 4 : 0;
        return HoldInside(pattern.AsSpan(at), 0);
    }

    private static bool HoldInside(ReadOnlySpan<char> pattern, int depth)
    {
        if (Inner(pattern, out var inner) && depth < 8)
        {
            return HoldInside(inner, depth + 1);
        }

        var start = 0;
        for (var end = NextBar(pattern, 0); ; end = NextBar(pattern, end + 1))
        {
            if (!IsAnchored(pattern[start..end]))
            {
                return false;
            }

            if (end == pattern.Length)
            {
                return true;
            }

            start = end + 1;
        }
    }

    private static bool IsAnchored(ReadOnlySpan<char> one)
    {
        var begins = one.StartsWith("^") || one.StartsWith("\\A");
        var ends = one.EndsWith("\\z") || (one.EndsWith("$") && IsPlain(one, one.Length - 1));
        return begins && ends;
    }

    /// <summary>What one group that is the whole pattern holds.</summary>
    private static bool Inner(ReadOnlySpan<char> pattern, out ReadOnlySpan<char> inner)
    {
        inner = default;
        if (pattern.Length < 2 || pattern[0] != '(' || CloserOf(pattern, 0) != pattern.Length - 1)
        {
            return false;
        }

        inner = pattern[(pattern.StartsWith("(?:") ? 3 : 1)..^1];
        return true;
    }

    private static int CloserOf(ReadOnlySpan<char> pattern, int open)
    {
        var depth = 0;
        for (var i = open; i < pattern.Length; i = Next(pattern, i))
        {
            depth += pattern[i] == '(' ? 1 : pattern[i] == ')' ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The next bar outside groups, or the end.</summary>
    private static int NextBar(ReadOnlySpan<char> pattern, int from)
    {
        var depth = 0;
        for (var i = from; i < pattern.Length; i = Next(pattern, i))
        {
            depth += pattern[i] == '(' ? 1 : pattern[i] == ')' ? -1 : 0;
            if (depth == 0 && pattern[i] == '|')
            {
                return i;
            }
        }

        return pattern.Length;
    }

    /// <summary>Past one unit: an escape is two, and a class is one.</summary>
    private static int Next(ReadOnlySpan<char> pattern, int at)
    {
        if (pattern[at] == '\\')
        {
            return at + 2;
        }

        if (pattern[at] != '[')
        {
            return at + 1;
        }

        // A bracket that comes first in a class is one of its characters.
        var i = at + 1;
        i += i < pattern.Length && pattern[i] == '^' ? 1 : 0;
        i += i < pattern.Length && pattern[i] == ']' ? 1 : 0;
        while (i < pattern.Length && pattern[i] != ']')
        {
            i += pattern[i] == '\\' ? 2 : 1;
        }

        return i + 1;
    }

    private static bool IsPlain(ReadOnlySpan<char> pattern, int at)
    {
        var slashes = 0;
        for (var i = at - 1; i >= 0 && pattern[i] == '\\'; i--)
        {
            slashes++;
        }

        return slashes % 2 == 0;
    }
}
