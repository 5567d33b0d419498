using System.Collections.Immutable;

namespace Callgate.Policy.Judging;

/// <summary>Code points as sorted ranges that neither touch nor overlap. A surrogate that stands alone in a text counts as one.</summary>
internal sealed class CodePointSet
{
    public const int Last = 0x10FFFF;

    private readonly ImmutableArray<(int First, int Last)> ranges;

    private CodePointSet(ImmutableArray<(int First, int Last)> ranges) => this.ranges = ranges;

    public ImmutableArray<(int First, int Last)> Ranges => ranges;

    /// <summary>The only member; −1 when there is none or more than one.</summary>
    public int Single => ranges is [var only] && only.First == only.Last ? only.First : -1;

    public static CodePointSet Of(params ReadOnlySpan<(int First, int Last)> given)
    {
        var sorted = given.ToArray();
        Array.Sort(sorted);
        var merged = ImmutableArray.CreateBuilder<(int First, int Last)>(sorted.Length);
        foreach (var (first, last) in sorted)
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return new CodePointSet(merged.ToImmutable());
    }

    public CodePointSet Negate()
    {
        var others = ImmutableArray.CreateBuilder<(int First, int Last)>(ranges.Length + 1);
        var next = 0;
        foreach (var (first, last) in ranges)
        {
            if (first > next)
            {
                others.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            others.Add((next, Last));
        }

        return new CodePointSet(others.ToImmutable());
    }
}
