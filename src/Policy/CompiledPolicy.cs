using System.Collections.Concurrent;
using System.Collections.Immutable;
using Callgate.Policy.Binding;
using Callgate.Policy.Judging;

namespace Callgate.Policy;

/// <summary>
/// A policy ready to judge. Made once per revision by <see cref="PolicyCompiler"/>; immutable and safe to share between
/// threads. Equal facts give equal decisions, and a decision without conditions for a tool seen before allocates nothing.
/// </summary>
public sealed class CompiledPolicy
{
    /// <summary>More tools than servers list. Past it a plan is made anew for each call, which costs time but no memory.</summary>
    private const int MostPlans = 16_384;

    private readonly HiddenTools hidden;
    private readonly PatternIndex<CompiledEntry> entries;
    private readonly CategoryEntries categories;
    private readonly CompiledEntry? byDefault;
    private readonly ConcurrentDictionary<string, ToolPlan> plans = new(StringComparer.Ordinal);
    private int kept;

    internal CompiledPolicy(PolicyModel model, string form)
    {
        Form = form;
        ImmutableArray<DynamicLimit> allLimits = [.. model.AllLimits.Select(limit => limit.ToLimit(limit.Counter!))];
        hidden = new HiddenTools(model);
        entries = new PatternIndex<CompiledEntry>([.. model.Entries.Select(entry => (entry.Pattern, new CompiledEntry(entry, model.AllRules, allLimits)))]);
        categories = new CategoryEntries(model.Categories.Select(entry => (entry.Category, new CompiledEntry(entry.Entry, model.AllRules, allLimits))));
        byDefault = model.Default == Effect.Allow ? new CompiledEntry(null, model.AllRules, allLimits) : null;
        MayAsk = model.Entries.Concat(model.Categories.Select(static pair => pair.Entry)).Any(static entry => entry.Action == Effect.Approve || !entry.Rules.ApproveIf.IsEmpty) || !model.AllRules.ApproveIf.IsEmpty;
        Description = model.Description;
        IsShadow = model.IsShadow;
        MethodPatterns = [.. model.Methods.Select(method => method.Pattern.Text)];
    }

    private static Decision DefaultDeny { get; } = new(Effect.Deny, DecisionCodes.DefaultDeny, "/default", null, []);

    /// <summary>The document's <c>description</c>; null where it gives none.</summary>
    public string? Description { get; }

    /// <summary>
    /// A digest of what the document says, without its remarks and whatever its spelling. An approval holds under one form only:
    /// a changed description ends none (policy language, Approvals).
    /// </summary>
    public string Form { get; }

    /// <summary>Some call may have to be approved by a person (policy language, Approvals).</summary>
    public bool MayAsk { get; }

    /// <summary>The document says <c>"mode": "shadow"</c>: from step 1 on its decisions are recorded, and the call passes (policy language, Shadow mode).</summary>
    public bool IsShadow { get; }

    /// <summary>The globs of <c>methods.allow</c>, in document order (policy language, Methods).</summary>
    public ImmutableArray<string> MethodPatterns { get; }

    /// <summary>
    /// Judges one call: steps 0 to 5 of the order of judgement, and the limits that step 6 has to reserve
    /// (policy language, Order of judgement). An allowance holds only once all its limits are reserved.
    /// </summary>
    public Decision Decide(in CallFacts facts) => Decide(facts, null);

    /// <summary>Judges one call as <see cref="Decide(in CallFacts)"/> does, and tells how it came to the decision. For people: it allocates.</summary>
    public PolicyTrace Trace(in CallFacts facts)
    {
        var log = new TraceLog();
        var decision = Decide(facts, log);
        return new PolicyTrace(decision, Lists(facts), log.Steps);
    }

    private Decision Decide(in CallFacts facts, TraceLog? log) =>
        facts.Standing == ToolStanding.DriftedAsked ? DecideDrifted(facts, log) : DecideOne(facts, log);

    /// <summary>
    /// The reviewed definition and the one that the server shows may be of different categories. A call has to pass under
    /// both, and what both allow a person is asked about, on the stricter terms.
    /// </summary>
    private Decision DecideDrifted(in CallFacts facts, TraceLog? log)
    {
        var (reviewed, shown) = Apart(facts);
        log?.Standing(facts.Standing);
        var decision = DecideOne(reviewed, log);
        if (facts.ShownCategory != facts.Category)
        {
            log?.Add("standing", null, $"judged again as what the server shows now, category {facts.ShownCategory?.ToString() ?? "none"}; the stricter answer counts");
            decision = decision.And(DecideOne(shown, log));
        }

        if (decision.Effect > Effect.Approve || facts.IsApproved)
        {
            return decision;
        }

        // Both have an entry, or `default: allow`: without one they are denied.
        var plan = PlanOf(facts.Tool);
        var (one, other) = (plan.For(facts.Category)!.AskedForDrift, plan.For(facts.ShownCategory)!.AskedForDrift);
        var asked = decision.Effect == Effect.Approve ? decision : one;
        log?.Add("standing", Decision.DriftRule, "asks a person, because the definition changed");
        var terms = one.Approval!.And(other.Approval!);
        var durable = one.PowerDurable || other.PowerDurable;
        return terms == asked.Approval && durable == asked.PowerDurable ? asked : asked with { Approval = terms, PowerDurable = durable };
    }

    private static (CallFacts Reviewed, CallFacts Shown) Apart(in CallFacts facts)
    {
        var reviewed = facts with { Standing = ToolStanding.Reviewed };
        return (reviewed, reviewed with { Category = facts.ShownCategory });
    }

    private Decision DecideOne(in CallFacts facts, TraceLog? log)
    {
        if (BeforePlan(facts.Standing) is { } settled)
        {
            log?.Standing(facts.Standing);
            return settled;
        }

        var plan = PlanOf(facts.Tool);
        if (plan.Hidden is { } hide)
        {
            log?.Add("hide", hide.Rule, "hides the tool");
            return hide;
        }

        var treatment = plan.For(facts.Category);
        log?.Selected(plan, treatment, facts.Category);
        if (facts.Standing == ToolStanding.Drifted && treatment?.Action != Effect.Hide)
        {
            log?.Standing(facts.Standing);
            return Decision.Drifted;
        }

        return treatment?.Decide(facts, log) ?? DefaultDeny;
    }

    /// <summary>
    /// Whether <c>tools/list</c> shows the tool: what step 0 lets exist and step 1 does not deny by default. A denied tool
    /// is shown, and so is a drifted one, by its reviewed definition; where people are asked about it, it has to be shown under
    /// both definitions. Arguments play no part.
    /// </summary>
    public bool Lists(in CallFacts facts) => facts.Standing != ToolStanding.DriftedAsked ? ListsOne(facts)
        : Apart(facts) is var (reviewed, shown) && ListsOne(reviewed) && ListsOne(shown);

    private bool ListsOne(in CallFacts facts) =>
        BeforePlan(facts.Standing) is null
        && PlanOf(facts.Tool) is { Hidden: null } plan
        && plan.For(facts.Category) is { Action: not Effect.Hide };

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

    /// <summary>What a call of the tool without arguments would meet if it were listed and reviewed. For people; the call path uses <see cref="Decide(in CallFacts)"/>.</summary>
    /// <param name="tool">The exact name.</param>
    /// <param name="category">The category stored with its definition; null without one.</param>
    public ToolRuling Explain(string tool, ToolCategory? category = null)
    {
        var facts = new CallFacts(tool, ToolStanding.Reviewed) { Category = category };
        var plan = PlanOf(tool);
        var treatment = plan.For(category);
        return new ToolRuling(tool, Decide(facts), treatment is not null && treatment.Pointer != "/default" ? treatment.Pointer : null, Lists(facts))
        {
            Action = plan.Hidden is not null ? Effect.Hide : treatment?.Action ?? Effect.Deny,
            HasRules = treatment?.Rules is { IsEmpty: false },
            Required = [.. (treatment?.Rules.Require ?? []).SelectMany(static rule => rule.Conditions).Where(static condition => condition.Path.Argument is not null).Select(static condition => new RequiredArgument(condition.Path.Argument!, condition.Op))],
            IsLimited = treatment?.Limits.Any(static limit => limit.HoldsEveryCall && limit.Amount is null) == true,
            IsLimitedByAmount = treatment?.Limits.Any(static limit => limit.HoldsEveryCall && limit.Amount is not null) == true,
        };
    }

    /// <summary>Step 0 as far as the document plays no part; null when it decides.</summary>
    private static Decision? BeforePlan(ToolStanding standing) => standing switch
    {
        ToolStanding.ListUnavailable => Decision.ListUnavailable,
        ToolStanding.Reviewed or ToolStanding.Drifted => null,

        // A standing this version does not know must not open anything.
        _ => Decision.Unknown,
    };

    internal ToolPlan PlanOf(string tool)
    {
        if (plans.TryGetValue(tool, out var known))
        {
            return known;
        }

        var made = new ToolPlan(tool, hidden.Find(tool), entries.FindExact(tool), entries.FindGlob(tool), categories, byDefault);
        if (Volatile.Read(ref kept) < MostPlans && plans.TryAdd(tool, made))
        {
            Interlocked.Increment(ref kept);
        }

        return made;
    }
}
