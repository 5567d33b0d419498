using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Callgate.Catalogue.Classifying;

/// <summary>
/// Reads a name: which of its words is the verb, and what stands beside it. Names are written verb first
/// (<c>delete_file</c>), thing first (<c>playlists.items.delete</c>) or with the product before both.
/// </summary>
internal static class NameReading
{
    /// <summary>A name that ends in one of these and has no plain verb names something that is looked at: <c>transfer_quote</c>, <c>refund_policy</c>.</summary>
    private static readonly FrozenSet<string> LookedAt = Set("""
        quote estimate status history list info details detail report stats statistics summary count tree matrix schema metadata version price prices pricing cost balance forecast weather quality
        overview policy rules rule_set transcript transcripts docs documentation help time date directions health rate rates news features requests messages indexes logs log result results data options example
        examples assessment analysis evaluation comparison recommendation recommendations prediction predictions score scores instructions guide capabilities reputation leaderboard calendar availability eligibility preview index_info fees limits terms profile config configuration settings
        """);

    /// <summary>Things of trade whose names are verbs as well: before one of <see cref="Statements"/> they are the thing.</summary>
    private static readonly FrozenSet<string> Traded = Set("order refund payout transfer invoice trade swap stake deposit withdraw charge bet tip bid checkout message email mail call process");

    private static readonly FrozenSet<string> Statements = Set("quote estimate status history info details policy rules stats fees rates limits list report summary");

    /// <summary>A name that asks is answered: <c>can_delete</c>, <c>is_paid</c>.</summary>
    private static readonly FrozenSet<string> Asking = Set("is has can should does are which what who where when how why");

    private static readonly FrozenSet<string> Joining = Set("and or then plus und et y e");

    /// <summary>The worst of the actions the name speaks of; nothing for a name without a verb.</summary>
    public static Finding Of(string text, Words words, string place)
    {
        var worst = Finding.Nothing;
        var all = words.All;
        for (int from = 0, at = 0; at <= all.Length; at++)
        {
            if (at == all.Length || Joining.Contains(all[at].Text))
            {
                worst = worst.Worse(Clause(text, all.AsSpan()[from..at], place));
                from = at + 1;
            }
        }

        return worst;
    }

    private static Finding Clause(string text, ReadOnlySpan<Word> words, string place)
    {
        if (words.Length > 1 && Asking.Contains(words[0].Text))
        {
            return new Finding(RiskCategory.Read, 2, Quotation.Between(text, place, words[0], words[0], "asks a question"));
        }

        var head = HeadOf(words);
        if (head < 0)
        {
            return LastIsLookedAt(words) ? new Finding(RiskCategory.Read, 2, Quotation.Between(text, place, words[^1], words[^1], "names something that is looked at")) : Finding.Nothing;
        }

        var finding = Judge(text, words, head, place);
        // A search that ends in a plain "delete" is written thing first; the worse of the two readings counts.
        if (head < words.Length - 1 && words[^1].Sense is { IsNoun: false, Form: WordForm.Base } last && Ranking.IsCritical(last.Category))
        {
            finding = finding.Worse(Judge(text, words, words.Length - 1, place));
        }

        return finding;
    }

    private static int HeadOf(ReadOnlySpan<Word> words)
    {
        int first = -1, noun = -1, second = -1;
        for (var i = 0; i < words.Length; i++)
        {
            if (IsPaired(words, i))
            {
                return i;
            }

            if (words[i].Sense is not { } sense || sense.Form is WordForm.Participle or WordForm.Gerund || (sense.Form == WordForm.Third && (i > 0 || sense.IsNoun)) || IsNegated(words, i))
            {
                continue;
            }

            if (!sense.IsNoun)
            {
                first = first < 0 ? i : first;
            }
            else
            {
                second = noun >= 0 ? i : second;
                noun = noun < 0 ? i : noun;
            }
        }

        if (first >= 0)
        {
            // "List previews" begins with its verb though "list" may be a thing; "list create" does not.
            return noun == 0 && words[0].Sense!.Category == RiskCategory.Read && first < words.Length - 1 ? 0 : first;
        }

        var isThing = noun > 0 ? second < 0 && LastIsLookedAt(words) : noun == 0 && words.Length > 1 && Traded.Contains(words[0].Text) && Statements.Contains(words[^1].Text);
        if (isThing)
        {
            return -1;
        }

        // Two words that may be things: the later one is the verb of a name written thing first, unless the first stands in front.
        return noun == 0 || second < 0 ? noun : second;
    }

    /// <summary>A word that is a verb only beside a certain thing: <c>make_call</c>, <c>top_up</c>.</summary>
    private static bool IsPaired(ReadOnlySpan<Word> words, int at) =>
        words[at].Sense is null && Pairings.Knows(words[at].Text) && Pairings.Find(words[at].Text, words[(at + 1)..], out _) is not null;

    private static bool IsNegated(ReadOnlySpan<Word> words, int at) => at > 0 && Negations.Has(words[at - 1].Text);

    private static Finding Judge(string text, ReadOnlySpan<Word> words, int head, string place)
    {
        var verb = words[head].Sense?.Verb ?? words[head].Text;
        var beside = words[head].Sense is null ? words[(head + 1)..] : Beside(words, head);
        if (Pairings.Find(verb, beside, out var thing) is { } paired)
        {
            return new Finding(paired.Category, paired.Strength, Quotation.Between(text, place, words[head], thing, Says.Pair(paired.Category)));
        }

        var sense = words[head].Sense!;
        var strength = sense.IsNoun && head > 0 && head < words.Length - 1 ? 1 : sense.Strength;
        return new Finding(sense.Category, strength, Quotation.Between(text, place, words[head], words[head], Says.Verb(sense)));
    }

    /// <summary>The words after the verb, then those before it, nearest first.</summary>
    private static ReadOnlySpan<Word> Beside(ReadOnlySpan<Word> words, int head)
    {
        var beside = ImmutableArray.CreateBuilder<Word>(words.Length);
        for (var i = head + 1; i < words.Length; i++)
        {
            beside.Add(words[i]);
        }

        for (var i = head - 1; i >= 0; i--)
        {
            beside.Add(words[i]);
        }

        return beside.ToImmutable().AsSpan();
    }

    /// <summary>Whether the word names something that is looked at.</summary>
    public static bool IsLookedAt(string word) => LookedAt.Contains(word);

    private static bool LastIsLookedAt(ReadOnlySpan<Word> words) => words.Length > 0 && LookedAt.Contains(words[^1].Text);

    private static FrozenSet<string> Set(string words) =>
        words.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal);
}
