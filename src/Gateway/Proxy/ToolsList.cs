using System.Text.Json;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Callgate.Policy;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// <c>tools/list</c>: the upstream's live answer to this client, reduced to what its policy lets exist, each tool served
/// in its reviewed definition. INVARIANT: list and call use the same judgement.
/// </summary>
public sealed class ToolsList(PinBook pins, Recorder recorder, Forwarder forwarder)
{
    private static readonly Refusal NoList = new(RefusalCode.UpstreamInvalid, "(upstream)", "the server's answer is no list of tools");

    private static readonly Refusal NamedTwice = new(
        RefusalCode.UpstreamInvalid, "(upstream)", "the server lists one tool name twice, so its list cannot be used; the operator must look into it");

    public async ValueTask HandleAsync(Incoming call)
    {
        var record = recorder.Begin(call);
        if (call.Policy is null)
        {
            // Everything is denied: the client sees an empty list, and the upstream is not asked.
            await recorder.RefuseAsync(record, Refusal.Of(Decision.NoPolicy, "tools/list")).ConfigureAwait(false);
            await call.JudgedAsync().ConfigureAwait(false);
            await call.Reply.ResponseAsync(Empty(call)).ConfigureAwait(false);
            return;
        }

        if (!await Admission.TakeAsync(recorder, call, record).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            await pins.EnsureAsync(call.Server, call.Cut).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (call.Cut.IsCancellationRequested)
        {
            // The endpoint tells the client why it was cut.
            await recorder.CompleteAsync(record, await Relay.AbandonAsync(call, null).ConfigureAwait(false)).ConfigureAwait(false);
            return;
        }

        var draft = Draft.Of(call);
        var message = draft.Complete(JudgedMessage.Seal(RpcKind.Request, call.Method, draft.Params));
        var ending = new Ending(response => Reduce(call, response, record.Id), late => recorder.CompleteAsync(record, late));
        var end = await forwarder.ForwardAsync(call, message, ending).ConfigureAwait(false);
        await recorder.CompleteAsync(record, end).ConfigureAwait(false);
        if (end.Fault is { } fault)
        {
            await Refusals.AnswerFailedAsync(call, fault, record.Id).ConfigureAwait(false);
        }
    }

    private Finished Reduce(Incoming call, RpcMessage response, string reference)
    {
        if (HopErrors.Of(call, response) is { } hop)
        {
            return Finished.Refused(call, hop, reference);
        }

        if (response.IsError)
        {
            return new Finished(RpcWriter.Relay(response, call.RawId));
        }

        // What cannot be read as a list cannot be reduced, so nothing of it passes.
        if (!response.Root.TryGetProperty("result"u8, out var result) || result.ValueKind != JsonValueKind.Object
            || !result.TryGetProperty("tools"u8, out var tools) || tools.ValueKind != JsonValueKind.Array)
        {
            return Finished.Refused(call, NoList, reference);
        }

        // What the upstream shows now may have drifted: the pins learn of it before this client hears the answer.
        var pinned = pins.Observe(call.PinKey, call.Server, ListingKind.Tool, tools);
        return Listing.Tools.NamesOnce(tools.EnumerateArray())
            ? new Finished(RpcWriter.Relay(response, call.RawId, [JsonEdit.Replace(Reduced(call, tools, pinned), "result", "tools"), .. Caching.Edits(call, result)]))
            : Finished.Refused(call, NamedTwice, reference);
    }

    private static ReadOnlyMemory<byte> Reduced(Incoming call, JsonElement tools, PinnedServer? pinned)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(4_096);
        using (var writer = Reemit.Writer(buffer))
        {
            writer.WriteStartArray();
            foreach (var tool in tools.EnumerateArray())
            {
                if (Listing.Tools.NameOf(tool) is { } name && pinned is not null && pinned.Tools.TryGetValue(name, out var known)
                    && call.Policy!.Policy.Lists(new CallFacts(name, call.InForce(PinBook.StandingOf(known, call.Server), call.Started)) { Category = known.Category, ShownCategory = known.Shown?.Category }))
                {
                    writer.WriteRawValue(known.Definition.Span, skipInputValidation: true);
                }
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Empty(Incoming call) => RpcWriter.Result(call.RawId, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("tools"u8);
        writer.WriteEndArray();
        if (call.Modern)
        {
            writer.WriteString("resultType"u8, "complete"u8);
            writer.WriteNumber("ttlMs"u8, 0);
            writer.WriteString("cacheScope"u8, "private"u8);
        }

        writer.WriteEndObject();
    });
}
