namespace Callgate.Gateway.Upstreams;

/// <summary>
/// The clock of one request: it must be answered at all, must not fall silent, and must end. Activity only notes the
/// time; the timer looks at it when it fires, so a busy stream costs no timer operation per message.
/// </summary>
internal sealed class PipeDeadline : IDisposable
{
    private readonly UpstreamTimeouts limits;
    private readonly TimeProvider time;
    private readonly Func<bool> mayBeSilent;
    private readonly bool endless;
    private readonly Action<string> expired;
    private readonly long begun;
    private readonly ITimer timer;
    private long lastActivity;
    private bool heard;

    /// <param name="limits">The server's bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="endless">A subscription: once acknowledged it may last and be silent.</param>
    /// <param name="mayBeSilent">True while the other side waits for an answer of ours.</param>
    /// <param name="expired">Called once, with the name of the bound.</param>
    public PipeDeadline(UpstreamTimeouts limits, TimeProvider time, bool endless, Func<bool> mayBeSilent, Action<string> expired)
    {
        this.limits = limits;
        this.time = time;
        this.endless = endless;
        this.mayBeSilent = mayBeSilent;
        this.expired = expired;
        begun = lastActivity = time.GetTimestamp();
        timer = time.CreateTimer(static state => ((PipeDeadline)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(Shorter(limits.FirstByte, limits.Total));
    }

    public void Touch()
    {
        Volatile.Write(ref lastActivity, time.GetTimestamp());
        if (!Volatile.Read(ref heard))
        {
            Volatile.Write(ref heard, true);
            Look();
        }
    }

    public void Dispose() => timer.Dispose();

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void Look()
    {
        var answered = Volatile.Read(ref heard);
        if (answered && endless)
        {
            return;
        }

        var toTotal = limits.Total - time.GetElapsedTime(begun);
        var silence = time.GetElapsedTime(Volatile.Read(ref lastActivity));
        var quiet = answered ? limits.Idle : limits.FirstByte;
        var toQuiet = mayBeSilent() ? quiet : quiet - silence;
        if (toTotal <= TimeSpan.Zero || toQuiet <= TimeSpan.Zero)
        {
            expired(toTotal <= TimeSpan.Zero ? "total" : answered ? "idle" : "first_byte");
            return;
        }

        Arm(Shorter(toTotal, toQuiet));
    }

    private void Arm(TimeSpan due)
    {
        try
        {
            // Timers count whole milliseconds; one that fires early would only look again.
            timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The exchange ended meanwhile.
        }
    }
}
