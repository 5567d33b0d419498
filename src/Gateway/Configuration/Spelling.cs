namespace Callgate.Gateway.Configuration;

/// <summary>How far one spelling is from another.</summary>
internal static class Spelling
{
    /// <summary>Insertions, deletions and replacements of one character; ordinal. Long texts are cut at 64.</summary>
    public static int Distance(string left, string right)
    {
        var a = left.AsSpan(0, Math.Min(left.Length, 64));
        var b = right.AsSpan(0, Math.Min(right.Length, 64));
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }

    /// <summary>The nearest of some names, when it is near enough to be what was meant.</summary>
    public static string? Nearest(string written, IEnumerable<string> names) =>
        names.Select(name => (Name: name, Distance: Distance(written, name)))
            .Where(static pair => pair.Distance <= Math.Max(1, pair.Name.Length / 3))
            .OrderBy(static pair => pair.Distance)
            .Select(static pair => pair.Name)
            .FirstOrDefault();
}
