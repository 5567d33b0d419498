using System.Globalization;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Judging;

/// <summary>Reads one class, from <c>[</c> to its <c>]</c>.</summary>
internal sealed class PatternClassParser(string text, int at)
{
    private readonly int opened = at;
    private readonly List<(int First, int Last)> ranges = [];
    private int at = at;
    private string? fault;

    public CodePointSet? Read(out int end, out string? why)
    {
        at++;
        var negated = Take('^');
        if (Peek(0) == ']')
        {
            // RE2 takes it as a member, JSON Schema's own expressions as the end of an empty class.
            fault = "a class that begins with `]` is read in two ways; write `\\]` for the character";
        }

        while (fault is null && Peek(0) != ']')
        {
            ReadItem();
        }

        (end, why) = (at + 1, fault);
        var set = CodePointSet.Of([.. ranges]);
        return fault is not null ? null : negated ? set.Negate() : set;
    }

    private void ReadItem()
    {
        if (at >= text.Length)
        {
            var place = (opened + 1).ToString(CultureInfo.InvariantCulture);
            fault = $"the class opened at character {place} is not closed; add `]`, or write `\\[` for the character";
            return;
        }

        if (TryReadNamed() || ReadMember() is not { } first)
        {
            return;
        }

        // After a class such as \w, and before the end, a hyphen is a character like others.
        if (first.Single < 0 || Peek(0) != '-' || Peek(1) is ']' or -1)
        {
            ranges.AddRange(first.Ranges);
            return;
        }

        var hyphen = at++;
        if (ReadMember() is not { } last)
        {
            return;
        }

        if (last.Single < first.Single)
        {
            var place = (hyphen + 1).ToString(CultureInfo.InvariantCulture);
            fault = last.Single < 0
                ? $"the range at character {place} of the pattern ends in a class; write `\\-` for the character"
                : $"the range at character {place} of the pattern is reversed; write the smaller character first, or `\\-` for the character";
            return;
        }

        ranges.Add((first.Single, last.Single));
    }

    private CodePointSet? ReadMember() =>
        Peek(0) == '\\' ? PatternEscape.Read(text, ref at, out fault) : PatternEscape.Literal(text, ref at, out fault);

    /// <summary>A name such as <c>[:alpha:]</c>; <c>[:</c> without its end is two characters.</summary>
    private bool TryReadNamed()
    {
        var close = Peek(0) == '[' && Peek(1) == ':' ? text.IndexOf(":]", at + 2, StringComparison.Ordinal) : -1;
        if (close < 0)
        {
            return false;
        }

        var name = text.AsSpan(at + 2, close - at - 2);
        var negated = name.StartsWith("^", StringComparison.Ordinal);
        if (Named(negated ? name[1..] : name) is not { } set)
        {
            fault = $"{Quote.User(text[at..(close + 2)])} is no class of the subset; write one such as `[:alpha:]`, or `\\[` for the character";
            return true;
        }

        ranges.AddRange((negated ? set.Negate() : set).Ranges);
        at = close + 2;
        return true;
    }

    private static CodePointSet? Named(ReadOnlySpan<char> name) => name switch
    {
        "alnum" => CodePointSet.Of(('0', '9'), ('A', 'Z'), ('a', 'z')),
        "alpha" => CodePointSet.Of(('A', 'Z'), ('a', 'z')),
        "ascii" => CodePointSet.Of((0, 0x7F)),
        "blank" => CodePointSet.Of(('\t', '\t'), (' ', ' ')),
        "cntrl" => CodePointSet.Of((0, 0x1F), (0x7F, 0x7F)),
        "digit" => CodePointSet.Of(('0', '9')),
        "graph" => CodePointSet.Of(('!', '~')),
        "lower" => CodePointSet.Of(('a', 'z')),
        "print" => CodePointSet.Of((' ', '~')),
        "punct" => CodePointSet.Of(('!', '/'), (':', '@'), ('[', '`'), ('{', '~')),
        "space" => CodePointSet.Of(('\t', '\r'), (' ', ' ')),
        "upper" => CodePointSet.Of(('A', 'Z')),
        "word" => CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')),
        "xdigit" => CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
        _ => null,
    };

    private bool Take(char wanted)
    {
        var there = Peek(0) == wanted;
        at += there ? 1 : 0;
        return there;
    }

    /// <summary>−1 past the end of the pattern.</summary>
    private int Peek(int ahead) => at + ahead < text.Length ? text[at + ahead] : -1;
}
