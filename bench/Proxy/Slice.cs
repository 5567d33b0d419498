using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Callgate.Bench.Proxy;

/// <summary>One target of the load: where it answers, and whose processor time counts.</summary>
public sealed record Target(string Name, Uri Url, int? Process, string Load);

/// <summary>What one slice of load showed.</summary>
/// <param name="CpuMicroseconds">Processor time of the target per call; null for the upstream itself.</param>
public sealed record SliceResult(long Calls, double CallsASecond, double P50Microseconds, double P99Microseconds, double? CpuMicroseconds);

/// <summary>Runs wrk against one target for a moment.</summary>
public static partial class Slice
{
    public static async Task<SliceResult> RunAsync(Target target, int connections, int seconds)
    {
        var before = target.Process is { } process ? ProcessTimes.CpuSeconds(process) : 0;
        var output = await WrkAsync(target, connections, seconds);
        var after = target.Process is { } same ? ProcessTimes.CpuSeconds(same) : 0;
        var numbers = Numbers().Matches(output).ToDictionary(static match => match.Groups[1].Value, static match => long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        if (!numbers.TryGetValue("requests", out var calls) || calls == 0)
        {
            throw new BenchException($"no answer from {target.Name}\n{output}");
        }

        if (numbers["wrong"] + numbers["status"] + numbers["socket"] > 0)
        {
            throw new BenchException($"{target.Name} gave wrong answers at {connections} connections\n{output}");
        }

        double? cpu = target.Process is null ? null : (after - before) * 1e6 / calls;
        return new SliceResult(calls, calls / (numbers["us"] / 1e6), numbers["p50"], numbers["p99"], cpu);
    }

    private static async Task<string> WrkAsync(Target target, int connections, int seconds)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        string[] arguments =
        [
            "-t1", "-c" + connections.ToString(CultureInfo.InvariantCulture), "-d" + seconds.ToString(CultureInfo.InvariantCulture) + "s", "--latency",
            "-s", Path.Combine(AppContext.BaseDirectory, "load.lua"), target.Url.ToString(), "--", target.Load,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var wrk = Process.Start(start) ?? throw new BenchException("`wrk` could not be started");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds + 30));
        var output = await wrk.StandardOutput.ReadToEndAsync(limit.Token);
        await wrk.WaitForExitAsync(limit.Token);
        return output;
    }

    [GeneratedRegex(@"(\w+)=(\d+)")]
    private static partial Regex Numbers();
}
