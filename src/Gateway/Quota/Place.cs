using System.Collections.Immutable;

namespace Callgate.Gateway.Quota;

/// <summary>
/// What one call holds of the limits on calls in flight. It is freed once, by whoever is first to say that the call has
/// ended; it has no charge and is in no record, since no call is in flight after a restart.
/// </summary>
public sealed class Place : IDisposable
{
    private readonly Counters counters;
    private readonly ImmutableArray<CounterKey> held;
    private int isFreed;
    private volatile bool isLeft;

    internal Place(Counters counters, ImmutableArray<CounterKey> held) => (this.counters, this.held) = (counters, held);

    /// <summary>The call has ended.</summary>
    public void Free()
    {
        if (Interlocked.Exchange(ref isFreed, 1) == 0)
        {
            counters.Free(held);
        }
    }

    /// <summary>The call goes on although whoever holds this is done with it; it ends by <see cref="Free"/>.</summary>
    public void Leave() => isLeft = true;

    /// <summary>Frees it unless the call goes on.</summary>
    public void Dispose()
    {
        if (!isLeft)
        {
            Free();
        }
    }
}
