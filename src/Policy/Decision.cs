using System.Collections.Immutable;

namespace Callgate.Policy;

/// <summary>What a policy says about a call.</summary>
public enum Effect
{
    /// <summary>The call may go up, once its limits are reserved.</summary>
    Allow,

    /// <summary>The call is refused with a text the agent can read.</summary>
    Deny,

    /// <summary>The tool does not exist for this caller.</summary>
    Hide,
}

/// <summary>What the gateway knows about a tool before any rule is read (policy language, Order of judgement, step 0).</summary>
public enum ToolStanding
{
    /// <summary>Listed by the server and reviewed; the definition is the reviewed one.</summary>
    Reviewed,

    /// <summary>Never listed, or not yet reviewed.</summary>
    Unknown,

    /// <summary>Reviewed, but the server now shows another definition.</summary>
    Drifted,

    /// <summary>The server's list could not be obtained yet.</summary>
    ListUnavailable,
}

/// <summary>What a decision depends on. Given equal facts a policy gives the same decision.</summary>
/// <param name="Tool">The exact name as called.</param>
/// <param name="Standing">What the gateway knows about that tool.</param>
public readonly record struct CallFacts(string Tool, ToolStanding Standing);

/// <summary>The answer of a policy to one call; immutable and shared between calls.</summary>
/// <param name="Effect">Allow, deny or hide.</param>
/// <param name="Code">The stable refusal code (<see cref="DecisionCodes"/>); null for <see cref="Effect.Allow"/>.</param>
/// <param name="Rule">The rule that decided: a JSON Pointer into the document, or <c>(no policy)</c>, <c>(unknown)</c>.</param>
/// <param name="Reason">The text of the rule for the agent; null where the document gives none.</param>
/// <param name="Limits">To be reserved all or none, in order, before the call goes up; empty for refusals.</param>
/// <param name="PowerDurable">The entry asks for a record that survives loss of power.</param>
public sealed record Decision(Effect Effect, string? Code, string Rule, string? Reason, ImmutableArray<Limit> Limits, bool PowerDurable = false)
{
    /// <summary>There is no policy for this grant on this server: everything is refused.</summary>
    public static Decision NoPolicy { get; } = new(Effect.Deny, DecisionCodes.NoPolicy, "(no policy)", null, []);

    /// <summary>The server never listed the tool, or nobody reviewed it yet.</summary>
    public static Decision Unknown { get; } = new(Effect.Hide, DecisionCodes.ToolUnknown, "(unknown)", null, []);

    /// <summary>The server's list has not been obtained.</summary>
    public static Decision ListUnavailable { get; } = new(Effect.Deny, DecisionCodes.UpstreamUnavailable, "(unknown)", null, []);

    /// <summary>The definition is no longer the reviewed one.</summary>
    public static Decision Drifted { get; } = new(Effect.Deny, DecisionCodes.Drifted, "(unknown)", null, []);
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

    /// <summary>A rule or limit cannot be judged with the facts at hand.</summary>
    public const string Unjudgeable = "policy.unjudgeable";

    /// <summary>The server's live definition is not the reviewed one.</summary>
    public const string Drifted = "definition.drifted";

    /// <summary>The server's tool list is not known yet.</summary>
    public const string UpstreamUnavailable = "upstream.unavailable";
}
