using System.Collections.Frozen;
using Callgate.Policy.Binding;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Linting;

/// <summary>Finds what the language allows and an operator hardly means. Warnings never stop a policy.</summary>
internal static class Linter
{
    private static readonly FrozenSet<string> AlwaysServed = new[]
    {
        "initialize", "notifications/initialized", "ping", "server/discover", "notifications/cancelled", "notifications/progress",
        "logging/setLevel", "tools/list", "tools/call", "subscriptions/listen", "tasks/get", "tasks/result", "tasks/update", "tasks/cancel",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <param name="model">A document without errors.</param>
    /// <param name="policy">The same, compiled.</param>
    /// <param name="offered">The tools of the server it is for; null where no server is known.</param>
    /// <param name="sink">Takes warnings and notes.</param>
    public static void Run(PolicyModel model, CompiledPolicy policy, IReadOnlyList<OfferedTool>? offered, DiagnosticSink sink)
    {
        Hidden(model, sink);
        ToolEntry[] entries = [.. model.Entries, .. model.Categories.Select(category => category.Entry)];
        foreach (var entry in entries)
        {
            NeverRead(entry, asksAnyway: !model.AllRules.ApproveIf.IsEmpty, sink);
        }

        foreach (var entry in model.Entries)
        {
            NeverCallable(entry, sink);
            Dispatchers.Run(entry, sink);
        }

        foreach (var limit in model.AllLimits.Concat(entries.SelectMany(entry => entry.Limits)))
        {
            Weak(limit, sink);
        }

        foreach (var method in model.Methods.Where(method => method.Pattern.ExactName is { } name && AlwaysServed.Contains(name)))
        {
            sink.Warn(method.Node, $"{Quote.User(method.Pattern.Text)} is always served; naming it opens nothing", "remove it");
        }

        if (model.IsShadow && model.Root?.Find("mode") is { } mode)
        {
            sink.Note(mode, "the document is enforced all the same until an administrator sets an end to its watching", "run `callgate policy shadow NAME --until TIME`");
        }

        RuleLint.Run(model.Root?.Find("all_tools"), sink);
        foreach (var entry in entries.Where(entry => entry.Action is Effect.Allow or Effect.Approve))
        {
            RuleLint.Run(entry.Node, sink);
        }

        if (offered is not null)
        {
            ToolLint.Run(model, policy, offered, sink);
        }
    }

    private static void Hidden(PolicyModel model, DiagnosticSink sink)
    {
        if (model.HideAll is not null && model.Entries.Count > 0)
        {
            sink.Warn(model.HideAll, "every tool is hidden, so no entry under `tools` is ever read", "remove `hide` or `tools`");
            return;
        }

        var hide = new HideList(model.Hidden);
        foreach (var hidden in hide.Repeated)
        {
            sink.Warn(hidden.Node, $"{Quote.User(hidden.Pattern.Text)} is hidden twice", "remove one of them");
        }

        foreach (var entry in model.Entries)
        {
            if (hide.Covering(entry.Pattern) is { } by)
            {
                sink.Warn(entry.Node, $"{Quote.User(entry.Pattern.Text)} is hidden by {Quote.User(by.Node.Pointer)}, so this entry is never read", "remove one of the two");
            }
        }
    }

    private static void NeverRead(ToolEntry entry, bool asksAnyway, DiagnosticSink sink)
    {
        foreach (var member in entry.Node.Members)
        {
            var idle = member.Name switch
            {
                "reason" => entry.Action is not (Effect.Deny or Effect.Approve),
                "approval" => entry.Action is Effect.Deny or Effect.Hide || (entry.Action == Effect.Allow && entry.Rules.ApproveIf.IsEmpty && !asksAnyway),
                "approve_if" => entry.Action != Effect.Allow,
                "action" => false,
                _ => entry.Action is Effect.Deny or Effect.Hide,
            };
            if (idle)
            {
                sink.Warn(member.Value, $"`{member.Name}` says nothing beside the action of this entry", "remove it");
            }
        }
    }

    private static void NeverCallable(ToolEntry entry, DiagnosticSink sink)
    {
        if (entry.Action == Effect.Deny)
        {
            sink.Note(entry.Node, $"{Quote.User(entry.Pattern.Text)} is shown in the list of tools, and every call of it is refused", "`\"action\": \"hide\"` keeps it from the list too");
        }
    }

    private static void Weak(BoundLimit limit, DiagnosticSink sink)
    {
        if (limit.Scope == LimitScope.Session)
        {
            sink.Warn(limit.Node.Find("scope")!, "a session is no boundary: an agent opens another whenever it likes", "use `grant`");
        }

        if (limit.Amount is null && limit.Max != decimal.Truncate(limit.Max))
        {
            sink.Warn(limit.Node.Find("max")!, "each call charges 1, so the fraction is never used", "use a whole number");
        }

        if (limit.Max == 0)
        {
            sink.Note(limit.Node, "nothing fits a limit of 0, so every call that meets it is refused", "`\"action\": \"deny\"` with a `reason` says so to the agent");
        }

        if (limit.Per is { Root: Judging.FactRoot.ClientName } per)
        {
            sink.Warn(limit.Node.Find("per")!, $"{Quote.User(per.Text)} is what the client calls itself: with another name it counts anew", "use `grant.identity`");
        }
    }
}
