using System.Text.Json;
using Callgate.Policy;

namespace Callgate.Gateway.Policies;

/// <summary>How a policy came to a decision, as the API and the command line write it.</summary>
/// <param name="Decision"><c>allow</c>, <c>deny</c>, <c>hide</c> or <c>approval</c>.</param>
/// <param name="Code">Null for <c>allow</c>.</param>
/// <param name="Rule">JSON Pointer of the rule that decided, or a word in brackets.</param>
/// <param name="Listed">Whether <c>tools/list</c> shows the tool.</param>
/// <param name="Limits">What the call would be charged; an allowance holds once all of them are reserved.</param>
public sealed record TraceReply(
    string Decision, string? Code, string Rule, string? Reason, bool Listed, IReadOnlyList<TracedLimit> Limits, IReadOnlyList<TracedStep> Steps)
{
    /// <summary>The limit that has no room right now, so that an allowed call would be refused; null where all have, and where nobody counts.</summary>
    public string? NoRoom { get; init; }

    /// <summary>Until when the policy only watches, so that the call passes whatever is decided; null while it is enforced.</summary>
    public DateTimeOffset? ShadowUntil { get; init; }

    /// <summary>The spelling of the API.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static TraceReply Of(PolicyTrace trace) => new(
        WordOf(trace.Decision.Effect),
        trace.Decision.Code,
        trace.Decision.Rule,
        trace.Decision.Reason,
        trace.Listed,
        [.. trace.Decision.Limits.Select(TracedLimit.Of)],
        [.. trace.Steps.Select(TracedStep.Of)]);

    public static string WordOf(Effect effect) => effect switch
    {
        Effect.Allow => "allow",
        Effect.Approve => "approval",
        Effect.Hide => "hide",
        _ => "deny",
    };
}

/// <summary>A limit as it meets the call.</summary>
/// <param name="Window">Null for a limit on calls in flight.</param>
/// <param name="Per">What the call is counted under; null where all calls count together.</param>
public sealed record TracedLimit(string Rule, string Counter, string? Window, bool Sliding, decimal Max, string Scope, decimal Amount, string? Per, int? Concurrent)
{
    public static TracedLimit Of(Limit limit) => new(
        limit.Rule, limit.Counter, limit.Concurrent is null ? limit.Window.Name : null, limit.Sliding, limit.Max, limit.Scope.ToString().ToLowerInvariant(), limit.Amount, limit.Per, limit.Concurrent);
}

/// <summary>One thing that was looked at.</summary>
public sealed record TracedStep(string Step, string? Rule, string Says, IReadOnlyList<TracedCondition> Conditions)
{
    public static TracedStep Of(TraceStep step) => new(step.Step, step.Rule, step.Says, [.. step.Conditions.Select(TracedCondition.Of)]);
}

/// <summary>A condition with the value that it met.</summary>
public sealed record TracedCondition(string Rule, string Path, string Op, string Value, string Actual, string Truth)
{
    public static TracedCondition Of(TraceCondition condition) => new(condition.Rule, condition.Path, condition.Op, condition.Value, condition.Actual, condition.Truth);
}
