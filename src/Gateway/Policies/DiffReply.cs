using Callgate.Policy;

namespace Callgate.Gateway.Policies;

/// <summary>What changes when one document takes the place of another.</summary>
/// <param name="Looser">Whether any of it lets more through.</param>
public sealed record DiffReply(bool Looser, IReadOnlyList<DiffSubject> Differences)
{
    public static DiffReply Of(IReadOnlyList<PolicyDifference> differences) =>
        new(differences.Any(static one => one.IsLooser), [.. differences.Select(DiffSubject.Of)]);
}

/// <summary>All that changes for one tool, pattern or category.</summary>
public sealed record DiffSubject(string Kind, string Subject, bool Looser, IReadOnlyList<DiffChange> Changes)
{
    /// <summary>What is treated differently, in words.</summary>
    public string Title() => Kind switch
    {
        "tool" or "pattern" => Subject,
        "category" => $"category {Subject}",
        "others" => "any other tool",
        "all_tools" => "every call",
        _ => Kind,
    };

    public static DiffSubject Of(PolicyDifference difference) => new(difference.Kind, difference.Subject, difference.IsLooser, [.. difference.Changes.Select(DiffChange.Of)]);
}

/// <summary>One change; <c>leaning</c> is <c>looser</c>, <c>stricter</c> or <c>neutral</c>.</summary>
public sealed record DiffChange(string What, string? Before, string? After, string Leaning)
{
    public static DiffChange Of(PolicyChange change) => new(change.What, change.Before, change.After, change.Leaning.ToString().ToLowerInvariant());
}
