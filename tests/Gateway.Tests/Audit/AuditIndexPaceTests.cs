using Callgate.Gateway.Audit;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>How the index divides its time, computed with the speed it was measured to have.</summary>
public sealed class AuditIndexPaceTests
{
    private const double Speed = 94_900;

    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData(1_000)]
    [InlineData(5_000)]
    [InlineData(20_000)]
    [InlineData(80_000)]
    public void RestAfter_SustainedLoad_KeepsTheIndexWithinTwoSeconds(double load)
    {
        var lags = Run(load, behind: 0, TimeSpan.FromMinutes(10));

        Assert.InRange(lags.Max(), 0, 2 * load);
    }

    [Fact]
    public void RestAfter_FarBehind_CatchesUpAtFullSpeed()
    {
        const double Behind = 2_000_000;

        var lags = Run(1_000, Behind, TimeSpan.FromSeconds(1.2 * Behind / Speed));

        Assert.InRange(lags[^1], 0, 2_000);
    }

    [Fact]
    public void RestAfter_CaughtUp_RestsMostOfTheTimeAgain()
    {
        var pace = new AuditIndexPace();
        for (var step = 0; step < 10; step++)
        {
            pace.RestAfter(LongestStep, more: true);
        }

        Assert.Equal(TimeSpan.Zero, pace.RestAfter(LongestStep, more: true));
        var rest = TimeSpan.Zero;
        for (var step = 0; step < 30; step++)
        {
            rest = pace.RestAfter(LongestStep, more: false);
        }

        Assert.Equal(19 * LongestStep, rest);
    }

    /// <summary>How many entries are recorded and not indexed, before each step.</summary>
    private static List<double> Run(double load, double behind, TimeSpan length)
    {
        var pace = new AuditIndexPace();
        var lags = new List<double>();
        for (var now = TimeSpan.Zero; now < length;)
        {
            lags.Add(behind);
            var needed = TimeSpan.FromSeconds(behind / Speed);
            var worked = needed < LongestStep ? needed : LongestStep;
            var rest = pace.RestAfter(worked, more: needed > LongestStep);
            behind += (load * (worked + rest).TotalSeconds) - (Speed * worked.TotalSeconds);
            now += worked + rest;
        }

        return lags;
    }
}
