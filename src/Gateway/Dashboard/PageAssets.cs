using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// What pages load: a few files inside the program. An address has a hash of its file, so that a browser may keep it for ever
/// and asks anew after an update. The static files of the framework would need a folder beside the program.
/// </summary>
internal static class PageAssets
{
    public const string Root = "/assets";

    public const string Route = Root + "/{file}";

    private const int HashLength = 16;

    private static readonly Dictionary<string, Asset> ByAddress = new[] { Read("callgate.css", "text/css; charset=utf-8"), Read("callgate.js", "text/javascript; charset=utf-8"), Read("callgate-worker.js", "text/javascript; charset=utf-8"), Read("callgate.svg", "image/svg+xml") }
        .ToDictionary(static asset => asset.Address, StringComparer.Ordinal);

    public static string Stylesheet { get; } = AddressOf("callgate-", ".css");

    public static string Script { get; } = AddressOf("callgate-", ".js");

    public static string Worker { get; } = AddressOf("callgate-worker-", ".js");

    public static string Icon { get; } = AddressOf("callgate-", ".svg");

    public static Task ServeAsync(HttpContext context)
    {
        if (!ByAddress.TryGetValue(context.Request.Path.Value ?? "", out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(asset.Content, asset.Type).ExecuteAsync(context);
    }

    /// <summary>Of the file with this name before its hash.</summary>
    private static string AddressOf(string name, string ending) => ByAddress.Keys.Single(address => address.Length == Root.Length + 1 + name.Length + HashLength + ending.Length
        && address.StartsWith($"{Root}/{name}", StringComparison.Ordinal) && address.EndsWith(ending, StringComparison.Ordinal));

    private static Asset Read(string name, string type)
    {
        using var resource = typeof(PageAssets).Assembly.GetManifestResourceStream(name)!;
        using var content = new MemoryStream();
        resource.CopyTo(content);
        var bytes = content.ToArray();
        return new Asset($"/assets/{Path.GetFileNameWithoutExtension(name)}-{Convert.ToHexStringLower(SHA256.HashData(bytes))[..HashLength]}{Path.GetExtension(name)}", type, bytes);
    }

    private sealed record Asset(string Address, string Type, byte[] Content);
}
