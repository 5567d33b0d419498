using System.Collections.Immutable;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Linting;

/// <summary>A condition as the document states it.</summary>
internal sealed record ConditionNode(Node Node, FactPath Path, string Op, Node Value)
{
    /// <summary>The operators that leave an argument no room but what they list.</summary>
    private static readonly ImmutableArray<string> Narrowing = ["regex", "eq", "in", "glob", "path_within", "host_in"];

    private static readonly ImmutableArray<string> NarrowingNegated = ["not_regex", "neq", "not_in"];

    public bool StatesMissing => Node.Find("missing") is not null;

    /// <summary>Equal for conditions that ask the same.</summary>
    public string Text => Node.ToElement().GetRawText();

    public bool Narrows(bool denying) => (denying ? NarrowingNegated : Narrowing).Contains(Op);

    /// <summary>The facts that its value names.</summary>
    public IEnumerable<(Node Node, FactPath Path)> Refs()
    {
        var candidates = Value.Kind == NodeKind.Array ? Value.Items : [Value];
        foreach (var node in candidates.Where(node => node.Kind == NodeKind.Object).Select(node => node.Find("ref")).OfType<Node>())
        {
            if (FactPath.Parse(node.Text, out _) is { } path)
            {
                yield return (node, path);
            }
        }
    }
}

/// <summary>A rule as the document states it. Only documents without errors are looked at.</summary>
/// <param name="Kind"><c>deny_if</c>, <c>require</c> or <c>approve_if</c>.</param>
internal sealed record RuleNode(string Kind, Node Node, IReadOnlyList<ConditionNode> Conditions)
{
    /// <summary>In the order in which they are judged.</summary>
    public static readonly ImmutableArray<string> Kinds = ["deny_if", "require", "approve_if"];

    public bool Denies => Kind == "deny_if";

    public bool Requires => Kind == "require";

    /// <summary>The rules of an entry or of <c>all_tools</c>, in the order in which they are judged.</summary>
    public static List<RuleNode> Of(Node? owner) =>
    [
        .. Kinds.SelectMany(kind => (owner?.Find(kind)?.Items ?? []).Select(rule => new RuleNode(kind, rule, ConditionsOf(rule)))),
    ];

    private static List<ConditionNode> ConditionsOf(Node rule) =>
    [
        .. (rule.Find("conditions")?.Items ?? []).Select(Condition).OfType<ConditionNode>(),
    ];

    private static ConditionNode? Condition(Node node) =>
        node.Find("path") is { } path && FactPath.Parse(path.Text, out _) is { } parsed && node.Find("op") is { } op && node.Find("value") is { } value
            ? new ConditionNode(node, parsed, op.Text, value)
            : null;
}
