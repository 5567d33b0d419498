using System.Collections.Immutable;
using Callgate.Policy.Binding;
using Callgate.Policy.Judging;

namespace Callgate.Policy;

/// <summary>
/// A policy ready to judge. Made once per revision by <see cref="PolicyCompiler"/>; immutable and safe to share between
/// threads. Equal facts give equal decisions, and a decision for a tool seen before allocates nothing.
/// </summary>
public sealed class CompiledPolicy
{
    private readonly HiddenTools hidden;
    private readonly PatternIndex<CompiledEntry> entries;
    private readonly Decision byDefault;

    internal CompiledPolicy(PolicyModel model)
    {
        ImmutableArray<Limit> allLimits = [.. model.AllLimits.Select(limit => CompiledEntry.ToLimit(limit, limit.Counter!))];
        hidden = new HiddenTools(model);
        entries = new PatternIndex<CompiledEntry>([.. model.Entries.Select(entry => (entry.Pattern, new CompiledEntry(entry, allLimits)))]);
        byDefault = model.Default == Effect.Allow
            ? new Decision(Effect.Allow, null, "/default", null, allLimits)
            : new Decision(Effect.Deny, DecisionCodes.DefaultDeny, "/default", null, []);
        Description = model.Description;
        MethodPatterns = [.. model.Methods.Select(method => method.Pattern.Text)];
    }

    /// <summary>The document's <c>description</c>; null where it gives none.</summary>
    public string? Description { get; }

    /// <summary>The globs of <c>methods.allow</c>, in document order (policy language, Methods).</summary>
    public ImmutableArray<string> MethodPatterns { get; }

    /// <summary>
    /// Judges one call: steps 0 and 1 of the order of judgement, and the limits that step 6 has to reserve
    /// (policy language, Order of judgement). An allowance holds only once all its limits are reserved.
    /// </summary>
    public Decision Decide(in CallFacts facts)
    {
        if (BeforeEntries(facts) is { } settled)
        {
            return settled;
        }

        var entry = entries.Find(facts.Tool);
        if (facts.Standing == ToolStanding.Drifted && entry?.Effect != Effect.Hide)
        {
            return Decision.Drifted;
        }

        return entry is null ? byDefault : entry.DecisionFor(facts.Tool);
    }

    /// <summary>
    /// Whether <c>tools/list</c> shows the tool: what step 0 lets exist and step 1 does not deny by default. A denied tool
    /// is shown, and so is a drifted one, by its reviewed definition.
    /// </summary>
    public bool Lists(in CallFacts facts)
    {
        if (BeforeEntries(facts) is not null)
        {
            return false;
        }

        var entry = entries.Find(facts.Tool);
        return (entry?.Effect ?? byDefault.Effect) switch
        {
            Effect.Allow => true,
            Effect.Deny => entry is not null,
            _ => false,
        };
    }

    /// <summary>Whether <c>methods.allow</c> names the method. What is always served, and what no policy can open, is the gateway's to know.</summary>
    public bool OpensMethod(string method)
    {
        foreach (var pattern in MethodPatterns)
        {
            if (Glob.Matches(pattern, method))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a call of the tool would meet if it were listed and reviewed. For people; the call path uses <see cref="Decide"/>.</summary>
    public ToolRuling Explain(string tool)
    {
        var facts = new CallFacts(tool, ToolStanding.Reviewed);
        return new ToolRuling(tool, Decide(facts), entries.Find(tool)?.Pointer, Lists(facts));
    }

    /// <summary>Step 0 as far as the entries play no part; null when they decide.</summary>
    private Decision? BeforeEntries(in CallFacts facts) => facts.Standing switch
    {
        ToolStanding.ListUnavailable => Decision.ListUnavailable,
        ToolStanding.Reviewed or ToolStanding.Drifted => hidden.Find(facts.Tool),

        // A standing this version does not know must not open anything.
        _ => Decision.Unknown,
    };
}
