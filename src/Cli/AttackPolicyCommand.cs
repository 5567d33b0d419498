using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Catalogue.Attacks;
using Callgate.Gateway.Catalogue;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary><c>callgate attack --policy FILE</c>: which attacks would get through this policy on these tools. Nothing is sent anywhere.</summary>
internal sealed class AttackPolicyCommand(GateOptions gate)
{
    private const int MostTools = 6;

    private const int MostSteps = 6;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string?> policy = new("--policy") { Description = "Judge this policy by the attack database, on the tools of --server or --tools.", HelpName = "FILE" };
    private readonly Option<int?> failUnder = new("--fail-under") { Description = "With --policy: exit with 3 when fewer of a hundred attacks are stopped.", HelpName = "SCORE" };
    private readonly ToolSource source = new();

    public void AddTo(Command command)
    {
        command.Add(policy);
        command.Add(failUnder);
        source.AddTo(command);
        gate.AddTo(command);
    }

    public bool IsAsked(ParseResult parsed) => parsed.GetValue(policy) is not null;

    public async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var file = parsed.GetValue(policy)!;
        var compiled = PolicyFiles.Policy(file).Policy!;
        var document = JsonNode.Parse(PolicyFiles.Document(file))!.AsObject();
        var tools = await source.ReadAsync(parsed, gate, cancellationToken)
            ?? throw new CommandFault(ExitCode.Usage, "callgate: give --server NAME or --tools FILE");
        var coverage = AttackCoverage.Of(compiled, document, tools, AttackPack.Database);
        var output = parsed.InvocationConfiguration.Output;
        if (gate.Json(parsed))
        {
            output.WriteLine(ToJson(file, compiled, tools.Count, coverage).ToJsonString());
        }
        else
        {
            Text(output, file, compiled, tools.Count, coverage);
        }

        return parsed.GetValue(failUnder) is { } least && coverage.Score < least ? ExitCode.RiskFound : ExitCode.Fine;
    }

    private static void Text(TextWriter output, string file, CompiledPolicy policy, int tools, AttackCoverage coverage)
    {
        output.WriteLine(coverage.Score is { } score
            ? $"{Printer.Plain(file)}, on {tools} tool{(tools == 1 ? "" : "s")}: stops {coverage.Stopped} of {coverage.Counted} attacks that a policy has a say in ({score} %)"
            : $"{Printer.Plain(file)}, on {tools} tool{(tools == 1 ? "" : "s")}: no attack of the database depends on the policy here");
        if (coverage.Verdicts.Count(static verdict => verdict is { IsPolicys: true, Outcome: AttackOutcome.GetsThrough, Attack.Stops: AttackStop.NotYet }) is > 0 and var open)
        {
            output.WriteLine($"{open} of the others no policy stops yet, short of hiding the tools");
        }

        if (policy.IsShadow)
        {
            output.WriteLine("the policy says `mode: shadow`; it is judged here as if it were enforced");
        }

        Group(output, "gets through", coverage.Verdicts.Where(static verdict => verdict is { IsPolicys: true, Outcome: AttackOutcome.GetsThrough }));
        Group(output, "stopped in part", coverage.Verdicts.Where(static verdict => verdict is { IsPolicys: true, Outcome: AttackOutcome.Partly }));
        List(output, "stopped by this policy", coverage.Verdicts.Where(static verdict => verdict.Outcome == AttackOutcome.StoppedByPolicy));
        List(output, "on the gate itself, not stopped yet", coverage.Verdicts.Where(static verdict => verdict.Attack.AppliesTo.IsGate && verdict.Outcome == AttackOutcome.GetsThrough));
        List(output, "on the gate itself, stopped in part", coverage.Verdicts.Where(static verdict => verdict.Attack.AppliesTo.IsGate && verdict.Outcome == AttackOutcome.Partly));
        output.WriteLine();
        output.WriteLine($"stopped whatever a policy says: {coverage.Count(AttackOutcome.AlwaysStopped)}; no tool here that they are made on: {coverage.Count(AttackOutcome.NotApplicable)}");
    }

    private static void Group(TextWriter output, string title, IEnumerable<AttackVerdict> verdicts)
    {
        var all = verdicts.ToList();
        if (all.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"{title}: {all.Count}");
        foreach (var verdict in all)
        {
            output.WriteLine($"  {verdict.Attack.Id}  {verdict.Attack.Title}{(verdict.Attack.Stops == AttackStop.NotYet ? " (not stopped yet)" : "")}");
            if (verdict.Tools.Count > 0)
            {
                output.WriteLine($"       by {Some([.. verdict.Tools.Select(Printer.Cell)], MostTools, "tools")}");
            }

            foreach (var step in verdict.Change.Take(MostSteps))
            {
                output.WriteLine(Printer.Plain($"       {step.Op} {step.Path}{(step.Value is null ? "" : " " + step.Value.ToJsonString(Readable))}"));
            }

            if (verdict.Change.Count > MostSteps)
            {
                output.WriteLine($"       and {verdict.Change.Count - MostSteps} more; see --json");
            }

            if (verdict.Change.Count == 0)
            {
                output.WriteLine($"       {verdict.Attack.DoesNotStop}");
            }
        }
    }

    private static void List(TextWriter output, string title, IEnumerable<AttackVerdict> verdicts)
    {
        var ids = verdicts.Select(static verdict => verdict.Attack.Id).ToList();
        if (ids.Count > 0)
        {
            output.WriteLine();
            output.WriteLine($"{title}: {string.Join(' ', ids)}");
        }
    }

    private static string Some(IReadOnlyList<string> names, int most, string what) =>
        names.Count <= most ? string.Join(", ", names) : $"{string.Join(", ", names.Take(most))} and {names.Count - most} more {what}";

    private static JsonObject ToJson(string file, CompiledPolicy policy, int tools, AttackCoverage coverage) => new()
    {
        ["policy"] = file,
        ["shadow"] = policy.IsShadow,
        ["tools"] = tools,
        ["score"] = coverage.Score,
        ["stopped"] = coverage.Stopped,
        ["counted"] = coverage.Counted,
        ["attacks"] = new JsonArray([.. coverage.Verdicts.Select(static verdict => (JsonNode)new JsonObject
        {
            ["id"] = verdict.Attack.Id,
            ["slug"] = verdict.Attack.Slug,
            ["title"] = verdict.Attack.Title,
            ["outcome"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.Outcome.ToString()),
            ["counted"] = verdict.IsPolicys,
            ["tools"] = new JsonArray([.. verdict.Tools.Select(static name => (JsonNode)name)]),
            ["change"] = new JsonArray([.. verdict.Change.Select(static step => (JsonNode)step.ToJson())]),
            ["does_not_stop"] = verdict.Attack.DoesNotStop,
        })]),
    };
}
