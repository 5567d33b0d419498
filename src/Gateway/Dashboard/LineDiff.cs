namespace Callgate.Gateway.Dashboard;

/// <summary>What became of a line.</summary>
public enum LineFate
{
    Kept,
    Gone,
    Come,

    /// <summary>Lines that both texts have are left out here; its text says how many.</summary>
    LeftOut,
}

/// <summary>A line of a difference.</summary>
public sealed record DiffLine(LineFate Fate, string Text);

/// <summary>Two texts as people compare them: line by line, with three lines around each change.</summary>
public static class LineDiff
{
    private const int Around = 3;

    /// <summary>Beyond so many comparisons, what is between the first and the last change is shown as gone and come.</summary>
    private const long MostWork = 4_000_000;

    public static IReadOnlyList<DiffLine> Of(string before, string after)
    {
        var (one, other) = (Lines(before), Lines(after));
        var head = 0;
        while (head < one.Length && head < other.Length && one[head] == other[head])
        {
            head++;
        }

        var tail = 0;
        while (tail < one.Length - head && tail < other.Length - head && one[^(tail + 1)] == other[^(tail + 1)])
        {
            tail++;
        }

        var all = new List<DiffLine>();
        all.AddRange(one[..head].Select(static line => new DiffLine(LineFate.Kept, line)));
        all.AddRange(Middle(one[head..^tail], other[head..^tail]));
        all.AddRange(one[^tail..].Select(static line => new DiffLine(LineFate.Kept, line)));
        return Shortened(all);
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n');

    /// <summary>By the longest common subsequence of lines.</summary>
    private static IEnumerable<DiffLine> Middle(string[] one, string[] other)
    {
        if ((long)one.Length * other.Length > MostWork)
        {
            return [.. one.Select(static line => new DiffLine(LineFate.Gone, line)), .. other.Select(static line => new DiffLine(LineFate.Come, line))];
        }

        var common = new int[one.Length + 1, other.Length + 1];
        for (var i = one.Length - 1; i >= 0; i--)
        {
            for (var j = other.Length - 1; j >= 0; j--)
            {
                common[i, j] = one[i] == other[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        return Walk(one, other, common);
    }

    private static IEnumerable<DiffLine> Walk(string[] one, string[] other, int[,] common)
    {
        var (i, j) = (0, 0);
        while (i < one.Length || j < other.Length)
        {
            if (i < one.Length && j < other.Length && one[i] == other[j])
            {
                yield return new DiffLine(LineFate.Kept, one[i++]);
                j++;
            }
            else if (j == other.Length || (i < one.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                yield return new DiffLine(LineFate.Gone, one[i++]);
            }
            else
            {
                yield return new DiffLine(LineFate.Come, other[j++]);
            }
        }
    }

    private static List<DiffLine> Shortened(List<DiffLine> all)
    {
        var changed = Enumerable.Range(0, all.Count).Where(at => all[at].Fate != LineFate.Kept).ToList();
        var near = changed.SelectMany(static at => Enumerable.Range(at - Around, (2 * Around) + 1)).ToHashSet();
        var shown = new List<DiffLine>();
        for (var at = 0; at < all.Count; at++)
        {
            if (near.Contains(at))
            {
                shown.Add(all[at]);
                continue;
            }

            var from = at;
            while (at + 1 < all.Count && !near.Contains(at + 1))
            {
                at++;
            }

            shown.Add(from == at ? all[at] : new DiffLine(LineFate.LeftOut, $"{at - from + 1} lines"));
        }

        return changed.Count == 0 ? [] : shown;
    }
}
