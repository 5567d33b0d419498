using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// The one stylesheet, inside the program. Its address has a hash of its content, so that a browser may keep it for ever and
/// asks anew after an update. The static files of the framework would need a folder beside the program.
/// </summary>
internal static class Stylesheet
{
    public const string Route = "/assets/{file}";

    private static readonly byte[] Content = Read();

    public static string Address { get; } = $"/assets/callgate-{Convert.ToHexStringLower(SHA256.HashData(Content))[..16]}.css";

    public static Task ServeAsync(HttpContext context)
    {
        if (!string.Equals(context.Request.Path.Value, Address, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(Content, "text/css; charset=utf-8").ExecuteAsync(context);
    }

    private static byte[] Read()
    {
        using var resource = typeof(Stylesheet).Assembly.GetManifestResourceStream("callgate.css")!;
        using var content = new MemoryStream();
        resource.CopyTo(content);
        return content.ToArray();
    }
}
