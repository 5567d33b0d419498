using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Linting;

/// <summary>Rules that do not do what they look like, as far as the document alone shows it.</summary>
internal static class RuleLint
{
    public static void Run(Node? owner, DiagnosticSink sink)
    {
        var rules = RuleNode.Of(owner);
        Dead(rules, owner, sink);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            if (!seen.Add($"{rule.Kind} {rule.Node.Find("conditions")?.ToElement().GetRawText()}"))
            {
                sink.Warn(rule.Node, "an earlier rule of this list asks the same", "remove one of them");
            }

            Conditions(rule, sink);
        }
    }

    /// <summary>A rule without conditions always holds, so nothing that is judged after it is reached.</summary>
    private static void Dead(List<RuleNode> rules, Node? owner, DiagnosticSink sink)
    {
        var always = rules.FindIndex(rule => rule.Denies && rule.Conditions.Count == 0);
        if (always >= 0)
        {
            foreach (var dead in rules.Skip(always + 1).Select(rule => rule.Node).Concat(owner?.Find("limits")?.Items ?? []))
            {
                sink.Warn(dead, $"{Quote.User(rules[always].Node.Pointer)} refuses every call before this is read", "remove it, or give that rule conditions");
            }

            return;
        }

        foreach (var idle in rules.Where(rule => rule.Requires && rule.Conditions.Count == 0))
        {
            sink.Warn(idle.Node, "a requirement without conditions always holds", "remove it, or give it conditions");
        }

        var asks = rules.FindIndex(rule => rule.Kind == "approve_if" && rule.Conditions.Count == 0);
        if (asks >= 0)
        {
            foreach (var dead in rules.Skip(asks + 1))
            {
                sink.Warn(dead.Node, $"{Quote.User(rules[asks].Node.Pointer)} asks a person about every call before this is read", "remove it");
            }
        }
    }

    private static void Conditions(RuleNode rule, DiagnosticSink sink)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var condition in rule.Conditions)
        {
            if (!seen.Add(condition.Text))
            {
                sink.Warn(condition.Node, "this rule has the same condition before", "remove one of them");
            }

            Fixed(rule, condition, sink);
            Spoofed(condition, sink);
            Spelled(rule, condition, sink);
        }

        if (Ranges.Contradiction(rule.Conditions) is { } against)
        {
            Never(rule, against.Node, sink);
        }
    }

    /// <summary>Operators whose value settles the answer whatever the call brings.</summary>
    private static void Fixed(RuleNode rule, ConditionNode condition, DiagnosticSink sink)
    {
        var isEmptyList = condition.Value is { Kind: NodeKind.Array, Items.Count: 0 };
        var isEmptyText = condition.Value is { Kind: NodeKind.String, Text: "" };
        switch (condition.Op)
        {
            case "in" or "path_within" or "host_in" when isEmptyList:
                Never(rule, condition.Node, sink);
                break;
            case "not_in" when isEmptyList:
            case "starts_with" or "ends_with" or "contains" when isEmptyText:
            case "glob" when condition.Value.Text.Length > 0 && condition.Value.Text.All(unit => unit == '*'):
                sink.Warn(condition.Node, "holds for every value", "remove it, or narrow its value");
                break;
            case "not_contains" when isEmptyText:
                Never(rule, condition.Node, sink);
                break;
            case "path_within" when condition.Value.Items.Any(folder => folder.Text.Length > 0 && folder.Text.All(unit => unit is '/' or '.')):
                sink.Warn(condition.Node, "every absolute path is inside `/`", "name the folders that are meant");
                break;
        }
    }

    private static void Never(RuleNode rule, Node at, DiagnosticSink sink)
    {
        if (rule.Requires)
        {
            sink.Warn(at, "can never hold, so every call is refused", "`\"action\": \"deny\"` says the same in a word");
        }
        else
        {
            sink.Warn(at, $"can never hold, so this rule of `{rule.Kind}` does nothing", "mend or remove it");
        }
    }

    private static void Spoofed(ConditionNode condition, DiagnosticSink sink)
    {
        const string Nobody = "is what the client calls itself, and nothing vouches for it: use `grant.label`, `grant.identity` or `grant.attributes`";
        if (condition.Path.Root == FactRoot.ClientName)
        {
            sink.Warn(condition.Node.Find("path")!, "`client.name` " + Nobody.Split(": ")[0], Nobody.Split(": ")[1]);
        }

        foreach (var (node, path) in condition.Refs().Where(one => one.Path.Root == FactRoot.ClientName))
        {
            sink.Warn(node, $"{Quote.User(path.Text)} {Nobody.Split(": ")[0]}", Nobody.Split(": ")[1]);
        }
    }

    /// <summary>One thing has many spellings: a list of the forbidden ones is never whole, and an open end of a pattern takes any.</summary>
    private static void Spelled(RuleNode rule, ConditionNode condition, DiagnosticSink sink)
    {
        var allows = condition.Op == (rule.Requires ? "regex" : rule.Denies ? "not_regex" : "");
        if (allows && !Anchors.Hold(condition.Value.Text))
        {
            sink.Warn(condition.Value, $"the pattern {Quote.User(condition.Value.Text)} is open at an end, so anything may stand around what it matches", "begin each alternative with `^` and end it with `$`");
        }

        if (rule.Denies && condition.Op == "host_in")
        {
            sink.Warn(condition.Node, "a host has other names and addresses than the refused ones, and those pass", "list the hosts that are allowed under `require`");
        }

        if (rule.Denies && condition.Op == "path_within")
        {
            sink.Note(condition.Node, "a link can lead to a refused folder from outside of it", "list the folders that are allowed under `require`");
        }
    }
}
