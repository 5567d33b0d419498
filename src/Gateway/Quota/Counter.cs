namespace Callgate.Gateway.Quota;

/// <summary>What one counter has been charged. One that holds nothing is not kept.</summary>
internal abstract class Counter(CounterKey key)
{
    public CounterKey Key => key;

    /// <summary>Tells counters apart that are due at the same time.</summary>
    public required long Id { get; init; }

    /// <summary>The grant whose sessions it counts among; null for other scopes, and after a restart until it is charged again.</summary>
    public SessionFamily? Payer { get; set; }

    /// <summary>The counters of the other values of its <c>per</c>; null without one.</summary>
    public ValueFamily? Family { get; init; }

    /// <summary>When to look whether something has ended: never later than <see cref="FirstEnd"/>. Changed by its table alone.</summary>
    public DateTimeOffset Due { get; set; }

    public abstract Total Used { get; }

    /// <summary>Charges that are kept one by one.</summary>
    public virtual int Kept => 0;

    public bool IsEmpty => Used.IsZero;

    /// <summary>When something of it no longer counts.</summary>
    public abstract DateTimeOffset FirstEnd { get; }

    /// <summary>Lets go of what has ended.</summary>
    public abstract void Advance(DateTimeOffset now);

    /// <summary>Takes the amount, which there is room for, and says what may be given back.</summary>
    public abstract Charge Take(DateTimeOffset now, decimal amount);

    /// <summary>When so much no longer counts; there is so much.</summary>
    public abstract DateTimeOffset GoneAt(Total amount);

    public abstract void GiveBack(in Charge charge);

    public abstract void Restore(in Charge charge);

    /// <summary>As it is at this time, without letting go of anything; null when nothing counts any more.</summary>
    public abstract CounterState? StateAt(DateTimeOffset now);
}

/// <summary>Counts one aligned window; in the next one there is another counter in its place.</summary>
internal sealed class AlignedCounter(CounterKey key, DateTimeOffset start) : Counter(key)
{
    private readonly DateTimeOffset end = CounterWindows.EndOf(key.Window, start);
    private Total used;

    public override Total Used => used;

    public override DateTimeOffset FirstEnd => end;

    public override void Advance(DateTimeOffset now)
    {
        if (end <= now)
        {
            used = default;
        }
    }

    public override Charge Take(DateTimeOffset now, decimal amount)
    {
        used += Total.Of(amount);
        return new Charge(Key, start, amount);
    }

    public override DateTimeOffset GoneAt(Total amount) => end;

    public override void GiveBack(in Charge charge)
    {
        if (charge.WindowStart == start)
        {
            used -= Total.Of(charge.Amount);
        }
    }

    public override void Restore(in Charge charge)
    {
        if (charge.WindowStart == start)
        {
            used += Total.Of(charge.Amount);
        }
    }

    public override CounterState? StateAt(DateTimeOffset now) => end > now ? new CounterState(Key, start, end, used.ToDecimal()) : null;
}

/// <summary>Counts the time that has just passed: a charge at s counts at t while s &gt; t − W.</summary>
internal sealed class SlidingCounter(CounterKey key) : Counter(key)
{
    private readonly SlidingCharges charges = new();

    public override Total Used => charges.Total;

    public override int Kept => charges.Count;

    public override DateTimeOffset FirstEnd => EndOf(charges.Oldest);

    public override void Advance(DateTimeOffset now) => charges.DropUntil(CounterWindows.Before(Key.Window, now));

    public override Charge Take(DateTimeOffset now, decimal amount)
    {
        charges.Add(now.UtcTicks, amount);
        return new Charge(Key, now, amount);
    }

    public override DateTimeOffset GoneAt(Total amount) => charges.GoneWith(amount) is { } at ? EndOf(at) : DateTimeOffset.MaxValue;

    public override void GiveBack(in Charge charge) => charges.TryRemove(charge.WindowStart.UtcTicks, charge.Amount);

    public override void Restore(in Charge charge) => charges.Add(charge.WindowStart.UtcTicks, charge.Amount);

    public override CounterState? StateAt(DateTimeOffset now)
    {
        var before = CounterWindows.Before(Key.Window, now);
        var used = charges.After(before);
        return used.IsZero ? null : new CounterState(Key, new DateTimeOffset(Math.Max(before, 0), TimeSpan.Zero), now, used.ToDecimal());
    }

    private DateTimeOffset EndOf(long at) => CounterWindows.EndOf(Key.Window, new DateTimeOffset(at, TimeSpan.Zero));
}
