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
    /// <summary>Steps of <see cref="Work"/>.</summary>
    private const int CostOfAnElement = 20;

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
            else if (at.Kind is not (FactKind.Missing or FactKind.Ambiguous))
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
            if (!Work.TrySpend(CostOfAnElement))
            {
                return Truth.Unknown;
            }

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
        if (fact.Kind == FactKind.Ambiguous)
        {
            return Truth.Unknown;
        }

        if (Expected is { } expected)
        {
            return Truths.Of((fact.Kind > FactKind.Null) == expected);
        }

        return fact.Kind switch
        {
            FactKind.Missing when MissingPasses => Truths.Of(quantifier == Quantifier.All),
            FactKind.Missing or FactKind.Unknown => Truth.Unknown,
            _ => Work.TrySpend(fact.Size) ? test(fact, facts) : Truth.Unknown,
        };
    }
}
