using Callgate.Policy.Binding;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Linting;

/// <summary>A tool that calls may reach, with what the document says of it.</summary>
/// <param name="Entry">Null where only <c>default: allow</c> lets it through.</param>
internal sealed record ReachedTool(OfferedTool Tool, ToolEntry? Entry, Node At)
{
    public InputShape Shape { get; } = new(Tool.InputSchema);
}

/// <summary>Holds a document against the tools of a server.</summary>
internal static class ToolLint
{
    private const int MostNamed = 3;

    public static void Run(PolicyModel model, CompiledPolicy policy, IReadOnlyList<OfferedTool> offered, DiagnosticSink sink)
    {
        Unused(model, policy, offered, sink);
        var reached = offered.Select(tool => Reach(model, policy, tool)).OfType<ReachedTool>().ToList();
        foreach (var tool in reached)
        {
            Tool(tool, sink);
        }

        IdentifierLint.Run(model, reached, sink);
        Rules(RuleNode.Of(model.Root?.Find("all_tools")), reached, sink);
        Counted(model.AllLimits, reached, sink);
        foreach (var group in reached.Where(tool => tool.Entry is not null).GroupBy(tool => tool.Entry!, ReferenceEqualityComparer.Instance))
        {
            var entry = (ToolEntry)group.Key!;
            Rules(RuleNode.Of(entry.Node), [.. group], sink);
            Counted(entry.Limits, [.. group], sink);
        }
    }

    /// <summary>Names for a message: a few of them, and how many more.</summary>
    public static string Named(IReadOnlyCollection<string> tools)
    {
        var shown = string.Join(", ", tools.Take(MostNamed).Select(name => Quote.User(name)));
        return tools.Count > MostNamed ? $"{shown} and {tools.Count - MostNamed} more" : shown;
    }

    private static ReachedTool? Reach(PolicyModel model, CompiledPolicy policy, OfferedTool tool)
    {
        var plan = policy.PlanOf(tool.Name);
        if (plan.Hidden is not null || plan.For(tool.Category) is not { Action: Effect.Allow or Effect.Approve } treatment)
        {
            return null;
        }

        var entry = model.EntryAt(treatment.Pointer);
        return new ReachedTool(tool, entry, entry?.Node ?? model.Root!.Find("default")!);
    }

    private static void Unused(PolicyModel model, CompiledPolicy policy, IReadOnlyList<OfferedTool> offered, DiagnosticSink sink)
    {
        List<string> names = [.. offered.Select(tool => tool.Name)];
        foreach (var pattern in model.Hidden.Concat(model.Entries.Select(entry => new NamedPattern(entry.Pattern, entry.Node))))
        {
            if (pattern.Pattern.ExactName is { } name && !names.Contains(name, StringComparer.Ordinal))
            {
                sink.Warn(pattern.Node, $"the server has no tool {Quote.User(name)}", Nearest.Suggest(name, names));
            }
            else if (pattern.Pattern.ExactName is null && !names.Any(pattern.Pattern.Matches))
            {
                sink.Warn(pattern.Node, $"no tool of the server matches {Quote.User(pattern.Pattern.Text)}");
            }
        }

        var used = offered.Where(tool => policy.PlanOf(tool.Name).Hidden is null).Select(tool => policy.PlanOf(tool.Name).For(tool.Category)?.Pointer).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in model.Entries.Where(entry => entry.Pattern.ExactName is null && names.Any(entry.Pattern.Matches) && !used.Contains(entry.Node.Pointer)))
        {
            sink.Warn(entry.Node, $"every tool that matches {Quote.User(entry.Pattern.Text)} is hidden or treated by another entry", "remove it, or the entries that come before it");
        }

        foreach (var (category, entry) in model.Categories.Where(one => !offered.Any(tool => tool.Category == one.Category)))
        {
            sink.Note(entry.Node, $"no tool of the server has the category `{category}`");
        }
    }

    private static void Tool(ReachedTool reached, DiagnosticSink sink)
    {
        var (tool, entry) = (reached.Tool, reached.Entry);
        if (tool.SchemaFault is { } fault && entry is not { ChecksSchema: false })
        {
            sink.Warn(reached.At, $"the input schema of {Quote.User(tool.Name)} cannot be judged ({fault}), so every call of it is refused", "`\"validation\": \"off\"` in an entry of its own lets calls go on unchecked");
        }

        if (entry is null && tool.Category is ToolCategory.Destructive or ToolCategory.Financial)
        {
            sink.Warn(reached.At, $"{Quote.User(tool.Name)} ({tool.Category}) is allowed only because nothing names it", "name it, or give `categories` an entry for its category");
        }

        var told = entry is { Pattern.ExactName: { } name } && Dispatchers.IsNamedSo(name);
        if (!told && entry is not { Action: Effect.Approve } && Dispatchers.IsOpen(entry?.Node) && Dispatchers.WhyOf(tool) is { } why)
        {
            Dispatchers.Warn(reached.At, tool.Name, why, sink);
        }
    }

    /// <summary>What rules read that tools do not have, or not always.</summary>
    private static void Rules(List<RuleNode> rules, List<ReachedTool> tools, DiagnosticSink sink)
    {
        foreach (var rule in rules)
        {
            foreach (var condition in rule.Conditions.Where(one => one.Path is { Root: FactRoot.Arguments, Steps.IsEmpty: false } && one.Op != "exists"))
            {
                Argument(rule, condition, tools, sink);
            }
        }
    }

    private static void Argument(RuleNode rule, ConditionNode condition, List<ReachedTool> tools, DiagnosticSink sink)
    {
        var found = tools.ToLookup(tool => tool.Shape.Find(condition.Path), tool => tool.Tool.Name);
        var path = condition.Node.Find("path")!;
        if (found[Presence.Absent].ToList() is { Count: > 0 } absent && !(tools.Count > absent.Count && condition.StatesMissing))
        {
            var names = tools.SelectMany(tool => tool.Shape.Names).Distinct(StringComparer.Ordinal);
            sink.Warn(path, $"{Named(absent)} has no argument {Quote.User(path.Text)}", condition.Path.Argument is { } name ? Nearest.Suggest(name, names) : null);
        }

        if (condition.StatesMissing || found[Presence.Optional].ToList() is not { Count: > 0 } optional)
        {
            return;
        }

        if (rule.Denies)
        {
            sink.Warn(
                condition.Node,
                $"{Quote.User(path.Text)} is optional on {Named(optional)}, and a call that leaves it out is refused as one that cannot be judged",
                "add `\"missing\": \"pass\"` to let it go on, or `\"missing\": \"refuse\"` to say that this is meant");
        }
        else if (rule.Requires)
        {
            sink.Note(condition.Node, $"{Quote.User(path.Text)} is optional on {Named(optional)}, and a call that leaves it out is refused", "`\"missing\": \"pass\"` lets it go on");
        }
    }

    private static void Counted(IReadOnlyList<BoundLimit> limits, List<ReachedTool> tools, DiagnosticSink sink)
    {
        foreach (var limit in limits)
        {
            foreach (var (member, path) in new[] { ("per", limit.Per), ("amount", limit.Amount) })
            {
                var open = path is { Root: FactRoot.Arguments }
                    ? tools.Where(tool => tool.Shape.Find(path) is Presence.Absent or Presence.Optional).Select(tool => tool.Tool.Name).ToList()
                    : [];
                if (open.Count > 0)
                {
                    sink.Warn(limit.Node.Find(member)!, $"{Quote.User(path!.Text)} need not be there on {Named(open)}, and a call without it is refused", "count by something every call has, or put the limit into the entries that need it");
                }
            }
        }
    }
}
