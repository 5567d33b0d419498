using System.Globalization;
using Callgate.Policy.Binding;
using Callgate.Policy.Linting;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Comparing;

/// <summary>Two treatments of one subject.</summary>
internal static class TreatmentDiff
{
    private const int LongestRule = 160;

    public static IEnumerable<PolicyChange> Compare(Treated before, Treated after)
    {
        var changes = new List<PolicyChange>();
        if (before.Effect != after.Effect)
        {
            var leaning = after.Effect.Strictness() < before.Effect.Strictness() ? Leaning.Looser : Leaning.Stricter;
            changes.Add(new PolicyChange("action", Told(before), Told(after), leaning));
        }

        // What stands behind a refusal is never read.
        if (!IsOpen(before) || !IsOpen(after))
        {
            return changes;
        }

        changes.AddRange(RuleNode.Kinds.SelectMany(kind => Rules(kind, before, after)));
        changes.AddRange(Limits(before.Limits, after.Limits));
        changes.AddRange(Terms(before.Entry, after.Entry, before.MayAsk && after.MayAsk));
        return changes;
    }

    private static bool IsOpen(Treated treated) => treated.Effect is Effect.Allow or Effect.Approve;

    private static string Told(Treated treated)
    {
        var word = treated.Effect switch
        {
            Effect.Allow => "allowed",
            Effect.Approve => "asks a person",
            Effect.Hide => "hidden",
            _ => "denied",
        };
        return $"{word} by {Quote.User(treated.Rule)}";
    }

    private static IEnumerable<PolicyChange> Rules(string kind, Treated before, Treated after)
    {
        var (old, young) = (Texts(kind, before), Texts(kind, after));
        return old.Except(young, StringComparer.Ordinal).Select(gone => new PolicyChange(kind, gone, null, Leaning.Looser))
            .Concat(young.Except(old, StringComparer.Ordinal).Select(added => new PolicyChange(kind, null, added, Leaning.Stricter)));
    }

    /// <summary>Rules by what they ask; the texts that go out with them play no part.</summary>
    private static List<string> Texts(string kind, Treated treated) =>
    [
        .. RuleNode.Of(treated.Rules).Where(rule => rule.Kind == kind).Select(rule => rule.Conditions.Count == 0 ? "always" : string.Join(" and ", rule.Conditions.Select(Text))),
    ];

    private static string Text(ConditionNode condition)
    {
        var more = string.Concat(
            condition.Node.Members
                .Where(member => member.Name is "missing" or "schemes" && member.Value.Text != "refuse")
                .OrderBy(member => member.Name, StringComparer.Ordinal)
                .Select(member => $", {member.Name} {member.Value.ToElement().GetRawText()}"));
        return Quote.Bounded($"{condition.Path.Text} {condition.Op} {condition.Value.ToElement().GetRawText()}{more}", LongestRule);
    }

    private static IEnumerable<PolicyChange> Limits(IReadOnlyList<BoundLimit> before, IReadOnlyList<BoundLimit> after)
    {
        var old = before.GroupBy(ShapeOf, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        foreach (var limit in after.DistinctBy(ShapeOf, StringComparer.Ordinal))
        {
            if (!old.Remove(ShapeOf(limit), out var was))
            {
                yield return new PolicyChange("limit", null, Told(limit), Leaning.Stricter);
            }
            else if (was.Max != limit.Max)
            {
                yield return new PolicyChange("limit", Told(was), Told(limit), limit.Max > was.Max ? Leaning.Looser : Leaning.Stricter);
            }
        }

        foreach (var gone in old.Values)
        {
            yield return new PolicyChange("limit", Told(gone), null, Leaning.Looser);
        }
    }

    /// <summary>Limits of one shape differ in their maximum alone.</summary>
    private static string ShapeOf(BoundLimit limit) =>
        $"{limit.Counter} {limit.Concurrent is not null} {limit.Window.Name} {limit.Sliding} {limit.Scope} {limit.Per?.Text} {limit.Amount?.Text}";

    private static string Told(BoundLimit limit)
    {
        var name = limit.Counter is null ? "each tool by itself" : Quote.User(limit.Counter);
        var most = limit.Max.ToString(CultureInfo.InvariantCulture);
        var over = limit.Concurrent is not null ? $"{most} at once" : $"{most} in {(limit.Sliding ? "any" : "each")} {(limit.Window.Name.All(char.IsAsciiDigit) ? limit.Window.Name + " seconds" : limit.Window.Name)}";
        var per = limit.Per is null ? "" : $", apart by {Quote.User(limit.Per.Text)}";
        var amount = limit.Amount is null ? "" : $", by {Quote.User(limit.Amount.Text)}";
        return $"{name}: {over} by {limit.Scope.ToString().ToLowerInvariant()}{per}{amount}";
    }

    private static IEnumerable<PolicyChange> Terms(ToolEntry? before, ToolEntry? after, bool asks)
    {
        var (checkedBefore, checkedAfter) = (before?.ChecksSchema ?? true, after?.ChecksSchema ?? true);
        if (checkedBefore != checkedAfter)
        {
            yield return new PolicyChange("validation", checkedBefore ? "schema" : "off", checkedAfter ? "schema" : "off", checkedAfter ? Leaning.Stricter : Leaning.Looser);
        }

        var (powerBefore, powerAfter) = (before?.PowerDurable ?? false, after?.PowerDurable ?? false);
        if (powerBefore != powerAfter)
        {
            yield return new PolicyChange("durability", powerBefore ? "power" : "process", powerAfter ? "power" : "process", powerAfter ? Leaning.Stricter : Leaning.Looser);
        }

        var (termsBefore, termsAfter) = (before?.Approval ?? ApprovalTerms.Default, after?.Approval ?? ApprovalTerms.Default);
        if (asks && termsBefore != termsAfter)
        {
            var looser = termsAfter.Approvers < termsBefore.Approvers || (termsBefore.NotRequester && !termsAfter.NotRequester);
            var stricter = termsAfter.Approvers > termsBefore.Approvers || (termsAfter.NotRequester && !termsBefore.NotRequester);
            yield return new PolicyChange("approval", Told(termsBefore), Told(termsAfter), looser ? Leaning.Looser : stricter ? Leaning.Stricter : Leaning.Neutral);
        }
    }

    private static string Told(ApprovalTerms terms) =>
        string.Create(CultureInfo.InvariantCulture, $"{terms.Approvers} within {terms.Timeout.TotalSeconds} s{(terms.NotRequester ? ", not the requester" : "")}");
}
