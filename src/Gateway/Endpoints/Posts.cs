using System.Runtime.CompilerServices;
using System.Text.Json;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Proxy;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Endpoints;

/// <summary>POST: reads one message (or, in 2025-03-26, an array of them) strictly and gives it to the proxy.</summary>
public sealed class Posts(McpProxy proxy, Notifications notifications, SessionDoor sessions, PinBook pins)
{
    private const int MaxBatch = 100;

    /// <summary>Null when the request was answered; otherwise why it is turned away.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Turned?> HandleAsync(Door door)
    {
        var request = door.Http.Request;
        if (MediaFault(request) is { } media)
        {
            return media;
        }

        if (EraCheck.RepeatedHeader(request) is { } repeated)
        {
            return new Turned(400, RefusalCode.RequestMalformed, $"`{repeated}` may stand once", RpcError.HeaderMismatch);
        }

        var (body, unread) = await Body.ReadAsync(door.Http).ConfigureAwait(false);
        if (unread is not null)
        {
            return unread;
        }

        if (StrictJson.Parse(body.Span, out var fault) is not { } root)
        {
            return Turned.Of(fault!);
        }

        if (root.ValueKind == JsonValueKind.Array)
        {
            return await BatchAsync(door, root).ConfigureAwait(false);
        }

        return StrictJson.ToMessage(root, out fault) is { } message
            ? await MessageAsync(door, message).ConfigureAwait(false)
            : Turned.Of(fault!);
    }

    private static Turned? MediaFault(HttpRequest request)
    {
        if (request.Headers.ContentType is not [{ } type] || !IsJson(type))
        {
            return Turned.Malformed("send `Content-Type: application/json` in UTF-8", 415);
        }

        var encoding = request.Headers.ContentEncoding;
        if (encoding.Count > 0 && !(encoding.Count == 1 && string.Equals(encoding[0], "identity", StringComparison.OrdinalIgnoreCase)))
        {
            return Turned.Malformed("send the body without `Content-Encoding`", 415);
        }

        var accept = request.Headers.Accept.ToString();
        var takes = accept.Length == 0 || accept.Contains("*/*", StringComparison.Ordinal) || accept.Contains("application/*", StringComparison.OrdinalIgnoreCase)
            || accept.Contains("application/json", StringComparison.OrdinalIgnoreCase) || accept.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
        return takes ? null : Turned.Malformed("answers are `application/json` or `text/event-stream`; accept both", 406);
    }

    /// <summary>The media type, and at most one parameter: the charset that JSON has anyway.</summary>
    private static bool IsJson(string type)
    {
        if (string.Equals(type, "application/json", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var parts = type.Split(';', StringSplitOptions.TrimEntries);
        return parts[0].Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (parts.Length == 1
                || (parts.Length == 2 && (parts[1].Equals("charset=utf-8", StringComparison.OrdinalIgnoreCase) || parts[1].Equals("charset=\"utf-8\"", StringComparison.OrdinalIgnoreCase))));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Turned?> MessageAsync(Door door, RpcMessage message)
    {
        var (modern, fault) = EraCheck.Of(message, door.Http.Request);
        if (fault is not null)
        {
            return Turned.Of(fault, message);
        }

        if (door.Closing && message.Kind == RpcKind.Request)
        {
            return Turned.Closing() with { RawId = message.RawId, Method = message.Method };
        }

        if (modern)
        {
            return await ModernAsync(door, message).ConfigureAwait(false);
        }

        var reply = door.Reply = new ReplyStream(door.Http, 1, batch: false);
        if (message is { Kind: RpcKind.Request, Method: "initialize" })
        {
            await proxy.RequestAsync(Incoming(door, message, reply, null) with { Client = ClientOf(message.Params, "clientInfo") }, door.Http.Response).ConfigureAwait(false);
            return null;
        }

        var (session, turned) = sessions.Find(door);
        if (session is null)
        {
            return turned! with { RawId = message.Kind == RpcKind.Request ? message.RawId : default, Method = message.Method };
        }

        if (message.Kind == RpcKind.Request)
        {
            await proxy.RequestAsync(Incoming(door, message, reply, session), door.Http.Response).ConfigureAwait(false);
            return null;
        }

        return await ToldAsync(door, message, session, reply).ConfigureAwait(false);
    }

    /// <summary>Notifications and answers: accepted with 202, or refused because they answer nothing.</summary>
    private async ValueTask<Turned?> ToldAsync(Door door, RpcMessage message, ClientSession session, ReplyStream reply)
    {
        if (WithoutItsId(message) is { } nameless)
        {
            return nameless;
        }

        UpstreamFault? fault;
        var told = Incoming(door, message, reply, session);
        if (told.Halted is { } halted && message.Method is not ("notifications/cancelled" or "notifications/initialized"))
        {
            return Turned.Of(halted) with { Method = message.Method ?? "response" };
        }

        if (message.Kind == RpcKind.Notification)
        {
            fault = await notifications.HandleAsync(told).ConfigureAwait(false);
        }
        else if (Questions.Take(session, message) is { } question)
        {
            fault = await Questions.AnswerAsync(session, question, message, door.Life.Calls).ConfigureAwait(false);
        }
        else
        {
            return Turned.Malformed("there is no open request with this id in this session") with { Method = "response" };
        }

        if (fault is not null)
        {
            return Turned.Of(fault) with { Method = message.Method ?? "response" };
        }

        door.Http.Response.StatusCode = StatusCodes.Status202Accepted;
        return null;
    }

    /// <summary>Without its id a request would pass as something told, past every rule of its own method.</summary>
    private static Turned? WithoutItsId(RpcMessage message) =>
        message.Kind == RpcKind.Notification && Vocabulary.IsRequest(message.Method!)
            ? Turned.Malformed($"`{message.Method}` is a request; give it an `id`") with { Method = message.Method }
            : null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Turned?> ModernAsync(Door door, RpcMessage message)
    {
        if (message.Kind != RpcKind.Request)
        {
            return Turned.Malformed($"in {ProtocolVersion.Modern} a client sends requests only") with { Method = message.Method };
        }

        // Until eras are translated, a client that speaks both is sent back to the older one by what it understands.
        var eras = await pins.ErasOfAsync(door.Server, door.Life.Calls).ConfigureAwait(false);
        if (eras is { Modern: false })
        {
            return new Turned(404, RefusalCode.MethodDenied, $"the server behind this gate does not speak {ProtocolVersion.Modern}; use `initialize`", RpcError.MethodNotFound, message.RawId, message.Method);
        }

        var meta = message.Params.GetProperty("_meta"u8);
        var call = Incoming(door, message, door.Reply = new ReplyStream(door.Http, 1, batch: false), null) with
        {
            Modern = true,
            Client = ClientOf(meta, ProtocolVersion.ClientName),
            Lasting = message.Method is "subscriptions/listen",
            Cut = message.Method is "subscriptions/listen" ? door.Life.Streams : door.Life.Calls,
            ParameterHeaders = MirroredParameters.SentIn(door.Http.Request.Headers),
        };
        await proxy.RequestAsync(call, door.Http.Response).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<Turned?> BatchAsync(Door door, JsonElement root)
    {
        if (root.GetArrayLength() is 0 or > MaxBatch)
        {
            return Turned.Malformed($"an array holds 1 to {MaxBatch} messages");
        }

        var messages = new List<RpcMessage>();
        foreach (var element in root.EnumerateArray())
        {
            if (StrictJson.ToMessage(element, out var fault) is not { } message)
            {
                return Turned.Of(fault!) with { RawId = default };
            }

            var (modern, eraFault) = EraCheck.Of(message, door.Http.Request);
            if (modern || eraFault is not null || message.Method is "initialize")
            {
                return Turned.Malformed($"arrays of messages exist in {ProtocolVersion.WithBatches} only, and never hold `initialize`");
            }

            if (WithoutItsId(message) is { } nameless)
            {
                return nameless;
            }

            messages.Add(message);
        }

        var (session, turned) = sessions.Find(door);
        if (session is null)
        {
            return turned;
        }

        return string.Equals(session.Version, ProtocolVersion.WithBatches, StringComparison.Ordinal)
            ? await BatchAsync(door, messages, session).ConfigureAwait(false)
            : Turned.Malformed($"arrays of messages exist in {ProtocolVersion.WithBatches} only");
    }

    /// <summary>Each element is judged and recorded by itself; none goes up before all are.</summary>
    private async ValueTask<Turned?> BatchAsync(Door door, List<RpcMessage> messages, ClientSession session)
    {
        var requests = messages.Where(static message => message.Kind == RpcKind.Request).ToList();
        if (door.Closing && requests.Count > 0)
        {
            return Turned.Closing();
        }

        var reply = door.Reply = new ReplyStream(door.Http, requests.Count, batch: true);
        foreach (var message in messages.Where(static message => message.Kind != RpcKind.Request))
        {
            if (await ToldAsync(door, message, session, reply).ConfigureAwait(false) is { } refused)
            {
                return refused;
            }
        }

        if (requests.Count == 0)
        {
            return null;
        }

        door.Http.Response.StatusCode = StatusCodes.Status200OK;
        var turnstile = new Turnstile(requests.Count);
        await Task.WhenAll(requests.Select(message =>
            proxy.RequestAsync(Incoming(door, message, reply, session) with { JudgedAsync = turnstile.Element() }, door.Http.Response).AsTask())).ConfigureAwait(false);
        return null;
    }

    private static Incoming Incoming(Door door, RpcMessage message, ReplyStream reply, ClientSession? session) => new()
    {
        Now = door.Now,
        Grant = door.Grant,
        Server = door.Server,
        Message = message,
        Reply = reply,
        Started = door.Started,
        Stale = door.Stale,
        Modern = false,
        Session = session,
        Client = session?.ClientName,
        Cut = door.Life.Calls,
        ClientGone = door.Http.RequestAborted,
    };

    private static string? ClientOf(JsonElement holder, string member) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(member, out var client) && client.ValueKind == JsonValueKind.Object
        && client.TryGetProperty("name"u8, out var name) && name.ValueKind == JsonValueKind.String
            ? Recorder.Bounded(name.GetString()!)
            : null;

    /// <summary>Opens when every element of a batch has come to it; each element counts once, however often it comes.</summary>
    private sealed class Turnstile(int elements)
    {
        private readonly TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int left = elements;

        public Func<Task> Element()
        {
            var counted = 0;
            return () =>
            {
                if (Interlocked.Exchange(ref counted, 1) == 0 && Interlocked.Decrement(ref left) == 0)
                {
                    open.SetResult();
                }

                return open.Task;
            };
        }
    }
}
