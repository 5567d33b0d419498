using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Discovery;

/// <summary>What a server showed of itself in one era.</summary>
/// <param name="Version">The protocol version agreed on.</param>
/// <param name="Name">What the server calls itself.</param>
public sealed record Showing(IReadOnlyList<JsonElement> Tools, string? Instructions, string? Version, string? Name)
{
    /// <summary>What it lists beside its tools. A list that it does not have is empty; one that could not be read is missing.</summary>
    public IReadOnlyDictionary<ListingKind, IReadOnlyList<JsonElement>> Lists { get; init; } = FrozenDictionary<ListingKind, IReadOnlyList<JsonElement>>.Empty;
}

/// <summary>What a server showed to the gateway itself. An era it does not speak is null.</summary>
public sealed record Exploration(Showing? Legacy, Showing? Modern, UpstreamFault? Fault)
{
    public bool Reached => Legacy is not null || Modern is not null;
}

/// <summary>
/// Asks a server what it offers, as the gateway, with the gateway's own credentials and every client capability announced,
/// in both eras. Child processes for this are thrown away: some servers end at the first question of an era they do not know.
/// </summary>
public sealed class Explorer(Connector connector)
{
    private const int MaxPages = 200;
    private const int MaxTools = 10_000;

    /// <summary>All pages of one list together.</summary>
    private const long MaxBytes = 64L * 1024 * 1024;

    private static readonly TimeSpan ModernProbe = TimeSpan.FromSeconds(5);

    /// <summary>For all lists beside that of the tools: clients may be waiting for the tools.</summary>
    private static readonly TimeSpan BesideTools = TimeSpan.FromSeconds(10);

    private static readonly byte[] InitializeParams = Encoding.UTF8.GetBytes(
        """{"protocolVersion":"2025-11-25","capabilities":{"roots":{"listChanged":true},"sampling":{},"elicitation":{"form":{},"url":{}}},"clientInfo":{"name":"callgate","version":"0.1.0"}}""");

    private const string ModernMeta =
        """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"roots":{"listChanged":true},"sampling":{},"elicitation":{"form":{},"url":{}}},"io.modelcontextprotocol/clientInfo":{"name":"callgate","version":"0.1.0"}}""";

    public async Task<Exploration> ExploreAsync(ServerDefinition server, CancellationToken cancellationToken)
    {
        using var probe = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var modern = server.Transport == TransportKind.Sse
            ? Task.FromResult<(Showing?, UpstreamFault?)>((null, null))
            : ModernAsync(server, probe.Token, cancellationToken);
        var (legacy, fault) = await LegacyAsync(server, cancellationToken).ConfigureAwait(false);
        if (legacy is not null)
        {
            // A server that answered in one era is given a moment more to answer in the other.
            probe.CancelAfter(ModernProbe);
        }

        var (shown, modernFault) = await modern.ConfigureAwait(false);
        return new Exploration(legacy, shown, legacy is null && shown is null ? fault ?? modernFault : null);
    }

    private async Task<(Showing? Showing, UpstreamFault? Fault)> LegacyAsync(ServerDefinition server, CancellationToken cancellationToken)
    {
        var (opened, owner) = await connector.OpenOwnLegacyAsync(server, JudgedMessage.Own(RpcKind.Request, "initialize", InitializeParams), cancellationToken).ConfigureAwait(false);
        try
        {
            if (opened.Conversation is not { } conversation)
            {
                return (null, opened.Fault ?? new UpstreamFault(UpstreamFaultKind.Invalid, "the server refused to be initialized", "initialize was answered with an error or an unknown version", false, opened.Status));
            }

            var (tools, fault) = await ListAsync(conversation, Listing.Tools, null, cancellationToken).ConfigureAwait(false);
            var lists = tools is null ? null : await OthersAsync(conversation, opened.Response!, null, cancellationToken, cancellationToken).ConfigureAwait(false);
            await conversation.EndAsync(cancellationToken).ConfigureAwait(false);
            return tools is null ? (null, fault) : (Of(tools, lists!, opened.Response!), null);
        }
        finally
        {
            if (owner is not null)
            {
                await owner.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <param name="probe">How long is waited for an answer in this era.</param>
    private async Task<(Showing? Showing, UpstreamFault? Fault)> ModernAsync(ServerDefinition server, CancellationToken probe, CancellationToken cancellationToken)
    {
        var (conversation, owner, fault) = await connector.OpenOwnModernAsync(server, probe).ConfigureAwait(false);
        if (conversation is null)
        {
            return (null, fault);
        }

        try
        {
            var discover = JudgedMessage.Own(RpcKind.Request, "server/discover", Encoding.UTF8.GetBytes($$"""{"_meta":{{ModernMeta}}}"""));
            var exchange = await conversation.RequestAsync(discover, probe).ConfigureAwait(false);
            RpcMessage? response;
            await using (exchange.ConfigureAwait(false))
            {
                (response, fault) = await Connector.ResponseOfAsync(exchange, probe).ConfigureAwait(false);
            }

            if (response is null || response.IsError)
            {
                return (null, fault);
            }

            var (tools, listFault) = await ListAsync(conversation, Listing.Tools, ModernMeta, probe).ConfigureAwait(false);
            return tools is null ? (null, listFault)
                : (Of(tools, await OthersAsync(conversation, response, ModernMeta, probe, cancellationToken).ConfigureAwait(false), response) with { Version = ProtocolVersion.Modern }, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, new UpstreamFault(UpstreamFaultKind.Timeout, "the server did not answer in time", "server/discover was not answered", false));
        }
        finally
        {
            if (owner is not null)
            {
                await owner.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Asked only for what the server announces: some end at a method they do not know. When the time is over, what was read so
    /// far holds, and the tools with it; only where the gateway closes nothing does.
    /// </summary>
    private static async Task<Dictionary<ListingKind, IReadOnlyList<JsonElement>>> OthersAsync(Conversation conversation, RpcMessage introduction, string? meta, CancellationToken probe, CancellationToken cancellationToken)
    {
        var lists = new Dictionary<ListingKind, IReadOnlyList<JsonElement>>();
        introduction.Root.TryGetProperty("result"u8, out var result);
        var announced = result.ValueKind == JsonValueKind.Object && result.TryGetProperty("capabilities"u8, out var found) ? found : default;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(probe);
        patience.CancelAfter(BesideTools);
        try
        {
            foreach (var listing in Listing.Others)
            {
                if (announced.ValueKind != JsonValueKind.Object || !announced.TryGetProperty(listing.Capability, out _))
                {
                    lists[listing.Kind] = [];
                }
                else if ((await ListAsync(conversation, listing, meta, patience.Token).ConfigureAwait(false)).Entries is { } entries)
                {
                    lists[listing.Kind] = entries;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What was not listed in time is listed the next time that the server is asked.
        }

        return lists;
    }

    private static async Task<(IReadOnlyList<JsonElement>? Entries, UpstreamFault? Fault)> ListAsync(Conversation conversation, Listing listing, string? meta, CancellationToken cancellationToken)
    {
        var entries = new List<JsonElement>();
        string? cursor = null;
        long bytes = 0;
        for (var page = 0; page < MaxPages && entries.Count <= MaxTools && bytes <= MaxBytes; page++)
        {
            var list = JudgedMessage.Own(RpcKind.Request, listing.Method, PageParams(cursor, meta));
            var exchange = await conversation.RequestAsync(list, cancellationToken).ConfigureAwait(false);
            RpcMessage? response;
            UpstreamFault? fault;
            await using (exchange.ConfigureAwait(false))
            {
                (response, fault) = await Connector.ResponseOfAsync(exchange, cancellationToken).ConfigureAwait(false);
            }

            if (listing.Kind != ListingKind.Tool && response is not null && HasNone(response))
            {
                return ([], null);
            }

            if (response is null || Page(response, listing, entries) is not { } next)
            {
                return (null, fault ?? Unusable);
            }

            bytes += response.Length;
            cursor = next;
            if (cursor.Length == 0)
            {
                return (entries, null);
            }
        }

        // Of a list of tools without its end nothing is used; of any other what was read is.
        return listing.Kind == ListingKind.Tool ? (null, Unusable) : (entries, null);
    }

    /// <summary>A server may announce resources and know no templates.</summary>
    private static bool HasNone(RpcMessage response) =>
        response.IsError && response.Root.GetProperty("error"u8).TryGetProperty("code"u8, out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var number) && number == RpcError.MethodNotFound;

    /// <summary>Takes one page; the next cursor, empty at the end, or null when the list cannot be used.</summary>
    private static string? Page(RpcMessage response, Listing listing, List<JsonElement> entries)
    {
        if (!response.Root.TryGetProperty("result"u8, out var result) || result.ValueKind != JsonValueKind.Object
            || !result.TryGetProperty(listing.Member, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        foreach (var entry in list.EnumerateArray())
        {
            if (listing.NameOf(entry) is null)
            {
                return null;
            }

            entries.Add(entry);
        }

        return result.TryGetProperty("nextCursor"u8, out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : "";
    }

    private static byte[] PageParams(string? cursor, string? meta)
    {
        var members = new List<string>();
        if (cursor is not null)
        {
            members.Add("\"cursor\":" + JsonSerializer.Serialize(cursor));
        }

        if (meta is not null)
        {
            members.Add("\"_meta\":" + meta);
        }

        return Encoding.UTF8.GetBytes("{" + string.Join(',', members) + "}");
    }

    /// <summary>What is wrong with a tool list that cannot be pinned.</summary>
    public static UpstreamFault Unusable { get; } =
        new(UpstreamFaultKind.Invalid, "the server's tool list cannot be used", "no list, a tool without a name, a name twice, or more pages than the gateway reads", false);

    private static Showing Of(IReadOnlyList<JsonElement> tools, Dictionary<ListingKind, IReadOnlyList<JsonElement>> lists, RpcMessage introduction)
    {
        introduction.Root.TryGetProperty("result"u8, out var result);
        var info = result.ValueKind != JsonValueKind.Object ? default : result.TryGetProperty("serverInfo"u8, out var found) ? found
            : result.TryGetProperty("_meta"u8, out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("io.modelcontextprotocol/serverInfo"u8, out found) ? found : default;
        return new Showing(tools, Text(result, "instructions"), Text(result, "protocolVersion"), Text(info, "name")) { Lists = lists };
    }

    private static string? Text(JsonElement holder, string member) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
