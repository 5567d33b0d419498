using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>A pattern of a list, with its element.</summary>
internal sealed record NamedPattern(GlobPattern Pattern, Node Node);

/// <summary>A limit as the document states it. <c>Counter</c> is null for <c>rate_limit</c>, which counts each called tool by itself.</summary>
internal sealed record BoundLimit(string? Counter, LimitWindow Window, decimal Max, LimitScope Scope, Node Node);

/// <summary>An entry under <c>tools</c>.</summary>
internal sealed record ToolEntry(GlobPattern Pattern, Node Node)
{
    public Effect Action { get; init; } = Effect.Allow;

    public string? Reason { get; init; }

    public IReadOnlyList<BoundLimit> Limits { get; init; } = [];

    public BoundLimit? RateLimit { get; init; }

    public bool PowerDurable { get; init; }
}

/// <summary>What a document says, as far as it could be read. Only a model without errors is compiled.</summary>
internal sealed record PolicyModel
{
    /// <summary>What <c>rate_limit</c> adds to the called tool's name to name its counter.</summary>
    public const string RateSuffix = "_rate";

    public string? Description { get; init; }

    public Effect Default { get; init; } = Effect.Deny;

    /// <summary>The string <c>"*"</c> of <c>hide</c>; null where it is a list.</summary>
    public Node? HideAll { get; init; }

    public IReadOnlyList<NamedPattern> Hidden { get; init; } = [];

    public IReadOnlyList<BoundLimit> AllLimits { get; init; } = [];

    public IReadOnlyList<ToolEntry> Entries { get; init; } = [];

    public IReadOnlyList<NamedPattern> Methods { get; init; } = [];
}
