using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// <c>subscriptions/listen</c> (2026-07-28): one stream of what the client subscribed to, reduced to what its policy opens.
/// Every message names the subscription by the id of the request, so that id is exchanged on the way.
/// </summary>
public sealed class Subscriptions(Recorder recorder, Forwarder forwarder)
{
    private static readonly (string Member, string Method)[] Guarded =
    [
        ("promptsListChanged", "prompts/list"),
        ("resourcesListChanged", "resources/list"),
        ("resourceSubscriptions", "resources/read"),
    ];

    public async ValueTask HandleAsync(Incoming call)
    {
        var record = recorder.Begin(call);
        if (!await Admission.TakeAsync(recorder, call, record).ConfigureAwait(false))
        {
            return;
        }

        var edits = Guarded.Where(pair => !call.Opens(pair.Method)).Select(static pair => JsonEdit.Remove("notifications", pair.Member)).ToList();
        edits.Add(JsonEdit.Remove("notifications", "taskIds"));
        var draft = Draft.Of(call, [.. edits]);
        var message = draft.Complete(JudgedMessage.Seal(RpcKind.Request, call.Method, draft.Params));
        var ending = new Ending(response => new Finished(Renamed(call, response)), late => recorder.CompleteAsync(record, late));
        var end = await forwarder.ForwardAsync(call, message, ending).ConfigureAwait(false);
        await recorder.CompleteAsync(record, end).ConfigureAwait(false);
        if (end.Fault is { } fault)
        {
            await Refusals.AnswerFailedAsync(call, fault, record.Id).ConfigureAwait(false);
        }
    }

    /// <summary>A message of this subscription under the client's id instead of ours.</summary>
    public static ReadOnlyMemory<byte> Renamed(Incoming call, RpcMessage message)
    {
        var at = message.Kind == RpcKind.Response ? "result" : "params";
        var path = new[] { at, "_meta", ProtocolVersion.Subscription };
        return message.Kind == RpcKind.Response
            ? RpcWriter.Relay(message, call.RawId, JsonEdit.Replace(call.RawId, path))
            : Reemit.Bytes(message.Root, JsonEdit.Replace(call.RawId, path));
    }
}
