using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Catalogue;
using Callgate.Catalogue.Attacks;
using Callgate.Policy;

namespace Callgate.Gateway.Catalogue;

/// <summary>What becomes of an attack under one policy, on the tools of one server.</summary>
public enum AttackOutcome
{
    /// <summary>It gets through.</summary>
    GetsThrough,

    /// <summary>The gate stops a part of it, and the policy leaves tools open that the rest is made on.</summary>
    Partly,

    /// <summary>The policy stops it: it leaves nothing open that the attack needs.</summary>
    StoppedByPolicy,

    /// <summary>A guard that is always on stops it, whatever the policy says.</summary>
    AlwaysStopped,

    /// <summary>The server has no tool that it is made on.</summary>
    NotApplicable,
}

/// <summary>An attack, and what becomes of it.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Tools">The tools it gets through by, by name; empty where it does not, or needs none.</param>
/// <param name="Change">The smallest change of the document that stops it; empty where nothing has to change or no policy helps.</param>
public sealed record AttackVerdict(AttackEntry Attack, AttackOutcome Outcome, IReadOnlyList<string> Tools, IReadOnlyList<PatchStep> Change)
{
    /// <summary>A policy has a say in it here: the score counts these alone.</summary>
    public bool IsPolicys => !Attack.AppliesTo.IsGate && Outcome is not (AttackOutcome.AlwaysStopped or AttackOutcome.NotApplicable);
}

/// <summary>
/// Which attacks of the database would get through a policy on the tools of a server. The policy is asked as calls ask it; what
/// counts as stopped is in docs/attacks.md, word for word.
/// </summary>
public sealed class AttackCoverage
{
    private readonly IReadOnlyList<AttackedTool> tools;

    private AttackCoverage(CompiledPolicy policy, IReadOnlyList<OfferedTool> offered) =>
        tools = [.. offered.Select(tool => AttackedTool.Of(tool, policy))];

    public required IReadOnlyList<AttackVerdict> Verdicts { get; init; }

    /// <summary>Attacks that apply, that no guard stops always, and that this policy stops.</summary>
    public int Stopped => Verdicts.Count(static verdict => verdict is { IsPolicys: true, Outcome: AttackOutcome.StoppedByPolicy });

    /// <summary>Attacks that apply and that no guard stops always.</summary>
    public int Counted => Verdicts.Count(static verdict => verdict.IsPolicys);

    /// <summary>Of a hundred attacks that a policy has a say in, how many this one stops, rounded down; null where there are none.</summary>
    public int? Score => Counted == 0 ? null : Stopped * 100 / Counted;

    public int Count(AttackOutcome outcome) => Verdicts.Count(verdict => verdict.Outcome == outcome);

    /// <param name="policy">The document compiled.</param>
    /// <param name="document">The same as JSON.</param>
    /// <param name="offered">The tools of the server.</param>
    /// <param name="database">The attacks.</param>
    public static AttackCoverage Of(CompiledPolicy policy, JsonObject document, IReadOnlyList<OfferedTool> offered, AttackDatabase database)
    {
        var now = new AttackCoverage(policy, offered) { Verdicts = [] };
        return new AttackCoverage(policy, offered)
        {
            Verdicts = [.. database.Entries.Select(attack => now.Verdict(attack, policy, document, offered))],
        };
    }

    private AttackVerdict Verdict(AttackEntry attack, CompiledPolicy policy, JsonObject document, IReadOnlyList<OfferedTool> offered)
    {
        var (outcome, through) = Judge(attack, policy);
        var change = outcome == AttackOutcome.GetsThrough && !attack.AppliesTo.IsGate ? Change(attack, document, offered, through) : [];
        return new AttackVerdict(attack, outcome, [.. through.Select(static tool => tool.Name)], change);
    }

    private (AttackOutcome Outcome, IReadOnlyList<AttackedTool> Through) Judge(AttackEntry attack, CompiledPolicy policy)
    {
        var scope = attack.AppliesTo;
        if (scope.IsGate)
        {
            return (attack.Stops switch { AttackStop.Yes => AttackOutcome.AlwaysStopped, AttackStop.Partly => AttackOutcome.Partly, _ => AttackOutcome.GetsThrough }, []);
        }

        if (scope.Methods.Count > 0)
        {
            return (scope.Methods.Any(policy.OpensMethod) ? AttackOutcome.GetsThrough : AttackOutcome.StoppedByPolicy, []);
        }

        var (first, others) = (tools.Where(tool => scope.IsAnyTool || scope.Tools.Fit(tool.Category, tool.Signals)).ToList(), tools.Where(tool => scope.With.Fit(tool.Category, tool.Signals)).ToList());
        if (first.Count == 0 || (!scope.With.IsEmpty && others.Count == 0))
        {
            return (AttackOutcome.NotApplicable, []);
        }

        if (attack.IsAlwaysStopped)
        {
            return (AttackOutcome.AlwaysStopped, []);
        }

        var (open, openOthers) = (first.Where(tool => tool.IsOpenTo(attack)).ToList(), others.Where(tool => tool.IsOpenTo(attack)).ToList());
        return open.Count == 0 || (!scope.With.IsEmpty && openOthers.Count == 0) ? (AttackOutcome.StoppedByPolicy, [])
            : attack.Stops == AttackStop.Partly && attack.StoppedWhen.Count == 0 ? (AttackOutcome.Partly, open)
            // Either half of a flow ends it; the smaller one is the smaller change.
            : (AttackOutcome.GetsThrough, !scope.With.IsEmpty && openOthers.Count < open.Count ? openOthers : open);
    }

    /// <summary>The changes are tried: a patch is given only where the document compiles with it and the attack is stopped.</summary>
    private static IReadOnlyList<PatchStep> Change(AttackEntry attack, JsonObject document, IReadOnlyList<OfferedTool> offered, IReadOnlyList<AttackedTool> through)
    {
        foreach (var patch in AttackRemedies.Of(attack, document, through))
        {
            var compiled = PolicyCompiler.Compile(JsonSerializer.SerializeToUtf8Bytes(patch.Document)).Policy;
            if (compiled is not null && new AttackCoverage(compiled, offered) { Verdicts = [] }.Judge(attack, compiled).Outcome == AttackOutcome.StoppedByPolicy)
            {
                return patch.Steps;
            }
        }

        return [];
    }
}

/// <summary>A tool with what it can do, and what the policy makes of it.</summary>
internal sealed record AttackedTool(string Name, RiskCategory? Category, IReadOnlyList<RiskSignal> Signals, IReadOnlyList<SignalledArgument> Arguments, ToolRuling Ruling, JsonElement Definition)
{
    public static AttackedTool Of(OfferedTool tool, CompiledPolicy policy) => new(
        tool.Name, tool.Category is { } category ? Categories.ToRisk(category) : null, ToolClassifier.Shipped.Classify(tool.Definition).Signals,
        ToolClassifier.ArgumentsOf(tool.Definition), policy.Explain(tool.Name, tool.Category), tool.Definition);

    /// <summary>
    /// The policy leaves the tool to this attack: an agent can reach it, and nothing that would stop the attack is demanded. What a
    /// definition says reaches an agent by the list alone, everything else by a call.
    /// </summary>
    public bool IsOpenTo(AttackEntry attack) =>
        (attack.IsByDefinition ? Ruling.Listed : Ruling.Action is Effect.Allow or Effect.Approve) && !attack.StoppedWhen.Any(remedy => Has(remedy, attack));

    /// <summary>The arguments that the attack is made by.</summary>
    public IEnumerable<string> ArgumentsFor(AttackEntry attack) =>
        Arguments.Where(argument => attack.AppliesTo.Tools.Signals.Contains(argument.Kind)).Select(static argument => argument.Name).Distinct(StringComparer.Ordinal);

    private bool Has(AttackRemedy remedy, AttackEntry attack) => remedy switch
    {
        AttackRemedy.Approval => Ruling.Action == Effect.Approve,
        AttackRemedy.Limit => Ruling.IsLimited,
        AttackRemedy.Amount => Ruling.IsLimitedByAmount,
        _ => ArgumentsFor(attack).ToList() is { Count: > 0 } arguments
            && arguments.All(argument => Ruling.Required.Any(required => required.Argument == argument && attack.RuleOperators.Contains(required.Op, StringComparer.Ordinal))),
    };
}
