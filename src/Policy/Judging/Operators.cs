using System.Collections.Immutable;

namespace Callgate.Policy.Judging;

/// <summary>The operators of the language, each made into a test once, when a document is compiled.</summary>
internal static class Operators
{
    /// <summary>UTF-16 units of a text that a pattern is matched against.</summary>
    public const int LongestMatchedText = 65_536;

    /// <summary>Steps of <see cref="Work"/> that one comparison takes.</summary>
    private const int Comparison = 20;

    public static Test Not(Test test) => (in fact, in facts) => test(fact, facts).Not();

    public static Test Equal(Operand value) => (in fact, in facts) => Fact.Equal(fact, value.Resolve(facts));

    public static Test Compare(Operand value, Func<int, bool> holds) => (in fact, in facts) =>
        fact.TryNumber(out var left) && value.Resolve(facts).TryNumber(out var right) ? Truths.Of(holds(left.CompareTo(right))) : Truth.Unknown;

    public static Test In(ImmutableArray<Operand> values) => (in fact, in facts) =>
    {
        // A number that cannot be held exactly is nothing to compare, also with nothing.
        if ((fact.Kind == FactKind.Number && !fact.TryNumber(out _)) || !Work.TrySpend((long)values.Length * Comparison))
        {
            return Truth.Unknown;
        }

        var truth = Truth.False;
        foreach (var value in values)
        {
            truth = truth.Or(Fact.Equal(fact, value.Resolve(facts)));
            if (truth == Truth.True)
            {
                break;
            }
        }

        return truth;
    };

    public static Test InReferred(FactPath list) => (in fact, in facts) =>
        fact.Kind == FactKind.Number && !fact.TryNumber(out _) ? Truth.Unknown : AnyEqual(list.Read(facts), fact);

    public static Test Contains(Operand value) => (in fact, in facts) =>
    {
        var part = value.Resolve(facts);
        if (fact.Kind == FactKind.Array)
        {
            return part.IsComparable ? AnyEqual(fact, part) : Truth.Unknown;
        }

        return fact.Kind == FactKind.Text && part.Kind == FactKind.Text && Work.TrySpend((long)fact.Size * (1 + (part.Size / 32)))
            ? Truths.Of(fact.TextContains(part))
            : Truth.Unknown;
    };

    public static Test StartsWith(Operand value) => (in fact, in facts) =>
        fact.Kind == FactKind.Text && value.Resolve(facts) is { Kind: FactKind.Text } part ? Truths.Of(fact.TextStartsWith(part)) : Truth.Unknown;

    public static Test EndsWith(Operand value) => (in fact, in facts) =>
        fact.Kind == FactKind.Text && value.Resolve(facts) is { Kind: FactKind.Text } part ? Truths.Of(fact.TextEndsWith(part)) : Truth.Unknown;

    public static Test Matches(LinearPattern pattern) => (in fact, in _) =>
        fact.Kind == FactKind.Text && fact.Text is { Length: <= LongestMatchedText } text ? Work.Match(pattern, text) : Truth.Unknown;

    public static Test MatchesGlob(string glob) => (in fact, in _) =>
        fact.Kind == FactKind.Text && Work.TrySpend((long)fact.Size * (1 + glob.Length)) ? Truths.Of(Glob.Matches(glob, fact.Text)) : Truth.Unknown;

    public static Test Within(ImmutableArray<Operand> folders) =>
        OfAny(folders, PosixPath.Parse, PosixPath.Parse, static (path, folder) => path.IsWithin(folder));

    public static Test HostIn(ImmutableArray<Operand> hosts, ImmutableArray<string> schemes) =>
        OfAny(hosts, url => WebAddress.HostOf(url, schemes), HostPattern.Parse, static (host, pattern) => pattern.Matches(host));

    public static Test LengthAtMost(Operand value) => (in fact, in facts) =>
    {
        if (!value.Resolve(facts).TryNumber(out var most))
        {
            return Truth.Unknown;
        }

        return fact.Kind switch
        {
            FactKind.Array => Truths.Of(ExactNumber.FromInt64(fact.Length).CompareTo(most) <= 0),
            FactKind.Text => Truths.Of(ExactNumber.FromInt64(CodePoints(fact.Text)).CompareTo(most) <= 0),
            _ => Truth.Unknown,
        };
    };

    /// <summary>Whether a text, once read, stands to any entry as asked. What a document states is read here, once; a fact of the call, each time.</summary>
    private static Test OfAny<TValue, TEntry>(
        ImmutableArray<Operand> entries, Func<string, TValue?> read, Func<string, TEntry?> readEntry, Func<TValue, TEntry, bool> holds)
        where TValue : class
        where TEntry : class
    {
        var prepared = entries.Select(entry => (Stated: entry.Ref is null ? readEntry(entry.Literal.Text) : null, Entry: entry)).ToArray();
        return (in fact, in facts) =>
        {
            if (fact.Kind != FactKind.Text || read(fact.Text) is not { } value)
            {
                return Truth.Unknown;
            }

            var truth = Truth.False;
            foreach (var (stated, entry) in prepared)
            {
                var known = stated ?? (entry.Resolve(facts) is { Kind: FactKind.Text } text ? readEntry(text.Text) : null);
                truth = truth.Or(known is null ? Truth.Unknown : Truths.Of(holds(value, known)));
            }

            return truth;
        };
    }

    private static Truth AnyEqual(in Fact array, in Fact value)
    {
        if (array.Kind != FactKind.Array || !Work.TrySpend((long)array.Length * Comparison))
        {
            return Truth.Unknown;
        }

        var truth = Truth.False;
        foreach (var element in array.Elements)
        {
            truth = truth.Or(Fact.Equal(new Fact(element), value));
            if (truth == Truth.True)
            {
                break;
            }
        }

        return truth;
    }

    private static int CodePoints(string text)
    {
        var count = 0;
        foreach (var unit in text)
        {
            count += char.IsLowSurrogate(unit) ? 0 : 1;
        }

        return count;
    }
}
