using System.Buffers;
using System.Runtime.CompilerServices;
using Callgate.Gateway.Proxy;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Endpoints;

/// <summary>Reads a request body whole, up to a bound, where its end can be seen in one way only.</summary>
public static class Body
{
    /// <summary>The largest message a client may send, in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The most values a message may hold: a small number takes ten times the memory of its bytes.</summary>
    public const int MaxValues = 128 * 1024;

    /// <summary>Where the server puts a length that came beside a coding.</summary>
    private const string LengthBesideCoding = "X-Content-Length";

    /// <summary>
    /// Why the end of this request is in doubt. The server below takes a coding beside a length, and drops codings before
    /// the last; another reader on the way may see a second request in what is left (security study, A34).
    /// </summary>
    public static Turned? FramingFault(HttpRequest request)
    {
        var codings = request.Headers.TransferEncoding;
        var plain = codings.Count == 0 || (codings.Count == 1 && string.Equals(codings[0], "chunked", StringComparison.OrdinalIgnoreCase));
        return plain && !request.Headers.ContainsKey(LengthBesideCoding)
            ? null
            : Turned.Malformed("say the length of the body in one way: `Content-Length`, or `Transfer-Encoding: chunked`") with { Closes = true };
    }

    /// <summary>The body, or why there is none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<(ReadOnlyMemory<byte> Bytes, Turned? Turned)> ReadAsync(HttpContext http)
    {
        try
        {
            return await ReadWholeAsync(http).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            return (default, exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge() : Broken());
        }
        catch (IOException)
        {
            return (default, Broken());
        }
    }

    public static Turned TooLarge() => new(StatusCodes.Status413PayloadTooLarge, RefusalCode.RequestTooLarge, $"a message has at most {MaxBytes} bytes and {MaxValues} values");

    private static Turned Broken() => Turned.Malformed("the body does not end as it says it would") with { Closes = true };

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<(ReadOnlyMemory<byte> Bytes, Turned? Turned)> ReadWholeAsync(HttpContext http)
    {
        if (http.Request.ContentLength > MaxBytes)
        {
            return (default, TooLarge());
        }

        var reader = http.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(http.RequestAborted).ConfigureAwait(false);
            if (result.Buffer.Length > MaxBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                return (default, TooLarge());
            }

            if (result.IsCompleted)
            {
                var excess = StrictJson.HoldsMoreThan(MaxValues, result.Buffer);
                var whole = excess == false ? result.Buffer.ToArray() : [];
                reader.AdvanceTo(result.Buffer.End);
                return excess == false ? (whole, null) : (default, excess is null ? Turned.Of(StrictJson.NoJson) : TooLarge());
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
