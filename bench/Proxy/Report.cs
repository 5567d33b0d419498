using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Callgate.Bench.Proxy;

/// <summary>Medians, and ratios of slices of the same round, as text that is committed with the machine it was taken on.</summary>
public sealed class Report(Plan plan, IReadOnlyDictionary<(string Target, int Connections), List<SliceResult>> results)
{
    private readonly List<string> notes = [];

    public void AddMemory(string variant, double now, double most) =>
        notes.Add(Line($"- Resident memory of the gate ({variant}) after the load: {now:0} MB, at most {most:0} MB."));

    public void AddRecord(string variant, long answered, long recorded, long mostInFlight)
    {
        if (recorded < answered || recorded > answered + mostInFlight)
        {
            throw new BenchException($"the load saw {answered} answers of the gate ({variant}) and its record holds {recorded} calls");
        }

        notes.Add(Line($"- Record of the gate ({variant}): {answered} answers seen, {recorded} calls recorded; the rest was in flight when a slice ended. The search index ran inside the gate all the time, and its work counts in the figures."));
    }

    public void AddStreams(int count, double before, double with) =>
        notes.Add(Line($"- {count} idle proxied streams: {with:0} MB resident, {before:0} MB before them."));

    public void AddStarts(List<double> seconds)
    {
        if (seconds.Count > 0)
        {
            notes.Add(Line($"- From the start of the process to the first 200 of `/readyz`: median {Median(seconds) * 1e3:0} ms of {seconds.Count} starts ({seconds.Min() * 1e3:0} to {seconds.Max() * 1e3:0} ms)."));
        }
    }

    public string Text()
    {
        var text = new StringBuilder();
        text.Append(Line($"Load: keep-alive JSON `tools/call`, {(plan.Modern ? "2026-07-28" : "2025-11-25")}, closed loop, {plan.Rounds} interleaved rounds of {plan.Seconds} s a slice, seed {plan.Seed}; every answer compared byte for byte.\n"));
        text.Append(Line($"Machine: {Machine()}\n\n"));
        text.Append("| connections | target | calls/s | p50 us | p99 us | CPU us a call | calls/s ÷ direct | calls/s ÷ nginx | p50 − nginx, us | p99 ÷ nginx | CPU ÷ nginx |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var connections in plan.Connections)
        {
            foreach (var target in results.Keys.Where(key => key.Connections == connections).Select(static key => key.Target).Order(StringComparer.Ordinal))
            {
                text.Append(Row(target, connections));
            }
        }

        text.Append('\n');
        notes.ForEach(note => text.Append(note).Append('\n'));
        return text.ToString();
    }

    private string Row(string target, int connections)
    {
        var own = results[(target, connections)];
        var direct = results[("direct", connections)];
        var nginx = results[("nginx", connections)];
        double Against(List<SliceResult> other, Func<SliceResult, double> value) => Median(own.Zip(other, (a, b) => value(a) / value(b)));
        var cpu = own[0].CpuMicroseconds is null ? ("", "") : (Line($"{Median(own.Select(static s => s.CpuMicroseconds!.Value)):0.0}"), Line($"{Against(nginx, static s => s.CpuMicroseconds!.Value):0.00}"));
        return Line($"| {connections} | {target} | {Median(own.Select(static s => s.CallsASecond)):0} | {Median(own.Select(static s => s.P50Microseconds)):0} | {Median(own.Select(static s => s.P99Microseconds)):0} | {cpu.Item1} | {Against(direct, static s => s.CallsASecond):0.00} | {Against(nginx, static s => s.CallsASecond):0.00} | {Median(own.Zip(nginx, static (a, b) => a.P50Microseconds - b.P50Microseconds)):0} | {Against(nginx, static s => s.P99Microseconds):0.00} | {cpu.Item2} |\n");
    }

    private static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        var memory = long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024 / 1024;
        return Line($"{Environment.ProcessorCount} cores of {model}, {memory} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; load, upstream and gate share the cores.");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Line(FormattableString text) => FormattableString.Invariant(text);
}
