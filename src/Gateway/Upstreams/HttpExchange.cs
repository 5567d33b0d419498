using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>What an HTTP upstream answers to one request: a JSON body or a stream of events, bounded in size and time.</summary>
public sealed class HttpExchange : Exchange
{
    /// <summary>The largest response an upstream may give, in bytes.</summary>
    public const int MaxResponse = 16 * 1024 * 1024;

    private const int FirstBuffer = 4_096;

    private readonly HttpResponseMessage response;
    private readonly long id;
    private readonly Deadline deadline;
    private readonly UpstreamTimeouts timeouts;
    private readonly TimeProvider time;
    private readonly SseParser? parser;
    private readonly string mediaType;
    private readonly long begun;
    private Stream? stream;
    private bool ended;

    /// <param name="deadline">The exchange ends with it, and disposes it.</param>
    internal HttpExchange(HttpResponseMessage response, long id, Deadline deadline, UpstreamTimeouts timeouts, TimeProvider time)
    {
        this.response = response;
        this.id = id;
        this.deadline = deadline;
        this.timeouts = timeouts;
        this.time = time;
        begun = time.GetTimestamp();
        mediaType = MediaTypeOf(response.Content.Headers);
        parser = response.StatusCode == HttpStatusCode.OK && mediaType == "text/event-stream" ? new SseParser() : null;
    }

    /// <summary>A 404 means that the upstream forgot the session.</summary>
    public required bool SessionBound { get; init; }

    public override long UpstreamId => id;

    public override int? Status => (int)response.StatusCode;

    public override bool? IsStream => parser is not null;

    /// <summary>The session the upstream opened with this answer; one value of visible ASCII, or none.</summary>
    public string? SessionId =>
        response.Headers.TryGetValues("Mcp-Session-Id", out var values) && values.ToArray() is [{ Length: > 0 and <= 1_024 } only]
        && only.All(static character => character is >= '!' and <= '~')
            ? only
            : null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<UpstreamEvent?> NextAsync(CancellationToken cancellationToken)
    {
        if (ended)
        {
            return null;
        }

        using var also = deadline.Also(cancellationToken);
        try
        {
            return parser is { } events
                ? await NextOfStreamAsync(events).ConfigureAwait(false)
                : await BodyAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Ended(new UpstreamFault(UpstreamFaultKind.Timeout, "the server did not answer in time", "the response stalled", false, Status));
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return Ended(new UpstreamFault(UpstreamFaultKind.Unavailable, "the connection to the server broke", exception.Message, false, Status));
        }
    }

    public override async ValueTask DisposeAsync()
    {
        ended = true;
        if (stream is not null)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }

        response.Dispose();
        deadline.Dispose();
    }

    /// <summary>What a status without a usable body means. The upstream's own text stays in the record.</summary>
    public static UpstreamFault StatusFault(HttpResponseMessage response, bool sessionBound)
    {
        var status = (int)response.StatusCode;
        var (kind, message) = status switch
        {
            404 when sessionBound => (UpstreamFaultKind.SessionGone, "the server no longer knows this session; start a new one"),
            401 or 403 => (UpstreamFaultKind.Status, "the server refused the gateway's own credentials; the operator must check them"),
            >= 300 and < 400 => (UpstreamFaultKind.Status, "the server answered with a redirect, which is not followed"),
            _ => (UpstreamFaultKind.Status, "the server answered with an error"),
        };
        return new UpstreamFault(kind, message, $"HTTP {status}", NothingSent: false, status);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamEvent?> BodyAsync()
    {
        ended = true;
        var status = response.StatusCode;
        if (mediaType != "application/json" || ((int)status is >= 300 and < 400))
        {
            return new UpstreamEvent(null, Fault: response.IsSuccessStatusCode
                ? new UpstreamFault(UpstreamFaultKind.Invalid, "the server's answer is neither JSON nor an event stream", $"content type {response.Content.Headers.ContentType}", false, (int)status)
                : StatusFault(response, SessionBound));
        }

        var body = await ReadWholeAsync().ConfigureAwait(false);
        if (body is null)
        {
            return new UpstreamEvent(null, Fault: TooLarge());
        }

        var message = StrictJson.ParseMessage(body.Value.Span, out var fault);
        if (message is { Kind: RpcKind.Response } && message.HasId(id))
        {
            return new UpstreamEvent(message);
        }

        return new UpstreamEvent(null, Fault: response.IsSuccessStatusCode
            ? new UpstreamFault(UpstreamFaultKind.Invalid, "the server's answer is no valid response to this request", fault?.Message ?? "another id", false, (int)status)
            : StatusFault(response, SessionBound));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>?> ReadWholeAsync()
    {
        var length = response.Content.Headers.ContentLength;
        if (length > MaxResponse)
        {
            return null;
        }

        // Of a known length exactly that is read, so the usual answer needs one buffer and one read.
        var whole = new byte[(int)(length ?? FirstBuffer)];
        var filled = 0;
        while (filled < whole.Length || length is null)
        {
            if (filled == whole.Length)
            {
                Array.Resize(ref whole, Math.Min(whole.Length * 2, MaxResponse + 1));
            }

            var read = await ReadAsync(whole.AsMemory(filled)).ConfigureAwait(false);
            filled += read;
            if (read == 0 || filled > MaxResponse)
            {
                break;
            }
        }

        if (filled > MaxResponse)
        {
            // Not by a conditional: there a null beside bytes silently becomes empty bytes.
            return null;
        }

        return whole.AsMemory(0, filled);
    }

    private async ValueTask<UpstreamEvent?> NextOfStreamAsync(SseParser events)
    {
        while (true)
        {
            while (events.TryNext(out var frame))
            {
                if (Read(frame) is { } happened)
                {
                    ended |= happened.Fault is not null || (id != 0 && happened.Message?.Kind == RpcKind.Response);
                    return happened;
                }
            }

            if (events.TooLarge)
            {
                return Ended(TooLarge());
            }

            // A stream may say nothing for hours, and there are thousands: the buffer is taken when there is something to read.
            await ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
            if (!await FeedAsync(events).ConfigureAwait(false))
            {
                ended = true;
                return null;
            }
        }
    }

    private async ValueTask<bool> FeedAsync(SseParser events)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            var read = await ReadAsync(buffer).ConfigureAwait(false);
            events.Feed(buffer.AsSpan(0, read));
            return read > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Null for what is dropped: responses to other requests than this one.</summary>
    private UpstreamEvent? Read(SseFrame frame)
    {
        if (frame.Data.Length == 0)
        {
            return new UpstreamEvent(null, frame.Id, frame.Event, frame.Retry);
        }

        var message = StrictJson.ParseMessage(frame.Data.Span, out var fault);
        if (message is null)
        {
            return new UpstreamEvent(null, Fault: new UpstreamFault(UpstreamFaultKind.Invalid, "the server sent an event that is no valid message", fault!.Message, false, Status));
        }

        return message.Kind == RpcKind.Response && id != 0 && !message.HasId(id)
            ? null
            : new UpstreamEvent(message, frame.Id, frame.Event, frame.Retry);
    }

    /// <summary>
    /// The clock runs only while the server is waited for: between two reads it is the client, or a question to the record,
    /// that takes its time, and what the server has sent meanwhile is read without one. The total goes on.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAsync(Memory<byte> into)
    {
        stream ??= await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        var left = timeouts.Total == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : timeouts.Total - time.GetElapsedTime(begun);
        if (left <= TimeSpan.Zero && left != Timeout.InfiniteTimeSpan)
        {
            throw new OperationCanceledException();
        }

        var limit = timeouts.Idle == Timeout.InfiniteTimeSpan || (left != Timeout.InfiniteTimeSpan && left < timeouts.Idle) ? left : timeouts.Idle;
        var reading = stream.ReadAsync(into, deadline.Token);
        if (reading.IsCompleted)
        {
            return await reading.ConfigureAwait(false);
        }

        deadline.Allow(limit);
        try
        {
            return await reading.ConfigureAwait(false);
        }
        finally
        {
            deadline.Rest();
        }
    }

    private UpstreamFault TooLarge() =>
        new(UpstreamFaultKind.Invalid, "the server's answer is larger than the gateway carries", $"more than {MaxResponse} bytes", false, Status);

    private UpstreamEvent Ended(UpstreamFault fault)
    {
        ended = true;
        return new UpstreamEvent(null, Fault: fault);
    }

    /// <summary>The usual one is seen as it stands; any other is parsed.</summary>
    private static string MediaTypeOf(HttpContentHeaders headers) =>
        headers.NonValidated.TryGetValues("Content-Type", out var values) && values.Count == 1 && values.ToString() is "application/json"
            ? "application/json"
            : headers.ContentType?.MediaType?.ToLowerInvariant() ?? "";
}
