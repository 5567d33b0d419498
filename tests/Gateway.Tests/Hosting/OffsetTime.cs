namespace Callgate.Gateway.Tests.Hosting;

/// <summary>The clock of this machine, moved by hand: timers go on as they were, only what is read from the clock jumps.</summary>
public sealed class OffsetTime : TimeProvider
{
    private long offset;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref offset));

    public void Advance(TimeSpan by) => Interlocked.Add(ref offset, by.Ticks);
}
