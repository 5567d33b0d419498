using Callgate.Fixtures;
using Callgate.Gateway.Tests.Hostile.Fuzz;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Generated hostile requests: no bypass, no crash, no hang, no 5xx (security study, F1).</summary>
public sealed class ClientFuzzTests
{
    private const int Round = 20_000;

    [Fact]
    public Task Requests_OfAFixedSeed_PassNoOracle() => RunAsync(new LongRun("fuzz-requests-short", seed: 20261129), Round);

    [Fact]
    [Trait("Category", "Full")]
    public Task Requests_AMillion_PassNoOracle() => RunAsync(new LongRun("fuzz-requests"), LongRun.Size("CALLGATE_REQUESTS", 1_000_000));

    private static async Task RunAsync(LongRun run, long count)
    {
        await using var fuzz = await ClientFuzz.StartAsync(run.Seed, lanes: 4);
        var done = 0L;
        for (; done < count && fuzz.Faults.Count == 0; done += Round)
        {
            await fuzz.RunAsync(Math.Min(Round, count - done));
            run["requests"] = Math.Min(done + Round, count);
            run["faults"] = fuzz.Faults.Count;
            run.Save();
        }

        run["upstream saw"] = fuzz.Sent;
        foreach (var (status, times) in fuzz.Statuses)
        {
            run[$"status {status}"] = times;
        }

        run.Write();
        Assert.True(fuzz.Faults.Count == 0, $"seed {run.Seed}\n{string.Join('\n', fuzz.Faults.Take(10))}");

        // A run that refuses everything, or nothing, proves nothing.
        Assert.InRange(fuzz.Statuses[200], count / 20, count * 9 / 10);
        Assert.InRange(fuzz.Statuses[400], count / 20, count * 9 / 10);
        Assert.True(fuzz.Sent > count / 20, $"the upstream saw {fuzz.Sent} messages");
    }
}
