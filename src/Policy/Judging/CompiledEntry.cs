using System.Collections.Concurrent;
using System.Collections.Immutable;
using Callgate.Policy.Binding;

namespace Callgate.Policy.Judging;

/// <summary>An entry with its answer worked out beforehand.</summary>
internal sealed class CompiledEntry
{
    /// <summary>More tools than servers list. Past it an answer is made anew for each call, which costs time but no memory.</summary>
    private const int MostTools = 4_096;

    private readonly Decision decision;
    private readonly Limit? rate;
    private readonly ConcurrentDictionary<string, Decision>? perTool;
    private int kept;

    public CompiledEntry(ToolEntry entry, ImmutableArray<Limit> allLimits)
    {
        Pointer = entry.Node.Pointer;
        var limits = allLimits.AddRange(entry.Limits.Select(limit => ToLimit(limit, limit.Counter!)));
        if (entry.Action != Effect.Allow)
        {
            decision = Refusal(entry, Pointer);
        }
        else if (entry is { RateLimit: { } perCall, Pattern.ExactName: null })
        {
            rate = ToLimit(perCall, "");
            perTool = new ConcurrentDictionary<string, Decision>(StringComparer.Ordinal);
            decision = Allow(entry, limits, Pointer);
        }
        else
        {
            var own = entry.RateLimit is { } named ? limits.Add(ToLimit(named, entry.Pattern.ExactName + PolicyModel.RateSuffix)) : limits;
            decision = Allow(entry, own, Pointer);
        }
    }

    public string Pointer { get; }

    public Effect Effect => decision.Effect;

    /// <summary>The answer for a tool this entry applies to; under a glob with <c>rate_limit</c> each tool has a counter of its own.</summary>
    public Decision DecisionFor(string tool)
    {
        if (rate is null || perTool is null)
        {
            return decision;
        }

        if (perTool.TryGetValue(tool, out var known))
        {
            return known;
        }

        var made = decision with { Limits = decision.Limits.Add(rate with { Counter = tool + PolicyModel.RateSuffix }) };
        if (Volatile.Read(ref kept) < MostTools && perTool.TryAdd(tool, made))
        {
            Interlocked.Increment(ref kept);
        }

        return made;
    }

    public static Limit ToLimit(BoundLimit limit, string counter) =>
        new(counter, limit.Window, limit.Max, limit.Scope, limit.Node.Pointer);

    private static Decision Allow(ToolEntry entry, ImmutableArray<Limit> limits, string pointer) =>
        new(Effect.Allow, null, pointer, null, limits, entry.PowerDurable);

    /// <summary>A hidden tool's reason stays in the document: nobody may read it.</summary>
    private static Decision Refusal(ToolEntry entry, string pointer) => entry.Action == Effect.Hide
        ? new Decision(Effect.Hide, DecisionCodes.ToolHidden, pointer + "/action", null, [])
        : new Decision(Effect.Deny, DecisionCodes.Denied, pointer + "/action", entry.Reason, []);
}
