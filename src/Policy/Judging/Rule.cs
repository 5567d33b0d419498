using System.Collections.Immutable;

namespace Callgate.Policy.Judging;

/// <summary>A rule of <c>require</c>, <c>deny_if</c> or <c>approve_if</c>: its conditions joined by <c>and</c>.</summary>
/// <param name="Conditions">Empty holds always.</param>
/// <param name="Text"><c>on_deny</c> or <c>reason</c>; null where there is none.</param>
/// <param name="Pointer">JSON Pointer of the rule.</param>
internal sealed record Rule(ImmutableArray<Condition> Conditions, string? Text, string Pointer)
{
    public Decision Refusal { get; } = new(Effect.Deny, DecisionCodes.Condition, Pointer, Text, []);

    public Truth Judge(in CallFacts facts, Quantifier quantifier)
    {
        var truth = Truth.True;
        foreach (var condition in Conditions)
        {
            truth = truth.And(condition.Judge(facts, quantifier));
            if (truth == Truth.False)
            {
                break;
            }
        }

        return truth;
    }

    /// <summary>Null when the rule lets the call go on. <paramref name="refuses"/> is the truth that refuses; what is not to be known refuses too.</summary>
    public Decision? Judge(in CallFacts facts, Quantifier quantifier, Truth refuses)
    {
        var truth = Judge(facts, quantifier);
        return truth == refuses ? Refusal : truth == Truth.Unknown ? Unjudgeable(facts, quantifier) : null;
    }

    /// <summary>Names the first argument that left it open, so that a model can put it right; what the gateway knows of the caller is not named.</summary>
    private Decision Unjudgeable(in CallFacts facts, Quantifier quantifier)
    {
        foreach (var condition in Conditions)
        {
            if (condition.Path.Root == FactRoot.Arguments && condition.Judge(facts, quantifier) == Truth.Unknown)
            {
                return Decision.Unjudgeable(Pointer, $"a rule cannot be judged: `{condition.Path.Text}` is missing, or not of the type that the rule compares with");
            }
        }

        return Decision.Unjudgeable(Pointer, "a rule cannot be judged with what is known about the caller; ask the operator");
    }
}

/// <summary>The rules that hold for a call, each list in document order.</summary>
internal sealed record RuleSet(ImmutableArray<Rule> DenyIf, ImmutableArray<Rule> Require, ImmutableArray<Rule> ApproveIf)
{
    public static RuleSet Empty { get; } = new([], [], []);

    public bool IsEmpty => DenyIf.IsEmpty && Require.IsEmpty && ApproveIf.IsEmpty;

    /// <summary>Those of <c>all_tools</c> before those of the entry.</summary>
    public RuleSet Then(RuleSet own) => new(DenyIf.AddRange(own.DenyIf), Require.AddRange(own.Require), ApproveIf.AddRange(own.ApproveIf));

    /// <summary>Steps 3 and 4 of the order of judgement; null when they let the call go on.</summary>
    public Decision? Refuse(in CallFacts facts, TraceLog? log)
    {
        foreach (var rule in DenyIf)
        {
            var refusal = rule.Judge(facts, Quantifier.Any, Truth.True);
            log?.Judged("deny_if", rule, facts, refusal);
            if (refusal is not null)
            {
                return refusal;
            }
        }

        foreach (var rule in Require)
        {
            var refusal = rule.Judge(facts, Quantifier.All, Truth.False);
            log?.Judged("require", rule, facts, refusal);
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>The first rule of <c>approve_if</c> that holds, or that cannot be judged; null when none does.</summary>
    public Rule? AsksFor(in CallFacts facts, TraceLog? log)
    {
        foreach (var rule in ApproveIf)
        {
            var truth = rule.Judge(facts, Quantifier.Any);
            log?.Asked(rule, facts, truth);
            if (truth != Truth.False)
            {
                return rule;
            }
        }

        return null;
    }
}
