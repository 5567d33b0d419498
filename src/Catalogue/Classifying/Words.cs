using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Callgate.Catalogue.Classifying;

/// <summary>Text taken apart into words. Case and accents go by fixed tables, so that no culture of a machine has a say.</summary>
internal sealed class Words
{
    private Words(ImmutableArray<Word> all, bool hides)
    {
        All = all;
        HidesCharacters = hides;
    }

    public static Words None { get; } = new([], false);

    public ImmutableArray<Word> All { get; }

    /// <summary>Whether a Latin or Cyrillic word holds invisible characters or letters of two scripts: nobody writes so without a reason.</summary>
    public bool HidesCharacters { get; }

    /// <summary>The parts of an identifier: at underscores, dashes, dots and changes of case.</summary>
    public static Words OfName(string name) => new Reader(name, isName: true).Read();

    /// <summary>The words of prose. An identifier in it, with underscores, stays one word and so is no verb.</summary>
    public static Words OfProse(string text) => new Reader(text, isName: false).Read();

    private sealed class Reader(string text, bool isName)
    {
        private readonly ImmutableArray<Word>.Builder found = ImmutableArray.CreateBuilder<Word>(Math.Max(2, text.Length / 6));
        private readonly StringBuilder word = new();
        private Gap gap = Gap.Sentence;
        private int start;
        private int end;
        private bool hides;
        private char last;

        public Words Read()
        {
            var at = 0;
            while (at < text.Length)
            {
                var taken = CjkVerb(at);
                at += taken > 0 ? taken : Step(at);
            }

            Finish();
            return new Words(found.DrainToImmutable(), hides);
        }

        /// <summary>Scripts without spaces: the longest word of the lexicon that begins here; other characters are passed over.</summary>
        private int CjkVerb(int at)
        {
            if (text[at] < '\u3040' || !Letters.IsUnspaced(text[at]))
            {
                return 0;
            }

            Finish();
            var (sense, length) = Lexicon.LongestAt(text.AsSpan(at));
            if (sense is not null)
            {
                Add(text.Substring(at, length), at, at + length, sense);
            }

            return Math.Max(length, 1);
        }

        private int Step(int at)
        {
            var unit = text[at];
            var length = char.IsHighSurrogate(unit) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
            if (length == 2 || Letters.IsInvisible(unit))
            {
                hides |= word.Length > 0 && at + length < text.Length && Letters.IsCased(last) && IsInside(at, length);
                return length;
            }

            if (Letters.IsApostrophe(unit) && word.Length > 0 && !isName)
            {
                return 1;
            }

            if (char.IsLetterOrDigit(unit) || (unit == '_' && !isName && word.Length > 0))
            {
                Letter(unit, at);
                return 1;
            }

            Finish();
            gap = Bigger(gap, isName ? Gap.None : GapOf(at));
            return 1;
        }

        private bool IsInside(int at, int length) =>
            CharUnicodeInfo.GetUnicodeCategory(text, at) == UnicodeCategory.Format && Letters.IsCased(text[at + length]);

        private void Letter(char unit, int at)
        {
            var isNewPart = isName && word.Length > 0 &&
                ((char.IsAsciiLetterUpper(unit) && !char.IsAsciiLetterUpper(last))
                || (char.IsAsciiLetterUpper(unit) && char.IsAsciiLetterUpper(last) && at + 1 < text.Length && char.IsAsciiLetterLower(text[at + 1]))
                || char.IsAsciiDigit(unit) != char.IsAsciiDigit(last));
            if (isNewPart)
            {
                Finish();
            }

            if (word.Length == 0)
            {
                start = at;
            }

            Letters.Fold(unit, word);
            last = unit;
            end = at + 1;
        }

        private void Finish()
        {
            if (word.Length == 0)
            {
                return;
            }

            hides |= Letters.MakeOneScript(word);
            var folded = word.ToString();
            word.Clear();
            Add(folded, start, end, Lexicon.Find(folded));
        }

        private void Add(string folded, int from, int to, Sense? sense)
        {
            found.Add(new Word(folded, from, to, gap, sense));
            gap = Gap.None;
        }

        private Gap GapOf(int at) => text[at] switch
        {
            '.' or '!' or '?' when at + 1 >= text.Length || char.IsWhiteSpace(text[at + 1]) => Gap.Sentence,
            '。' or '！' or '？' or '．' or '؟' => Gap.Sentence,
            '\n' when at + 1 < text.Length && (text[at + 1] is '\n' or '-' or '*' or '#' || char.IsAsciiLetterUpper(text[at + 1])) => Gap.Sentence,
            ',' or ';' or ':' or '/' or '(' or ')' or '[' or ']' or '—' or '–' or '、' or '，' or '；' or '：' or '|' or '\n' => Gap.Clause,
            _ => Gap.None,
        };

        private static Gap Bigger(Gap one, Gap other) => one > other ? one : other;
    }
}
