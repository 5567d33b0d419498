using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>One client's share of a link. Ids, answers and streams of other clients on the same link are out of its reach.</summary>
internal sealed class PipeConversation(PipeLink link) : Conversation
{
    public override CancellationToken Ended => link.Ended;

    public override bool HasEnded => link.HasEnded;

    /// <summary>The open listening stream; guarded by the router.</summary>
    internal PipeExchange? Listener { get; set; }

    /// <summary>What waits for it; guarded by the router.</summary>
    internal PipeBacklog Backlog { get; } = new();

    public override async ValueTask<Exchange> RequestAsync(JudgedMessage request, CancellationToken cancellationToken) =>
        await link.RequestAsync(this, request, cancellationToken);

    public override ValueTask<UpstreamFault?> SendAsync(JudgedMessage message, CancellationToken cancellationToken) =>
        message.Kind == RpcKind.Response
            ? link.AnswerAsync(this, message, cancellationToken)
            : link.NotifyAsync(this, message, cancellationToken);

    public override ValueTask<Exchange> ListenAsync(string? lastEventId, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Exchange>(link.Listen(this));

    public override ValueTask<int> EndAsync(CancellationToken cancellationToken)
    {
        link.Detach(this);
        return ValueTask.FromResult(200);
    }

    public override ValueTask DisposeAsync()
    {
        link.Detach(this);
        return ValueTask.CompletedTask;
    }
}
