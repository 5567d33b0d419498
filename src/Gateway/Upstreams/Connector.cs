using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>An upstream opened for one legacy client: its answer to <c>initialize</c>, and the conversation where it accepted.</summary>
public sealed record OpenedConversation(Conversation? Conversation, RpcMessage? Response, UpstreamFault? Fault, int? Status = null);

/// <summary>
/// Opens conversations with upstreams, whatever their transport. INVARIANT: an upstream gets no request before its
/// handshake is done, which the gateway ends itself.
/// </summary>
public sealed class Connector(PipePool pool, TimeProvider time) : IDisposable
{
    private const string ModernProfile = "modern";

    private readonly ConcurrentDictionary<TimeSpan, HttpMessageInvoker> clients = new();

    /// <summary>Opens an upstream for a legacy client with that client's own words.</summary>
    /// <param name="profile">Clients of one grant with equal profiles may share one child process.</param>
    public ValueTask<OpenedConversation> OpenLegacyAsync(ServerDefinition server, string owner, string profile, JudgedMessage initialize, CancellationToken cancellationToken) =>
        server.Transport == TransportKind.Http
            ? OpenHttpAsync(server, initialize, cancellationToken)
            : OpenPipeAsync(server, owner, server.Transport == TransportKind.Sse ? profile + Identifiers.New(time.GetUtcNow()) : profile, initialize, cancellationToken);

    /// <summary>Opens a stateless conversation (2026-07-28).</summary>
    public async ValueTask<(Conversation? Conversation, UpstreamFault? Fault)> OpenModernAsync(ServerDefinition server, string owner, CancellationToken cancellationToken)
    {
        if (server.Transport == TransportKind.Http)
        {
            return (new HttpConversation(ClientOf(server), server, ProtocolVersion.Modern, null, time), null);
        }

        var (link, fault) = await pool.RentAsync(server, owner, ModernProfile, cancellationToken).ConfigureAwait(false);
        return link is null ? (null, fault) : (link.Attach(), null);
    }

    /// <summary>Goes on with a session an earlier process opened; null where the transport keeps none.</summary>
    public Conversation? Resume(ServerDefinition server, string version, string? upstreamSession) =>
        server.Transport == TransportKind.Http ? new HttpConversation(ClientOf(server), server, version, upstreamSession, time) : null;

    /// <summary>A stateless conversation of the gateway's own, for discovery: for pipes over a process that nobody else uses.</summary>
    public async ValueTask<(Conversation? Conversation, IAsyncDisposable? Owner, UpstreamFault? Fault)> OpenOwnModernAsync(ServerDefinition server, CancellationToken cancellationToken)
    {
        if (server.Transport == TransportKind.Http)
        {
            return (new HttpConversation(ClientOf(server), server, ProtocolVersion.Modern, null, time), null, null);
        }

        var (link, fault) = await pool.OpenThrowAwayAsync(server, cancellationToken).ConfigureAwait(false);
        return link is null ? (null, null, fault) : (link.Attach(), link, null);
    }

    /// <summary>A session of the gateway's own, for discovery. The owner, where there is one, is disposed by the caller.</summary>
    public async ValueTask<(OpenedConversation Opened, IAsyncDisposable? Owner)> OpenOwnLegacyAsync(ServerDefinition server, JudgedMessage initialize, CancellationToken cancellationToken)
    {
        if (server.Transport == TransportKind.Http)
        {
            return (await OpenHttpAsync(server, initialize, cancellationToken).ConfigureAwait(false), null);
        }

        var (link, fault) = await pool.OpenThrowAwayAsync(server, cancellationToken).ConfigureAwait(false);
        return link is null ? (new OpenedConversation(null, null, fault), null) : (await InitializeAsync(link, initialize, cancellationToken).ConfigureAwait(false), link);
    }

    public void Dispose()
    {
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }
    }

    private async ValueTask<OpenedConversation> OpenHttpAsync(ServerDefinition server, JudgedMessage initialize, CancellationToken cancellationToken)
    {
        var before = new HttpConversation(ClientOf(server), server, "", null, time);
        var exchange = await before.RequestAsync(initialize, cancellationToken).ConfigureAwait(false);
        RpcMessage? response;
        string? session;
        await using (exchange.ConfigureAwait(false))
        {
            (response, var fault) = await ResponseOfAsync(exchange, cancellationToken).ConfigureAwait(false);
            if (response is null)
            {
                return new OpenedConversation(null, null, fault, exchange.Status);
            }

            session = (exchange as HttpExchange)?.SessionId;
        }

        if (response.IsError)
        {
            return new OpenedConversation(null, response, null, exchange.Status);
        }

        if (VersionOf(response) is not { } version)
        {
            return new OpenedConversation(null, null, StrangeVersion(exchange.Status), exchange.Status);
        }

        var conversation = new HttpConversation(ClientOf(server), server, version, session, time);
        var initialized = JudgedMessage.Own(RpcKind.Notification, "notifications/initialized", default);
        var refused = await conversation.SendAsync(initialized, cancellationToken).ConfigureAwait(false);
        return new OpenedConversation(refused is null ? conversation : null, response, refused, exchange.Status);
    }

    private async ValueTask<OpenedConversation> OpenPipeAsync(ServerDefinition server, string owner, string profile, JudgedMessage initialize, CancellationToken cancellationToken)
    {
        var (link, fault) = await pool.RentAsync(server, owner, profile, cancellationToken).ConfigureAwait(false);
        return link is null ? new OpenedConversation(null, null, fault) : await InitializeAsync(link, initialize, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<OpenedConversation> InitializeAsync(PipeLink link, JudgedMessage initialize, CancellationToken cancellationToken)
    {
        var (response, fault) = await link.InitializeAsync(initialize, cancellationToken).ConfigureAwait(false);
        if (response is null || response.IsError)
        {
            return new OpenedConversation(null, response, fault);
        }

        return VersionOf(response) is null
            ? new OpenedConversation(null, null, StrangeVersion(null))
            : new OpenedConversation(link.Attach(), response, null);
    }

    private static UpstreamFault StrangeVersion(int? status) =>
        new(UpstreamFaultKind.Invalid, "the server answered `initialize` with a version that is not served here", "protocolVersion is missing or unknown", NothingSent: false, status);

    /// <summary>Reads an exchange to its response; everything before it is dropped.</summary>
    public static async ValueTask<(RpcMessage? Response, UpstreamFault? Fault)> ResponseOfAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        while (await exchange.NextAsync(cancellationToken).ConfigureAwait(false) is { } happened)
        {
            if (happened.Fault is not null || happened.Message?.Kind == RpcKind.Response)
            {
                return (happened.Message, happened.Fault);
            }
        }

        return (null, new UpstreamFault(UpstreamFaultKind.Invalid, "the server ended its answer without a response", "no response", false, exchange.Status));
    }

    /// <summary>The version an answer to <c>initialize</c> agrees on; null when it names none that is served here.</summary>
    public static string? VersionOf(RpcMessage response) =>
        response.Root.GetProperty("result"u8) is { ValueKind: JsonValueKind.Object } result
        && result.TryGetProperty("protocolVersion"u8, out var version) && version.ValueKind == JsonValueKind.String
        && ProtocolVersion.IsLegacy(version.GetString()!)
            ? version.GetString()
            : null;

    private HttpMessageInvoker ClientOf(ServerDefinition server) => clients.GetOrAdd(server.Timeouts.Connect, static connect => new HttpMessageInvoker(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = connect,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 64,
    }));
}
