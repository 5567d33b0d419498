using System.Collections.Immutable;

namespace Callgate.Policy.Judging;

/// <summary>A pattern as it was read. A group is what stands in it: captures have no meaning.</summary>
internal abstract record PatternNode
{
    /// <summary>One code point of a set.</summary>
    public sealed record OneOf(CodePointSet Set) : PatternNode;

    /// <summary>One after the other.</summary>
    public sealed record Sequence(ImmutableArray<PatternNode> Parts) : PatternNode;

    /// <summary>Any of them.</summary>
    public sealed record Choice(ImmutableArray<PatternNode> Branches) : PatternNode;

    /// <summary><paramref name="Most"/> is null without an upper bound. Greedy and lazy match the same texts.</summary>
    public sealed record Repeat(PatternNode Body, int Least, int? Most) : PatternNode;

    /// <summary>Where the text begins.</summary>
    public sealed record TextStart : PatternNode;

    /// <summary>Where the text ends.</summary>
    public sealed record TextEnd : PatternNode;
}
