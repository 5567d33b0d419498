using System.Text;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// Decides for whom a message of the upstream is. INVARIANT: a response reaches the request that has its id and nobody
/// else, once; an answer to a request of the upstream comes from the conversation that was asked, once.
/// </summary>
internal sealed class PipeRouter(Action<PipeExchange> tooSlow)
{
    public const int MaxInFlight = 1024;
    private const int MaxAsks = 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<long, PipeExchange> inFlight = [];
    private readonly Dictionary<long, PipeExchange> byToken = [];
    private readonly List<PipeConversation> conversations = [];
    private readonly Dictionary<string, PipeAsk> asks = new(StringComparer.Ordinal);
    private readonly PipeBacklog unclaimed = new();
    private PipeCounts counts;
    private bool closed;

    public PipeCounts Counts => Guarded(() => counts);

    /// <summary>True when somebody waits for the upstream or listens to it.</summary>
    public bool Busy => Guarded(() => inFlight.Count > 0 || conversations.Exists(conversation => conversation.Listener is not null));

    /// <summary>True when no conversation is attached.</summary>
    public bool Deserted => Guarded(() => conversations.Count == 0);

    public void Attach(PipeConversation conversation)
    {
        lock (gate)
        {
            conversations.Add(conversation);
        }
    }

    /// <summary>Takes the conversation out and returns its unfinished requests.</summary>
    public IReadOnlyList<PipeExchange> Detach(PipeConversation conversation)
    {
        lock (gate)
        {
            conversations.Remove(conversation);
            conversation.Listener?.Complete();
            conversation.Listener = null;
            Forget(ask => ask.Owner == conversation);

            return [.. inFlight.Values.Where(exchange => exchange.Owner == conversation)];
        }
    }

    /// <summary>Expects answers for the exchange. False when the link has ended or too much waits already.</summary>
    public bool TryBegin(PipeExchange exchange)
    {
        lock (gate)
        {
            if (closed || inFlight.Count >= MaxInFlight)
            {
                return false;
            }

            inFlight.Add(exchange.UpstreamId, exchange);
            if (exchange.ProgressToken is { } token)
            {
                // Tokens are unique on the link; should one repeat, the first holder keeps it.
                byToken.TryAdd(token, exchange);
            }

            return true;
        }
    }

    /// <summary>Expects nothing more for the exchange; false when it was finished already.</summary>
    public bool TryFinish(PipeExchange exchange)
    {
        lock (gate)
        {
            if (!inFlight.Remove(exchange.UpstreamId))
            {
                return false;
            }

            if (exchange.ProgressToken is { } token && byToken.GetValueOrDefault(token) == exchange)
            {
                byToken.Remove(token);
            }

            return true;
        }
    }

    /// <summary>The unfinished request of this conversation under our id.</summary>
    public PipeExchange? Find(PipeConversation conversation, long id)
    {
        lock (gate)
        {
            return inFlight.GetValueOrDefault(id) is { } exchange && exchange.Owner == conversation ? exchange : null;
        }
    }

    /// <summary>Opens the conversation's listening stream with all that waited for it. An older one ends.</summary>
    public void Listen(PipeExchange listener)
    {
        lock (gate)
        {
            var conversation = listener.Owner;
            conversation.Listener?.Complete();
            if (closed || !conversations.Contains(conversation))
            {
                listener.Complete();
                return;
            }

            conversation.Listener = listener;
            while (conversation.Backlog.TryTake(out var next) || unclaimed.TryTake(out next))
            {
                Deliver(listener, next.Message, next.Bytes);
            }
        }
    }

    public void StopListening(PipeExchange listener)
    {
        lock (gate)
        {
            if (listener.Owner.Listener == listener)
            {
                listener.Owner.Listener = null;
            }
        }
    }

    /// <summary>True once for each request of the upstream that this conversation was given.</summary>
    public bool TryAnswer(PipeConversation conversation, ReadOnlyMemory<byte> rawId)
    {
        PipeExchange? waiting;
        lock (gate)
        {
            var id = Encoding.UTF8.GetString(rawId.Span);
            if (!asks.TryGetValue(id, out var ask) || ask.Owner != conversation)
            {
                return false;
            }

            asks.Remove(id);
            waiting = ask.Exchange;
            if (waiting is not null)
            {
                waiting.AwaitedAnswers--;
            }
        }

        waiting?.Deadline?.Touch();
        return true;
    }

    /// <summary>Ends everything; returns who still waited.</summary>
    public IReadOnlyList<PipeExchange> Close()
    {
        lock (gate)
        {
            closed = true;
            List<PipeExchange> waiting = [.. inFlight.Values, .. conversations.Select(conversation => conversation.Listener).OfType<PipeExchange>()];
            conversations.ForEach(conversation => conversation.Listener = null);
            inFlight.Clear();
            byToken.Clear();
            return waiting;
        }
    }

    public void CountMalformed()
    {
        lock (gate)
        {
            counts = counts with { Malformed = counts.Malformed + 1 };
        }
    }

    /// <summary>Hands the message to whom it is for. False for a <c>ping</c> that nobody can be asked to answer.</summary>
    public bool Route(RpcMessage message, int bytes)
    {
        lock (gate)
        {
            switch (message.Kind)
            {
                case RpcKind.Response:
                    RouteResponse(message, bytes);
                    return true;
                case RpcKind.Request:
                    return RouteRequest(message, bytes);
                default:
                    RouteNotification(message, bytes);
                    return true;
            }
        }
    }

    private void RouteResponse(RpcMessage message, int bytes)
    {
        if (!message.TryGetIntegerId(out var id) || !inFlight.TryGetValue(id, out var exchange) || !exchange.Sent)
        {
            counts = counts with { UnmatchedResponses = counts.UnmatchedResponses + 1 };
            return;
        }

        if (exchange.TryAdd(message, bytes))
        {
            TryFinish(exchange);
            exchange.Complete();
            return;
        }

        tooSlow(exchange);
    }

    private bool RouteRequest(RpcMessage message, int bytes)
    {
        var id = Encoding.UTF8.GetString(message.RawId.Span);
        if (asks.Count >= MaxAsks)
        {
            // A question may be answered after the request it came with. What has piled up there will not be.
            Forget(ask => ask.Exchange is not { } exchange || !inFlight.ContainsKey(exchange.UpstreamId));
        }

        if (asks.ContainsKey(id) || asks.Count >= MaxAsks)
        {
            counts = counts with { RepeatedRequests = counts.RepeatedRequests + 1 };
            return true;
        }

        var target = Latest() ?? AnyListener();
        if (target is null && message.Method == "ping")
        {
            return false;
        }

        asks.Add(id, new PipeAsk(null, null));
        DeliverOrKeep(target, message, bytes);
        return true;
    }

    private void RouteNotification(RpcMessage message, int bytes)
    {
        var method = message.Method!;
        if (PipeAddress.Subscription(message) is { } subscription)
        {
            DeliverOrCount(inFlight.GetValueOrDefault(subscription), message, bytes);
        }
        else if (method == "notifications/progress")
        {
            DeliverOrCount(PipeAddress.ProgressToken(message) is { } token ? byToken.GetValueOrDefault(token) : null, message, bytes);
        }
        else if (method == "notifications/cancelled")
        {
            RouteCancelled(message, bytes);
        }
        else if (method.StartsWith("notifications/subscriptions/", StringComparison.Ordinal))
        {
            var open = inFlight.Values.Where(IsSubscription).Take(2).ToList();
            DeliverOrCount(open.Count == 1 ? open[0] : null, message, bytes);
        }
        else if (PipeAddress.IsForEveryone(method))
        {
            Broadcast(message, bytes);
        }
        else
        {
            DeliverOrKeep(Latest() ?? AnyListener(), message, bytes);
        }
    }

    /// <summary>The upstream takes back a request of its own, or ends a subscription (the stdio form of 2026-07-28).</summary>
    private void RouteCancelled(RpcMessage message, int bytes)
    {
        if (PipeAddress.RawRequestId(message) is { } asked && asks.Remove(asked, out var ask))
        {
            if (ask.Exchange is { } exchange)
            {
                exchange.AwaitedAnswers--;
            }

            var alive = ask.Exchange is { } call && inFlight.ContainsKey(call.UpstreamId) ? ask.Exchange : ask.Owner?.Listener;
            DeliverOrKeep(alive, message, bytes, ask.Owner);
            return;
        }

        var ended = PipeAddress.RequestId(message) is { } id && inFlight.GetValueOrDefault(id) is { } open && IsSubscription(open) ? open : null;
        DeliverOrCount(ended, message, bytes);
    }

    private void Broadcast(RpcMessage message, int bytes)
    {
        if (conversations.Count == 0)
        {
            Keep(unclaimed, message, bytes);
        }

        foreach (var conversation in conversations)
        {
            DeliverOrKeep(conversation.Listener, message, bytes, conversation);
        }
    }

    private void DeliverOrCount(PipeExchange? target, RpcMessage message, int bytes)
    {
        if (target is null)
        {
            counts = counts with { Unrouted = counts.Unrouted + 1 };
            return;
        }

        Deliver(target, message, bytes);
    }

    private void DeliverOrKeep(PipeExchange? target, RpcMessage message, int bytes, PipeConversation? owner = null)
    {
        if (target is null)
        {
            Keep(owner?.Backlog ?? unclaimed, message, bytes);
            return;
        }

        Deliver(target, message, bytes);
    }

    private void Deliver(PipeExchange target, RpcMessage message, int bytes)
    {
        if (message.Kind == RpcKind.Request)
        {
            var within = target.UpstreamId == 0 ? null : target;
            asks[Encoding.UTF8.GetString(message.RawId.Span)] = new PipeAsk(target.Owner, within);
            target.AwaitedAnswers += within is null ? 0 : 1;
        }

        if (target.TryAdd(message, bytes))
        {
            target.Deadline?.Touch();
            return;
        }

        tooSlow(target);
    }

    private void Forget(Func<PipeAsk, bool> which)
    {
        foreach (var (id, _) in asks.Where(ask => which(ask.Value)).ToList())
        {
            asks.Remove(id);
        }
    }

    private T Guarded<T>(Func<T> read)
    {
        lock (gate)
        {
            return read();
        }
    }

    private void Keep(PipeBacklog backlog, RpcMessage message, int bytes)
    {
        foreach (var dropped in backlog.Add(message, bytes))
        {
            counts = counts with { Overflowed = counts.Overflowed + 1 };
            if (dropped.Kind == RpcKind.Request)
            {
                asks.Remove(Encoding.UTF8.GetString(dropped.RawId.Span));
            }
        }
    }

    /// <summary>The request begun last: what an upstream says without an address is most likely about that.</summary>
    private PipeExchange? Latest()
    {
        PipeExchange? latest = null;
        foreach (var exchange in inFlight.Values)
        {
            if (exchange.UpstreamId > (latest?.UpstreamId ?? 0) && exchange.Sent && exchange.Method != "initialize" && !IsSubscription(exchange))
            {
                latest = exchange;
            }
        }

        return latest;
    }

    private PipeExchange? AnyListener() => conversations.FindLast(conversation => conversation.Listener is not null)?.Listener;

    private static bool IsSubscription(PipeExchange exchange) => exchange.Method == "subscriptions/listen";
}
