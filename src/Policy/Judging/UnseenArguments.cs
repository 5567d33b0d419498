using System.Collections.Immutable;

namespace Callgate.Policy.Judging;

/// <summary>
/// Judges rules of a call of which only the names of arguments are known. What asks for a value is left open; what asks
/// whether an argument is there, or for one that is not there, is judged by the same code as ever.
/// </summary>
internal sealed class UnseenArguments(CallFacts facts, RecordedCall call)
{
    private readonly ImmutableArray<string>.Builder unjudged = ImmutableArray.CreateBuilder<string>();

    public ImmutableArray<string> Unjudged => unjudged.ToImmutable();

    public bool HasUnjudged => unjudged.Count > 0;

    /// <summary>The refusal that stands whatever the values were; null where there is none.</summary>
    public Decision? Refuse(RuleSet rules)
    {
        Work.Begin();
        foreach (var (rule, quantifier, refuses) in rules.DenyIf.Select(rule => (rule, Quantifier.Any, Truth.True)).Concat(rules.Require.Select(rule => (rule, Quantifier.All, Truth.False))))
        {
            if (Judge(rule, quantifier) is not { } truth)
            {
                unjudged.Add(rule.Pointer);
            }
            else if (truth == refuses)
            {
                return rule.Refusal;
            }
            else if (truth == Truth.Unknown)
            {
                return Decision.Unjudgeable(rule.Pointer, "a rule cannot be judged");
            }
        }

        return null;
    }

    /// <summary>Whether a person is asked whatever the values were.</summary>
    public bool Asks(RuleSet rules)
    {
        foreach (var rule in rules.ApproveIf)
        {
            var truth = Judge(rule, Quantifier.Any);
            if (truth is Truth.True or Truth.Unknown)
            {
                return true;
            }

            if (truth is null)
            {
                unjudged.Add(rule.Pointer);
            }
        }

        return false;
    }

    /// <summary>The limit as the call meets it; null with a refusal, or without one where it cannot be judged.</summary>
    public Limit? Resolve(DynamicLimit limit, out Decision? refusal)
    {
        refusal = null;
        if (limit.Static.Concurrent is not null || IsUnseen(limit.Per) || IsUnseen(limit.Amount))
        {
            unjudged.Add(limit.Static.Rule);
            return null;
        }

        if (limit.Resolve(facts, out var why) is { } resolved)
        {
            return resolved;
        }

        refusal = Decision.Unjudgeable(limit.Static.Rule, why);
        return null;
    }

    private Truth? Judge(Rule rule, Quantifier quantifier)
    {
        var (truth, isOpen) = (Truth.True, false);
        foreach (var condition in rule.Conditions)
        {
            if (Judge(condition, quantifier) is not { } one)
            {
                isOpen = true;
                continue;
            }

            truth = truth.And(one);
        }

        return isOpen && truth != Truth.False ? null : truth;
    }

    private Truth? Judge(Condition condition, Quantifier quantifier)
    {
        if (condition.Path.Root != FactRoot.Arguments)
        {
            return condition.RefersToArguments ? null : condition.Judge(facts, quantifier);
        }

        if (!IsUnseen(condition.Path))
        {
            // Missing: the value it is compared with plays no part.
            return condition.Judge(facts, quantifier);
        }

        // A null would count as absent, and the record does not tell it apart.
        return condition.Expected is { } expected && call.HasAllNames && condition.Path is { Argument: not null, Steps.Length: 1 } ? Truths.Of(expected) : null;
    }

    private bool IsUnseen(FactPath? path) => path is { Root: FactRoot.Arguments } && (!call.HasAllNames || path.Argument is not { } name || call.ArgumentNames.Contains(name));
}
