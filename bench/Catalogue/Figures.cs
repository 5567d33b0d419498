using System.Diagnostics;
using Callgate.Bench.Record;

namespace Callgate.Bench.Catalogue;

/// <summary>Times of one kind of question, and the row that tells them.</summary>
internal sealed class Figures(string what)
{
    public const string Head = "| what | asked | p50 ms | p99 ms | max ms | CPU p50 ms | CPU p99 ms | slowest |\n|---|---:|---:|---:|---:|---:|---:|---|";

    private readonly List<double> times = [];
    private readonly List<double> cpus = [];
    private string slowest = "";
    private double longest;

    public async Task MeasureAsync(string question, Func<Task> ask)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var begun = Stopwatch.GetTimestamp();
        await ask();
        var time = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        cpus.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
        times.Add(time);
        if (time > longest)
        {
            (longest, slowest) = (time, question);
        }
    }

    public void Print()
    {
        times.Sort();
        cpus.Sort();
        Console.WriteLine(FormattableString.Invariant(
            $"| {what} | {times.Count} | {Machine.Percentile(times, 0.5):0.0} | {Machine.Percentile(times, 0.99):0.0} | {longest:0.0} | {Machine.Percentile(cpus, 0.5):0.0} | {Machine.Percentile(cpus, 0.99):0.0} | {slowest} |"));
    }
}
