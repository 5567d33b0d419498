using System.Collections.Immutable;

namespace Callgate.Policy.Judging;

/// <summary>
/// What one entry means for one tool: steps 1 to 6 of the order of judgement, with every answer that does not depend on the
/// call made beforehand.
/// </summary>
internal sealed class Treatment
{
    private readonly CompiledEntry entry;
    private readonly Decision? settled;
    private readonly Decision allowed;
    private readonly ImmutableArray<DynamicLimit> limits;
    private readonly bool hasDynamicLimits;

    public Treatment(CompiledEntry entry, string tool)
    {
        this.entry = entry;
        limits = entry.LimitsFor(tool);
        hasDynamicLimits = limits.Any(limit => limit.IsDynamic);
        settled = entry.Action switch
        {
            Effect.Hide => new Decision(Effect.Hide, DecisionCodes.ToolHidden, entry.Pointer + "/action", null, []),
            Effect.Deny => new Decision(Effect.Deny, DecisionCodes.Denied, entry.Pointer + "/action", entry.Reason, []),
            _ => null,
        };
        allowed = new Decision(Effect.Allow, null, entry.Pointer, null, [.. limits.Select(limit => limit.Static)], entry.PowerDurable);
        AskedForDrift = Ask(Decision.DriftRule, null);
    }

    /// <summary>A person is asked because the definition changed, on the terms of this entry.</summary>
    public Decision AskedForDrift { get; }

    public string Pointer => entry.Pointer;

    public Effect Action => entry.Action;

    public bool ChecksSchema => entry.ChecksSchema;

    public RuleSet Rules => entry.Rules;

    public ImmutableArray<DynamicLimit> Limits => limits;

    public Decision Decide(in CallFacts facts, TraceLog? log)
    {
        if (settled is not null)
        {
            log?.Add("action", settled.Rule, settled.Effect == Effect.Hide ? "hides the tool" : "denies the tool");
            return settled;
        }

        var mismatch = entry.ChecksSchema ? facts.Schema?.Check(facts.Arguments) : null;
        log?.Schema(entry.ChecksSchema, facts.Schema is not null, mismatch);
        if (mismatch is not null)
        {
            return new Decision(Effect.Deny, DecisionCodes.ArgumentsInvalid, "(schema)", mismatch.Text, []);
        }

        Work.Begin();
        return entry.Rules.Refuse(facts, log) ?? AskOrAllow(facts, log);
    }

    private Decision AskOrAllow(in CallFacts facts, TraceLog? log)
    {
        if (facts.IsApproved)
        {
            return Allowed(facts, log);
        }

        if (entry.Action == Effect.Approve)
        {
            log?.Add("action", entry.Pointer + "/action", "asks a person about every call");
            return Ask(entry.Pointer + "/action", entry.Reason);
        }

        if (entry.Rules.AsksFor(facts, log) is { } rule)
        {
            return Ask(rule.Pointer, rule.Text);
        }

        return Allowed(facts, log);
    }

    private Decision Allowed(in CallFacts facts, TraceLog? log)
    {
        var counted = hasDynamicLimits ? Count(facts) : allowed;
        log?.Limits(counted);
        return counted;
    }

    private Decision Ask(string rule, string? reason) =>
        allowed with { Effect = Effect.Approve, Code = DecisionCodes.ApprovalRequired, Rule = rule, Reason = reason, Limits = [], Approval = entry.Approval };

    private Decision Count(in CallFacts facts)
    {
        var met = ImmutableArray.CreateBuilder<Limit>(limits.Length);
        foreach (var limit in limits)
        {
            if (limit.Resolve(facts, out var why) is not { } counted)
            {
                return Decision.Unjudgeable(limit.Static.Rule, why);
            }

            met.Add(counted);
        }

        return allowed with { Limits = met.MoveToImmutable() };
    }
}
