namespace Callgate.Gateway.Endpoints;

/// <summary>What happens to open requests when the gate is told to stop: streams end at once, calls get their time.</summary>
public sealed class Draining(TimeProvider time) : IDisposable
{
    /// <summary>How long calls in flight may go on, less than the host's own limit.</summary>
    public static readonly TimeSpan CallsGoOn = TimeSpan.FromSeconds(22);

    private readonly CancellationTokenSource streams = new();
    private readonly CancellationTokenSource calls = new();
    private ITimer? limit;

    public bool Begun => streams.IsCancellationRequested;

    public CancellationToken StreamsEnd => streams.Token;

    public CancellationToken CallsEnd => calls.Token;

    public void Begin()
    {
        limit = time.CreateTimer(_ => calls.Cancel(), null, CallsGoOn, Timeout.InfiniteTimeSpan);
        streams.Cancel();
    }

    public void Dispose()
    {
        limit?.Dispose();
        streams.Dispose();
        calls.Dispose();
    }
}
