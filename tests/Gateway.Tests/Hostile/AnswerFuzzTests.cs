using Callgate.Fixtures;
using Callgate.Gateway.Tests.Hostile.Fuzz;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Generated answers of an upstream: one well-formed answer to the client, its own or the gate's, and never another's (security study, F2).</summary>
public sealed class AnswerFuzzTests
{
    private const int Round = 5_000;

    [Fact]
    public Task Answers_OfAFixedSeed_PassNoOracle() => RunAsync(new LongRun("fuzz-answers-short", seed: 20261129), Round);

    [Fact]
    [Trait("Category", "Full")]
    public Task Answers_TwoHundredThousand_PassNoOracle() => RunAsync(new LongRun("fuzz-answers"), LongRun.Size("CALLGATE_ANSWERS", 200_000));

    private static async Task RunAsync(LongRun run, long count)
    {
        await using var fuzz = await AnswerFuzz.StartAsync(run.Seed);
        var done = 0L;
        for (; done < count && fuzz.Faults.Count == 0; done += Round)
        {
            await fuzz.RunAsync(Math.Min(Round, count - done));
            run["answers"] = Math.Min(done + Round, count);
            run["faults"] = fuzz.Faults.Count;
            run.Save();
        }

        foreach (var (outcome, times) in fuzz.Outcomes)
        {
            run[$"outcome {outcome}"] = times;
        }

        run.Write();
        Assert.True(fuzz.Faults.Count == 0, $"seed {run.Seed}\n{string.Join('\n', fuzz.Faults.Take(10))}");
        Assert.InRange(fuzz.Outcomes["as given"], count / 20, count * 9 / 10);
        Assert.InRange(fuzz.Outcomes["upstream.invalid"], count / 20, count * 9 / 10);
    }
}
