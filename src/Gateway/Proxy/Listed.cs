using System.Text.Json;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// Prompts, resources and templates: their lists as they were reviewed, and what is asked of one of them. INVARIANT: list and
/// use go by the same pins.
/// </summary>
public sealed class Listed(PinBook pins)
{
    private static readonly Refusal NoList = new(RefusalCode.UpstreamInvalid, "(upstream)", "the server's answer is no such list");

    /// <summary>Why this may not be asked for; null when it may. Only where a server was never listed is it asked first.</summary>
    public async ValueTask<Refusal?> RefuseAsync(Incoming call)
    {
        var asked = Asked(call);
        if ((Listing.Of(call.Method)?.Kind ?? asked?.Kind) is not { } kind)
        {
            return null;
        }

        await pins.EnsureAsync(call.Server, CancellationToken.None).ConfigureAwait(false);
        if ((call.Now.Pins.GetValueOrDefault(call.PinKey) ?? pins.Find(call.PinKey))?.List(kind) is not { } list)
        {
            return new Refusal(RefusalCode.UpstreamUnavailable, "(unknown)", $"the {Listing.WordOf(kind)}s of this server could not be listed yet; try again later");
        }

        return asked is { } one ? Standing(one, list, call.Server) : null;
    }

    /// <summary>The list of the upstream, each entry in its reviewed definition, and none that waits for review.</summary>
    public Finished Reduce(Incoming call, Listing listing, RpcMessage response, string reference)
    {
        if (HopErrors.Of(call, response) is { } hop)
        {
            return Finished.Refused(call, hop, reference);
        }

        if (response.IsError)
        {
            return new Finished(RpcWriter.Relay(response, call.RawId));
        }

        if (!response.Root.TryGetProperty("result"u8, out var result) || result.ValueKind != JsonValueKind.Object
            || !result.TryGetProperty(listing.Member, out var entries) || entries.ValueKind != JsonValueKind.Array)
        {
            return Finished.Refused(call, NoList, reference);
        }

        // What the upstream shows now may have drifted: the pins learn of it before this client hears the answer.
        var pinned = pins.Observe(call.PinKey, call.Server, listing.Kind, entries)?.List(listing.Kind);
        return new Finished(RpcWriter.Relay(response, call.RawId, [JsonEdit.Replace(Reduced(listing, entries, pinned), "result", listing.Member), .. Caching.Edits(call, result)]));
    }

    /// <summary>A resource that no list names may be what a template stands for, or what a tool has told of.</summary>
    private static Refusal? Standing(PinnedName one, PinnedList list, ServerDefinition server)
    {
        var word = Listing.WordOf(one.Kind);
        return list.Reviewed.TryGetValue(one.Name, out var known)
            ? known.DriftedTo is not null && server.OnDrift != OnDrift.Report
                ? new Refusal(RefusalCode.Drifted, "(unknown)", $"the definition of {word} `{Recorder.Bounded(one.Name)}` has changed since it was reviewed; an operator must accept it first")
                : null
            : one.Kind == ListingKind.Prompt || list.Waiting.ContainsKey(one.Name)
                ? new Refusal(RefusalCode.ToolUnknown, "(unknown)", $"Unknown {word}: {Recorder.Bounded(one.Name)}")
                : null;
    }

    /// <summary>The one prompt or resource that a request is about.</summary>
    private static PinnedName? Asked(Incoming call) => (call.Method, call.Message.Params) switch
    {
        (_, { ValueKind: not JsonValueKind.Object }) => null,
        ("prompts/get", var asked) => Named(asked, "name", ListingKind.Prompt),
        ("resources/read" or "resources/subscribe", var asked) => Named(asked, "uri", ListingKind.Resource),
        ("completion/complete", var asked) when asked.TryGetProperty("ref"u8, out var about) && about.ValueKind == JsonValueKind.Object
            && about.TryGetProperty("type"u8, out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("ref/prompt"u8) => Named(about, "name", ListingKind.Prompt),
        _ => null,
    };

    private static PinnedName? Named(JsonElement holder, string member, ListingKind kind) =>
        holder.TryGetProperty(member, out var name) && name.ValueKind == JsonValueKind.String ? new PinnedName(kind, name.GetString()!) : null;

    private static ReadOnlyMemory<byte> Reduced(Listing listing, JsonElement entries, PinnedList? pinned)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(4_096);
        using (var writer = Reemit.Writer(buffer))
        {
            writer.WriteStartArray();
            foreach (var name in entries.EnumerateArray().Select(listing.NameOf).Distinct(StringComparer.Ordinal))
            {
                if (name is not null && pinned is not null && pinned.Reviewed.TryGetValue(name, out var known))
                {
                    writer.WriteRawValue(known.Definition.Span, skipInputValidation: true);
                }
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }
}
