using System.Diagnostics;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Recovery;

/// <summary>kill -9 under load: every call the upstream saw is in the record, no limit is exceeded, the gate comes back (security study, F4).</summary>
public sealed class KillTests
{
    [Fact]
    public Task Kill_AHundredTimes_LosesNoRecordAndAdmitsNoMoreThanTheLimit() => RunAsync(new LongRun("kills-short"), 100, Math.Max(1, Environment.ProcessorCount));

    [Fact]
    [Trait("Category", "Full")]
    public Task Kill_AThousandTimes_LosesNoRecordAndAdmitsNoMoreThanTheLimit() =>
        RunAsync(new LongRun("kills"), (int)LongRun.Size("CALLGATE_KILLS", 1_000), Math.Max(1, Environment.ProcessorCount));

    private static async Task RunAsync(LongRun run, int kills, int lanes)
    {
        var begun = Stopwatch.GetTimestamp();
        var each = (kills + lanes - 1) / lanes;
        var all = await Task.WhenAll(Enumerable.Range(0, lanes).Select(number => Task.Run(() => LaneAsync(run, number, each))));
        run["kills"] = each * lanes;
        run["lanes"] = lanes;
        run["seconds a kill"] = Math.Round(Stopwatch.GetElapsedTime(begun).TotalSeconds / (each * lanes), 2);
        run["upstream saw"] = all.Sum(static lane => lane.Seen);
        run["recorded as allowed"] = all.Sum(static lane => lane.Recorded);
        run["start, mean seconds"] = Math.Round(all.Average(static lane => lane.Starts.Average(static start => start.Wait.TotalSeconds)), 2);
        run["start, longest seconds"] = Math.Round(all.Max(static lane => lane.Starts.Max(static start => start.Wait.TotalSeconds)), 2);
        run["start, most processor seconds"] = Math.Round(all.Max(static lane => lane.Starts.Max(static start => start.Work.TotalSeconds)), 2);
        run.Write();

        // Ready again within five seconds: of work, since a machine that is busy with others makes every start wait longer.
        Assert.All(all.SelectMany(static lane => lane.Starts), static start => Assert.True(start.Work < TimeSpan.FromSeconds(5), $"a start took {start.Work.TotalSeconds} s of the processors"));
    }

    private static async Task<KillLane> LaneAsync(LongRun run, int number, int kills)
    {
        await using var lane = await KillLane.StartAsync($"lane{number}", run.Seed + number, kills);
        for (var kill = 0; kill < kills; kill++)
        {
            await lane.LiveAsync();
            run.Progress($"kills of lane {number} so far", kill + 1);
        }

        await lane.FinishAsync();
        return lane;
    }
}
