using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>The legacy listening stream (GET): what an upstream sends that belongs to no request, judged message by message.</summary>
public sealed class Listening(Questions questions, TimeProvider time)
{
    /// <summary>How long a response on a resumed stream waits for the stream it was first asked on.</summary>
    private static readonly TimeSpan LongestGivingUp = TimeSpan.FromSeconds(2);

    /// <summary>Null when the stream was served to its end; otherwise why there is none.</summary>
    public async ValueTask<UpstreamFault?> RunAsync(Party party, ReplyStream reply, string? lastEventId)
    {
        var session = party.Session!;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(party.Cut, party.ClientGone, session.Closed);
        try
        {
            var exchange = await session.Conversation.ListenAsync(lastEventId, stop.Token).ConfigureAwait(false);
            await using (exchange.ConfigureAwait(false))
            {
                return await StreamAsync(party, reply, exchange, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async ValueTask<UpstreamFault?> StreamAsync(Party party, ReplyStream reply, Exchange exchange, CancellationToken stop)
    {
        // Nothing is promised to the client before the upstream has accepted the stream.
        if (exchange.IsStream == false)
        {
            return (await exchange.NextAsync(stop).ConfigureAwait(false))?.Fault
                ?? new UpstreamFault(UpstreamFaultKind.Invalid, "the server answered a stream with a message", "no event stream", NothingSent: false, exchange.Status);
        }

        await reply.OpenStreamAsync().ConfigureAwait(false);
        var conversation = party.Session!.Conversation;
        while (await KeepAlive.UntilAsync(exchange.NextAsync(stop).AsTask(), reply, time).ConfigureAwait(false) is { Fault: null } happened)
        {
            if (happened.Message is null)
            {
                await reply.PrimeAsync(happened).ConfigureAwait(false);
            }
            else if (await JudgeAsync(party, conversation, happened.Message).ConfigureAwait(false) is { } message)
            {
                await reply.MessageAsync(message, happened).ConfigureAwait(false);
            }
        }

        return null;
    }

    /// <summary>A resumed stream brings the response that its first stream did not deliver.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> JudgeAsync(Party party, Conversation conversation, RpcMessage message)
    {
        if (message.Kind != RpcKind.Response)
        {
            return await questions.JudgeAsync(party, conversation, message).ConfigureAwait(false);
        }

        if (!message.TryGetIntegerId(out var id) || await UnparkAsync(party.Session!, id).ConfigureAwait(false) is not { } parked)
        {
            return null;
        }

        await parked.CompleteAsync().ConfigureAwait(false);
        return parked.Finish(message);
    }

    /// <summary>A client that is quick to resume is met while its first stream is still being given up.</summary>
    private async ValueTask<ParkedResponse?> UnparkAsync(ClientSession session, long id)
    {
        if (!session.TryUnpark(id, out var parked))
        {
            await session.SettledAsync(id).WaitAsync(LongestGivingUp, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            session.TryUnpark(id, out parked);
        }

        return parked;
    }
}
