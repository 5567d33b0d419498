using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Callgate.Fixtures.Transports;

/// <summary>The misbehaviour that only HTTP has.</summary>
internal static class HttpFault
{
    /// <summary>Answers in place of the server; true when there is nothing left to do.</summary>
    public static async Task<bool> BeforeAsync(Fault? fault, HttpContext context)
    {
        var response = context.Response;
        switch (fault?.Kind)
        {
            case FaultKind.Vanish:
                context.Abort();
                return true;
            case FaultKind.Redirect:
                response.StatusCode = 307;
                response.Headers.Location = fault.Target;
                return true;
            case FaultKind.Status:
                response.StatusCode = fault.Status;
                response.ContentType = "text/plain";
                await response.WriteAsync("the fixture was told to answer this");
                return true;
            case FaultKind.Noise:
                response.ContentType = "text/html";
                await response.WriteAsync("<html><body>a proxy's page</body></html>");
                return true;
            case FaultKind.NeverAnswer:
                await HangAsync(context);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes bytes of an answer: whole, by drops, or half of them before the connection ends.</summary>
    public static async Task WriteAsync(Fault? fault, HttpContext context, string text, TimeSpan drip)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        switch (fault?.Kind)
        {
            case FaultKind.CloseMidBody:
                await context.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case FaultKind.SlowDrip:
                foreach (var piece in bytes.Chunk(8))
                {
                    await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    await Task.Delay(drip, context.RequestAborted);
                }

                break;
            case FaultKind.Compressed when !context.Response.HasStarted:
                context.Response.Headers.ContentEncoding = "gzip";
                await using (var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true))
                {
                    await gzip.WriteAsync(bytes);
                }

                break;
            default:
                await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                break;
        }
    }

    public static async Task HangAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.RequestAborted.Register(() => gone.TrySetResult());
        await gone.Task;
    }
}
