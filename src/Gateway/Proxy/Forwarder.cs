using System.Runtime.CompilerServices;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>The client's response made of an upstream's.</summary>
/// <param name="RefusedCode">Set when it is a refusal of ours: the upstream answered what may not reach the client.</param>
public sealed record Finished(ReadOnlyMemory<byte> Message, string? RefusedCode = null)
{
    /// <summary>A refusal in the form that the request's method has for it.</summary>
    public static Finished Refused(Incoming call, Refusal refusal, string reference) => new(
        string.Equals(call.Method, "tools/call", StringComparison.Ordinal) ? Refusals.Tool(call, refusal, reference) : Refusals.Method(call, refusal, reference),
        refusal.Code);
}

/// <summary>What to do with an upstream's response.</summary>
/// <param name="Finish">Makes the client's response of it.</param>
/// <param name="CompleteAsync">Writes how the request ended, when that is known only after its own stream is over.</param>
public sealed record Ending(Func<RpcMessage, Finished> Finish, Func<RelayEnd, ValueTask> CompleteAsync);

/// <summary>Sends a sealed request to its upstream and relays what comes back.</summary>
public sealed class Forwarder(Connector connector, Relay relay)
{
    /// <summary>Waits until all of its batch is judged, sends, and relays. What an upstream makes fail here fails for this request alone.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RelayEnd> ForwardAsync(Incoming call, JudgedMessage message, Ending ending)
    {
        try
        {
            var judged = call.JudgedAsync();
            if (!judged.IsCompletedSuccessfully)
            {
                await judged.WaitAsync(call.Cut).ConfigureAwait(false);
            }

            call.Cut.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException)
        {
            return RelayEnd.Failed(new UpstreamFault(UpstreamFaultKind.Unavailable, "the request was ended before it was sent", "cut before it was sent", NothingSent: true));
        }

        try
        {
            return call.Session is { } session
                ? await InSessionAsync(call, session.Conversation, message, ending).ConfigureAwait(false)
                : await StatelessAsync(call, message, ending).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return await Relay.AbandonAsync(call, null).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or System.Text.Json.JsonException or FormatException or ArgumentException)
        {
            // An answer of a shape that no room expected is the upstream's failure, not the gate's.
            return RelayEnd.Failed(new UpstreamFault(UpstreamFaultKind.Invalid, "the server's answer could not be read", exception.Message, NothingSent: false));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RelayEnd> StatelessAsync(Incoming call, JudgedMessage message, Ending ending)
    {
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RelayEnd> ExchangeAsync(Incoming call, Conversation conversation, JudgedMessage message, Ending ending)
    {
        // A legacy client that hangs up has not cancelled: the upstream is read to the end, for the record.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.Cut, call.Unwanted);
        var exchange = await conversation.RequestAsync(message, stop.Token).ConfigureAwait(false);
        await using (exchange.ConfigureAwait(false))
        {
            return await relay.RunAsync(call, conversation, exchange, ending, stop.Token).ConfigureAwait(false);
        }
    }
}
