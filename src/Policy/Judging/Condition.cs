using System.Collections.Immutable;

namespace Callgate.Policy.Judging;

/// <summary>How the elements under <c>[*]</c> are put together: a requirement holds for all of them, the other rules for any.</summary>
internal enum Quantifier
{
    All,
    Any,
}

/// <summary>A value of a condition: stated in the document, or a fact of the call.</summary>
internal readonly record struct Operand(Fact Literal, FactPath? Ref)
{
    public Fact Resolve(in CallFacts facts) => Ref is null ? Literal : Ref.Read(facts);
}

/// <summary>What an operator does with the value a path led to. Never asked about a missing or unknown value.</summary>
internal delegate Truth Test(in Fact fact, in CallFacts facts);

/// <summary>One condition, ready to judge. It allocates nothing for comparisons of numbers, booleans and texts.</summary>
internal sealed class Condition
{
    private readonly Test test;

    public Condition(FactPath path, Test test, bool missingPasses)
    {
        (Path, this.test, MissingPasses) = (path, test, missingPasses);
    }

    private Condition(FactPath path, bool expected)
    {
        (Path, Expected) = (path, expected);
        test = static (in _, in _) => Truth.Unknown;
    }

    public FactPath Path { get; }

    public bool MissingPasses { get; }

    /// <summary>What <c>exists</c> asks for; null for every other operator.</summary>
    public bool? Expected { get; }

    /// <summary>The operator's name, for people.</summary>
    public string Op { get; init; } = "exists";

    /// <summary>Its value as the document writes it, bounded, for people.</summary>
    public string Value { get; init; } = "";

    /// <summary>Whether its value is, in part or whole, a fact that is read from the arguments.</summary>
    public bool RefersToArguments { get; init; }

    public static Condition Exists(FactPath path, bool expected) => new(path, expected) { Value = expected ? "true" : "false" };

    /// <summary>The value that the path leads to, as far as the first <c>[*]</c>.</summary>
    public Fact Read(in CallFacts facts)
    {
        var at = Path.Start(facts);
        foreach (var step in Path.Steps)
        {
            if (step.IsEach)
            {
                break;
            }

            at = FactPath.Follow(at, step);
        }

        return at;
    }

    public Truth Judge(in CallFacts facts, Quantifier quantifier) => Walk(Path.Start(facts), 0, facts, quantifier);

    private Truth Walk(Fact at, int step, in CallFacts facts, Quantifier quantifier)
    {
        for (; step < Path.Steps.Length; step++)
        {
            if (!Path.Steps[step].IsEach)
            {
                at = FactPath.Follow(at, Path.Steps[step]);
            }
            else if (at.Kind == FactKind.Array)
            {
                return Fold(at, step + 1, facts, quantifier);
            }
            else if (at.Kind != FactKind.Missing)
            {
                at = Fact.Unknown;
            }
        }

        return Settle(at, facts, quantifier);
    }

    private Truth Fold(in Fact array, int step, in CallFacts facts, Quantifier quantifier)
    {
        var all = quantifier == Quantifier.All;
        var settled = all ? Truth.False : Truth.True;
        var truth = settled.Not();
        foreach (var element in array.Elements)
        {
            var next = Walk(new Fact(element), step, facts, quantifier);
            truth = all ? truth.And(next) : truth.Or(next);
            if (truth == settled)
            {
                break;
            }
        }

        return truth;
    }

    private Truth Settle(in Fact fact, in CallFacts facts, Quantifier quantifier)
    {
        if (Expected is { } expected)
        {
            return Truths.Of((fact.Kind > FactKind.Null) == expected);
        }

        return fact.Kind switch
        {
            FactKind.Missing when MissingPasses => Truths.Of(quantifier == Quantifier.All),
            FactKind.Missing or FactKind.Unknown => Truth.Unknown,

            // A number that cannot be held exactly is nothing to compare, whatever the operator.
            FactKind.Number when !fact.TryNumber(out _) => Truth.Unknown,
            _ => test(fact, facts),
        };
    }
}

/// <summary>The operators of the language, each made into a test once, when a document is compiled.</summary>
internal static class Operators
{
    /// <summary>Elements of a list that a call brings itself: comparing each of one with each of another must stay cheap.</summary>
    public const int MostReferredElements = 1_000;

    /// <summary>UTF-16 units of a text that a call brings itself to search for in another.</summary>
    public const int LongestReferredText = 1_024;

    /// <summary>UTF-16 units of a text that a pattern is matched against.</summary>
    public const int LongestMatchedText = 65_536;

    public static Test Not(Test test) => (in fact, in facts) => test(fact, facts).Not();

    public static Test Equal(Operand value) => (in fact, in facts) => Fact.Equal(fact, value.Resolve(facts));

    public static Test Compare(Operand value, Func<int, bool> holds) => (in fact, in facts) =>
        fact.TryNumber(out var left) && value.Resolve(facts).TryNumber(out var right) ? Truths.Of(holds(left.CompareTo(right))) : Truth.Unknown;

    public static Test In(ImmutableArray<Operand> values) => (in fact, in facts) =>
    {
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

    public static Test InReferred(FactPath list) => (in fact, in facts) => AnyEqual(list.Read(facts), fact, MostReferredElements);

    public static Test Contains(Operand value) => (in fact, in facts) =>
    {
        var part = value.Resolve(facts);
        if (fact.Kind == FactKind.Array)
        {
            return part.IsComparable ? AnyEqual(fact, part, int.MaxValue) : Truth.Unknown;
        }

        return fact.Kind == FactKind.Text && TrySearch(part, value, out var text) ? Truths.Of(fact.Text.Contains(text, StringComparison.Ordinal)) : Truth.Unknown;
    };

    public static Test StartsWith(Operand value) => (in fact, in facts) =>
        fact.Kind == FactKind.Text && value.Resolve(facts) is { Kind: FactKind.Text } part ? Truths.Of(fact.Text.StartsWith(part.Text, StringComparison.Ordinal)) : Truth.Unknown;

    public static Test EndsWith(Operand value) => (in fact, in facts) =>
        fact.Kind == FactKind.Text && value.Resolve(facts) is { Kind: FactKind.Text } part ? Truths.Of(fact.Text.EndsWith(part.Text, StringComparison.Ordinal)) : Truth.Unknown;

    public static Test Matches(LinearPattern pattern) => (in fact, in _) =>
        fact.Kind == FactKind.Text && fact.Text is { Length: <= LongestMatchedText } text ? Truths.Of(pattern.Matches(text)) : Truth.Unknown;

    public static Test MatchesGlob(string glob) => (in fact, in _) => fact.Kind == FactKind.Text ? Truths.Of(Glob.Matches(glob, fact.Text)) : Truth.Unknown;

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

    private static Truth AnyEqual(in Fact array, in Fact value, int most)
    {
        if (array.Kind != FactKind.Array || array.Length > most)
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

    private static bool TrySearch(in Fact part, in Operand from, out string text)
    {
        text = part.Kind == FactKind.Text ? part.Text : "";
        return part.Kind == FactKind.Text && (from.Ref is null || text.Length <= LongestReferredText);
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
