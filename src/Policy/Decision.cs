using System.Collections.Immutable;

namespace Callgate.Policy;

/// <summary>What a policy says about a call.</summary>
public enum Effect
{
    /// <summary>The call may go up, once its limits are reserved.</summary>
    Allow,

    /// <summary>A person has to approve this very call first.</summary>
    Approve,

    /// <summary>The call is refused with a text the agent can read.</summary>
    Deny,

    /// <summary>The tool does not exist for this caller.</summary>
    Hide,
}

/// <summary>How effects compare.</summary>
internal static class Effects
{
    /// <summary>Greater is stricter: <c>hide</c>, <c>deny</c>, <c>require_approval</c>, <c>allow</c> (policy language, Which entry applies).</summary>
    public static int Strictness(this Effect effect) => (int)effect;
}

/// <summary>
/// On what terms a person is asked (policy language, Members, <c>approval</c>).
/// </summary>
/// <param name="Timeout">After it the call is refused.</param>
/// <param name="Approvers">How many people have to say yes, at least 1.</param>
/// <param name="NotRequester">The operator linked to the grant's identity does not count.</param>
public sealed record ApprovalTerms(TimeSpan Timeout, int Approvers, bool NotRequester)
{
    /// <summary>One approver within an hour.</summary>
    public static ApprovalTerms Default { get; } = new(TimeSpan.FromHours(1), 1, false);

    /// <summary>What satisfies both: the shorter time, the more people, and not the requester where one of them says so.</summary>
    internal ApprovalTerms And(ApprovalTerms other) => this == other ? this
        : new(Timeout < other.Timeout ? Timeout : other.Timeout, Math.Max(Approvers, other.Approvers), NotRequester || other.NotRequester);
}

/// <summary>The answer of a policy to one call; immutable and shared between calls.</summary>
/// <param name="Effect">Allow, approve, deny or hide.</param>
/// <param name="Code">The stable refusal code (<see cref="DecisionCodes"/>); null for <see cref="Effect.Allow"/>.</param>
/// <param name="Rule">The rule that decided: a JSON Pointer into the document, or <c>(no policy)</c>, <c>(unknown)</c>, <c>(schema)</c>.</param>
/// <param name="Reason">The text of the rule for the agent; null where the document gives none.</param>
/// <param name="Limits">To be reserved all or none, in order, before the call goes up; empty for refusals.</param>
/// <param name="PowerDurable">The entry asks for a record that survives loss of power.</param>
public sealed record Decision(Effect Effect, string? Code, string Rule, string? Reason, ImmutableArray<Limit> Limits, bool PowerDurable = false)
{
    /// <summary>How a person is to be asked; null unless <see cref="Effect.Approve"/>.</summary>
    public ApprovalTerms? Approval { get; init; }

    /// <summary>
    /// It comes from step 1 or later: a rule of the document decided, or none did. What is decided before stays enforced in
    /// shadow mode (policy language, Shadow mode).
    /// </summary>
    public bool IsOfARule => Code is null or DecisionCodes.Denied or DecisionCodes.DefaultDeny or DecisionCodes.ArgumentsInvalid
        or DecisionCodes.Condition or DecisionCodes.Unjudgeable or DecisionCodes.ApprovalRequired;

    /// <summary>There is no policy for this grant on this server: everything is refused.</summary>
    public static Decision NoPolicy { get; } = new(Effect.Deny, DecisionCodes.NoPolicy, "(no policy)", null, []);

    /// <summary>The server never listed the tool, or nobody reviewed it yet.</summary>
    public static Decision Unknown { get; } = new(Effect.Hide, DecisionCodes.ToolUnknown, "(unknown)", null, []);

    /// <summary>The server's list has not been obtained.</summary>
    public static Decision ListUnavailable { get; } = new(Effect.Deny, DecisionCodes.UpstreamUnavailable, "(unknown)", null, []);

    /// <summary>The definition is no longer the reviewed one.</summary>
    public static Decision Drifted { get; } = new(Effect.Deny, DecisionCodes.Drifted, "(unknown)", null, []);

    /// <summary>The rule that is named where people are asked because the definition changed: no part of the document asks.</summary>
    public const string DriftRule = "(drifted)";

    /// <summary>
    /// What holds where a call has to pass under both: the stricter effect, this one where they are equal, and all limits
    /// where both allow.
    /// </summary>
    internal Decision And(Decision other)
    {
        if (ReferenceEquals(this, other) || Effect.Strictness() != other.Effect.Strictness())
        {
            return other.Effect.Strictness() > Effect.Strictness() ? other : this;
        }

        return Effect != Effect.Allow ? this with { PowerDurable = PowerDurable || other.PowerDurable }
            : this with { Limits = Strictest(Limits, other.Limits), PowerDurable = PowerDurable || other.PowerDurable };
    }

    /// <summary>
    /// The limits of both. Of two on one counter, which count the same way in one document, the smaller holds: a call meets a
    /// counter once, and would otherwise be charged twice.
    /// </summary>
    private static ImmutableArray<Limit> Strictest(ImmutableArray<Limit> these, ImmutableArray<Limit> those) =>
    [
        .. these.Concat(those)
            .GroupBy(static limit => (limit.Counter, limit.Scope, limit.Per, InFlight: limit.Concurrent is not null, Window: limit.Concurrent is null ? limit.Window : default, limit.Sliding))
            .Select(static same => same.OrderBy(static limit => limit.Concurrent ?? limit.Max).First()),
    ];

    internal static Decision Unjudgeable(string rule, string why) => new(Effect.Deny, DecisionCodes.Unjudgeable, rule, why, []);
}

/// <summary>The stable codes that a policy decision can carry (the gateway's register includes them).</summary>
public static class DecisionCodes
{
    /// <summary>No policy is attached to the grant for this server.</summary>
    public const string NoPolicy = "policy.no_policy";

    /// <summary>The tool was never listed or is not reviewed. In the record only.</summary>
    public const string ToolUnknown = "tool.unknown";

    /// <summary>The policy hides the tool. In the record only.</summary>
    public const string ToolHidden = "tool.hidden";

    /// <summary>The tool's entry has <c>action: deny</c>.</summary>
    public const string Denied = "policy.denied";

    /// <summary>No entry names the tool and <c>default</c> is <c>deny</c>.</summary>
    public const string DefaultDeny = "policy.default_deny";

    /// <summary>The arguments do not fit the tool's own input schema.</summary>
    public const string ArgumentsInvalid = "arguments.invalid";

    /// <summary>A rule of <c>deny_if</c> holds, or one of <c>require</c> does not.</summary>
    public const string Condition = "policy.condition";

    /// <summary>A person has to approve the call first.</summary>
    public const string ApprovalRequired = "approval.required";

    /// <summary>A rule or limit cannot be judged with the facts at hand.</summary>
    public const string Unjudgeable = "policy.unjudgeable";

    /// <summary>The server's live definition is not the reviewed one.</summary>
    public const string Drifted = "definition.drifted";

    /// <summary>The server's tool list is not known yet.</summary>
    public const string UpstreamUnavailable = "upstream.unavailable";
}
