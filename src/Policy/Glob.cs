using System.Text;

namespace Callgate.Policy;

/// <summary>
/// Globs of the policy language: <c>*</c> any run of characters including none (also <c>/</c>), <c>?</c> one code point,
/// <c>\</c> takes the next character as it is. The whole name must match; code points compare as they are, without folding.
/// </summary>
public static class Glob
{
    /// <summary>The pattern that matches one name alone.</summary>
    /// <param name="name">Any name.</param>
    public static string Exactly(string name)
    {
        var escaped = new StringBuilder(name.Length);
        foreach (var unit in name)
        {
            escaped.Append(unit is '*' or '?' or '\\' ? "\\" : "").Append(unit);
        }

        return escaped.ToString();
    }

    /// <summary>
    /// Whether the whole <paramref name="name"/> matches. A pattern that ends in a lone <c>\</c> is no pattern and matches nothing.
    /// Takes at most time proportional to the product of both lengths, and allocates nothing.
    /// </summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0;
        int afterStar = -1, retry = 0;
        while (n < name.Length || p < pattern.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                afterStar = ++p;
                retry = n;
            }
            else if (!Step(pattern, name, ref p, ref n))
            {
                // Only the last star needs another try: an earlier one could only give away what this one may take anyway.
                if (afterStar < 0 || retry >= name.Length)
                {
                    return false;
                }

                retry += LengthAt(name, retry);
                (p, n) = (afterStar, retry);
            }
        }

        return true;
    }

    /// <summary>Matches one code point that is not a star, and moves both places past it.</summary>
    private static bool Step(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, ref int p, ref int n)
    {
        if (p >= pattern.Length || n >= name.Length)
        {
            return false;
        }

        if (pattern[p] == '?')
        {
            p++;
            n += LengthAt(name, n);
            return true;
        }

        var literal = pattern[p] == '\\' ? p + 1 : p;
        if (literal >= pattern.Length || pattern[literal] != name[n])
        {
            return false;
        }

        p = literal + 1;
        n++;
        return true;
    }

    private static int LengthAt(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
}
