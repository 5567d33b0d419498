using System.Text;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>What to do with an upstream's response.</summary>
/// <param name="Finish">Makes the client's response of it.</param>
/// <param name="CompleteAsync">Writes how the request ended, when that is known only after its own stream is over.</param>
public sealed record Ending(Func<RpcMessage, ReadOnlyMemory<byte>> Finish, Func<RelayEnd, ValueTask> CompleteAsync);

/// <summary>Sends a sealed request to its upstream and relays what comes back.</summary>
public sealed class Forwarder(Connector connector, Relay relay)
{
    public async ValueTask<RelayEnd> ForwardAsync(Incoming call, JudgedMessage message, Ending ending)
    {
        if (call.Session is { } session)
        {
            return await InSessionAsync(call, session.Conversation, message, ending).ConfigureAwait(false);
        }

        var (conversation, fault) = await connector.OpenModernAsync(call.Server, call.Grant.Id, call.Cut).ConfigureAwait(false);
        if (conversation is null)
        {
            return RelayEnd.Failed(fault!);
        }

        await using (conversation.ConfigureAwait(false))
        {
            return await ExchangeAsync(call, conversation, message, ending).ConfigureAwait(false);
        }
    }

    private async ValueTask<RelayEnd> InSessionAsync(Incoming call, Conversation conversation, JudgedMessage message, Ending ending)
    {
        var session = call.Session!;
        if (message.ProgressToken is { } token)
        {
            session.AddProgressToken(token, call.ProgressToken!.Value);
        }

        try
        {
            return await ExchangeAsync(call, conversation, message, ending).ConfigureAwait(false);
        }
        finally
        {
            if (message.ProgressToken is { } used)
            {
                session.RemoveProgressToken(used);
            }
        }
    }

    private async ValueTask<RelayEnd> ExchangeAsync(Incoming call, Conversation conversation, JudgedMessage message, Ending ending)
    {
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.Cut, call.Modern ? call.ClientGone : CancellationToken.None);
            var exchange = await conversation.RequestAsync(message, stop.Token).ConfigureAwait(false);
            await using (exchange.ConfigureAwait(false))
            {
                call.Session?.Sent(Encoding.UTF8.GetString(call.RawId.Span), exchange.UpstreamId);
                return await relay.RunAsync(call, conversation, exchange, ending).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return new RelayEnd("abandoned", Detail: call.Cut.IsCancellationRequested ? "the grant ended or the gateway stopped" : "the client hung up");
        }
    }
}
