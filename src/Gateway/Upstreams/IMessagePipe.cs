namespace Callgate.Gateway.Upstreams;

/// <summary>A duplex of whole messages: a child process or an HTTP+SSE connection. Both are driven by one multiplexer.</summary>
public interface IMessagePipe : IAsyncDisposable
{
    /// <summary>Sends one message. Null when the pipe took all of it.</summary>
    ValueTask<UpstreamFault?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>The next message as bytes, bounded; null when the other side ended. What is no message is skipped and counted by the pipe.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Why the pipe ended, for the record: exit code, last lines of stderr, HTTP status.</summary>
    string EndDetail { get; }

    /// <summary>What its end means for those who still wait: unavailable, or invalid when it sent more than it may.</summary>
    UpstreamFaultKind EndKind { get; }
}
