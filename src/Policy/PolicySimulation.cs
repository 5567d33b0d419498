using System.Collections.Frozen;
using System.Collections.Immutable;
using Callgate.Policy.Judging;

namespace Callgate.Policy;

/// <summary>A call as the record tells it: who, what and when, and the names of its arguments; their values only where they were kept.</summary>
/// <param name="Grant">The grant's id.</param>
/// <param name="Facts">What is known besides; its arguments and schema are looked at only where <see cref="KnowsValues"/>.</param>
/// <param name="ArgumentNames">The names at the top of its arguments.</param>
/// <param name="Code">The code of the refusal it met; null for none.</param>
public sealed record RecordedCall(string Grant, CallFacts Facts, FrozenSet<string> ArgumentNames, string? Code)
{
    /// <summary>The record keeps the first names alone: false where there may be more.</summary>
    public bool HasAllNames { get; init; } = true;

    /// <summary>The record kept the values too: the facts hold the arguments as they were.</summary>
    public bool KnowsValues { get; init; }
}

/// <summary>What a recorded call would have met.</summary>
/// <param name="Decision"><c>allow</c>, <c>deny</c>, <c>hide</c>, <c>pending</c>, or <c>unclear</c> where a rule that reads values might have refused it or asked a person.</param>
/// <param name="Code">The code of the refusal; null where there is none.</param>
/// <param name="Rule">The rule that decides, as far as is known.</param>
/// <param name="Unjudged">The rules and limits that could not be judged, since they read values of arguments or calls in flight; also where another decides anyway.</param>
public sealed record SimulatedCall(string Decision, string? Code, string Rule, ImmutableArray<string> Unjudged);

/// <summary>
/// Judges recorded calls by another policy. Calls are given oldest first, since limits are counted along: each charges what
/// it would have charged, as if nobody had called again after a refusal. Not safe for several threads.
/// </summary>
/// <param name="policy">The policy to try.</param>
public sealed class PolicySimulation(CompiledPolicy policy)
{
    /// <summary>The code of a call that a limit would have refused.</summary>
    public const string LimitExceeded = "limit.exceeded";

    private readonly SimulatedCounters counters = new();

    /// <summary>Judges one call, and counts it where it passes.</summary>
    public SimulatedCall Judge(RecordedCall call)
    {
        if (call.KnowsValues)
        {
            return Whole(call);
        }

        var facts = call.Facts with { Arguments = default, Schema = null };
        var plan = policy.PlanOf(facts.Tool);
        if (facts.Standing is not (ToolStanding.Reviewed or ToolStanding.DriftedAsked) || plan.Hidden is not null || plan.For(facts.Category) is not { Action: Effect.Allow or Effect.Approve } treatment)
        {
            // Nothing up to here looks at arguments.
            return Told(policy.Decide(facts), []);
        }

        if (treatment.ChecksSchema && call.Code == DecisionCodes.ArgumentsInvalid)
        {
            return new SimulatedCall("deny", DecisionCodes.ArgumentsInvalid, "(schema)", []);
        }

        var unseen = new UnseenArguments(facts, call);
        if (unseen.Refuse(treatment.Rules) is { } refusal)
        {
            return Told(refusal, unseen.Unjudged);
        }

        if (treatment.Action == Effect.Approve || unseen.Asks(treatment.Rules))
        {
            return new SimulatedCall(unseen.HasUnjudged ? "unclear" : "pending", DecisionCodes.ApprovalRequired, treatment.Pointer, unseen.Unjudged);
        }

        return call.Facts.Standing == ToolStanding.DriftedAsked
            ? new SimulatedCall(unseen.HasUnjudged ? "unclear" : "pending", DecisionCodes.ApprovalRequired, Decision.DriftRule, unseen.Unjudged)
            : Counted(call, treatment, unseen);
    }

    /// <summary>With its values a call is decided by the same code as ever; only calls in flight are not known.</summary>
    private SimulatedCall Whole(RecordedCall call)
    {
        var decision = policy.Decide(call.Facts);
        if (decision.Effect != Effect.Allow)
        {
            return Told(decision, []);
        }

        var open = decision.Limits.Where(static limit => limit.Concurrent is not null).Select(static limit => limit.Rule).ToImmutableArray();
        return counters.Reserve(call, [.. decision.Limits.Where(static limit => limit.Concurrent is null)], out var code) is { } exceeded
            ? new SimulatedCall("deny", code, exceeded.Rule, open)
            : new SimulatedCall(open.IsEmpty ? "allow" : "unclear", null, decision.Rule, open);
    }

    private SimulatedCall Counted(RecordedCall call, Treatment treatment, UnseenArguments unseen)
    {
        var limits = new List<Limit>();
        foreach (var limit in treatment.Limits)
        {
            if (unseen.Resolve(limit, out var refusal) is { } resolved)
            {
                limits.Add(resolved);
            }
            else if (refusal is not null)
            {
                return Told(refusal, unseen.Unjudged);
            }
        }

        if (counters.Reserve(call, limits, out var code) is { } exceeded)
        {
            return new SimulatedCall("deny", code, exceeded.Rule, unseen.Unjudged);
        }

        return new SimulatedCall(unseen.HasUnjudged ? "unclear" : "allow", null, treatment.Pointer, unseen.Unjudged);
    }

    private static SimulatedCall Told(Decision decision, ImmutableArray<string> unjudged) => new(
        decision.Effect switch { Effect.Hide => "hide", Effect.Allow => "allow", Effect.Approve => "pending", _ => "deny" }, decision.Code, decision.Rule, unjudged);
}
