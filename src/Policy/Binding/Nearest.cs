namespace Callgate.Policy.Binding;

/// <summary>What someone likely meant to write.</summary>
internal static class Nearest
{
    private const int LongestMisspelling = 40;

    /// <summary>The closest word within two edits (one for short words), without regard to case; null when none is close.</summary>
    public static string? Suggest(string written, IEnumerable<string> words)
    {
        if (written.Length > LongestMisspelling)
        {
            return null;
        }

        var (nearest, least) = ("", int.MaxValue);
        foreach (var word in words)
        {
            var edits = Edits(written.ToLowerInvariant(), word);
            if (edits < least && edits <= (word.Length <= 4 ? 1 : 2))
            {
                (nearest, least) = (word, edits);
            }
        }

        return least == int.MaxValue ? null : $"did you mean `{nearest}`?";
    }

    /// <summary>Insertions, removals, replacements and swaps of neighbours that turn one word into the other.</summary>
    private static int Edits(string from, string to)
    {
        var cost = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                cost[i, j] = Cell(cost, from, to, i, j);
            }
        }

        return cost[from.Length, to.Length];
    }

    private static int Cell(int[,] cost, string from, string to, int i, int j)
    {
        if (i == 0 || j == 0)
        {
            return i + j;
        }

        var same = from[i - 1] == to[j - 1] ? 0 : 1;
        var least = Math.Min(cost[i - 1, j - 1] + same, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
        var swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
        return swapped ? Math.Min(least, cost[i - 2, j - 2] + 1) : least;
    }
}
