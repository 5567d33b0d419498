namespace Callgate.EndToEnd.Tests.Recovery;

/// <summary>What a process was seen to use at a moment.</summary>
internal sealed record Sample(TimeSpan At, long Resident, int Handles);

/// <summary>A line through samples.</summary>
internal static class Samples
{
    /// <summary>The slope of the line with the least squares, by the hour.</summary>
    public static double SlopePerHour(IEnumerable<(TimeSpan At, double Value)> samples)
    {
        var points = samples.Select(static sample => (X: sample.At.TotalHours, Y: sample.Value)).ToList();
        var (x, y) = (points.Average(static point => point.X), points.Average(static point => point.Y));
        var spread = points.Sum(point => (point.X - x) * (point.X - x));
        return spread == 0 ? 0 : points.Sum(point => (point.X - x) * (point.Y - y)) / spread;
    }
}
