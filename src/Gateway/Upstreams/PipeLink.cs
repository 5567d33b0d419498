using System.Numerics;
using Callgate.Gateway.Wire;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// One pipe shared by the conversations of one grant. Ids toward the upstream are small integers made here; no request
/// goes up before the handshake is done.
/// </summary>
public sealed class PipeLink : IAsyncDisposable
{
    /// <summary>How long a server may take from its start to the end of the handshake.</summary>
    public static TimeSpan DefaultStartLimit { get; } = TimeSpan.FromSeconds(60);

    private readonly IMessagePipe pipe;
    private readonly ServerDefinition server;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly TimeSpan startLimit;
    private readonly PipeRouter router;
    private readonly CancellationTokenSource ended = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource<UpstreamFault?> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock shaking = new();
    private Task<(RpcMessage? Response, UpstreamFault? Fault)>? handshake;
    private Task receiving = Task.CompletedTask;
    private UpstreamFault? end;
    private long lastId;
    private long lastUse;
    private long reported;

    private PipeLink(IMessagePipe pipe, ServerDefinition server, TimeProvider time, ILogger log, TimeSpan startLimit)
    {
        this.pipe = pipe;
        this.server = server;
        this.time = time;
        this.log = log;
        this.startLimit = startLimit;
        router = new PipeRouter(exchange => GiveUp(exchange, PipeFaults.TooSlowReader));
        lastUse = time.GetTimestamp();
    }

    /// <summary>Cancelled when the pipe has ended, for whatever reason.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Messages of the upstream that reached nobody.</summary>
    public PipeCounts Counts => router.Counts;

    /// <summary>Why the pipe ended; empty while it has not.</summary>
    public string EndDetail => Volatile.Read(ref end)?.Detail ?? "";

    internal bool HasEnded => Volatile.Read(ref end) is not null;

    internal bool Busy => router.Busy;

    /// <summary>No client is left on a connection that no other client may share: nobody comes back to it.</summary>
    internal bool Orphaned => server.Transport == TransportKind.Sse && router.Deserted;

    internal TimeSpan Unused => time.GetElapsedTime(Volatile.Read(ref lastUse));

    public static PipeLink Start(IMessagePipe pipe, ServerDefinition server, TimeProvider time, ILogger log, TimeSpan? startLimit = null)
    {
        var link = new PipeLink(pipe, server, time, log, startLimit ?? DefaultStartLimit);
        link.receiving = link.ReceiveAsync();
        return link;
    }

    public Conversation Attach()
    {
        var conversation = new PipeConversation(this);
        router.Attach(conversation);
        return conversation;
    }

    /// <summary>
    /// Does the handshake once: the first caller's message is sent, every caller gets its answer. A caller who leaves does
    /// not stop it for the others. A handshake that fails ends the link.
    /// </summary>
    public async ValueTask<(RpcMessage? Response, UpstreamFault? Fault)> InitializeAsync(JudgedMessage initialize, CancellationToken cancellationToken)
    {
        Task<(RpcMessage? Response, UpstreamFault? Fault)> shared;
        lock (shaking)
        {
            shared = handshake ??= ShakeAsync(initialize);
        }

        return await shared.WaitAsync(cancellationToken);
    }

    /// <summary>The newest era has no handshake, and a probe of the era comes before one: requests go up at once.</summary>
    public void SkipHandshake() => ready.TrySetResult(null);

    /// <summary>Ends the pipe; whoever waits gets a fault.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await receiving;
    }

    internal void MarkUsed() => Volatile.Write(ref lastUse, time.GetTimestamp());

    internal async Task<PipeExchange> RequestAsync(PipeConversation owner, JudgedMessage request, CancellationToken cancellationToken)
    {
        if (await NotReadyAsync(cancellationToken) is { } fault)
        {
            return Failed(owner, request, fault);
        }

        return await OpenAsync(owner, request, server.Timeouts, cancellationToken);
    }

    /// <summary>The client's answer to a request of the upstream: only what was asked of this conversation, and once.</summary>
    internal async ValueTask<UpstreamFault?> AnswerAsync(PipeConversation owner, JudgedMessage answer, CancellationToken cancellationToken)
    {
        if (!router.TryAnswer(owner, answer.AnsweredId))
        {
            return PipeFaults.NotAsked;
        }

        return await SendAsync(PipeMessages.Answer(answer), cancellationToken);
    }

    internal async ValueTask<UpstreamFault?> NotifyAsync(PipeConversation owner, JudgedMessage notification, CancellationToken cancellationToken)
    {
        if (notification.Method == "notifications/initialized")
        {
            // Said already, when the handshake of the link was done.
            return null;
        }

        if (notification.Method == "notifications/cancelled" && !OwnsCancelled(owner, notification))
        {
            return PipeFaults.NotInFlight;
        }

        return await NotReadyAsync(cancellationToken) ?? await SendAsync(PipeMessages.Notification(notification), cancellationToken);
    }

    internal PipeExchange Listen(PipeConversation owner)
    {
        MarkUsed();
        var listener = new PipeExchange(0, null, owner, Leave);
        router.Listen(listener);
        if (Volatile.Read(ref end) is { } fault)
        {
            listener.Abandon(fault);
        }

        return listener;
    }

    internal void Detach(PipeConversation conversation)
    {
        foreach (var exchange in router.Detach(conversation))
        {
            GiveUp(exchange, null);
        }
    }

    private async Task<(RpcMessage? Response, UpstreamFault? Fault)> ShakeAsync(JudgedMessage initialize)
    {
        var limits = server.Timeouts with { FirstByte = startLimit, Idle = startLimit, Total = startLimit };
        await using var exchange = await OpenAsync(new PipeConversation(this), initialize, limits, CancellationToken.None);
        while (await exchange.NextAsync(CancellationToken.None) is { } next)
        {
            if (next.Fault is { } fault)
            {
                // What the server wrote to its standard error is most likely the reason.
                fault = fault with { Detail = fault.Kind == UpstreamFaultKind.Timeout ? $"{fault.Detail}: {pipe.EndDetail}" : fault.Detail };
                FailHandshake(fault);
                return (null, fault);
            }

            if (next.Message is { Kind: RpcKind.Response } response)
            {
                var failure = response.IsError
                    ? PipeFaults.HandshakeRefused
                    : await pipe.SendAsync(PipeMessages.Initialized, CancellationToken.None);
                FailHandshake(failure);
                return (response, response.IsError ? null : failure);
            }
        }

        var silent = PipeFaults.Ended(server.Name, pipe);
        FailHandshake(silent);
        return (null, silent);
    }

    /// <summary>Tells all who wait; without a fault the way is open.</summary>
    private void FailHandshake(UpstreamFault? fault)
    {
        ready.TrySetResult(fault is null ? null : fault with { NothingSent = true });
        if (fault is not null)
        {
            _ = stopping.CancelAsync();
        }
    }

    private async ValueTask<UpstreamFault?> NotReadyAsync(CancellationToken cancellationToken)
    {
        if (ready.Task.IsCompletedSuccessfully)
        {
            return await ready.Task;
        }

        try
        {
            return await ready.Task.WaitAsync(startLimit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return PipeFaults.NotStarted(server.Name);
        }
    }

    private PipeExchange Failed(PipeConversation owner, JudgedMessage request, UpstreamFault fault)
    {
        var exchange = new PipeExchange(Interlocked.Increment(ref lastId), request, owner, Leave);
        exchange.Abandon(fault);
        return exchange;
    }

    private async Task<PipeExchange> OpenAsync(PipeConversation owner, JudgedMessage request, UpstreamTimeouts limits, CancellationToken cancellationToken)
    {
        MarkUsed();
        var exchange = new PipeExchange(Interlocked.Increment(ref lastId), request, owner, Leave) { Sent = true };
        if (!router.TryBegin(exchange))
        {
            exchange.Sent = false;
            exchange.Abandon(Volatile.Read(ref end) is { } gone
                ? gone with { NothingSent = true }
                : PipeFaults.TooMany);
            return exchange;
        }

        request.Numbered?.Invoke(exchange.UpstreamId);
        using var sending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, exchange.GivenUp);
        exchange.Deadline = new PipeDeadline(limits, time, request.Method == "subscriptions/listen", () => exchange.AwaitedAnswers > 0, bound => GiveUp(exchange, PipeFaults.NotAnswered(server.Name, bound)));
        try
        {
            var fault = await pipe.SendAsync(PipeMessages.Request(exchange.UpstreamId, request), sending.Token);
            if (fault is not null)
            {
                exchange.Sent = !fault.NothingSent;
                GiveUp(exchange, fault);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The deadline has put its fault into the exchange.
        }
        catch (OperationCanceledException)
        {
            GiveUp(exchange, null);
            throw;
        }

        return exchange;
    }

    /// <summary>Sends what gets no response: a server that does not read holds nobody for ever.</summary>
    private async ValueTask<UpstreamFault?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        MarkUsed();
        using var limit = new CancellationTokenSource(server.Timeouts.FirstByte, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await pipe.SendAsync(message, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return PipeFaults.NotTaken(server.Name);
        }
    }

    private bool OwnsCancelled(PipeConversation owner, JudgedMessage notification)
    {
        if (StrictJson.Parse(notification.Payload.Span, out _) is { } parameters
            && PipeAddress.Integer(parameters, "requestId"u8) is { } id && router.Find(owner, id) is { } exchange)
        {
            exchange.CancelSent = true;
            return true;
        }

        return false;
    }

    private void Leave(PipeExchange exchange)
    {
        if (exchange.UpstreamId == 0)
        {
            router.StopListening(exchange);
            exchange.Complete();
            return;
        }

        GiveUp(exchange, null);
    }

    /// <summary>Ends an exchange before its response and tells the upstream that nobody waits for it any more.</summary>
    private void GiveUp(PipeExchange exchange, UpstreamFault? fault)
    {
        if (exchange.UpstreamId == 0)
        {
            router.StopListening(exchange);
            exchange.Abandon(fault);
            return;
        }

        var unfinished = router.TryFinish(exchange);
        exchange.Abandon(fault);
        if (unfinished && exchange is { Sent: true, CancelSent: false } && exchange.Method != "initialize")
        {
            exchange.CancelSent = true;
            _ = TellCancelledAsync(exchange.UpstreamId, fault is null ? "the client no longer waits" : fault.Detail);
        }
    }

    private async Task TellCancelledAsync(long id, string reason)
    {
        try
        {
            await pipe.SendAsync(PipeMessages.Cancelled(id, reason), ended.Token);
        }
        catch (OperationCanceledException)
        {
            // The upstream is gone, which cancels everything.
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await pipe.ReceiveAsync(stopping.Token) is { } bytes)
            {
                Take(bytes);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped from here.
        }
        catch (Exception exception)
        {
            log.LogError(exception, "the pipe of server `{Server}` failed", server.Name);
        }

        var fault = PipeFaults.Ended(server.Name, pipe);
        Volatile.Write(ref end, fault);
        ready.TrySetResult(fault with { NothingSent = true });
        foreach (var exchange in router.Close())
        {
            exchange.Abandon(fault with { NothingSent = !exchange.Sent });
        }

        await ended.CancelAsync();
        await pipe.DisposeAsync();
    }

    private void Take(ReadOnlyMemory<byte> bytes)
    {
        MarkUsed();
        if (StrictJson.ParseMessage(bytes.Span, out _) is not { } message)
        {
            router.CountMalformed();
        }
        else if (!router.Route(message, bytes.Length))
        {
            _ = PongAsync(message.RawId);
        }

        var dropped = router.Counts.Total;
        if (dropped != reported && BitOperations.IsPow2(dropped))
        {
            reported = dropped;
            log.LogWarning("server `{Server}` has sent {Dropped} messages that are for nobody: {Counts}", server.Name, dropped, router.Counts);
        }
    }

    private async Task PongAsync(ReadOnlyMemory<byte> id)
    {
        try
        {
            await pipe.SendAsync(PipeMessages.Pong(id), ended.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody is there to hear it.
        }
    }
}
