using System.Collections.Frozen;

namespace Callgate.Catalogue.Classifying;

/// <summary>Words that say what a tool does, of all tables put together once.</summary>
internal static class Lexicon
{
    private const int LongestUnspaced = 6;

    private static readonly FrozenDictionary<string, Sense> Senses = Build();

    private static readonly FrozenDictionary<string, Sense>.AlternateLookup<ReadOnlySpan<char>> BySpan = Senses.GetAlternateLookup<ReadOnlySpan<char>>();

    public static Sense? Find(string word) => Senses.GetValueOrDefault(word);

    /// <summary>The longest word of a script without spaces at the beginning of the text.</summary>
    public static (Sense? Sense, int Length) LongestAt(ReadOnlySpan<char> text)
    {
        for (var length = Math.Min(LongestUnspaced, text.Length); length > 0; length--)
        {
            if (BySpan.TryGetValue(text[..length], out var sense))
            {
                return (sense, length);
            }
        }

        return (null, 1);
    }

    private static FrozenDictionary<string, Sense> Build()
    {
        var all = new Dictionary<string, Sense>(StringComparer.Ordinal);
        var english = Entries(EnglishVerbs.Table, "en").ToList();
        foreach (var sense in english.Concat(Entries(ForeignVerbs.Table, null)))
        {
            // The first table entry wins: the tables run from the worst category down.
            all.TryAdd(sense.Verb, sense);
        }

        foreach (var sense in english)
        {
            foreach (var (text, form) in Forms(sense.Verb))
            {
                all.TryAdd(text, sense with { Form = form });
            }
        }

        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Lines of the form <c>category strength [noun] [language]: words</c>; after a <c>#</c> stands a reason.</summary>
    private static IEnumerable<Sense> Entries(string table, string? language)
    {
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = line.Split('#')[0].Split(':');
            if (parts.Length != 2)
            {
                continue;
            }

            var head = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var category = Enum.Parse<RiskCategory>(head[0], ignoreCase: true);
            foreach (var word in parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return new Sense(word, category, head[1][0] - '0', head.Contains("noun"), WordForm.Base, language ?? head[^1]);
            }
        }
    }

    private static IEnumerable<(string, WordForm)> Forms(string verb)
    {
        var endsInE = verb[^1] == 'e';
        var endsInY = verb[^1] == 'y' && verb.Length > 2 && !IsVowel(verb[^2]);
        var stem = endsInE ? verb[..^1] : verb;
        var hisses = verb[^1] is 's' or 'x' or 'z' or 'o' || verb.EndsWith("ch", StringComparison.Ordinal) || verb.EndsWith("sh", StringComparison.Ordinal);
        yield return (endsInY ? verb[..^1] + "ies" : verb + (hisses ? "es" : "s"), WordForm.Third);
        yield return (stem + "ing", WordForm.Gerund);
        yield return (endsInY ? verb[..^1] + "ied" : stem + "ed", WordForm.Participle);
        if (!endsInE && !IsVowel(verb[^1]) && verb.Length > 2 && IsVowel(verb[^2]) && !IsVowel(verb[^3]))
        {
            yield return (verb + verb[^1] + "ing", WordForm.Gerund);
            yield return (verb + verb[^1] + "ed", WordForm.Participle);
        }
    }

    private static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u';
}
