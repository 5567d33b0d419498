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

    /// <summary>Why this may not be asked for; null when it may. Only where a list could not be read yet is the server asked first.</summary>
    public async ValueTask<Refusal?> RefuseAsync(Incoming call)
    {
        var (asked, malformed) = Asked(call);
        if (malformed is not null)
        {
            return new Refusal(RefusalCode.RequestMalformed, "(request)", malformed);
        }

        if ((Listing.Of(call.Method)?.Kind ?? asked?.Kind) is not { } kind)
        {
            return null;
        }

        if ((call.Now.Pins.GetValueOrDefault(call.PinKey)?.List(kind) ?? await pins.ListAsync(call.PinKey, call.Server, kind).ConfigureAwait(false)) is not { } list)
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

    /// <summary>
    /// The one prompt or resource that a request is about. What cannot be read here is not sent up: a server may read a name in
    /// what is none.
    /// </summary>
    private static (PinnedName? Asked, string? Malformed) Asked(Incoming call)
    {
        var parameters = call.Message.Params;
        switch (call.Method)
        {
            case "prompts/get":
                return Named(parameters, "name", "params.name", ListingKind.Prompt);
            case "resources/read" or "resources/subscribe":
                return Named(parameters, "uri", "params.uri", ListingKind.Resource);
            case "completion/complete":
                var about = parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("ref"u8, out var found) ? found : default;
                return Text(about, "type") switch
                {
                    "ref/prompt" => Named(about, "name", "params.ref.name", ListingKind.Prompt),
                    // A pattern, as a rule, and no address: only its shape is checked.
                    "ref/resource" => (null, Named(about, "uri", "params.ref.uri", ListingKind.Template).Malformed),
                    _ => (null, "`params.ref.type` must be `ref/prompt` or `ref/resource`"),
                };
            default:
                return (null, null);
        }
    }

    private static (PinnedName? Asked, string? Malformed) Named(JsonElement holder, string member, string place, ListingKind kind) =>
        Text(holder, member) is { } name ? (new PinnedName(kind, name), null) : (null, $"`{place}` must be a string");

    private static string? Text(JsonElement holder, string member) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

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
