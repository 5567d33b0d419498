using System.Collections.Frozen;

namespace Callgate.Catalogue.Classifying;

/// <summary>Words that deny what follows or goes before.</summary>
internal static class Negations
{
    private static readonly FrozenSet<string> Denying =
        ForeignVerbs.Negations.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    public static bool Has(string word) => Denying.Contains(word);

    /// <summary>Whether a verb of a script without spaces is denied by what touches it on either side.</summary>
    public static bool Touches(string text, int start, int end)
    {
        var before = text.AsSpan(Math.Max(0, start - 3), Math.Min(3, start));
        var after = text.AsSpan(end, Math.Min(5, text.Length - end));
        foreach (var denial in ForeignVerbs.UnspacedNegations)
        {
            var isChinese = denial[0] is >= '\u4E00' and <= '\u9FFF';
            if ((isChinese ? before : after).Contains(denial, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The short sentences of evidence.</summary>
internal static class Says
{
    public static string Verb(Sense sense) => sense.Language == "en" ? $"a verb of {sense.Category}" : $"a verb of {sense.Category} ({sense.Language})";

    public static string Pair(RiskCategory category) => $"together these speak of {category}";
}
