using System.Net;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>What keeps pages apart from other sites: headers, the cookie, and where a form may come from.</summary>
/// <param name="publicUrl">The address that browsers use when it is not the one listened on.</param>
internal sealed class PageSite(Uri? publicUrl)
{
    private const string Policy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void Close(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";

        // With `no-referrer` a browser would send `Origin: null` with our own forms.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    public string? Cookie(HttpContext context) => context.Request.Cookies[NameOf(context)];

    /// <summary>
    /// Lax, so that a link in a message leads a signed-in approver to the page; with Strict every link from elsewhere would
    /// end at the sign-in. What changes something asks for a token and an origin of its own, which Lax does not give.
    /// </summary>
    public void SetCookie(HttpContext context, string token) => context.Response.Cookies.Append(NameOf(context), token, Options(context));

    public void DeleteCookie(HttpContext context) => context.Response.Cookies.Delete(NameOf(context), Options(context));

    /// <summary>A form that changes something comes from a page of this gate: a browser says so, and nothing else needs forms.</summary>
    public bool IsOwn(HttpRequest request)
    {
        var (fetch, origin) = (request.Headers["Sec-Fetch-Site"], request.Headers.Origin);
        if (fetch.Count + origin.Count == 0 || fetch.Count > 1 || origin.Count > 1)
        {
            return false;
        }

        return (fetch.Count == 0 || fetch[0] == "same-origin")
            && (origin.Count == 0 || string.Equals(origin[0], $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
                || (publicUrl is not null && string.Equals(origin[0], publicUrl.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>
    /// The path to go on to: of this gate, or the beginning. A second slash or a backslash would begin the name of another
    /// host in a browser's eyes.
    /// </summary>
    public static string LocalPath(string? asked) =>
        asked is { Length: > 0 and <= 512 } && asked[0] == '/' && !asked.StartsWith("//", StringComparison.Ordinal)
            && asked.All(static c => char.IsAsciiLetterOrDigit(c) || "/-._~?&=%".Contains(c, StringComparison.Ordinal))
            ? asked
            : "/";

    private string NameOf(HttpContext context) => IsSecure(context) ? "__Host-callgate" : "callgate";

    private CookieOptions Options(HttpContext context) => new() { HttpOnly = true, Secure = IsSecure(context), SameSite = SameSiteMode.Lax, Path = "/" };

    /// <summary>
    /// Behind a proxy that ends TLS the request is plain and the browser's connection is not. On the machine itself, where
    /// <c>public_url</c> is not what the browser used, a secure cookie would not come back.
    /// </summary>
    private bool IsSecure(HttpContext context) =>
        context.Request.IsHttps || (publicUrl?.Scheme == Uri.UriSchemeHttps && !IsLoopback(context.Request.Host.Host));

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
