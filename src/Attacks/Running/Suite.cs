using System.Collections.Concurrent;
using Callgate.Attacks.Gates;
using Callgate.Attacks.Scenarios;
using Callgate.Attacks.Upstreams;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Running;

/// <summary>Makes a gate: what its configuration file says besides servers, and whether its disk can be filled.</summary>
public delegate Task<Gate> GateMaker(string? configuration, bool onSmallDisk);

/// <summary>Runs scenarios against gates, several at once where they can share one.</summary>
public sealed class Suite
{
    private readonly GateMaker maker;

    /// <param name="maker">Makes the gates; each is ended by the suite.</param>
    /// <param name="executable">How the executable is started that serves as upstream over stdio.</param>
    public Suite(GateMaker maker, IReadOnlyList<string> executable) => (this.maker, Executable) = (maker, executable);

    /// <summary>How many scenarios share a gate at the same time.</summary>
    public int Lanes { get; init; } = 6;

    /// <summary>The longest that any condition or answer is waited for, whatever a scenario says.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How much is looked for in one part of one scenario.</summary>
    public int MostFindings { get; init; } = 8;

    /// <summary>Told of each scenario as it ends.</summary>
    public Action<ScenarioResult>? Ended { get; init; }

    internal IReadOnlyList<string> Executable { get; }

    /// <summary>Results in the order of the scenarios.</summary>
    public async Task<IReadOnlyList<ScenarioResult>> RunAsync(IReadOnlyList<Scenario> scenarios, CancellationToken cancellationToken)
    {
        var results = new ConcurrentDictionary<string, ScenarioResult>(StringComparer.Ordinal);
        await using var upstream = new RecordingUpstream();
        var together = scenarios.Where(static scenario => scenario.OwnGate is null).ToList();
        var apart = scenarios.Except(together).GroupBy(static scenario => scenario.OwnGate!.Value.GetRawText(), StringComparer.Ordinal).ToList();
        var alone = Parallel.ForEachAsync(apart, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancellationToken }, async (group, _) =>
        {
            // Those that ask for the same configuration share a gate, unless one has to have it for itself.
            var own = group.First().OwnGate!.Value;
            foreach (var some in own.IsTrue("alone") ? group.Select(static scenario => new[] { scenario }) : [[.. group]])
            {
                await using var gate = await maker(own.Text("config"), own.IsTrue("small_disk"));
                await Parallel.ForEachAsync(some, new ParallelOptions { MaxDegreeOfParallelism = Lanes, CancellationToken = cancellationToken }, async (scenario, _) => Keep(await RunAsync(scenario, gate, upstream)));
            }
        });
        if (together.Count > 0)
        {
            await using var shared = await maker(null, false);
            await Parallel.ForEachAsync(together, new ParallelOptions { MaxDegreeOfParallelism = Lanes, CancellationToken = cancellationToken }, async (scenario, _) => Keep(await RunAsync(scenario, shared, upstream)));
        }

        await alone;
        return [.. scenarios.Select(scenario => results[scenario.Id])];

        void Keep(ScenarioResult result)
        {
            results[result.Scenario.Id] = result;
            Ended?.Invoke(result);
        }
    }

    /// <summary>One scenario on a gate that is there.</summary>
    public async Task<ScenarioResult> RunAsync(Scenario scenario, Gate gate, RecordingUpstream upstream)
    {
        if (gate is OutsideGate && !scenario.Outside)
        {
            return new ScenarioResult(scenario, [.. scenario.Eras.Select(static era => new EraResult(era, Outcome.Inconclusive, "it needs an upstream, a policy or a record of ours", []))]);
        }

        var eras = new List<EraResult>();
        foreach (var era in scenario.Eras)
        {
            eras.Add(await RunAsync(scenario, era, gate, upstream));
        }

        // A gate that is not ours need not speak every version.
        var shown = eras.Where(static era => era.Outcome != Outcome.Inconclusive).ToList();
        return new ScenarioResult(scenario, gate is OutsideGate && shown.Count > 0 ? shown : eras);
    }

    private async Task<EraResult> RunAsync(Scenario scenario, Era era, Gate gate, RecordingUpstream upstream)
    {
        try
        {
            // A gate that refuses everything shows nothing: what is benign has to pass first.
            await using (var calm = await Stage.OpenAsync(scenario, era, "twin", gate, upstream, this))
            {
                var odd = await new Part(calm, "twin", MostFindings).RunAsync(scenario.Twin);
                if (odd.Count > 0)
                {
                    return new EraResult(era, Outcome.Inconclusive, "the benign twin did not pass", odd);
                }
            }

            await using var stage = await Stage.OpenAsync(scenario, era, "attack", gate, upstream, this);
            var findings = await new Part(stage, "attack", MostFindings).RunAsync(scenario.Attack);
            return new EraResult(era, findings.Count > 0 ? Outcome.Breached : Outcome.Held, null, findings);
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or TimeoutException or NotSupportedException or System.Net.Sockets.SocketException or KeyNotFoundException)
        {
            return new EraResult(era, Outcome.Inconclusive, $"it could not be run: {exception.Message}", []);
        }
    }
}
