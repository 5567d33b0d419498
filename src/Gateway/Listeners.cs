using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Endpoints;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace Callgate.Gateway;

/// <summary>One address to listen on.</summary>
public sealed record ListenAddress(bool Tls, IPAddress Address, int Port)
{
    public bool Loopback => IPAddress.IsLoopback(Address);

    /// <summary>Null when the text is no address of the form <c>http://HOST:PORT</c> with a host of this machine.</summary>
    public static ListenAddress? Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/" || url.UserInfo.Length > 0)
        {
            return null;
        }

        var host = url.Host.Trim('[', ']');
        var address = string.Equals(host, "localhost", StringComparison.Ordinal) ? IPAddress.Loopback : IPAddress.TryParse(host, out var parsed) ? parsed : null;
        return address is null ? null : new ListenAddress(url.Scheme == "https", address, url.Port);
    }
}

/// <summary>What a connection may reach, known from the address it came in on.</summary>
public sealed record ListenerSide(bool Front, bool Admin)
{
    public static ListenerSide Both { get; } = new(true, true);

    /// <summary>The front alone: administration has an address of its own.</summary>
    public static ListenerSide Only { get; } = new(true, false);

    /// <summary>Administration alone.</summary>
    public static ListenerSide Apart { get; } = new(false, true);
}

/// <summary>Where the gate listens, and what an address beyond loopback needs before it may.</summary>
public sealed record Listeners(ListenAddress Front, ListenAddress? Admin, X509Certificate2? Certificate)
{
    /// <summary>All that is wrong with these addresses under these settings; unsafe combinations refuse, they do not warn.</summary>
    public static (Listeners? Listeners, IReadOnlyList<string> Errors) Of(GatewayOptions options, DeclaredConfiguration settings)
    {
        var errors = new List<string>();
        var front = ListenAddress.Parse(options.Listen);
        var admin = options.AdminListen is { } text ? ListenAddress.Parse(text) : null;
        if (front is null)
        {
            errors.Add($"`--listen {options.Listen}` is no address of this machine; write http://ADDRESS:PORT");
        }

        if (options.AdminListen is not null && admin is null)
        {
            errors.Add($"`--admin-listen {options.AdminListen}` is no address of this machine; write http://ADDRESS:PORT");
        }

        if (front is { Loopback: false })
        {
            Exposed(options, settings, front, errors);
        }

        if (admin is { Loopback: false, Tls: false } && !settings.Listen.InsecureHttp)
        {
            errors.Add("administration on an address that is not loopback needs https, or `listen: { insecure_http: true }`");
        }

        if ((front?.Tls == true || admin?.Tls == true) && settings.Listen.Certificate is null)
        {
            errors.Add("an https address needs `listen: { tls: { certificate, key } }`");
        }

        var certificate = CertificateOf(settings.Listen, errors);
        return errors.Count == 0 ? (new Listeners(front!, admin, certificate), errors) : (null, errors);
    }

    /// <summary>Plain HTTP beyond loopback comes from the proxy that ends TLS; others would send their tokens in the clear.</summary>
    public static bool MayConnect(ListenAddress address, ListenSettings settings, EndPoint? peer) =>
        address.Tls || address.Loopback || settings.InsecureHttp
        || (peer is IPEndPoint { Address: var from } && (IPAddress.IsLoopback(Plain(from)) || settings.TrustedProxies.Contains(Plain(from))));

    public void Configure(KestrelServerOptions kestrel, ListenSettings settings)
    {
        kestrel.AddServerHeader = false;

        kestrel.RequestHeaderEncodingSelector = static name => name == HeaderNames.ContentLength ? PlainLength.Instance : null;
        // The bound of a message is held by the endpoint, which answers in words; this one is behind it.
        kestrel.Limits.MaxRequestBodySize = 2 * Body.MaxBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 100;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        kestrel.Limits.MaxConcurrentConnections = 12_000;
        foreach (var (address, side) in new[] { (Front, Admin is null ? ListenerSide.Both : ListenerSide.Only), (Admin, ListenerSide.Apart) })
        {
            if (address is null)
            {
                continue;
            }

            kestrel.Listen(address.Address, address.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection =>
                {
                    connection.Features.Set(side);
                    return MayConnect(address, settings, connection.RemoteEndPoint) ? next(connection) : Task.CompletedTask;
                });
                if (address.Tls)
                {
                    listen.UseHttps(Certificate!);
                }
            });
        }
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static X509Certificate2? CertificateOf(ListenSettings settings, List<string> errors)
    {
        if (settings is not { Certificate: { } certificate, CertificateKey: { } key } || !File.Exists(certificate) || !File.Exists(key))
        {
            return null;
        }

        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add($"`{certificate}` and `{key}` are no certificate and its key, as PEM: {exception.Message.TrimEnd('.')}");
            return null;
        }
    }

    private static void Exposed(GatewayOptions options, DeclaredConfiguration settings, ListenAddress front, List<string> errors)
    {
        if (options.AdminListen is null)
        {
            errors.Add($"`--listen {options.Listen}` is not loopback: give administration an address of its own with `--admin-listen`");
        }

        if (settings.PublicUrl is null)
        {
            errors.Add($"`--listen {options.Listen}` is not loopback: set `public_url` to the address that clients use");
        }

        if (!front.Tls && settings.Listen.TrustedProxies.IsEmpty && !settings.Listen.InsecureHttp)
        {
            errors.Add($"`--listen {options.Listen}` is plain HTTP beyond loopback: use https with a certificate, name the `trusted_proxy` that ends TLS, or set `listen: {{ insecure_http: true }}`");
        }
    }
}
