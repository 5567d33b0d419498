namespace Callgate.Gateway.Upstreams;

/// <summary>
/// A conversation with one upstream on behalf of one client session (up to 2025-11-25) or one grant (2026-07-28). Ids
/// toward the upstream are made here; they are never the client's.
/// </summary>
public abstract class Conversation : IAsyncDisposable
{
    /// <summary>The upstream's own session id; null where it has none (stateless servers, pipes).</summary>
    public virtual string? UpstreamSession => null;

    /// <summary>Cancelled when the upstream is gone and the conversation with it.</summary>
    public virtual CancellationToken Ended => CancellationToken.None;

    /// <summary>The upstream is gone; said before those who wait for it are told, so that whoever comes back then finds it so.</summary>
    public virtual bool HasEnded => Ended.IsCancellationRequested;

    /// <summary>Sends a request. What the upstream says about it is read from the exchange, which ends with its response.</summary>
    public abstract ValueTask<Exchange> RequestAsync(JudgedMessage request, CancellationToken cancellationToken);

    /// <summary>Sends a notification, or the client's answer to a request of the upstream. Null when it was handed over.</summary>
    public abstract ValueTask<UpstreamFault?> SendAsync(JudgedMessage message, CancellationToken cancellationToken);

    /// <summary>Opens the stream of what belongs to no request (legacy GET). One at a time.</summary>
    public abstract ValueTask<Exchange> ListenAsync(string? lastEventId, CancellationToken cancellationToken);

    /// <summary>Ends the upstream's session where it has one (legacy DELETE); the HTTP status it answered, or 200.</summary>
    public abstract ValueTask<int> EndAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}

/// <summary>What an upstream sends about one request, or on its listening stream, in order.</summary>
public abstract class Exchange : IAsyncDisposable
{
    /// <summary>The id under which the upstream knows this request; 0 for a listening stream.</summary>
    public abstract long UpstreamId { get; }

    /// <summary>The HTTP status of the upstream's answer where it speaks HTTP.</summary>
    public virtual int? Status => null;

    /// <summary>True when the upstream answers with a stream, false when with one JSON body; pipes say null: both will do.</summary>
    public virtual bool? IsStream => null;

    /// <summary>
    /// The next event, or null at the end. A response whose id is not <see cref="UpstreamId"/> is never returned: it is
    /// dropped and counted. After an event with a fault, or after the response, null follows.
    /// </summary>
    public abstract ValueTask<UpstreamEvent?> NextAsync(CancellationToken cancellationToken);

    /// <summary>Stops reading. An unfinished HTTP exchange is aborted; a pipe sends <c>notifications/cancelled</c> in the newest era.</summary>
    public abstract ValueTask DisposeAsync();
}
