using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Callgate.Policy.Judging;

/// <summary>
/// A pattern of the policy language (Conditions, <c>regex</c>): the RE2 subset, unanchored, by code points, in time linear in
/// the text. The automaton is our own: for some patterns of 40 characters the framework's engine for linear time builds states
/// for longer than any call may last, and there are no time-outs inside a judgement. Immutable and safe to share between threads.
/// </summary>
internal sealed class LinearPattern
{
    private readonly int words;
    private readonly ulong[] follow; // for each taking step, what may come after it
    private readonly ulong[] accepts; // the steps the pattern can end after
    private readonly ulong[] acceptsAtEnd;
    private readonly ulong[] first;
    private readonly ulong[] again; // where a match may begin past the start of the text
    private readonly bool acceptsAtOnce;
    private readonly bool acceptsEmptyText;
    private readonly bool acceptsPastAll;
    private readonly bool onlyFromStart;
    private readonly CodePointClasses classes;

    private LinearPattern(PatternProgram program)
    {
        words = Math.Max(1, (program.Sets.Count + 63) / 64);
        follow = new ulong[program.Sets.Count * words];
        (accepts, acceptsAtEnd, first, again) = (new ulong[words], new ulong[words], new ulong[words], new ulong[words]);
        for (var i = 0; i < program.Sets.Count; i++)
        {
            var inside = program.After(i, atEnd: false);
            inside.Taking.CopyTo(follow, i * words);
            accepts[i >> 6] |= inside.Accepts ? 1UL << (i & 63) : 0;
            var accepted = inside.Accepts || (program.AsksForEnd && program.After(i, atEnd: true).Accepts);
            acceptsAtEnd[i >> 6] |= accepted ? 1UL << (i & 63) : 0;
        }

        var start = program.FromBeginning(atStart: true, atEnd: false);
        var later = program.FromBeginning(atStart: false, atEnd: false);
        start.Taking.CopyTo(first, 0);
        later.Taking.CopyTo(again, 0);
        acceptsAtOnce = start.Accepts;
        acceptsEmptyText = program.FromBeginning(atStart: true, atEnd: true).Accepts;
        acceptsPastAll = program.FromBeginning(atStart: false, atEnd: true).Accepts;
        onlyFromStart = again.All(word => word == 0);
        classes = new CodePointClasses(program.Sets, words);
    }

    /// <summary>What it keeps in memory, about, in words of eight bytes.</summary>
    public int Words => follow.Length + classes.Words;

    /// <summary>Null when the pattern is outside the subset or too large; the fault then says what to write instead.</summary>
    /// <param name="pattern">The pattern, at most 1,000 UTF-16 units.</param>
    /// <param name="fault">A piece of a sentence for a diagnostic; empty when there is a pattern.</param>
    public static LinearPattern? Parse(string pattern, out string fault)
    {
        if (PatternParser.Parse(pattern, out fault) is not { } read)
        {
            return null;
        }

        if (PatternProgram.Of(read) is { } program)
        {
            return new LinearPattern(program);
        }

        fault = "the pattern is too large once its repetitions are written out: more than 1,024 places for a character; write smaller numbers, or `+` instead";
        return null;
    }

    /// <summary>Whether some part of the text matches. A surrogate that stands alone is a code point of its own.</summary>
    public bool Matches(ReadOnlySpan<char> text)
    {
        var work = long.MaxValue;
        return Matches(text, ref work);
    }

    /// <summary>Whether some part of the text matches, with a bound: a negative rest of work means that it ran out and nothing is known.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="work">What may be spent, in words of the automaton looked at; what was spent is taken off.</param>
    public bool Matches(ReadOnlySpan<char> text, ref long work)
    {
        if (acceptsAtOnce || (text.IsEmpty ? acceptsEmptyText : acceptsPastAll))
        {
            return true;
        }

        return words == 1 ? MatchesInOneWord(text, ref work) : MatchesInWords(text, ref work);
    }

    private bool MatchesInOneWord(ReadOnlySpan<char> text, ref long work)
    {
        var active = first[0];
        for (var at = 0; at < text.Length && (active != 0 || !onlyFromStart); work--)
        {
            var hits = active & classes.Steps(Next(text, ref at))[0];
            if ((hits & (at < text.Length ? accepts[0] : acceptsAtEnd[0])) != 0)
            {
                return true;
            }

            active = again[0];
            for (; hits != 0; hits &= hits - 1)
            {
                active |= follow[BitOperations.TrailingZeroCount(hits)];
                work--;
            }

            if (work < 0)
            {
                return false;
            }
        }

        return false;
    }

    private bool MatchesInWords(ReadOnlySpan<char> text, ref long work)
    {
        Span<ulong> active = stackalloc ulong[PatternProgram.MostTaking / 64];
        Span<ulong> next = stackalloc ulong[PatternProgram.MostTaking / 64];
        active = active[..words];
        next = next[..words];
        first.CopyTo(active);
        for (var at = 0; at < text.Length && (!onlyFromStart || active.ContainsAnyExcept(0UL));)
        {
            var taken = classes.Steps(Next(text, ref at));
            var ends = at < text.Length ? accepts : acceptsAtEnd;
            again.CopyTo(next);
            work -= words;
            for (var i = 0; i < words; i++)
            {
                var hits = active[i] & taken[i];
                if ((hits & ends[i]) != 0)
                {
                    return true;
                }

                for (; hits != 0; hits &= hits - 1)
                {
                    Add(next, (i << 6) + BitOperations.TrailingZeroCount(hits));
                    work -= words;
                }
            }

            if (work < 0)
            {
                return false;
            }

            var swap = active;
            active = next;
            next = swap;
        }

        return false;
    }

    private void Add(Span<ulong> next, int step)
    {
        var after = follow.AsSpan(step * words, next.Length);
        if (Vector256.IsHardwareAccelerated && next.Length % Vector256<ulong>.Count == 0)
        {
            var wideNext = MemoryMarshal.Cast<ulong, Vector256<ulong>>(next);
            var wideAfter = MemoryMarshal.Cast<ulong, Vector256<ulong>>(after);
            for (var i = 0; i < wideNext.Length; i++)
            {
                wideNext[i] |= wideAfter[i];
            }

            return;
        }

        for (var i = 0; i < next.Length; i++)
        {
            next[i] |= after[i];
        }
    }

    private static int Next(ReadOnlySpan<char> text, ref int at)
    {
        var unit = text[at++];
        return char.IsHighSurrogate(unit) && at < text.Length && char.IsLowSurrogate(text[at]) ? char.ConvertToUtf32(unit, text[at++]) : unit;
    }
}
