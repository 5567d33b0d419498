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
    /// The rules that every tool meets. One that denies by an argument would refuse all tools that have none of that name,
    /// so it has to say what a missing one means (policy language, Conditions).
    /// </summary>
    public static RuleSet OfAllTools(Node owner, DiagnosticSink sink)
    {
        var conditions = owner.Find("deny_if")?.Items.SelectMany(rule => rule.Find("conditions")?.Items ?? []);
        foreach (var condition in conditions ?? [])
        {
            if (condition.Find("missing") is null
                && condition.Find("op") is { Text: not "exists" }
                && condition.Find("path") is { Kind: NodeKind.String } path
                && FactPath.Parse(path.Text, out _) is { Root: FactRoot.Arguments, Steps.IsEmpty: false })
            {
                sink.Error(condition, $"this refuses every tool that has no {Quote.User(path.Text)}, since what is missing cannot be judged", "write `\"missing\": \"pass\"` to let such calls go on, or `\"missing\": \"refuse\"` where that is meant");
            }
        }

        return Rules(owner, sink);
    }

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
