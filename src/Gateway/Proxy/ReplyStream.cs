using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Callgate.Gateway.Upstreams;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// The answer to one HTTP request: one JSON body where only responses come, a stream of events as soon as anything else
/// does. Frames are always ours; of the upstream's only the fields <c>id</c>, <c>event</c> and <c>retry</c> are kept.
/// </summary>
public sealed class ReplyStream(HttpContext http, int expectedResponses, bool batch) : IDisposable
{
    private static readonly byte[] KeepAlive = ": keep-alive\n\n"u8.ToArray();

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly List<ReadOnlyMemory<byte>> held = new(expectedResponses);
    private int awaited = expectedResponses;
    private bool streaming;
    private bool ended;
    private bool sessionGone;

    /// <summary>True when the answer to this request was given whole.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>False once the client is gone; what is written then goes nowhere, and the caller goes on for the record.</summary>
    public bool Reachable => !http.RequestAborted.IsCancellationRequested;

    public bool Streaming => streaming;

    /// <summary>The client takes events: what it waits for may be told, and its connection kept open.</summary>
    public bool TakesEvents => !batch && http.Request.Headers.Accept.ToString() is var accept
        && (accept.Length == 0 || accept.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) || accept.Contains("*/*", StringComparison.Ordinal));

    /// <summary>The last response that was given; empty before.</summary>
    public ReadOnlyMemory<byte> Response { get; private set; }

    /// <summary>True for the answer to an array of messages (2025-03-26).</summary>
    public bool Batch => batch;

    /// <summary>Sends a message that is no response to this request, and with it turns the answer into a stream.</summary>
    public ValueTask MessageAsync(ReadOnlyMemory<byte> message, UpstreamEvent? frame = null) => WriteAsync(message, frame);

    /// <summary>Keeps a waiting connection open; also turns the answer into a stream.</summary>
    public ValueTask KeepAliveAsync() => WriteAsync(default, null);

    /// <summary>A prime event carries only an id from which the client may resume; it passes as an empty one.</summary>
    public ValueTask PrimeAsync(UpstreamEvent frame) =>
        frame.EventId is null && frame.RetryMilliseconds is null ? KeepAliveAsync() : MessageAsync(default, frame);

    /// <summary>Sends the response to one of the requests of this HTTP request. After the last one the answer is complete.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ResponseAsync(ReadOnlyMemory<byte> message, int status = StatusCodes.Status200OK, UpstreamEvent? frame = null)
    {
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            awaited--;
            Response = message;
            sessionGone |= status == StatusCodes.Status404NotFound;
            if (ended || !Reachable)
            {
                return;
            }

            if (streaming)
            {
                await FrameAsync(message, batch ? null : frame).ConfigureAwait(false);
            }
            else
            {
                held.Add(message);
                if (awaited == 0)
                {
                    await BodyAsync(status).ConfigureAwait(false);
                }
            }

            ended = awaited <= 0;
            IsComplete |= ended;
        }
        catch (Exception exception) when (Gone(exception))
        {
            ended = true;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Opens the stream before there is anything to send, so that the client sees its headers at once.</summary>
    public async ValueTask OpenStreamAsync()
    {
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await StartStreamAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (Gone(exception))
        {
            ended = true;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> message, UpstreamEvent? frame)
    {
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (ended || !Reachable)
            {
                return;
            }

            await StartStreamAsync().ConfigureAwait(false);
            if (message.IsEmpty && frame is null)
            {
                http.Response.BodyWriter.Write(KeepAlive);
                await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            }
            else
            {
                await FrameAsync(message, batch ? null : frame).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (Gone(exception))
        {
            ended = true;
        }
        finally
        {
            gate.Release();
        }
    }

    private async ValueTask StartStreamAsync()
    {
        if (streaming || !Reachable)
        {
            return;
        }

        streaming = true;
        var response = http.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(http.RequestAborted).ConfigureAwait(false);
        foreach (var message in held)
        {
            await FrameAsync(message, null).ConfigureAwait(false);
        }

        held.Clear();
        await response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask BodyAsync(int status)
    {
        var response = http.Response;
        response.StatusCode = !batch ? status : sessionGone ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (!batch)
        {
            response.ContentLength = held[0].Length;
            await response.BodyWriter.WriteAsync(held[0], http.RequestAborted).ConfigureAwait(false);
            return;
        }

        var writer = response.BodyWriter;
        writer.Write("["u8);
        for (var i = 0; i < held.Count; i++)
        {
            writer.Write(i == 0 ? default : ","u8);
            writer.Write(held[i].Span);
        }

        writer.Write("]"u8);
        await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    private async ValueTask FrameAsync(ReadOnlyMemory<byte> message, UpstreamEvent? frame)
    {
        var writer = http.Response.BodyWriter;
        if (frame?.EventName is { Length: > 0 and <= 128 } name)
        {
            Field(writer, "event: "u8, name);
        }

        if (frame?.EventId is { Length: <= 1_024 } id)
        {
            Field(writer, "id: "u8, id);
        }

        if (frame?.RetryMilliseconds is { } retry)
        {
            Field(writer, "retry: "u8, retry.ToString(CultureInfo.InvariantCulture));
        }

        // Re-emitted JSON holds no line break, so one data line is always enough.
        writer.Write("data: "u8);
        writer.Write(message.Span);
        writer.Write("\n\n"u8);
        await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    private static void Field(IBufferWriter<byte> writer, ReadOnlySpan<byte> name, string value)
    {
        writer.Write(name);
        writer.Write(Encoding.UTF8.GetBytes(value));
        writer.Write("\n"u8);
    }

    private static bool Gone(Exception exception) => exception is OperationCanceledException or IOException or ObjectDisposedException;
}
