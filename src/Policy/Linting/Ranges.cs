using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Linting;

/// <summary>Finds conditions on one path that no value can meet together. Only stated values count, and only plain cases are seen.</summary>
internal static class Ranges
{
    /// <summary>The later of two conditions that exclude each other; null when none was found.</summary>
    public static ConditionNode? Contradiction(IReadOnlyList<ConditionNode> conditions)
    {
        foreach (var group in conditions.Where(one => !one.Path.HasEach).GroupBy(one => one.Path))
        {
            if (Texts(group) is { } text)
            {
                return text;
            }

            if (Numbers(group) is { } number)
            {
                return number;
            }
        }

        return null;
    }

    private static ConditionNode? Texts(IEnumerable<ConditionNode> group)
    {
        Node? wanted = null;
        foreach (var condition in group.Where(one => one.Op == "eq" && one.Value.Kind is NodeKind.String or NodeKind.Boolean))
        {
            if (wanted is not null && (wanted.Kind != condition.Value.Kind || !string.Equals(wanted.Text, condition.Value.Text, StringComparison.Ordinal)))
            {
                return condition;
            }

            wanted = condition.Value;
        }

        return null;
    }

    private static ConditionNode? Numbers(IEnumerable<ConditionNode> group)
    {
        (ExactNumber Value, bool Open)? least = null, most = null;
        foreach (var condition in group.Where(one => one.Value.Kind == NodeKind.Number))
        {
            if (!ExactNumber.TryRead(condition.Value.Text, out var value))
            {
                continue;
            }

            if (condition.Op is "gt" or "gte" or "eq" && (least is null || value > least.Value.Value || (value == least.Value.Value && condition.Op == "gt")))
            {
                least = (value, condition.Op == "gt");
            }

            if (condition.Op is "lt" or "lte" or "eq" && (most is null || value < most.Value.Value || (value == most.Value.Value && condition.Op == "lt")))
            {
                most = (value, condition.Op == "lt");
            }

            if (least is { } low && most is { } high && (low.Value > high.Value || (low.Value == high.Value && (low.Open || high.Open))))
            {
                return condition;
            }
        }

        return null;
    }
}
