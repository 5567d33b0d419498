using Callgate.Gateway.Sessions;
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
        var key = call.Message.IdKey;
        var numbered = message with { Numbered = id => session.Sent(key, id) };
        if (message.ProgressToken is not { } token)
        {
            return await ExchangeAsync(call, conversation, numbered, ending).ConfigureAwait(false);
        }

        // The token of a parked request holds until its response is fetched.
        session.AddProgressToken(token, call.ProgressToken!.Value);
        var parked = false;
        try
        {
            var untilThen = ending with { CompleteAsync = late => LateAsync(session, token, ending, late) };
            var end = await ExchangeAsync(call, conversation, numbered, untilThen).ConfigureAwait(false);
            parked = ReferenceEquals(end, RelayEnd.Parked);
            return end;
        }
        finally
        {
            if (!parked)
            {
                session.RemoveProgressToken(token);
            }
        }
    }

    private static ValueTask LateAsync(ClientSession session, long token, Ending ending, RelayEnd late)
    {
        session.RemoveProgressToken(token);
        return ending.CompleteAsync(late);
    }

    private async ValueTask<RelayEnd> ExchangeAsync(Incoming call, Conversation conversation, JudgedMessage message, Ending ending)
    {
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.Cut, call.Unwanted);
            var exchange = await conversation.RequestAsync(message, stop.Token).ConfigureAwait(false);
            await using (exchange.ConfigureAwait(false))
            {
                return await relay.RunAsync(call, conversation, exchange, ending).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return await Relay.AbandonAsync(call, null).ConfigureAwait(false);
        }
    }
}
