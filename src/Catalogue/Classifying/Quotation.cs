using System.Text;

namespace Callgate.Catalogue.Classifying;

/// <summary>Makes evidence of a stretch of text.</summary>
internal static class Quotation
{
    private const int Longest = 80;

    /// <summary>The stretch without what cannot be seen.</summary>
    public static string Of(string text, int start, int end)
    {
        var quoted = new StringBuilder();
        for (var at = start; at < Math.Min(end, text.Length) && quoted.Length < Longest; at++)
        {
            var isPair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
            if (isPair)
            {
                at++; // pictures and invisible tags: neither decides anything
            }
            else if (!char.IsSurrogate(text[at]) && !char.IsControl(text[at]) && !Letters.IsInvisible(text[at]))
            {
                quoted.Append(text[at]);
            }
        }

        return quoted.ToString();
    }

    /// <summary>The stretch from one word to another, of a text whose places are counted.</summary>
    public static ClassificationEvidence Between(string text, string place, Word from, Word to, string says)
    {
        var start = Math.Min(from.Start, to.Start);
        var end = Math.Max(from.End, to.End);
        return end - start > Longest
            ? new ClassificationEvidence(Of(text, from.Start, from.End), At(place, from.Start, from.End), says)
            : new ClassificationEvidence(Of(text, start, end), At(place, start, end), says);
    }

    private static string At(string place, int start, int end) => place == "description" ? $"{place}:{start}-{end}" : place;
}
