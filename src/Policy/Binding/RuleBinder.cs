using System.Collections.Immutable;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads <c>require</c>, <c>deny_if</c> and <c>approve_if</c>.</summary>
internal static class RuleBinder
{
    /// <summary>Rules and conditions are judged one after the other on every call.</summary>
    private const int MostRules = 200;
    private const int MostConditions = 100;

    public static RuleSet Rules(Node owner, DiagnosticSink sink) => new(
        List(owner.Find("deny_if"), Shape.Refusing, "on_deny", sink),
        List(owner.Find("require"), Shape.Refusing, "on_deny", sink),
        List(owner.Find("approve_if"), Shape.Asking, "reason", sink));

    /// <summary>
    /// The rules of every tool. An argument that one tool has, another has not: a refusal by it has to say what a call
    /// without it meets, or every tool without that argument would be refused unseen.
    /// </summary>
    public static RuleSet AllTools(Node owner, DiagnosticSink sink)
    {
        var denying = owner.Find("deny_if") is { Kind: NodeKind.Array } list ? list.Items : [];
        foreach (var condition in denying.Where(rule => rule.Kind == NodeKind.Object).SelectMany(rule => rule.Find("conditions")?.Items ?? []))
        {
            if (condition.Kind == NodeKind.Object && LeavesOpen(condition))
            {
                sink.Error(
                    condition,
                    $"{Quote.User(condition.Find("path")!.Text)} is an argument that not every tool has, and a refusal of all tools has to say what a call without it meets",
                    "add `\"missing\": \"pass\"` to let such calls go on, or `\"missing\": \"refuse\"` to refuse them");
            }
        }

        return Rules(owner, sink);
    }

    private static bool LeavesOpen(Node condition) =>
        condition.Find("missing") is null
        && condition.Find("op") is not { Text: "exists" }
        && condition.Find("path") is { Kind: NodeKind.String } path
        && FactPath.Parse(path.Text, out _) is { Root: FactRoot.Arguments, Steps.IsEmpty: false };

    private static ImmutableArray<Rule> List(Node? list, Shape shape, string text, DiagnosticSink sink)
    {
        if (list is null || !Values.Is(list, NodeKind.Array, sink))
        {
            return [];
        }

        TooMany(list, MostRules, "rules", sink);
        var rules = ImmutableArray.CreateBuilder<Rule>();
        foreach (var item in list.Items.Where(item => shape.Check(item, sink)))
        {
            rules.Add(new Rule(Conditions(item.Find("conditions"), sink), EntryBinder.Reason(item.Find(text), sink), item.Pointer));
        }

        return rules.ToImmutable();
    }

    private static ImmutableArray<Condition> Conditions(Node? list, DiagnosticSink sink)
    {
        if (list is null || !Values.Is(list, NodeKind.Array, sink))
        {
            return [];
        }

        TooMany(list, MostConditions, "conditions", sink);
        return [.. list.Items.Select(item => ConditionBinder.Condition(item, sink)).OfType<Condition>()];
    }

    private static void TooMany(Node list, int most, string what, DiagnosticSink sink)
    {
        if (list.Items.Count > most)
        {
            sink.Error(list.Items[most], $"there are more than {most} {what} here", "use `in` with a list, or patterns");
        }
    }
}
