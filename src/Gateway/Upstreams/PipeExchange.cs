using System.Threading.Channels;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// What one request (or one listening stream) receives over a shared pipe. Bounded: a reader that is too slow loses the
/// exchange, never the gateway's memory.
/// </summary>
internal sealed class PipeExchange : Exchange
{
    public const int MaxMessages = 1024;
    public const int MaxBytes = 16 * 1024 * 1024;

    private readonly Channel<(RpcMessage Message, int Bytes)> messages =
        Channel.CreateBounded<(RpcMessage, int)>(new BoundedChannelOptions(MaxMessages) { SingleReader = true });

    private readonly Action<PipeExchange> left;
    private readonly CancellationTokenSource givenUp = new();
    private UpstreamFault? fault;
    private long waitingBytes;
    private int told;

    public PipeExchange(long id, JudgedMessage? request, PipeConversation owner, Action<PipeExchange> left)
    {
        UpstreamId = id;
        Method = request?.Method;
        ProgressToken = request?.ProgressToken;
        Owner = owner;
        this.left = left;
    }

    public override long UpstreamId { get; }

    public string? Method { get; }

    public long? ProgressToken { get; }

    public PipeConversation Owner { get; }

    /// <summary>Set before the link can end the exchange, so that an end in between never claims that nothing left; taken back only when the pipe is certain that none left.</summary>
    public bool Sent { get; set; }

    /// <summary>The upstream has been told that nobody waits any more.</summary>
    public bool CancelSent { get; set; }

    /// <summary>Requests of the upstream inside this exchange that a client has yet to answer: until then silence is not idleness.</summary>
    public int AwaitedAnswers { get; set; }

    /// <summary>Stops a sender that still waits for room in the pipe.</summary>
    public CancellationToken GivenUp => givenUp.Token;

    /// <summary>The clock of this exchange; null for a listening stream.</summary>
    public PipeDeadline? Deadline { get; set; }

    /// <summary>False when the reader is too far behind: the exchange is then to be given up.</summary>
    public bool TryAdd(RpcMessage message, int bytes)
    {
        var waiting = Interlocked.Add(ref waitingBytes, bytes);
        return (waiting <= MaxBytes || waiting == bytes) && messages.Writer.TryWrite((message, bytes));
    }

    /// <summary>Nothing more comes, as it should be.</summary>
    public void Complete()
    {
        Deadline?.Dispose();
        messages.Writer.TryComplete();
    }

    /// <summary>Nothing more comes although the response is missing; the reason follows what was received, if there is one.</summary>
    public void Abandon(UpstreamFault? reason)
    {
        if (reason is not null)
        {
            Interlocked.CompareExchange(ref fault, reason, null);
        }

        // Its callbacks run elsewhere: this may be called while the router is locked.
        _ = givenUp.CancelAsync();
        Complete();
    }

    public override async ValueTask<UpstreamEvent?> NextAsync(CancellationToken cancellationToken)
    {
        while (await messages.Reader.WaitToReadAsync(cancellationToken))
        {
            if (messages.Reader.TryRead(out var next))
            {
                Interlocked.Add(ref waitingBytes, -next.Bytes);
                return new UpstreamEvent(next.Message);
            }
        }

        return Volatile.Read(ref fault) is { } reason && Interlocked.Exchange(ref told, 1) == 0
            ? new UpstreamEvent(null, Fault: reason)
            : null;
    }

    public override ValueTask DisposeAsync()
    {
        left(this);
        return ValueTask.CompletedTask;
    }
}
