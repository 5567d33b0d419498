using Callgate.Gateway.Audit;

namespace Callgate.Gateway.Dashboard;

/// <summary>Calls per minute as bars, by decision, the allowed ones at the bottom.</summary>
/// <param name="begin">The first minute; the last one is the one that is not over.</param>
public sealed class ActivityChart(DateTimeOffset begin, IReadOnlyList<MinuteCalls> lines)
{
    public const int Minutes = 60;

    public const int Width = Minutes * BarPitch;

    public const int Height = 140;

    private const int BarPitch = 12;

    private const int BarWidth = 9;

    /// <summary>From the bottom up.</summary>
    public static readonly IReadOnlyList<(string Decision, string Said)> Decisions = [("allow", "allowed"), ("pending", "asked about"), ("deny", "denied"), ("hide", "hidden")];

    private readonly long first = begin.ToUnixTimeSeconds() / 60;

    /// <summary>All calls of a decision.</summary>
    public long Total(string decision) => lines.Where(line => line.Decision == decision).Sum(static line => line.Calls);

    public long Calls => lines.Sum(static line => line.Calls);

    /// <summary>The most calls of one minute: the height of the chart.</summary>
    public long Peak => lines.GroupBy(static line => line.Minute).Select(static minute => minute.Sum(static line => line.Calls)).DefaultIfEmpty(0).Max();

    /// <summary>The rectangles that are to be drawn.</summary>
    public IEnumerable<(string Decision, int X, int Y, int Width, int Height)> Bars()
    {
        var peak = Math.Max(1, Peak);
        foreach (var minute in lines.GroupBy(static line => line.Minute.ToUnixTimeSeconds() / 60).OrderBy(static minute => minute.Key))
        {
            var (x, below) = ((int)(minute.Key - first) * BarPitch, 0L);
            foreach (var (decision, _) in Decisions)
            {
                var calls = minute.Where(line => line.Decision == decision).Sum(static line => line.Calls);
                var (top, bottom) = (Height - (int)(Height * (below + calls) / peak), Height - (int)(Height * below / peak));
                below += calls;
                if (calls > 0)
                {
                    // A single refusal among thousands of calls is still to be seen.
                    yield return (decision, x, Math.Min(top, bottom - 1), BarWidth, Math.Max(1, bottom - top));
                }
            }
        }
    }
}
