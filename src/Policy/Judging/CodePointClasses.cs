using System.Runtime.CompilerServices;

namespace Callgate.Policy.Judging;

/// <summary>Code points that no set of a pattern tells apart are one class; for each class, which steps take it.</summary>
internal sealed class CodePointClasses
{
    private const int Direct = 128;

    private readonly int[] starts; // of the classes, ascending, the first at 0
    private readonly ulong[] steps;
    private readonly int[] direct = new int[Direct]; // where in steps an ASCII character has its words
    private readonly int words;

    public CodePointClasses(IReadOnlyList<CodePointSet> sets, int words)
    {
        this.words = words;
        var edges = new SortedSet<int> { 0 };
        foreach (var (first, last) in sets.Distinct().SelectMany(set => set.Ranges))
        {
            edges.Add(first);
            edges.Add(last + 1);
        }

        starts = [.. edges];
        steps = new ulong[starts.Length * words];
        for (var i = 0; i < sets.Count; i++)
        {
            foreach (var (first, last) in sets[i].Ranges)
            {
                Mark(i, first, last);
            }
        }

        for (var i = 0; i < Direct; i++)
        {
            direct[i] = Find(i) * words;
        }
    }

    public int Words => steps.Length + (starts.Length + Direct) / 2;

    /// <summary>A bit for each step that takes the code point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<ulong> Steps(int codePoint) =>
        new(steps, codePoint < Direct ? direct[codePoint] : Find(codePoint) * words, words);

    private void Mark(int step, int first, int last)
    {
        for (var i = Find(first); i < starts.Length && starts[i] <= last; i++)
        {
            steps[(i * words) + (step >> 6)] |= 1UL << (step & 63);
        }
    }

    private int Find(int codePoint)
    {
        var at = Array.BinarySearch(starts, codePoint);
        return at >= 0 ? at : ~at - 1;
    }
}
