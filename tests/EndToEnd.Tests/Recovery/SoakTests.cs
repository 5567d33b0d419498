using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Recovery;

/// <summary>Half of what the gate can do, for a long time, with streams open: memory and handles stay where they are (security study, F9).</summary>
public sealed class SoakTests
{
    /// <summary>Streams that stay open all the time: half of them of sessions, half subscriptions.</summary>
    private const int Streams = 200;

    /// <summary>Growth of memory over the whole time after the warm-up that is no leak yet: what a collector lets stand.</summary>
    private const double MostGrowth = 0.15;

    [Fact]
    [Trait("Category", "Full")]
    public async Task HalfLoad_WithOpenStreams_KeepsMemoryAndHandles()
    {
        var time = TimeSpan.FromMinutes(LongRun.Size("CALLGATE_SOAK_MINUTES", 30));
        var run = new LongRun("soak", seed: 0);
        await using var soak = await Soak.StartAsync(Streams);
        var most = await soak.MeasureAsync(TimeSpan.FromSeconds(10));
        await soak.RunAsync(most / 2, time / 5);
        var samples = await soak.RunAsync(most / 2, time * 4 / 5);
        await soak.EndAsync();

        var slope = Samples.SlopePerHour(samples.Select(static sample => (sample.At, (double)sample.Resident)));
        var growth = slope * (time * 4 / 5).TotalHours / samples.Average(static sample => sample.Resident);
        run["minutes"] = time.TotalMinutes;
        run["calls"] = soak.Calls;
        run["calls a second"] = most / 2;
        run["streams"] = Streams;
        run["server errors"] = soak.Failures.Count;
        run["resident, first and last MiB"] = $"{samples[0].Resident >> 20} {samples[^1].Resident >> 20}";
        run["slope, MiB an hour"] = Math.Round(slope / (1 << 20), 2);
        run["handles, least and most"] = $"{samples.Min(static sample => sample.Handles)} {samples.Max(static sample => sample.Handles)}";
        run.Write();

        Assert.True(soak.Failures.IsEmpty, string.Join('\n', soak.Failures.Take(5)));
        Assert.Equal(soak.Calls, soak.Recorded);
        Assert.Equal(soak.Calls, soak.Answered);
        Assert.Equal(Streams, soak.OpenStreams);
        Assert.True(growth < MostGrowth, $"memory grows by {growth:P0} of itself");
        var handles = samples.Select(static sample => sample.Handles).Order().ToList();
        Assert.InRange(handles[^1], handles[handles.Count / 2] * 0.95, (handles[handles.Count / 2] * 1.05) + 5);
    }
}
