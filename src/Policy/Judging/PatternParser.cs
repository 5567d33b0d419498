using System.Collections.Immutable;
using System.Globalization;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Judging;

/// <summary>Reads the RE2 subset of the policy language (Conditions, <c>regex</c>). What is not listed in it is refused, never guessed.</summary>
internal sealed class PatternParser
{
    private const int MostUnits = 1_000; // UTF-16
    private const int MostRepeats = 1_000;
    private const int MostDepth = 100;

    private static readonly PatternNode AnyButNewline = new PatternNode.OneOf(CodePointSet.Of(('\n', '\n')).Negate());

    private readonly string text;
    private readonly HashSet<string> groupNames = new(StringComparer.Ordinal);
    private int at;
    private int depth;
    private string? fault;

    private PatternParser(string text) => this.text = text;

    private bool AtEnd => at >= text.Length;

    private char Current => AtEnd ? '\0' : text[at];

    /// <summary>Null when the pattern is outside the subset; the fault then says what to write instead.</summary>
    public static PatternNode? Parse(string text, out string fault)
    {
        var parser = new PatternParser(text);
        var read = text.Length > MostUnits
            ? parser.Fail("the pattern is longer than 1,000 characters; split it into several")
            : parser.ReadChoice();
        if (parser.fault is null && !parser.AtEnd)
        {
            parser.Fail("`)` closes no group; write `\\)` for the character");
        }

        fault = parser.fault ?? "";
        return parser.fault is null ? read : null;
    }

    private PatternNode? ReadChoice()
    {
        var branches = ImmutableArray.CreateBuilder<PatternNode>();
        while (true)
        {
            if (ReadSequence() is not { } branch)
            {
                return null;
            }

            branches.Add(branch);
            if (Current != '|')
            {
                return branches.Count == 1 ? branch : new PatternNode.Choice(branches.ToImmutable());
            }

            at++;
        }
    }

    private PatternNode.Sequence? ReadSequence()
    {
        var parts = ImmutableArray.CreateBuilder<PatternNode>();
        while (!AtEnd && Current is not ('|' or ')'))
        {
            if (ReadAtom() is not { } atom || ReadRepeat(atom) is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }

        return new PatternNode.Sequence(parts.ToImmutable());
    }

    private PatternNode? ReadAtom()
    {
        switch (Current)
        {
            case '(':
                return ReadGroup();
            case '[':
                return Set(new PatternClassParser(text, at).Read(out at, out fault));
            case '\\':
                return ReadEscape();
            case '.':
                at++;
                return AnyButNewline;
            case '^':
                at++;
                return new PatternNode.TextStart();
            case '$':
                at++;
                return new PatternNode.TextEnd();
            case '*' or '+' or '?':
                return Fail($"`{Current}` has nothing before it to repeat; write `\\{Current}` for the character");
            case '{' when CountsLength() > 0:
                return Fail("`{` has nothing before it to repeat; write `\\{` for the character");
            default:
                return Set(PatternEscape.Literal(text, ref at, out fault));
        }
    }

    private static PatternNode.OneOf? Set(CodePointSet? set) => set is null ? null : new PatternNode.OneOf(set);

    private PatternNode? ReadEscape()
    {
        switch (at + 1 < text.Length ? text[at + 1] : '\0')
        {
            case 'A':
                at += 2;
                return new PatternNode.TextStart();
            case 'z':
                at += 2;
                return new PatternNode.TextEnd();
            default:
                return Set(PatternEscape.Read(text, ref at, out fault));
        }
    }

    private PatternNode? ReadGroup()
    {
        var opened = at++;
        if (Current == '?' && !ReadGroupKind())
        {
            return null;
        }

        if (++depth > MostDepth)
        {
            return Fail("groups are nested deeper than 100; write a flatter pattern");
        }

        if (ReadChoice() is not { } inner)
        {
            return null;
        }

        if (Current != ')')
        {
            return Fail($"the group opened at character {Place(opened)} is not closed; add `)`, or write `\\(` for the character");
        }

        at++;
        depth--;
        return inner;
    }

    /// <summary>What follows <c>(?</c>; a group with a name is a group.</summary>
    private bool ReadGroupKind()
    {
        var rest = text.AsSpan(at + 1);
        if (rest.StartsWith(":", StringComparison.Ordinal))
        {
            at += 2;
            return true;
        }

        if (rest is ['=' or '!', ..] or ['<', '=' or '!', ..])
        {
            return Refuse("looks around, which the engine cannot do in linear time; write a second condition for what must or must not stand beside");
        }

        if (rest is ['>', ..])
        {
            return Refuse("is an atomic group; write `(?:`");
        }

        var open = rest.StartsWith("P<", StringComparison.Ordinal) ? 2 : rest.StartsWith("<", StringComparison.Ordinal) ? 1 : 0;
        var close = open == 0 ? -1 : rest.IndexOf('>');
        if (close < 0)
        {
            return Refuse("is no group of the subset: flags, comments and calls are not in it; write `(` or `(?:`, and both cases of a letter as `[Aa]`");
        }

        var name = rest[open..close];
        if (name.IsEmpty || char.IsAsciiDigit(name[0]) || !IsWord(name) || !groupNames.Add(name.ToString()))
        {
            return Refuse("needs a name of its own, of letters, digits and `_`; write `(?:`");
        }

        at += 1 + close + 1;
        return true;

        bool Refuse(string why)
        {
            var shown = text.AsSpan(at - 1, Math.Min(4, text.Length - at + 1)).ToString();
            Fail($"{Quote.User(shown)} at character {Place(at - 1)} {why}");
            return false;
        }
    }

    private static bool IsWord(ReadOnlySpan<char> name)
    {
        foreach (var unit in name)
        {
            if (!char.IsAsciiLetterOrDigit(unit) && unit != '_')
            {
                return false;
            }
        }

        return true;
    }

    private PatternNode? ReadRepeat(PatternNode body)
    {
        if (!TryReadCounts(out var least, out var most))
        {
            return fault is null ? body : null;
        }

        if (Current == '?')
        {
            at++;
        }

        if (Current is '*' or '+' or '?' || CountsLength() > 0)
        {
            return Fail($"`{Current}` at character {Place(at)} repeats what is a repetition already; put the inner one in a group `(?:…)`");
        }

        return new PatternNode.Repeat(body, least, most);
    }

    private bool TryReadCounts(out int least, out int? most)
    {
        (least, most) = Current switch
        {
            '+' => (1, null),
            '?' => (0, 1),
            _ => (0, (int?)null),
        };
        if (Current is '*' or '+' or '?')
        {
            at++;
            return true;
        }

        var length = CountsLength();
        if (length == 0)
        {
            return false;
        }

        var inside = text.AsSpan(at + 1, length - 2);
        var comma = inside.IndexOf(',');
        least = Count(comma < 0 ? inside : inside[..comma]);
        most = comma < 0 ? least : comma == inside.Length - 1 ? null : Count(inside[(comma + 1)..]);
        if (least > MostRepeats || most > MostRepeats)
        {
            Fail($"{Quote.User(text.Substring(at, length))} repeats more than 1,000 times; write a smaller number, or none: `{{1,}}`");
        }
        else if (comma == 0)
        {
            Fail($"{Quote.User(text.Substring(at, length))} has no lower number; write `{{0,…}}`, or `\\{{` for the character");
        }
        else if (most < least)
        {
            Fail($"{Quote.User(text.Substring(at, length))} has its numbers the wrong way round; write the smaller first");
        }

        at += length;
        return fault is null;
    }

    private static int Count(ReadOnlySpan<char> digits) =>
        digits.IsEmpty ? 0 : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : int.MaxValue;

    /// <summary>The length of <c>{n}</c>, <c>{n,}</c>, <c>{n,m}</c> or <c>{,m}</c> at this place; 0 where the brace is a character like others.</summary>
    private int CountsLength()
    {
        if (Current != '{')
        {
            return 0;
        }

        var end = at + 1;
        var commas = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || (text[end] == ',' && commas++ == 0)))
        {
            end++;
        }

        return end < text.Length && text[end] == '}' && end > at + 1 ? end + 1 - at : 0;
    }

    private static string Place(int index) => (index + 1).ToString(CultureInfo.InvariantCulture);

    private PatternNode? Fail(string why)
    {
        fault ??= why;
        return null;
    }
}
