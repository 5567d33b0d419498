using System.Collections.Immutable;

namespace Callgate.Policy.Judging;

/// <summary>A pattern as it was read. A group is what stands in it: captures have no meaning.</summary>
internal abstract record PatternNode
{
    public sealed record OneOf(CodePointSet Set) : PatternNode;

    public sealed record Sequence(ImmutableArray<PatternNode> Parts) : PatternNode;

    public sealed record Choice(ImmutableArray<PatternNode> Branches) : PatternNode;

    /// <summary><paramref name="Most"/> is null without an upper bound. Greedy and lazy match the same texts.</summary>
    public sealed record Repeat(PatternNode Body, int Least, int? Most) : PatternNode;

    public sealed record TextStart : PatternNode;

    public sealed record TextEnd : PatternNode;
}
