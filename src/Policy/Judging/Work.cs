namespace Callgate.Policy.Judging;

/// <summary>
/// What one judgement may still cost. A call brings its own arguments, thousands of values or megabytes of text, so the sum is
/// bounded, in steps of some nanoseconds and never by a clock: equal calls are judged equally on every machine. Past the bound
/// nothing more is known. A judgement runs on one thread to its end, so what is left is kept there.
/// </summary>
internal static class Work
{
    private const long Most = 50_000_000;

    [ThreadStatic]
    private static long left;

    public static void Begin()
    {
        left = Most;
        Spellings.Begin();
    }

    /// <summary>False when the bound is passed, now or before.</summary>
    public static bool TrySpend(long steps)
    {
        left -= steps;
        return left >= 0;
    }

    /// <summary>Whether the pattern matches; unknown past the bound.</summary>
    public static Truth Match(LinearPattern pattern, string text)
    {
        if (left < 0)
        {
            return Truth.Unknown;
        }

        var matches = pattern.Matches(text, ref left);
        return left < 0 ? Truth.Unknown : Truths.Of(matches);
    }
}
