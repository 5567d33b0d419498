using Callgate.Policy.Binding;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Comparing;

/// <summary>What a document does to one subject.</summary>
/// <param name="Rule">JSON Pointer of what settles the effect.</param>
/// <param name="Entry">What an allowed call has to meet; null where no entry applies.</param>
internal sealed record Treated(Effect Effect, string Rule, ToolEntry? Entry, Node? Rules, IReadOnlyList<BoundLimit> Limits)
{
    /// <summary>Whether a person may ever be asked, so that the terms of asking mean something.</summary>
    public bool MayAsk { get; init; }
}

/// <summary>One of two documents that are compared.</summary>
internal sealed class PolicySide(PolicyCompilation compilation)
{
    public PolicyModel Model { get; } = compilation.Model ?? throw new ArgumentException("the document has errors", nameof(compilation));

    public IReadOnlyList<string> Methods => [.. Model.Methods.Select(method => method.Pattern.Text)];

    /// <summary>What every call has to meet besides.</summary>
    public Treated AllTools => new(Effect.Allow, "/all_tools", null, Model.Root?.Find("all_tools"), Model.AllLimits);

    /// <summary>Chosen by the policy itself, so that it cannot differ from what calls meet.</summary>
    public Treated Of(Subject subject)
    {
        var plan = compilation.Policy!.PlanOf(subject.Name);
        if (plan.Hidden is { } hidden)
        {
            return new Treated(Effect.Hide, hidden.Rule, null, null, []);
        }

        if (plan.For(subject.Category) is not { } treatment)
        {
            return new Treated(Effect.Deny, "/default", null, null, []);
        }

        var entry = Model.EntryAt(treatment.Pointer);
        return new Treated(treatment.Action, treatment.Pointer, entry, entry?.Node, entry is null ? [] : entry.RateLimit is { } rate ? [.. entry.Limits, rate] : entry.Limits)
        {
            MayAsk = treatment.Action == Effect.Approve || entry is { Rules.ApproveIf.IsEmpty: false } || !Model.AllRules.ApproveIf.IsEmpty,
        };
    }
}
