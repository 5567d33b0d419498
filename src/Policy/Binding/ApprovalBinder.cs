using System.Collections.Immutable;
using System.Globalization;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads <c>approval</c>.</summary>
internal static class ApprovalBinder
{
    /// <summary>More people than ever sign one call.</summary>
    private const int MostApprovers = 16;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private static readonly ImmutableArray<(char Unit, long Seconds)> Units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];

    public static ApprovalTerms? Terms(Node? node, DiagnosticSink sink)
    {
        if (node is null || !Shape.Approval.Check(node, sink))
        {
            return null;
        }

        return new ApprovalTerms(
            Duration(node.Find("timeout"), sink) ?? ApprovalTerms.Default.Timeout,
            Values.WholeNumber(node.Find("approvers"), 1, MostApprovers, "1 is one person", sink) ?? ApprovalTerms.Default.Approvers,
            Values.Flag(node.Find("not_requester"), sink) ?? ApprovalTerms.Default.NotRequester);
    }

    private static TimeSpan? Duration(Node? node, DiagnosticSink sink)
    {
        if (node is null || !Values.Is(node, NodeKind.String, sink))
        {
            return null;
        }

        foreach (var (unit, seconds) in Units)
        {
            if (node.Text.Length is > 1 and <= 9
                && node.Text[^1] == unit
                && int.TryParse(node.Text.AsSpan(0, node.Text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count > 0
                && count * seconds <= Longest.TotalSeconds)
            {
                return TimeSpan.FromSeconds(count * seconds);
            }
        }

        sink.Error(node, $"{Quote.User(node.Text)} is no time", "write a whole number with `s`, `m`, `h` or `d`, such as `10m`; at most `30d`");
        return null;
    }
}
