using System.Globalization;

namespace Callgate.Bench.Proxy;

/// <summary>The same load on every target, slice by slice in a shuffled order, round after round.</summary>
public sealed class Comparison(Plan plan, Scene scene)
{
    private readonly Dictionary<(string Target, int Connections), List<SliceResult>> results = [];
    private readonly Dictionary<string, long> sent = [];

    public async Task<int> RunAsync()
    {
        var (_, proxy) = await scene.StartPeersAsync();
        var gates = new List<GateUnderTest>();
        var targets = new List<Target> { new("direct", scene.Upstream, null, scene.WriteLoad(null)), new("nginx", scene.Proxy, proxy, scene.WriteLoad(null)) };
        foreach (var variant in plan.Variants)
        {
            var gate = await scene.StartGateAsync(variant);
            var session = plan.Modern ? null : await gate.OpenSessionAsync(scene.Headers("initialize", null));
            gates.Add(gate);
            targets.Add(new Target(NameOf(gate), gate.Mcp, gate.Process.Id, scene.WriteLoad(session)));
        }

        Console.Error.WriteLine("warming up");
        foreach (var target in targets)
        {
            await CountedAsync(target, 64, 8);
            await CountedAsync(target, 1, 1);
        }

        await RoundsAsync(targets);
        var report = new Report(plan, results);
        foreach (var gate in gates)
        {
            report.AddMemory(gate.Variant, ProcessTimes.Megabytes(gate.Process.Id, "VmRSS"), ProcessTimes.Megabytes(gate.Process.Id, "VmHWM"));
            if (gate.Variant == WithoutRecord.Unrecorded)
            {
                continue;
            }

            report.AddRecord(gate.Variant, sent[NameOf(gate)], gate.RecordedCalls(), plan.Rounds * plan.Connections.Sum() + 65);
        }

        await ExtrasAsync(report, gates);
        var text = report.Text();
        Console.WriteLine(text);
        if (plan.Save is { } file)
        {
            await File.WriteAllTextAsync(file, text);
        }

        return 0;
    }

    private static string NameOf(GateUnderTest gate) => "gate " + gate.Variant;

    private async Task RoundsAsync(List<Target> targets)
    {
        var order = new Random(plan.Seed);
        for (var round = 1; round <= plan.Rounds; round++)
        {
            foreach (var connections in plan.Connections)
            {
                var shuffled = targets.ToArray();
                order.Shuffle(shuffled);
                foreach (var target in shuffled)
                {
                    var slice = await CountedAsync(target, connections, plan.Seconds);
                    if (!results.TryGetValue((target.Name, connections), out var all))
                    {
                        results[(target.Name, connections)] = all = [];
                    }

                    all.Add(slice);
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}/{plan.Rounds} {connections,3} connections {target.Name,-16} {slice.CallsASecond,8:0}/s p50 {slice.P50Microseconds,6:0} us cpu {slice.CpuMicroseconds,5:0.0} us"));
                }
            }
        }
    }

    private async Task<SliceResult> CountedAsync(Target target, int connections, int seconds)
    {
        var slice = await Slice.RunAsync(target, connections, seconds);
        sent[target.Name] = sent.GetValueOrDefault(target.Name) + slice.Calls;
        return slice;
    }

    private async Task ExtrasAsync(Report report, List<GateUnderTest> gates)
    {
        if (plan.Streams > 0)
        {
            await using var held = new IdleStreams(gates[0], scene.Headers("subscriptions/listen", null));
            var before = ProcessTimes.Megabytes(gates[0].Process.Id, "VmRSS");
            await held.OpenAsync(plan.Streams);
            report.AddStreams(plan.Streams, before, ProcessTimes.Megabytes(gates[0].Process.Id, "VmRSS"));
        }

        foreach (var gate in gates)
        {
            gate.Process.Kill();
            await gate.Process.WaitForExitAsync();
        }

        var starts = new List<double>();
        for (var start = 0; start < plan.Starts; start++)
        {
            var gate = await scene.StartGateAsync(plan.Variants[0]);
            starts.Add(gate.ReadyAfter.TotalSeconds);
            gate.Process.Kill();
            await gate.Process.WaitForExitAsync();
        }

        report.AddStarts(starts);
    }
}
