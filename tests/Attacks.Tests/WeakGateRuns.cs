using System.Collections.Concurrent;
using Callgate.Attacks.Running;
using Callgate.Attacks.Scenarios;
using Callgate.Attacks.Tests.WeakGates;
using Callgate.Attacks.Upstreams;
using Xunit;

namespace Callgate.Attacks.Tests;

/// <summary>Each scenario against a stand-in with each weakness that it names, and against one without any.</summary>
public sealed class WeakGateRuns : IAsyncLifetime
{
    private const int Lanes = 8;

    public static IReadOnlyList<(Scenario Scenario, string Weakness)> Planted { get; } =
        [.. ScenarioReader.Shipped().SelectMany(static scenario => scenario.Weaknesses.Select(weakness => (scenario, weakness)))];

    /// <summary>By scenario and weakness; an empty one for none.</summary>
    public ConcurrentDictionary<(string Id, string Weakness), ScenarioResult> Results { get; } = [];

    public async ValueTask InitializeAsync()
    {
        // Where something is found nobody waits for more, and nothing that a stand-in does takes long.
        var suite = new Suite(static (_, _) => throw new InvalidOperationException(), ProductRun.Executable) { MostFindings = 1, LongestWait = TimeSpan.FromSeconds(10) };
        await using var upstream = new RecordingUpstream();
        var all = Planted.Concat(ScenarioReader.Shipped().Where(static scenario => scenario.Expected == Outcome.Held).Select(static scenario => (scenario, "")));
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (pair, _) =>
        {
            await using var gate = new WeakGate(pair.Item2.Length == 0 ? [] : [pair.Item2]);
            Results[(pair.Item1.Id, pair.Item2)] = await suite.RunAsync(pair.Item1, gate, upstream);
        });
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
