using System.Collections.Immutable;
using Callgate.Policy.Binding;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Judging;

/// <summary>Judges a case and says what came otherwise than expected.</summary>
internal static class CaseRun
{
    public static CaseResult Run(BoundCase one, CompiledPolicy? policy)
    {
        var decision = policy?.Decide(one.Facts) ?? Decision.NoPolicy;
        var differences = ImmutableArray.CreateBuilder<string>();
        if (decision.Effect != one.Effect)
        {
            var because = decision.Reason is null ? "" : $": {Quote.User(decision.Reason)}";
            differences.Add($"expected `{TestRun.Word(one.Effect)}`, but the call meets `{TestRun.Word(decision.Effect)}` by {Quote.User(decision.Rule)}{because}");
        }

        Compare("code", one.Code, decision.Code, differences);
        Compare("rule", one.Rule, decision.Rule, differences);
        if (one.Reason is { } reason && (reason.Kind == NodeKind.Null ? null : reason.Text) != decision.Reason)
        {
            differences.Add($"expected the reason {Shown(reason.Kind == NodeKind.Null ? null : reason.Text)}, but it is {Shown(decision.Reason)}");
        }

        Limits(one, decision, differences);
        var listed = policy?.Lists(one.Facts) ?? false;
        if (one.Listed is { } wanted && wanted != listed)
        {
            differences.Add($"expected the tool {(wanted ? "" : "not ")}to be listed, but it is {(listed ? "" : "not")}".TrimEnd());
        }

        if (one.PowerDurable is { } power && power != decision.PowerDurable)
        {
            differences.Add($"expected the durability `{Durability(power)}`, but it is `{Durability(decision.PowerDurable)}`");
        }

        if (one.Approval is { } terms && terms != decision.Approval)
        {
            differences.Add($"expected the approval `{Terms(terms)}`, but it is `{Terms(decision.Approval)}`");
        }

        return new CaseResult(one.Name, one.Line, decision, differences.ToImmutable());
    }

    private static void Limits(BoundCase one, Decision decision, ImmutableArray<string>.Builder differences)
    {
        if (one.Limits is not { } expected)
        {
            return;
        }

        var met = decision.Limits.Select(Text).ToList();
        for (var i = 0; i < Math.Max(expected.Length, met.Count); i++)
        {
            var (wanted, found) = (i < expected.Length ? expected[i] : null, i < met.Count ? met[i] : null);
            if (!string.Equals(wanted, found, StringComparison.Ordinal))
            {
                differences.Add(FormattableString.Invariant($"expected the limit {i} to be {Shown(wanted)}, but it is {Shown(found)}"));
            }
        }
    }

    /// <summary>A limit on one line: counter, what it holds, scope, what the call brings, and the pointer of the rule.</summary>
    private static string Text(Limit limit)
    {
        var holds = limit.Concurrent is { } calls
            ? FormattableString.Invariant($"{calls} concurrent")
            : FormattableString.Invariant($"{limit.Max}/{(limit.Sliding ? "sliding " : "")}{limit.Window.Name}");
        var per = limit.Per is null ? "" : $" per {limit.Per}";
        var amount = limit.Amount == 1 ? "" : FormattableString.Invariant($" amount {limit.Amount}");
        return $"{limit.Counter} {holds} {limit.Scope.ToString().ToLowerInvariant()}{per}{amount} {limit.Rule}";
    }

    private static void Compare(string what, string? expected, string? met, ImmutableArray<string>.Builder differences)
    {
        if (expected is not null && !string.Equals(expected, met, StringComparison.Ordinal))
        {
            differences.Add($"expected the {what} {Shown(expected)}, but it is {Shown(met)}");
        }
    }

    private static string Shown(string? text) => text is null ? "none" : Quote.User(text);

    private static string Durability(bool power) => power ? "power" : "process";

    private static string Terms(ApprovalTerms? terms) => terms is null
        ? "none"
        : FormattableString.Invariant($"{terms.Timeout.TotalSeconds}s, {terms.Approvers} of them{(terms.NotRequester ? ", not the requester" : "")}");
}
