using System.Collections.Immutable;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>A case as it was read. What is null is not looked at.</summary>
internal sealed record BoundCase(string Name, int Line, CallFacts Facts, Effect Effect)
{
    public string? Code { get; init; }

    public string? Rule { get; init; }

    /// <summary>The value of <c>reason</c>: a text, or null for a rule without one.</summary>
    public Node? Reason { get; init; }

    public ImmutableArray<string>? Limits { get; init; }

    public bool? Listed { get; init; }

    public bool? PowerDurable { get; init; }

    public ApprovalTerms? Approval { get; init; }
}
