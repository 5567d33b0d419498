using System.Collections.Immutable;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads <c>tools</c> and <c>categories</c>.</summary>
internal static class EntryBinder
{
    private static readonly ImmutableArray<(string, Effect)> Actions =
        [("allow", Effect.Allow), ("deny", Effect.Deny), ("hide", Effect.Hide), ("require_approval", Effect.Approve)];

    private static readonly ImmutableArray<string> CategoryNames = [.. Enum.GetNames<ToolCategory>()];

    /// <summary>In code points. The text goes out with every refusal.</summary>
    private const int LongestReason = 2_000;

    private static readonly ImmutableArray<(string, bool)> Durabilities = [("process", false), ("power", true)];

    private static readonly ImmutableArray<(string, bool)> Validations = [("schema", true), ("off", false)];

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

    public static List<(ToolCategory Category, ToolEntry Entry)> Categories(Node? categories, DiagnosticSink sink)
    {
        var entries = new List<(ToolCategory, ToolEntry)>();
        if (categories is null || !Values.Is(categories, NodeKind.Object, sink))
        {
            return entries;
        }

        foreach (var member in categories.Members)
        {
            var known = CategoryNames.Contains(member.Name);
            if (!known)
            {
                sink.Error(member, $"there is no category {Quote.User(member.Name)}", Nearest.Suggest(member.Name, CategoryNames) ?? $"use one of {string.Join(", ", CategoryNames)}");
            }

            var entry = Entry(known ? GlobPattern.Parse(member.Name, out _) : null, member.Value, sink);
            if (entry is not null)
            {
                entries.Add((Enum.Parse<ToolCategory>(member.Name), entry));
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

        var bound = new ToolEntry(pattern!, node)
        {
            Action = node.Find("action") is { } action ? Values.Choice(action, Actions, sink) ?? Effect.Deny : Effect.Allow,
            Reason = Reason(node.Find("reason"), sink),
            Rules = RuleBinder.Rules(node, sink),
            Limits = LimitBinder.Limits(node.Find("limits"), sink),
            RateLimit = LimitBinder.RateLimit(node.Find("rate_limit"), sink),
            Approval = ApprovalBinder.Terms(node.Find("approval"), sink),
            ChecksSchema = Values.Choice(node.Find("validation"), Validations, sink) ?? true,
            PowerDurable = PowerDurable(node, sink) ?? false,
        };
        return pattern is null ? null : bound;
    }

    public static bool? PowerDurable(Node owner, DiagnosticSink sink) => Values.Choice(owner.Find("durability"), Durabilities, sink);

    /// <summary>Text that goes out with a refusal, or to an approver.</summary>
    public static string? Reason(Node? node, DiagnosticSink sink)
    {
        var reason = Values.Text(node, sink);
        if (reason is not null && reason.EnumerateRunes().Count() > LongestReason)
        {
            sink.Error(node!, $"the reason is longer than {LongestReason} characters", "shorten it: it goes out with every refusal");
        }

        return reason;
    }
}
