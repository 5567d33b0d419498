namespace Callgate.Gateway.Tests.Quota;

/// <summary>A clock that stands where a test sets it; timers run in real time.</summary>
internal sealed class SettableTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private DateTimeOffset now = start;
    private long elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Set(DateTimeOffset instant)
    {
        lock (gate)
        {
            now = instant;
        }
    }

    /// <summary>Wall clock and timestamps go on together.</summary>
    public void Advance(TimeSpan by)
    {
        lock (gate)
        {
            now += by;
            elapsed += by.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp()
    {
        lock (gate)
        {
            return elapsed;
        }
    }
}
