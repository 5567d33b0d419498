using System.Collections.Immutable;
using Callgate.Policy.Binding;

namespace Callgate.Policy.Judging;

/// <summary>An entry joined with what <c>all_tools</c> adds to it. The same for every tool it applies to, but for the counter of <c>rate_limit</c>.</summary>
internal sealed class CompiledEntry
{
    private readonly BoundLimit? rate;

    /// <param name="entry">Null for what holds without an entry under <c>default: allow</c>.</param>
    /// <param name="allRules">The rules of <c>all_tools</c>.</param>
    /// <param name="allLimits">The limits of <c>all_tools</c>.</param>
    public CompiledEntry(ToolEntry? entry, RuleSet allRules, ImmutableArray<DynamicLimit> allLimits)
    {
        Pointer = entry?.Node.Pointer ?? "/default";
        Action = entry?.Action ?? Effect.Allow;
        Rules = entry is null ? allRules : allRules.Then(entry.Rules);
        ChecksSchema = entry?.ChecksSchema ?? true;
        PowerDurable = entry?.PowerDurable ?? false;
        Reason = entry?.Reason;
        Approval = entry?.Approval ?? ApprovalTerms.Default;
        Limits = entry is null ? allLimits : allLimits.AddRange(entry.Limits.Select(limit => limit.ToLimit(limit.Counter!)));
        rate = entry?.RateLimit;
    }

    public string Pointer { get; }

    public Effect Action { get; }

    public RuleSet Rules { get; }

    public bool ChecksSchema { get; }

    public bool PowerDurable { get; }

    public string? Reason { get; }

    public ApprovalTerms Approval { get; }

    private ImmutableArray<DynamicLimit> Limits { get; }

    public ImmutableArray<DynamicLimit> LimitsFor(string tool) => rate is null ? Limits : Limits.Add(rate.ToLimit(tool + PolicyModel.RateSuffix));
}
