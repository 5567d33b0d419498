namespace Callgate.Gateway.Audit;

/// <summary>Says once in a while that it is time.</summary>
internal sealed class JournalTicks(TimeSpan every, TimeProvider time)
{
    private long last = time.GetTimestamp();

    /// <summary>How long until the next one is due; never negative.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = every - time.GetElapsedTime(last);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public bool IsDue()
    {
        if (Left > TimeSpan.Zero)
        {
            return false;
        }

        Restart();
        return true;
    }

    public void Restart() => last = time.GetTimestamp();
}
