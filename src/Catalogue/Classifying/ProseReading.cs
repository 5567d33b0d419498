using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Callgate.Catalogue.Classifying;

/// <summary>
/// Reads a description: the verbs that begin its sentences and those joined to them, what they act on, what is denied, and
/// phrases that say there is no way back or that money is taken.
/// </summary>
internal sealed class ProseReading
{
    private const int MostSentences = 12;
    private const int MostLeaders = 12;
    private const int MostThings = 6;

    /// <summary>Words before the verb that do not belong to what is done.</summary>
    private static readonly FrozenSet<string> Leading = Set("""
        this tool function action endpoint api operation method command feature skill allows allow lets let enables enable helps help you to use used using can will may must shall should the a an agent agents user users
        is are be being able designed for that which it its we please simply just then also first one all new your by calling provides provide way ability capability mcp server tools agentic main primary second step of
        permet d un une el la le les los der die das dieses dieser werkzeug esta este herramienta ferramenta o strumento questo этот инструмент
        """);

    private static readonly FrozenSet<string> Introducing = Set("to you can will may must shall should lets let allows tool function agent agents also then helps that which and or");

    private static readonly FrozenSet<string> Determiners = Set("a an the one all any every each some its their this that these those it them your up new existing multiple many several");

    private static readonly FrozenSet<string> Joining = Set("and or then plus also und oder et ou y e и или optionally afterwards");

    /// <summary>A sentence that begins so speaks of when to use the tool, or of another one.</summary>
    private static readonly FrozenSet<string> Aside = Set("if when use after before unless only example examples note see returns return args arguments parameters requires warning tip instead for e.g usage where");

    private static readonly FrozenDictionary<string, ImmutableArray<string[]>> NoWayBack = Phrases("""
        irreversible, irreversibly, irrevocable, unrecoverable, cannot be undone, cant be undone, not be undone, cannot be recovered, no undo, not undoable, not reversible,
        unwiderruflich, необратимо
        """);

    private static readonly FrozenDictionary<string, ImmutableArray<string[]>> Paid = Phrases("""
        gets charged, be charged, is charged, are charged, real money, costs money, deducts, debited, charges its price, paid in, opening a payment, opens a payment, payment link, a payment
        """);

    private readonly string text;
    private readonly ImmutableArray<Word> words;

    private ProseReading(string text, Words words)
    {
        this.text = text;
        this.words = words.All;
    }

    /// <summary>What the first sentence that says anything says the tool does.</summary>
    public Finding First { get; private set; } = Finding.Nothing;

    /// <summary>The worst action of all sentences.</summary>
    public Finding Worst { get; private set; } = Finding.Nothing;

    /// <summary>A phrase that says there is no way back; null without one.</summary>
    public ClassificationEvidence? Irreversible { get; private set; }

    /// <summary>A phrase that says money is taken; null without one.</summary>
    public ClassificationEvidence? Costly { get; private set; }

    public static ProseReading Of(string text, Words words)
    {
        var reading = new ProseReading(text, words);
        reading.Read();
        return reading;
    }

    private void Read()
    {
        for (int from = 0, sentence = 0; from < words.Length && sentence < MostSentences; sentence++)
        {
            var to = from + 1;
            while (to < words.Length && words[to].Before != Gap.Sentence)
            {
                to++;
            }

            Sentence(words.AsSpan()[from..to], sentence == 0);
            from = to;
        }
    }

    private void Sentence(ReadOnlySpan<Word> sentence, bool isFirst)
    {
        FindPhrases(sentence);
        if (!isFirst && Aside.Contains(sentence[0].Text) && (First.Strength > 0 || sentence[0].Sense is null))
        {
            return;
        }

        var found = IsUnspaced(sentence) ? Unspaced(sentence) : Spaced(sentence, isFirst);
        if (First.Strength == 0)
        {
            First = found;
        }

        // Later sentences speak of much else; only what is plain and grave counts there.
        if (isFirst || (found.Strength == 3 && Ranking.IsCritical(found.Category)))
        {
            Worst = Worst.Worse(found);
        }
    }

    private Finding Spaced(ReadOnlySpan<Word> sentence, bool isFirst)
    {
        var head = HeadOf(sentence, isFirst);
        if (head < 0)
        {
            return isFirst ? LookedAt(sentence) : Finding.Nothing;
        }

        var worst = Judge(sentence, head);
        var form = sentence[head].Sense?.Form ?? WordForm.Base;
        var isReading = worst.Category == RiskCategory.Read;
        for (var i = head + 1; i < sentence.Length; i++)
        {
            var isJoined = Joining.Contains(sentence[i - 1].Text) || (sentence[i].Before == Gap.Clause && IsReadingOn(sentence, i, head));
            if (!isJoined || sentence[i].Sense is not { } sense || sense.Form != form || IsDenied(sentence, i))
            {
                continue;
            }

            var isThing = !(i == head + 2 && Joining.Contains(sentence[i - 1].Text)) && (sense.IsNoun || isReading) && !(i + 1 < sentence.Length && Determiners.Contains(sentence[i + 1].Text)) && !(sense.Form == WordForm.Third && !sense.IsNoun);
            if (!isThing)
            {
                worst = worst.Worse(Judge(sentence, i));
            }
        }

        return worst;

        static bool IsReadingOn(ReadOnlySpan<Word> all, int at, int from) => at - from < 24 && all[at].Text.Length > 2;
    }

    /// <summary>A sentence without a verb that names what is returned: "daily share prices".</summary>
    private Finding LookedAt(ReadOnlySpan<Word> sentence)
    {
        foreach (var word in sentence)
        {
            if (NameReading.IsLookedAt(word.Text) && !IsDenied(sentence, sentence.IndexOf(word)))
            {
                return new Finding(RiskCategory.Read, 1, Quotation.Between(text, "description", word, word, "names something that is looked at"));
            }
        }

        return Finding.Nothing;
    }

    private static int HeadOf(ReadOnlySpan<Word> sentence, bool isFirst)
    {
        var most = isFirst ? MostLeaders : 5;
        for (int i = 0, strangers = 0; i < Math.Min(sentence.Length, most); i++)
        {
            var word = sentence[i];
            var isLeader = Leading.Contains(word.Text) || word.Text.EndsWith("ly", StringComparison.Ordinal) || Joining.Contains(word.Text);
            if (word.Sense is { Form: not WordForm.Participle } sense && !(isLeader && i == 0) && !(sense.IsNoun && i > 0 && !Introduces(sentence[i - 1].Text)))
            {
                if (!IsDenied(sentence, i))
                {
                    return i;
                }

                continue;
            }

            if (word.Sense is null && Pairings.Knows(word.Text) && Pairings.Find(word.Text, Things(sentence, i), out _) is not null)
            {
                return i;
            }

            if (!isLeader && !Negations.Has(word.Text) && ++strangers > (isFirst ? 4 : 1))
            {
                return -1;
            }
        }

        return -1;
    }

    /// <summary>Whether a word after this one is a verb even if the same letters name a thing.</summary>
    private static bool Introduces(string before) => Introducing.Contains(before) || before.EndsWith("ly", StringComparison.Ordinal);

    private Finding Judge(ReadOnlySpan<Word> sentence, int at)
    {
        var word = sentence[at];
        if (Pairings.Find(word.Sense?.Verb ?? word.Text, Things(sentence, at), out var thing) is { } paired)
        {
            return new Finding(paired.Category, paired.Strength, Quotation.Between(text, "description", word, thing, Says.Pair(paired.Category)));
        }

        return word.Sense is { } sense ? new Finding(sense.Category, sense.Strength, Quotation.Between(text, "description", word, word, Says.Verb(sense))) : Finding.Nothing;
    }

    /// <summary>The words after a verb, up to the end of its clause.</summary>
    private static ReadOnlySpan<Word> Things(ReadOnlySpan<Word> sentence, int at)
    {
        var to = at + 1;
        while (to < sentence.Length && to - at <= MostThings && sentence[to].Before == Gap.None && !Joining.Contains(sentence[to].Text))
        {
            to++;
        }

        return sentence[(at + 1)..to];
    }

    /// <summary>Whether a denial stands before the word in its clause, or before a verb of the same form that it continues: "does not delete, move or copy".</summary>
    private static bool IsDenied(ReadOnlySpan<Word> sentence, int at)
    {
        if (sentence[at].Sense is { Language: not "en" } && IsDeniedBehind(sentence, at))
        {
            return true;
        }

        for (var i = at; i >= 0 && at - i <= 5; i--)
        {
            if (i < at && Negations.Has(sentence[i].Text))
            {
                return true;
            }

            if (sentence[i].Before != Gap.None)
            {
                // A list of verbs goes on over its commas, in one form.
                var item = i == at || (i == at - 1 && Joining.Contains(sentence[i].Text)) ? i - 1 : i;
                return sentence[i].Before == Gap.Clause && item >= 0
                    && sentence[item].Sense is { } before && before.Form == (sentence[at].Sense?.Form ?? WordForm.Base) && IsDenied(sentence, item);
            }
        }

        return false;
    }

    /// <summary>German and Dutch deny behind the verb: <c>löscht keine Datei</c>.</summary>
    private static bool IsDeniedBehind(ReadOnlySpan<Word> sentence, int at)
    {
        for (var i = at + 1; i < Math.Min(sentence.Length, at + 5) && sentence[i].Before == Gap.None; i++)
        {
            if (Negations.Has(sentence[i].Text))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsUnspaced(ReadOnlySpan<Word> sentence)
    {
        foreach (var word in sentence)
        {
            if (word.Sense is not null && Letters.IsUnspaced(word.Text[0]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Chinese puts the verb first, Japanese and Korean put it last; what is denied beside it does not count.</summary>
    private Finding Unspaced(ReadOnlySpan<Word> sentence)
    {
        var verbs = new List<Word>();
        foreach (var word in sentence)
        {
            if (word.Sense is not null && Letters.IsUnspaced(word.Text[0]) && !Negations.Touches(text, word.Start, word.End))
            {
                verbs.Add(word);
            }
        }

        if (verbs.Count == 0)
        {
            return Finding.Nothing;
        }

        var isVerbLast = text.AsSpan(sentence[0].Start, sentence[^1].End - sentence[0].Start).ContainsAnyInRange('\u3040', '\u30FF') || verbs[0].Sense!.Language is "ja" or "ko";
        var head = isVerbLast ? verbs[^1] : verbs[0];
        return new Finding(head.Sense!.Category, 3, Quotation.Between(text, "description", head, head, Says.Verb(head.Sense)));
    }

    private void FindPhrases(ReadOnlySpan<Word> sentence)
    {
        for (var i = 0; i < sentence.Length; i++)
        {
            Irreversible ??= Match(sentence, i, NoWayBack, "says that there is no way back");
            Costly ??= Match(sentence, i, Paid, "says that it costs money");
        }
    }

    private ClassificationEvidence? Match(ReadOnlySpan<Word> sentence, int at, FrozenDictionary<string, ImmutableArray<string[]>> phrases, string says)
    {
        if (!phrases.TryGetValue(sentence[at].Text, out var beginning))
        {
            return null;
        }

        foreach (var phrase in beginning)
        {
            var fits = at + phrase.Length <= sentence.Length;
            for (var i = 1; fits && i < phrase.Length; i++)
            {
                fits = sentence[at + i].Text == phrase[i];
            }

            if (fits && !IsDenied(sentence, at))
            {
                return Quotation.Between(text, "description", sentence[at], sentence[at + phrase.Length - 1], says);
            }
        }

        return null;
    }

    private static FrozenDictionary<string, ImmutableArray<string[]>> Phrases(string table) =>
        table.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static phrase => phrase.Split(' '))
            .GroupBy(static phrase => phrase[0], StringComparer.Ordinal).ToFrozenDictionary(static group => group.Key, static group => group.ToImmutableArray(), StringComparer.Ordinal);

    private static FrozenSet<string> Set(string words) =>
        words.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
