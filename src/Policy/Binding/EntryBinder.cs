using System.Collections.Immutable;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads <c>tools</c>.</summary>
internal static class EntryBinder
{
    /// <summary>Approval is an error in this version; its effect only lets the other checks go on.</summary>
    private static readonly ImmutableArray<(string, Effect)> Actions =
        [("allow", Effect.Allow), ("deny", Effect.Deny), ("hide", Effect.Hide), ("require_approval", Effect.Deny)];

    /// <summary>In code points. The text goes out with every refusal.</summary>
    private const int LongestReason = 2_000;

    private static readonly ImmutableArray<(string, bool)> Durabilities = [("process", false), ("power", true)];

    public static List<ToolEntry> Entries(Node? tools, DiagnosticSink sink)
    {
        var entries = new List<ToolEntry>();
        if (tools is null || !Values.Is(tools, NodeKind.Object, sink))
        {
            return entries;
        }

        foreach (var member in tools.Members)
        {
            var pattern = GlobPattern.Parse(member.Name, out var fault);
            if (pattern is null)
            {
                sink.Error(member, fault);
            }

            // A bad name must not keep the findings inside its entry from being reported.
            var entry = Entry(pattern, member.Value, sink);
            if (entry is not null)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    private static ToolEntry? Entry(GlobPattern? pattern, Node node, DiagnosticSink sink)
    {
        if (!Shape.Entry.Check(node, sink))
        {
            return null;
        }

        var action = Action(node.Find("action"), sink);
        var reason = Reason(node.Find("reason"), sink);
        var limits = LimitBinder.Limits(node.Find("limits"), sink);
        var rate = LimitBinder.RateLimit(node.Find("rate_limit"), sink);
        var power = Values.Choice(node.Find("durability"), Durabilities, sink) ?? false;
        return pattern is null
            ? null
            : new ToolEntry(pattern, node) { Action = action, Reason = reason, Limits = limits, RateLimit = rate, PowerDurable = power };
    }

    private static string? Reason(Node? node, DiagnosticSink sink)
    {
        var reason = Values.Text(node, sink);
        if (reason is not null && reason.EnumerateRunes().Count() > LongestReason)
        {
            sink.Error(node!, $"the reason is longer than {LongestReason} characters", "shorten it: it goes out with every refusal");
        }

        return reason;
    }

    private static Effect Action(Node? node, DiagnosticSink sink)
    {
        if (node is { Kind: NodeKind.String, Text: "require_approval" })
        {
            Shape.NotYet(node, "`require_approval`", sink);
        }

        return node is null ? Effect.Allow : Values.Choice(node, Actions, sink) ?? Effect.Deny;
    }
}
