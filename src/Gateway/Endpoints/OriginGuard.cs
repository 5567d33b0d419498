using System.Net;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Endpoints;

/// <summary>
/// Host and Origin of every request. On loopback a page in a browser could otherwise reach the gate by rebinding a name
/// of its own to this machine (security study, T01).
/// </summary>
public sealed class OriginGuard(IReadOnlyCollection<string> allowedHosts, Uri? publicUrl)
{
    private readonly HashSet<string> hosts = new(allowedHosts, StringComparer.OrdinalIgnoreCase);

    /// <summary>The Host that was last found to be served: nearly every request has the one of the request before.</summary>
    private volatile string? served;

    /// <summary>Null when the request may go on; otherwise what is wrong.</summary>
    public string? Fault(HttpRequest request)
    {
        if (HostFault(request) is { } fault)
        {
            return fault;
        }

        var origins = request.Headers.Origin;
        if (origins.Count == 0)
        {
            return null;
        }

        return origins.Count == 1 && Uri.TryCreate(origins[0], UriKind.Absolute, out var origin) && KnownOrigin(origin)
            ? null
            : "this Origin may not call the gate";
    }

    /// <summary>The same for what every origin may read.</summary>
    public string? HostFault(HttpRequest request) =>
        request.Headers.Host is [{ } host] && IsServed(host, request.Host) ? null : "this Host is not served here; name it under `allowed_hosts` or `public_url`";

    private bool IsServed(string header, HostString host)
    {
        if (string.Equals(header, served, StringComparison.Ordinal))
        {
            return true;
        }

        if (!KnownHost(host.Host))
        {
            return false;
        }

        served = header;
        return true;
    }

    private bool KnownOrigin(Uri origin) =>
        origin.Scheme is "http" or "https" && KnownHost(origin.Host.Trim('[', ']'));

    private bool KnownHost(string host)
    {
        var plain = host.Trim('[', ']');
        return string.Equals(plain, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(plain, out var address) && IPAddress.IsLoopback(address) && string.Equals(address.ToString(), plain, StringComparison.OrdinalIgnoreCase))
            || string.Equals(plain, publicUrl?.Host, StringComparison.OrdinalIgnoreCase)
            || hosts.Contains(plain);
    }
}
