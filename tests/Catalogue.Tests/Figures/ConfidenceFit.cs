using System.Globalization;
using Callgate.Catalogue.Classifying;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>Counts how often the rules are right, by the labels as collected.</summary>
internal static class ConfidenceFit
{
    /// <summary>A group counts as if it held so many tools more, of the larger group's share.</summary>
    private const int Drawn = 4;

    /// <summary>The lines of the table, in ordinal order.</summary>
    public static string Write(IReadOnlyList<(LabelledTool Tool, RuleReading Reading)> seen)
    {
        var counts = new SortedDictionary<string, (int Right, int All, string? Parent)>(StringComparer.Ordinal);
        foreach (var (tool, reading) in seen)
        {
            var keys = ConfidenceTable.KeysOf(reading.Category, reading.Strength, reading.Support);
            for (var i = 0; i < keys.Length; i++)
            {
                var (right, all, _) = counts.GetValueOrDefault(keys[i]);
                counts[keys[i]] = (right + (reading.Category == tool.Raw ? 1 : 0), all + 1, i + 1 < keys.Length ? keys[i + 1] : null);
            }
        }

        // Wholly in whole numbers, so that every machine rounds alike.
        int Hundredths(string key)
        {
            var (right, all, parent) = counts[key];
            var above = parent is null ? 50 : Hundredths(parent);
            return ((100 * right) + (Drawn * above) + ((all + Drawn) / 2)) / (all + Drawn);
        }

        return string.Concat(counts.Keys.Select(key => string.Create(CultureInfo.InvariantCulture, $"{key} {Hundredths(key)}\n")));
    }
}
