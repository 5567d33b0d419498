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

    public static Test Within(ImmutableArray<Operand> folders) => (in fact, in facts) =>
    {
        if (fact.Kind != FactKind.Text || PosixPath.Parse(fact.Text) is not { } path)
        {
            return Truth.Unknown;
        }

        var truth = Truth.False;
        foreach (var folder in folders)
        {
            truth = truth.Or(folder.Resolve(facts) is { Kind: FactKind.Text } text && PosixPath.Parse(text.Text) is { } parent
                ? Truths.Of(path.IsWithin(parent))
                : Truth.Unknown);
        }

        return truth;
    };

    public static Test HostIn(ImmutableArray<Operand> hosts, ImmutableArray<string> schemes) => (in fact, in facts) =>
    {
        if (fact.Kind != FactKind.Text || WebAddress.HostOf(fact.Text, schemes) is not { } host)
        {
            return Truth.Unknown;
        }

        var truth = Truth.False;
        foreach (var entry in hosts)
        {
            truth = truth.Or(entry.Resolve(facts) is { Kind: FactKind.Text } text && HostPattern.Parse(text.Text) is { } pattern
                ? Truths.Of(pattern.Matches(host))
                : Truth.Unknown);
        }

        return truth;
    };

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
