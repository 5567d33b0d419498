using System.Collections.Frozen;

using Callgate.Catalogue.Classifying;

namespace Callgate.Catalogue.Tests.Figures;

/// <summary>What the model sees of a tool: what the rules found, and words. Clauses that deny something are left out.</summary>
internal static class Features
{
    private const int MostWords = 48;

    /// <summary>Words that say nothing by themselves.</summary>
    private static readonly FrozenSet<string> Empty =
        "the a an of to in on at by for with from into and or is are be it its this that which who one any all some as does do did has have tool you can will may your"
            .Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The features of a tool, each once, in an order that does not matter to the sum.</summary>
    public static HashSet<string> Of(ToolText tool, RuleReading rules)
    {
        var first = rules.Prose.First;
        var features = new HashSet<string>(StringComparer.Ordinal)
        {
            "bias",
            $"r:{rules.Category}{rules.Strength}",
            $"rn:{rules.Name.Category}{rules.Name.Strength}",
            $"rd:{first.Category}{first.Strength}",
            $"rnd:{(rules.Name.Strength > 0 ? rules.Name.Category : "-")}/{(first.Strength > 0 ? first.Category : "-")}",
        };
        OfName(tool.NameWords, features);
        OfProse(tool.Description, tool.DescriptionWords, features);
        return features;
    }

    private static void OfName(Words name, HashSet<string> features)
    {
        var words = name.All;
        for (var i = 0; i < words.Length && i < MostWords; i++)
        {
            var stem = Stem(words[i]);
            features.Add("n:" + stem);
            if (i > 0)
            {
                features.Add($"n2:{Stem(words[i - 1])}_{stem}");
            }
        }

        if (words.Length > 0)
        {
            features.Add("n^:" + Stem(words[0]));
            features.Add("n$:" + Stem(words[^1]));
        }
    }

    private static void OfProse(string text, Words prose, HashSet<string> features)
    {
        var words = prose.All;
        for (int from = 0, at = 1; from < words.Length && from < MostWords; at++)
        {
            if (at < words.Length && words[at].Before == Gap.None)
            {
                continue;
            }

            var clause = words.AsSpan()[from..at];
            if (!Denies(text, clause))
            {
                foreach (var word in clause)
                {
                    if (!Empty.Contains(word.Text))
                    {
                        features.Add("d:" + Stem(word));
                    }
                }
            }

            from = at;
        }
    }

    private static bool Denies(string text, ReadOnlySpan<Word> clause)
    {
        foreach (var word in clause)
        {
            if (Negations.Has(word.Text) || (Letters.IsUnspaced(word.Text[0]) && Negations.Touches(text, word.Start, word.End)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The base form of a verb, the singular of anything else.</summary>
    private static string Stem(Word word) => word.Sense?.Verb ?? word.Singular;
}
