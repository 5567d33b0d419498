using System.Runtime.CompilerServices;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>How the forwarding of one request ended, in the words of the record.</summary>
/// <param name="Fault">Set when the upstream gave no usable answer; the client has not been answered yet.</param>
public sealed record RelayEnd(string Outcome, int? Status = null, string? Code = null, string? Detail = null, UpstreamFault? Fault = null)
{
    /// <summary>Not ended: the client fetches the response on another stream.</summary>
    public static RelayEnd Parked { get; } = new("parked");

    public static RelayEnd Answered(Exchange exchange) => new("answered", exchange.Status);

    public static RelayEnd Failed(UpstreamFault fault) => new("failed", fault.Status, Refusal.Of(fault).Code, fault.Detail, fault);
}

/// <summary>Carries what an upstream says about one request to the client that made it, message by message.</summary>
public sealed class Relay(Questions questions, TimeProvider time)
{
    /// <summary>A larger request is not kept for its response to be resumed once it was answered.</summary>
    private const int MaxKeptRequest = 16 * 1024;

    /// <summary>Reads the exchange to its end. <paramref name="ending"/> turns the upstream's response into the client's.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RelayEnd> RunAsync(Incoming call, Conversation conversation, Exchange exchange, Ending ending, CancellationToken stop)
    {
        if (exchange.IsStream == true)
        {
            await call.Reply.OpenStreamAsync().ConfigureAwait(false);
        }

        var resumable = false;
        try
        {
            while (await NextAsync(call, exchange, stop).ConfigureAwait(false) is { } happened)
            {
                resumable |= happened.EventId is not null;
                if (happened.Fault is { } fault)
                {
                    return IsGivenUp(call) ? await AbandonAsync(call, exchange.Status).ConfigureAwait(false) : RelayEnd.Failed(fault);
                }

                if (happened.Message is not { } message)
                {
                    await call.Reply.PrimeAsync(happened).ConfigureAwait(false);
                }
                else if (message.Kind == RpcKind.Response)
                {
                    return await FinishAsync(call, exchange, happened, ending, resumable).ConfigureAwait(false);
                }
                else if (await questions.JudgeAsync(call, conversation, message).ConfigureAwait(false) is { } forClient)
                {
                    await call.Reply.MessageAsync(forClient, happened).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return await AbandonAsync(call, exchange.Status).ConfigureAwait(false);
        }

        if (IsGivenUp(call))
        {
            return await AbandonAsync(call, exchange.Status).ConfigureAwait(false);
        }

        // 2025-11-25: a server may close the stream early; the client polls with the last event id it saw.
        // In an array of messages the ids of several streams would mix, so nothing there can be resumed.
        if (resumable && call is { Session: { } session, Reply.Batch: false })
        {
            var later = new ParkedResponse(
                call.Message.IdKey,
                message => ending.Finish(message).Message,
                () => ending.CompleteAsync(RelayEnd.Answered(exchange)),
                () => ending.CompleteAsync(new RelayEnd("abandoned", exchange.Status, Detail: "the client did not come back for the answer")));
            await session.ParkAsync(exchange.UpstreamId, later).ConfigureAwait(false);
            return RelayEnd.Parked;
        }

        return RelayEnd.Failed(new UpstreamFault(UpstreamFaultKind.Invalid, "the server ended its answer without a response", "the exchange ended before a response", NothingSent: false, exchange.Status));
    }

    /// <summary>Ends a request nobody waits for. A client that cancelled it gets the end of its answer; no response is due.</summary>
    public static async ValueTask<RelayEnd> AbandonAsync(Incoming call, int? status)
    {
        if (call.Cut.IsCancellationRequested)
        {
            return new RelayEnd("abandoned", status, Detail: "the grant ended or the gateway stopped");
        }

        if (!call.Modern)
        {
            await call.Reply.OpenStreamAsync().ConfigureAwait(false);
        }

        return new RelayEnd("abandoned", status, Detail: call.Modern ? "the client hung up" : "the client cancelled it");
    }

    /// <summary>A legacy client has said so, and its upstream may have ended the answer for that reason.</summary>
    private static bool IsGivenUp(Incoming call) => call.Session?.IsGivenUp(call.Message.IdKey) == true;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<RelayEnd> FinishAsync(Incoming call, Exchange exchange, UpstreamEvent happened, Ending ending, bool resumable)
    {
        var response = happened.Message!;
        var delivered = call.Reply.Reachable;
        var finished = ending.Finish(response);
        await call.Reply.ResponseAsync(finished.Message, finished.RefusedCode is null ? StatusOf(call, exchange, response) : 200, happened).ConfigureAwait(false);
        if (resumable && call is { Session: { } session, Reply.Batch: false } && call.Message.Length <= MaxKeptRequest)
        {
            session.KeepTold(exchange.UpstreamId, new ParkedResponse(call.Message.IdKey, message => ending.Finish(message).Message, static () => ValueTask.CompletedTask, static () => ValueTask.CompletedTask));
        }

        if (finished.RefusedCode is { } code)
        {
            return new RelayEnd("refused", exchange.Status, code, "the upstream's answer was not passed on");
        }

        return delivered ? RelayEnd.Answered(exchange) : new RelayEnd("abandoned", exchange.Status, Detail: "the client hung up before the answer");
    }

    /// <summary>Waits for the next event; a waiting stream is kept open by comments, and an answer of a pipe becomes one.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamEvent?> NextAsync(Incoming call, Exchange exchange, CancellationToken cancellationToken)
    {
        var pending = exchange.NextAsync(cancellationToken);
        if (pending.IsCompleted || exchange.IsStream == false)
        {
            return await pending.ConfigureAwait(false);
        }

        return await KeepAlive.UntilAsync(pending.AsTask(), call.Reply, time).ConfigureAwait(false);
    }

    /// <summary>The modern era maps errors to statuses; they are kept as the upstream decided them.</summary>
    private static int StatusOf(Incoming call, Exchange exchange, RpcMessage response) =>
        call.Modern && response.IsError && exchange.Status is >= 400 and < 500 and not (401 or 403 or 407 or 429) ? exchange.Status.Value : 200;
}
