using System.Collections.Immutable;

namespace Callgate.Policy;

/// <summary>How a policy treats one tool, for people who check a policy against a server's tools.</summary>
/// <param name="Tool">The exact name.</param>
/// <param name="Decision">What a call would meet: effect, deciding rule, reason, limits.</param>
/// <param name="Entry">JSON Pointer of the entry under <c>tools</c> that applies, even where <c>hide</c> wins over it; null where none does.</param>
/// <param name="Listed">Whether <c>tools/list</c> shows the tool.</param>
public sealed record ToolRuling(string Tool, Decision Decision, string? Entry, bool Listed)
{
    /// <summary>What the document says of the tool whatever a call says: the action of what applies, or what <c>default</c> means.</summary>
    public Effect Action { get; init; }

    /// <summary>Rules about its facts may refuse a call that the action lets pass, or ask a person about it.</summary>
    public bool HasRules { get; init; }

    /// <summary>The arguments that rules of <c>require</c> look at, with the operator of each condition.</summary>
    public ImmutableArray<RequiredArgument> Required { get; init; } = [];

    /// <summary>A limit over time counts the calls, whatever a call says: not by session, and not apart for each value.</summary>
    public bool IsLimited { get; init; }

    /// <summary>The same for a limit that counts what an argument says.</summary>
    public bool IsLimitedByAmount { get; init; }
}

/// <summary>A condition of <c>require</c> on an argument.</summary>
/// <param name="Argument">The argument at the top that its path begins with.</param>
/// <param name="Op">The operator.</param>
public readonly record struct RequiredArgument(string Argument, string Op);
