using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>A pattern of a list, with its element.</summary>
internal sealed record NamedPattern(GlobPattern Pattern, Node Node);

/// <summary>A limit as the document states it. <c>Counter</c> is null for <c>rate_limit</c>, which counts each called tool by itself.</summary>
internal sealed record BoundLimit(string? Counter, LimitWindow Window, decimal Max, LimitScope Scope, Node Node)
{
    public bool Sliding { get; init; }

    public FactPath? Per { get; init; }

    public FactPath? Amount { get; init; }

    public int? Concurrent { get; init; }

    public DynamicLimit ToLimit(string counter) =>
        new(new Limit(counter, Window, Max, Scope, Node.Pointer) { Sliding = Sliding, Concurrent = Concurrent }, Per, Amount);
}

/// <summary>An entry under <c>tools</c> or <c>categories</c>.</summary>
internal sealed record ToolEntry(GlobPattern Pattern, Node Node)
{
    public Effect Action { get; init; } = Effect.Allow;

    public string? Reason { get; init; }

    public IReadOnlyList<BoundLimit> Limits { get; init; } = [];

    public BoundLimit? RateLimit { get; init; }

    public bool PowerDurable { get; init; }

    public RuleSet Rules { get; init; } = RuleSet.Empty;

    public ApprovalTerms? Approval { get; init; }

    public bool ChecksSchema { get; init; } = true;
}

/// <summary>An element of <c>tests</c>: a call, and what it must meet.</summary>
/// <param name="Server">The server whose definitions count; null without schema and existence.</param>
/// <param name="Rule">Null where any rule will do.</param>
internal sealed record BoundTest(CallFacts Facts, string? Server, Effect Expected, string? Rule, Node Node);

/// <summary>What a document says, as far as it could be read. Only a model without errors is compiled.</summary>
internal sealed record PolicyModel
{
    /// <summary>What <c>rate_limit</c> adds to the called tool's name to name its counter.</summary>
    public const string RateSuffix = "_rate";

    private readonly Dictionary<string, ToolEntry> byPointer = new(StringComparer.Ordinal);

    /// <summary>The whole document, for those who look at more than what it means.</summary>
    public Node? Root { get; init; }

    public string? Description { get; init; }

    public Effect Default { get; init; } = Effect.Deny;

    /// <summary>The string <c>"*"</c> of <c>hide</c>; null where it is a list.</summary>
    public Node? HideAll { get; init; }

    public IReadOnlyList<NamedPattern> Hidden { get; init; } = [];

    public bool IsShadow { get; init; }

    public RuleSet AllRules { get; init; } = RuleSet.Empty;

    public IReadOnlyList<BoundLimit> AllLimits { get; init; } = [];

    public IReadOnlyList<ToolEntry> Entries { get; init; } = [];

    /// <summary>Their pattern is the category's name, which no check of names looks at.</summary>
    public IReadOnlyList<(ToolCategory Category, ToolEntry Entry)> Categories { get; init; } = [];

    public IReadOnlyList<BoundTest> Tests { get; init; } = [];

    public IReadOnlyList<NamedPattern> Methods { get; init; } = [];

    /// <summary>The entry of this pointer; null for <c>/default</c>.</summary>
    public ToolEntry? EntryAt(string pointer)
    {
        if (byPointer.Count == 0)
        {
            foreach (var entry in Entries.Concat(Categories.Select(category => category.Entry)))
            {
                byPointer.TryAdd(entry.Node.Pointer, entry);
            }
        }

        return byPointer.GetValueOrDefault(pointer);
    }
}
