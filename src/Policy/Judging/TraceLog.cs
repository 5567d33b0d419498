using System.Collections.Immutable;
using System.Globalization;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Judging;

/// <summary>
/// Listens while a call is judged. The judgement asks nothing of it, so it cannot change a decision; the call path has none.
/// </summary>
internal sealed class TraceLog
{
    private readonly ImmutableArray<TraceStep>.Builder steps = ImmutableArray.CreateBuilder<TraceStep>();

    public ImmutableArray<TraceStep> Steps => steps.ToImmutable();

    public void Add(string step, string? rule, string says, ImmutableArray<TraceCondition>? conditions = null) =>
        steps.Add(new TraceStep(step, rule, says, conditions ?? []));

    public void Standing(ToolStanding standing) => Add("standing", null, standing switch
    {
        ToolStanding.ListUnavailable => "the server's list of tools was not obtained yet",
        ToolStanding.Drifted or ToolStanding.DriftedAsked => "the server shows another definition than the reviewed one",
        _ => "the server never listed the tool, or nobody reviewed it",
    });

    public void Selected(ToolPlan plan, Treatment? treatment, ToolCategory? category)
    {
        if (treatment is null)
        {
            Add("entry", "/default", "no entry applies, and the default is to deny");
            return;
        }

        var named = plan.Named?.Pointer;
        var says = treatment.Pointer switch
        {
            "/default" => "no entry applies, and the default is to allow",
            _ when string.Equals(treatment.Pointer, named, StringComparison.Ordinal) => "this entry names the tool",
            _ when named is null => $"no entry names the tool, and its category is {category}",
            _ => $"its category is {category}, and that entry is stricter than {Quote.User(named)}",
        };
        Add("entry", treatment.Pointer, says);
    }

    public void Schema(bool checks, bool known, SchemaMismatch? mismatch)
    {
        var says = (checks, known, mismatch) switch
        {
            (false, _, _) => "the entry turns the check of arguments off",
            (_, false, _) => "no schema is known, so arguments are not checked",
            (_, _, null) => "the arguments fit the tool's schema",
            _ => Quote.Bounded(mismatch.Text, 300),
        };
        Add("schema", null, says);
    }

    public void Judged(string kind, Rule rule, in CallFacts facts, Decision? refusal)
    {
        var says = refusal switch
        {
            null when kind == "require" => "holds",
            null => "does not hold",
            { Code: DecisionCodes.Unjudgeable } => "cannot be judged, so it refuses",
            _ when kind == "require" => "does not hold, so it refuses",
            _ => "holds, so it refuses",
        };
        Add(kind, rule.Pointer, says, Conditions(rule, facts, kind == "require" ? Quantifier.All : Quantifier.Any));
    }

    public void Asked(Rule rule, in CallFacts facts, Truth truth) => Add(
        "approve_if",
        rule.Pointer,
        truth switch
        {
            Truth.True => "holds, so a person is asked",
            Truth.Unknown => "cannot be judged, so a person is asked",
            _ => "does not hold",
        },
        Conditions(rule, facts, Quantifier.Any));

    public void Limits(Decision decision)
    {
        if (decision.Effect != Effect.Allow)
        {
            Add("limit", decision.Rule, decision.Reason ?? "cannot be judged");
        }

        foreach (var limit in decision.Limits)
        {
            Add("limit", limit.Rule, limit.Describe());
        }
    }

    private static ImmutableArray<TraceCondition> Conditions(Rule rule, in CallFacts facts, Quantifier quantifier)
    {
        var told = ImmutableArray.CreateBuilder<TraceCondition>(rule.Conditions.Length);
        foreach (var condition in rule.Conditions)
        {
            told.Add(new TraceCondition(
                string.Create(CultureInfo.InvariantCulture, $"{rule.Pointer}/conditions/{told.Count}"),
                condition.Path.Text,
                condition.Op,
                condition.Value,
                condition.Read(facts).Show(),
                condition.Judge(facts, quantifier) switch { Truth.True => "true", Truth.False => "false", _ => "unknown" }));
        }

        return told.MoveToImmutable();
    }
}
