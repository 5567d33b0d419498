namespace Callgate.Gateway.Upstreams;

/// <summary>
/// One cancellation for the whole of an HTTP exchange: its caller's, and a time limit that each step sets anew. One source
/// a call, where a source for each read would cost more than the reading.
/// </summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource source;
    private readonly CancellationToken caller;
    private readonly CancellationTokenRegistration registration;

    public Deadline(TimeSpan first, TimeProvider time, CancellationToken caller)
    {
        this.caller = caller;
        source = new CancellationTokenSource(first, time);
        registration = Follow(caller);
    }

    public CancellationToken Token => source.Token;

    /// <summary>The next step has this long.</summary>
    public void Allow(TimeSpan limit) => source.CancelAfter(limit);

    /// <summary>No step is under way, so none can be late.</summary>
    public void Rest() => source.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>Ends the exchange with this token too, as long as the registration lasts.</summary>
    public CancellationTokenRegistration Also(CancellationToken token) => token == caller ? default : Follow(token);

    public void Dispose()
    {
        registration.Dispose();
        source.Dispose();
    }

    private CancellationTokenRegistration Follow(CancellationToken token) =>
        token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source);
}
