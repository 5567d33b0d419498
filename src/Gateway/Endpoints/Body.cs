using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Endpoints;

/// <summary>Reads a request body whole, up to a bound.</summary>
public static class Body
{
    /// <summary>The largest message a client may send, in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Null when the body is larger than it may be.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength > MaxBytes)
        {
            return null;
        }

        var reader = http.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(http.RequestAborted).ConfigureAwait(false);
            if (result.Buffer.Length > MaxBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                return null;
            }

            if (result.IsCompleted)
            {
                var whole = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return whole;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
