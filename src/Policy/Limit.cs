using System.Globalization;

namespace Callgate.Policy;

/// <summary>Whose calls a counter counts together (policy language, Limits, <c>scope</c>).</summary>
public enum LimitScope
{
    /// <summary>The calls of one grant; the default, and the only sound boundary for an agent.</summary>
    Grant,

    /// <summary>The calls of all grants of one identity.</summary>
    Identity,

    /// <summary>The calls of one client session; in 2026-07-28, which has none, the grant.</summary>
    Session,

    /// <summary>All calls on the server.</summary>
    Server,

    /// <summary>All calls under the policy on any server.</summary>
    Global,
}

/// <summary>
/// A calendar window in UTC: half-open, aligned. <c>second</c> … <c>month</c>, or whole seconds aligned to the Unix epoch
/// (policy language, Limits, <c>window</c>). A week is the ISO week, which begins on Monday.
/// </summary>
/// <param name="Seconds">The length in seconds; 0 for a month, whose length varies.</param>
/// <param name="Week">Aligned to Monday instead of to the Unix epoch.</param>
public readonly record struct LimitWindow(long Seconds, bool Week)
{
    /// <summary>One second.</summary>
    public static LimitWindow Second { get; } = new(1, false);

    /// <summary>Sixty seconds from the full minute.</summary>
    public static LimitWindow Minute { get; } = new(60, false);

    /// <summary>From the full hour.</summary>
    public static LimitWindow Hour { get; } = new(3_600, false);

    /// <summary>From midnight UTC.</summary>
    public static LimitWindow Day { get; } = new(86_400, false);

    /// <summary>From Monday, midnight UTC.</summary>
    public static LimitWindow IsoWeek { get; } = new(604_800, true);

    /// <summary>From the first of the month, midnight UTC.</summary>
    public static LimitWindow Month { get; } = new(0, false);

    /// <summary>The window as a document writes it: <c>second</c> … <c>month</c>, else the number of seconds. Two windows of one name are one window.</summary>
    public string Name => (Seconds, Week) switch
    {
        (0, _) => "month",
        (604_800, true) => "week",
        (1, false) => "second",
        (60, false) => "minute",
        (3_600, false) => "hour",
        (86_400, false) => "day",
        _ => Seconds.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The reverse of <see cref="Name"/>; false for what is no window.</summary>
    /// <param name="name">A name, or whole seconds of at least 1 in decimal digits.</param>
    /// <param name="window">The window; meaningless when false is returned.</param>
    public static bool TryParse(string name, out LimitWindow window)
    {
        LimitWindow? named = name switch
        {
            "second" => Second,
            "minute" => Minute,
            "hour" => Hour,
            "day" => Day,
            "week" => IsoWeek,
            "month" => Month,
            _ => null,
        };
        var seconds = 0L;
        var found = named is not null
            || (long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds > 0);
        window = named ?? new LimitWindow(seconds, false);
        return found;
    }

    /// <summary>The start of the window that holds the instant.</summary>
    public DateTimeOffset StartOf(DateTimeOffset instant)
    {
        var utc = instant.ToUniversalTime();
        if (Seconds == 0)
        {
            return new DateTimeOffset(utc.Year, utc.Month, 1, 0, 0, 0, TimeSpan.Zero);
        }

        // The epoch fell on a Thursday: four days later is the first Monday.
        var shift = Week ? 4 * 86_400L : 0;
        var seconds = utc.ToUnixTimeSeconds() - shift;
        var start = seconds - (((seconds % Seconds) + Seconds) % Seconds);
        return DateTimeOffset.FromUnixTimeSeconds(start + shift);
    }

    /// <summary>The end of the window that starts at <paramref name="start"/>: the start of the next.</summary>
    public DateTimeOffset EndOf(DateTimeOffset start) => Seconds == 0 ? start.AddMonths(1) : start.AddSeconds(Seconds);
}

/// <summary>
/// At most <paramref name="Max"/> in each <paramref name="Window"/> (policy language, Limits), as it meets one call: what
/// <c>amount</c> and <c>per</c> name has been read from the call.
/// </summary>
/// <param name="Counter">The counter's name; within one policy the same name is one counter.</param>
/// <param name="Window">Meaningless where <see cref="Concurrent"/> is set.</param>
/// <param name="Max">At least 0; the sum of charges in one window never exceeds it. Meaningless where <see cref="Concurrent"/> is set.</param>
/// <param name="Scope">Whose calls are counted together.</param>
/// <param name="Rule">JSON Pointer of the limit in its document.</param>
public sealed record Limit(string Counter, LimitWindow Window, decimal Max, LimitScope Scope, string Rule)
{
    /// <summary>At most <see cref="Max"/> in any (t−W, t], W the length of <see cref="Window"/>, instead of in each aligned window.</summary>
    public bool Sliding { get; init; }

    /// <summary>What the call charges, above 0; 1 unless the limit says <c>amount</c>.</summary>
    public decimal Amount { get; init; } = 1;

    /// <summary>The value that the call is counted under, in canonical form; null where the limit has no <c>per</c>.</summary>
    public string? Per { get; init; }

    /// <summary>The most calls in flight at once, instead of a window and a maximum; null for a limit over time.</summary>
    public int? Concurrent { get; init; }

    /// <summary>In words, with what this call would be charged.</summary>
    internal string Describe()
    {
        var whose = Scope.ToString().ToLowerInvariant();
        var apart = Per is null ? "" : $", apart for {Reading.Quote.Bounded(Per, 80)}";
        return Concurrent is { } most
            ? string.Create(CultureInfo.InvariantCulture, $"`{Counter}`: at most {most} at once by {whose}{apart}")
            : string.Create(CultureInfo.InvariantCulture, $"`{Counter}`: charges {Amount} of at most {Max} in {(Sliding ? "any" : "each")} {Window.Name} by {whose}{apart}");
    }
}
