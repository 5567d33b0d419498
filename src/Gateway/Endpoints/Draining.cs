namespace Callgate.Gateway.Endpoints;

/// <summary>
/// What happens when the gate is told to stop: streams end at once, nothing new begins, calls in flight get their time.
/// The gate goes on answering until they are done.
/// </summary>
public sealed class Draining(TimeProvider time) : IDisposable
{
    /// <summary>How long calls in flight may go on.</summary>
    public static readonly TimeSpan CallsGoOn = TimeSpan.FromSeconds(22);

    /// <summary>What a call that was cut may still need to be recorded and answered.</summary>
    private static readonly TimeSpan Last = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource streams = new();
    private readonly CancellationTokenSource calls = new();
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int inFlight;

    public bool Begun => streams.IsCancellationRequested;

    public CancellationToken StreamsEnd => streams.Token;

    public CancellationToken CallsEnd => calls.Token;

    /// <summary>Counts a request in; whether the gate ends is looked at after this, so that none is missed.</summary>
    public void Enter() => Interlocked.Increment(ref inFlight);

    public void Leave()
    {
        if (Interlocked.Decrement(ref inFlight) == 0 && Begun)
        {
            idle.TrySetResult();
        }
    }

    /// <summary>Done when nothing is in flight; what does not end by itself is cut.</summary>
    public async Task RunAsync()
    {
        await streams.CancelAsync().ConfigureAwait(false);
        if (Volatile.Read(ref inFlight) == 0 || await IdleAsync(CallsGoOn).ConfigureAwait(false))
        {
            return;
        }

        await calls.CancelAsync().ConfigureAwait(false);
        await IdleAsync(Last).ConfigureAwait(false);
    }

    public void Dispose()
    {
        streams.Dispose();
        calls.Dispose();
    }

    private async Task<bool> IdleAsync(TimeSpan limit)
    {
        try
        {
            await idle.Task.WaitAsync(limit, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
