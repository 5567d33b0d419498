using Callgate.Policy;

namespace Callgate.Gateway.Quota;

/// <summary>Ends of windows, for windows that outlast the calendar too.</summary>
internal static class CounterWindows
{
    public static DateTimeOffset EndOf(LimitWindow window, DateTimeOffset start)
    {
        var left = DateTimeOffset.MaxValue - start;
        var isPastTheCalendar = window.Seconds == 0 ? left.TotalDays < 31 : left.TotalSeconds < window.Seconds;
        return isPastTheCalendar ? DateTimeOffset.MaxValue : window.EndOf(start);
    }

    /// <summary>The last tick that a sliding window reaching up to <paramref name="now"/> no longer holds; before the calendar when it holds all.</summary>
    public static long Before(LimitWindow window, DateTimeOffset now) =>
        window.Seconds > now.UtcTicks / TimeSpan.TicksPerSecond ? -1 : now.UtcTicks - (window.Seconds * TimeSpan.TicksPerSecond);
}
