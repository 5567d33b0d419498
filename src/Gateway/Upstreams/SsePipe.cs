using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// HTTP+SSE of 2024-11-05: one stream from the server, whose first event names where to post. That place must be of the
/// registered origin; redirects are not followed; the only headers sent are the server's own.
/// </summary>
public sealed class SsePipe : IMessagePipe
{
    private const int MaxAcknowledgement = 64 * 1024;

    private readonly HttpMessageInvoker client;
    private readonly ServerDefinition server;
    private readonly TimeProvider time;
    private readonly HttpResponseMessage response;
    private readonly Stream stream;
    private readonly SseParser parser;
    private readonly byte[] buffer = new byte[16 * 1024];
    private readonly CancellationTokenSource closing = new();
    private Uri? endpoint;
    private long skipped;
    private string end = "stopped";
    private int disposed;

    private SsePipe(HttpMessageInvoker client, ServerDefinition server, TimeProvider time, HttpResponseMessage response, Stream stream, int maxMessageBytes)
    {
        this.client = client;
        this.server = server;
        this.time = time;
        this.response = response;
        this.stream = stream;
        parser = new SseParser(maxMessageBytes);
    }

    /// <summary>Events that were no message.</summary>
    public long SkippedEvents => Interlocked.Read(ref skipped);

    public UpstreamFaultKind EndKind => parser.TooLarge ? UpstreamFaultKind.Invalid : UpstreamFaultKind.Unavailable;

    public string EndDetail => Volatile.Read(ref end);

    /// <summary>Connects and waits for the place to post to.</summary>
    public static async Task<(IMessagePipe? Pipe, UpstreamFault? Fault)> OpenAsync(ServerDefinition server, TimeProvider time, int maxMessageBytes = SseParser.DefaultMaxEventBytes)
    {
        var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = server.Timeouts.Connect,
            MaxResponseHeadersLength = 64,
        });
        var (pipe, fault) = await ConnectAsync(client, server, time, maxMessageBytes);
        if (pipe is null)
        {
            client.Dispose();
            return (null, fault);
        }

        fault = await pipe.FindEndpointAsync();
        if (fault is null)
        {
            return (pipe, null);
        }

        await pipe.DisposeAsync();
        return (null, fault);
    }

    public async ValueTask<UpstreamFault?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, endpoint!, server);
        request.Content = new ReadOnlyMemoryContent(message);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var limit = new CancellationTokenSource(server.Timeouts.FirstByte, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken, closing.Token);
        try
        {
            using var answer = await client.SendAsync(request, either.Token);
            await DrainAsync(answer, either.Token);
            return answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.OK or HttpStatusCode.NoContent
                ? null
                : StatusFault(server, (int)answer.StatusCode, nothingSent: false);
        }
        catch (HttpRequestException exception)
        {
            return Unreachable(server, exception);
        }
        catch (IOException exception)
        {
            return new UpstreamFault(UpstreamFaultKind.Unavailable, $"the server `{server.Name}` ended the connection", exception.Message, NothingSent: false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return closing.IsCancellationRequested
                ? new UpstreamFault(UpstreamFaultKind.Unavailable, $"the server `{server.Name}` has ended", EndDetail, NothingSent: false)
                : new UpstreamFault(UpstreamFaultKind.Timeout, $"the server `{server.Name}` took too long to accept a message", "no answer to the post within first_byte", NothingSent: false);
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (await NextAsync(cancellationToken) is { } frame)
        {
            if (frame.Event is null or "" or "message" && frame.Data.Span.TrimStart(" \t\n"u8).StartsWith("{"u8))
            {
                return frame.Data;
            }

            // Keep-alives and events of other names belong to the transport, or to nobody.
            Interlocked.Increment(ref skipped);
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        await closing.CancelAsync();
        response.Dispose();
        client.Dispose();
    }

    private static async Task<(SsePipe? Pipe, UpstreamFault? Fault)> ConnectAsync(HttpMessageInvoker client, ServerDefinition server, TimeProvider time, int maxMessageBytes)
    {
        using var request = Request(HttpMethod.Get, server.Url!, server);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var limit = new CancellationTokenSource(server.Timeouts.FirstByte, time);
        try
        {
            var response = await client.SendAsync(request, limit.Token);
            var fault = response.StatusCode != HttpStatusCode.OK
                ? StatusFault(server, (int)response.StatusCode, nothingSent: true)
                : !IsEventStream(response.Content.Headers)
                    ? Invalid(server, "the answer is no plain text/event-stream")
                    : null;
            if (fault is null)
            {
                return (new SsePipe(client, server, time, response, await response.Content.ReadAsStreamAsync(limit.Token), maxMessageBytes), null);
            }

            response.Dispose();
            return (null, fault);
        }
        catch (HttpRequestException exception)
        {
            return (null, Unreachable(server, exception) with { NothingSent = true });
        }
        catch (OperationCanceledException)
        {
            return (null, Late(server));
        }
    }

    private static bool IsEventStream(HttpContentHeaders headers) =>
        string.Equals(headers.ContentType?.MediaType, "text/event-stream", StringComparison.OrdinalIgnoreCase) && headers.ContentEncoding.Count == 0;

    private static HttpRequestMessage Request(HttpMethod method, Uri target, ServerDefinition server)
    {
        var request = new HttpRequestMessage(method, target);
        foreach (var (name, value) in server.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static async Task DrainAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        // The acknowledgement says nothing; reading it lets the connection be used again, within reason.
        var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var scrap = new byte[4 * 1024];
        var total = 0;
        int count;
        while (total < MaxAcknowledgement && (count = await body.ReadAsync(scrap, cancellationToken)) > 0)
        {
            total += count;
        }
    }

    private static UpstreamFault Invalid(ServerDefinition server, string detail) =>
        new(UpstreamFaultKind.Invalid, $"the server `{server.Name}` does not speak HTTP+SSE as registered", detail, NothingSent: true);

    private static UpstreamFault Late(ServerDefinition server) =>
        new(UpstreamFaultKind.Timeout, $"the server `{server.Name}` took too long to start", "no endpoint event within first_byte", NothingSent: true);

    private static UpstreamFault StatusFault(ServerDefinition server, int status, bool nothingSent) => new(
        UpstreamFaultKind.Status,
        $"the server `{server.Name}` answered with HTTP status {status}",
        status is >= 300 and < 400 ? "redirects are not followed: register the address that answers itself" : "no message",
        nothingSent,
        status);

    private static UpstreamFault Unreachable(ServerDefinition server, HttpRequestException exception)
    {
        var nothingSent = exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;
        return new UpstreamFault(UpstreamFaultKind.Unavailable, $"the server `{server.Name}` cannot be reached", exception.Message, nothingSent);
    }

    private async Task<UpstreamFault?> FindEndpointAsync()
    {
        using var limit = new CancellationTokenSource(server.Timeouts.FirstByte, time);
        try
        {
            var first = await NextAsync(limit.Token);
            while (first is { HasData: false })
            {
                first = await NextAsync(limit.Token);
            }

            if (first is not { Event: "endpoint" } named)
            {
                return Invalid(server, $"the first event is no endpoint: {EndDetail}");
            }

            var text = Encoding.UTF8.GetString(named.Data.Span).Trim();
            if (!Uri.TryCreate(server.Url!, text, out var found) || !SameOrigin(found, server.Url!))
            {
                return Invalid(server, "the endpoint event names another origin");
            }

            endpoint = found;
            return null;
        }
        catch (OperationCanceledException)
        {
            return Late(server);
        }
    }

    private static bool SameOrigin(Uri one, Uri other) =>
        one.IsAbsoluteUri && one.Scheme == other.Scheme && one.Port == other.Port && one.UserInfo.Length == 0
        && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);

    private async ValueTask<SseFrame?> NextAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closing.Token);
        while (true)
        {
            if (parser.TryNext(out var frame))
            {
                return frame;
            }

            if (parser.TooLarge)
            {
                Volatile.Write(ref end, "an event larger than allowed");
                return null;
            }

            var count = await ReadAsync(either.Token, cancellationToken);
            if (count == 0)
            {
                return null;
            }

            parser.Feed(buffer.AsSpan(0, count));
        }
    }

    private async ValueTask<int> ReadAsync(CancellationToken either, CancellationToken callers)
    {
        try
        {
            var count = await stream.ReadAsync(buffer, either);
            if (count == 0)
            {
                Volatile.Write(ref end, "the server ended its stream");
            }

            return count;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or ObjectDisposedException)
        {
            Volatile.Write(ref end, $"the stream broke: {exception.Message}");
            return 0;
        }
        catch (OperationCanceledException) when (!callers.IsCancellationRequested)
        {
            return 0;
        }
    }
}
