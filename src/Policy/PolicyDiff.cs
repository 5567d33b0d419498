using System.Collections.Immutable;
using Callgate.Policy.Comparing;

namespace Callgate.Policy;

/// <summary>Which way a change goes.</summary>
public enum Leaning
{
    /// <summary>It lets no other call through.</summary>
    Neutral,

    /// <summary>It only takes away.</summary>
    Stricter,

    /// <summary>It may let calls through that were refused, asked about, or counted lower.</summary>
    Looser,
}

/// <summary>One change in how something is treated.</summary>
/// <param name="What">What changes: <c>action</c>, <c>require</c>, <c>limit</c> and so on.</param>
/// <param name="Before">How it was, in words; null where there was none.</param>
/// <param name="After">How it will be, in words; null where there is none.</param>
/// <param name="Leaning">Which way it goes.</param>
public sealed record PolicyChange(string What, string? Before, string? After, Leaning Leaning);

/// <summary>All that changes for one subject.</summary>
/// <param name="Kind"><c>tool</c>, <c>pattern</c>, <c>category</c>, <c>others</c>, <c>all_tools</c>, <c>methods</c> or <c>mode</c>.</param>
/// <param name="Subject">The name, the pattern or the category as written; empty for the kinds of which there is one.</param>
/// <param name="Changes">At least one.</param>
public sealed record PolicyDifference(string Kind, string Subject, ImmutableArray<PolicyChange> Changes)
{
    /// <summary>Something about it becomes looser, whatever else becomes stricter.</summary>
    public bool IsLooser => Changes.Any(change => change.Leaning == Leaning.Looser);
}

/// <summary>
/// What becomes of each tool when one document takes the place of another. It compares treatments, not texts: an entry
/// that moves, or says the same in other words, is no difference.
/// </summary>
/// <remarks>
/// Looser is: an action further from <c>hide</c>, <c>deny</c>, <c>require_approval</c>; a rule of any kind that is gone, also
/// where another takes its place, since what two rules let through is not compared; a limit that is gone or higher; no check
/// against the schema; fewer approvers; a weaker record; another method opened; shadow mode.
/// </remarks>
public static class PolicyDiff
{
    /// <summary>Compares two compiled documents.</summary>
    /// <param name="before">The document in force; it has to be without errors.</param>
    /// <param name="after">The one to come; it too.</param>
    /// <param name="tools">What the server offers; null compares by the names, patterns and categories in the documents alone.</param>
    public static ImmutableArray<PolicyDifference> Compare(PolicyCompilation before, PolicyCompilation after, IReadOnlyList<OfferedTool>? tools = null)
    {
        var (one, other) = (new PolicySide(before), new PolicySide(after));
        var differences = ImmutableArray.CreateBuilder<PolicyDifference>();
        foreach (var subject in tools is null ? Subjects.Of(one, other) : Subjects.Of(tools))
        {
            Add(subject.Kind, subject.Text, TreatmentDiff.Compare(one.Of(subject), other.Of(subject)));
        }

        Add("all_tools", "", TreatmentDiff.Compare(one.AllTools, other.AllTools));
        Add("methods", "", Methods(one.Methods, other.Methods));
        if (before.Policy!.IsShadow != after.Policy!.IsShadow)
        {
            Add("mode", "", [new PolicyChange("mode", Mode(before), Mode(after), after.Policy.IsShadow ? Leaning.Looser : Leaning.Stricter)]);
        }

        return differences.ToImmutable();

        void Add(string kind, string subject, IEnumerable<PolicyChange> changes)
        {
            ImmutableArray<PolicyChange> all = [.. changes];
            if (!all.IsEmpty)
            {
                differences.Add(new PolicyDifference(kind, subject, all));
            }
        }
    }

    private static string Mode(PolicyCompilation one) => one.Policy!.IsShadow ? "shadow" : "enforce";

    private static IEnumerable<PolicyChange> Methods(IReadOnlyList<string> before, IReadOnlyList<string> after) =>
        before.Except(after, StringComparer.Ordinal).Select(gone => new PolicyChange("method", gone, null, Leaning.Stricter))
            .Concat(after.Except(before, StringComparer.Ordinal).Select(opened => new PolicyChange("method", null, opened, Leaning.Looser)));
}
