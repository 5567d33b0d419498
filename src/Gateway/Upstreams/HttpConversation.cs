using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// A conversation over streamable HTTP. Headers are made here: the client's never go up, the operator's always do.
/// Redirects are not followed, nothing is decompressed, cookies are not kept.
/// </summary>
public sealed class HttpConversation(HttpMessageInvoker http, ServerDefinition server, string version, string? session, TimeProvider time) : Conversation
{
    // A resumed session must not meet the ids of its earlier life, so they begin at the clock.
    private long lastId = time.GetUtcNow().ToUnixTimeMilliseconds();

    public override string? UpstreamSession => session;

    private bool Modern => string.Equals(version, ProtocolVersion.Modern, StringComparison.Ordinal);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<Exchange> RequestAsync(JudgedMessage request, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref lastId);
        request.Numbered?.Invoke(id);
        var body = RpcWriter.Outgoing(RpcKind.Request, request.Method, id, default, false, request.Payload);
        var content = new OnceContent(body);
        var message = Message(HttpMethod.Post, content);
        Mirror(message, request);
        var deadline = new Deadline(server.Timeouts.FirstByte, time, cancellationToken);
        var sent = await SendAsync(message, deadline, cancellationToken).ConfigureAwait(false);
        return sent.Response is { } response
            ? new HttpExchange(response, id, deadline, request.Method is "subscriptions/listen" ? server.Timeouts.Endless() : server.Timeouts, time) { SessionBound = session is not null }
            : new FailedExchange(id, sent.Fault! with { NothingSent = !content.Started });
    }

    public override async ValueTask<UpstreamFault?> SendAsync(JudgedMessage message, CancellationToken cancellationToken)
    {
        var body = RpcWriter.Outgoing(message.Kind, message.Method, 0, message.AnsweredId, message.IsError, message.Payload);
        using var deadline = new Deadline(server.Timeouts.FirstByte, time, cancellationToken);
        var sent = await SendAsync(Message(HttpMethod.Post, new OnceContent(body)), deadline, cancellationToken).ConfigureAwait(false);
        if (sent.Response is not { } response)
        {
            return sent.Fault;
        }

        using (response)
        {
            return response.IsSuccessStatusCode ? null : HttpExchange.StatusFault(response, session is not null);
        }
    }

    public override async ValueTask<Exchange> ListenAsync(string? lastEventId, CancellationToken cancellationToken)
    {
        var message = Message(HttpMethod.Get, null);
        if (lastEventId is not null)
        {
            message.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var deadline = new Deadline(server.Timeouts.FirstByte, time, cancellationToken);
        var sent = await SendAsync(message, deadline, cancellationToken).ConfigureAwait(false);
        return sent.Response is { } response
            ? new HttpExchange(response, 0, deadline, server.Timeouts.Endless(), time) { SessionBound = session is not null }
            : new FailedExchange(0, sent.Fault!);
    }

    public override async ValueTask<int> EndAsync(CancellationToken cancellationToken)
    {
        if (session is null)
        {
            return (int)HttpStatusCode.OK;
        }

        using var deadline = new Deadline(server.Timeouts.FirstByte, time, cancellationToken);
        var sent = await SendAsync(Message(HttpMethod.Delete, null), deadline, cancellationToken).ConfigureAwait(false);
        using var response = sent.Response;
        return response is null ? (int)HttpStatusCode.BadGateway : (int)response.StatusCode;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private HttpRequestMessage Message(HttpMethod method, OnceContent? content)
    {
        var message = new HttpRequestMessage(method, server.Url) { Content = content, Version = HttpVersion.Version11 };
        message.Headers.TryAddWithoutValidation("Accept", method == HttpMethod.Get ? "text/event-stream" : "application/json, text/event-stream");
        if (version.Length > 0)
        {
            message.Headers.TryAddWithoutValidation("MCP-Protocol-Version", version);
        }

        if (session is not null)
        {
            message.Headers.TryAddWithoutValidation("Mcp-Session-Id", session);
        }

        foreach (var (name, value) in server.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    private void Mirror(HttpRequestMessage message, JudgedMessage request)
    {
        if (!Modern)
        {
            return;
        }

        message.Headers.TryAddWithoutValidation("Mcp-Method", request.Method);
        if (request.MirroredName is { } name)
        {
            message.Headers.TryAddWithoutValidation("Mcp-Name", HeaderText.Encode(name));
        }

        foreach (var (header, value) in request.ParameterHeaders)
        {
            message.Headers.TryAddWithoutValidation(header, value);
        }
    }

    /// <summary>A deadline whose exchange never came to be is disposed here.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(HttpResponseMessage? Response, UpstreamFault? Fault)> SendAsync(HttpRequestMessage message, Deadline deadline, CancellationToken cancellationToken)
    {
        UpstreamFault fault;
        try
        {
            var response = await http.SendAsync(message, deadline.Token).ConfigureAwait(false);
            deadline.Rest();
            return (response, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            fault = new UpstreamFault(UpstreamFaultKind.Timeout, "the server did not answer in time", $"no response header within {server.Timeouts.FirstByte.TotalSeconds:0} s", NothingSent: false);
        }
        catch (HttpRequestException exception)
        {
            fault = new UpstreamFault(UpstreamFaultKind.Unavailable, "the server cannot be reached", exception.Message, NothingSent: false);
        }
        catch (IOException exception)
        {
            fault = new UpstreamFault(UpstreamFaultKind.Unavailable, "the connection to the server broke", exception.Message, NothingSent: false);
        }
        catch
        {
            deadline.Dispose();
            throw;
        }

        deadline.Dispose();
        return (null, fault);
    }

    /// <summary>
    /// A body that is written at most once. The HTTP client may repeat a request whose kept connection turned out to be
    /// closed; a tool call must not be made twice, and whether its body was begun decides about the charge.
    /// </summary>
    private sealed class OnceContent : HttpContent
    {
        private readonly ReadOnlyMemory<byte> body;
        private int started;

        public OnceContent(ReadOnlyMemory<byte> body)
        {
            this.body = body;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public bool Started => Volatile.Read(ref started) == 1;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref started, 1) == 1)
            {
                throw new IOException("the request was begun once already and is not repeated");
            }

            await stream.WriteAsync(body, cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}

/// <summary>An exchange that failed before anything came back.</summary>
public sealed class FailedExchange(long id, UpstreamFault fault) : Exchange
{
    private bool told;

    public override long UpstreamId => id;

    public override int? Status => fault.Status;

    public override bool? IsStream => false;

    public override ValueTask<UpstreamEvent?> NextAsync(CancellationToken cancellationToken)
    {
        var next = told ? null : new UpstreamEvent(null, Fault: fault);
        told = true;
        return ValueTask.FromResult(next);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
