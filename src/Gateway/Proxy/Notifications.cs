using System.Text.Json;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>What a legacy client tells without asking. What is not opened is dropped, which a notification cannot be told.</summary>
public sealed class Notifications(Recorder recorder)
{
    /// <summary>Null when the notification was taken (which includes: dropped); otherwise why it could not be handed over.</summary>
    public async ValueTask<UpstreamFault?> HandleAsync(Incoming call)
    {
        var session = call.Session!;
        if (call.Method is "notifications/cancelled")
        {
            return await CancelAsync(call, session).ConfigureAwait(false);
        }

        var payload = call.Method switch
        {
            // The gateway ends the handshake itself, before any client can ask.
            "notifications/initialized" => null,
            "notifications/progress" => Payload(call),
            "notifications/roots/list_changed" when call.Opens("roots/list") => Payload(call),
            _ => await OtherAsync(call).ConfigureAwait(false),
        };

        if (payload is not { } parameters)
        {
            return null;
        }

        var message = JudgedMessage.Seal(RpcKind.Notification, call.Method, parameters);
        return await session.Conversation.SendAsync(message, call.Cut).ConfigureAwait(false);
    }

    /// <summary>
    /// The request to cancel goes up under our id for it, and its answer ends; one that is not in flight here is nobody's.
    /// </summary>
    private static async ValueTask<UpstreamFault?> CancelAsync(Incoming call, ClientSession session)
    {
        var parameters = call.Message.Params;
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("requestId"u8, out var id))
        {
            return null;
        }

        var request = RpcMessage.KeyOf(id);
        var upstreamId = session.FindUpstreamId(request);
        if (upstreamId == 0)
        {
            return null;
        }

        // An upstream that is told may end its answer before the telling itself is over.
        session.GiveUp(request);
        var payload = Reemit.Bytes(parameters, JsonEdit.Replace(JsonSerializer.SerializeToUtf8Bytes(upstreamId), "requestId"));
        var fault = await session.Conversation.SendAsync(JudgedMessage.Seal(RpcKind.Notification, call.Method, payload), call.Cut).ConfigureAwait(false);
        session.Cancel(request);

        // It may come when its request has just ended: that is nobody's fault.
        return fault is { NothingSent: true } ? null : fault;
    }

    /// <summary>A notification beyond the vocabulary passes where server and policy both name it, and stands in the record like a request.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> OtherAsync(Incoming call)
    {
        var record = recorder.Begin(call);
        if (!Vocabulary.NamesNotification(call))
        {
            await recorder.RefuseAsync(record, new Refusal(RefusalCode.MethodDenied, "/methods/allow", "not opened")).ConfigureAwait(false);
            return null;
        }

        var written = await recorder.AllowAsync(record with { Outcome = "answered" }, [], power: false).ConfigureAwait(false);
        return written.Written ? Payload(call) : null;
    }

    private static ReadOnlyMemory<byte> Payload(Incoming call) =>
        call.Message.Params.ValueKind == JsonValueKind.Object ? Reemit.Bytes(call.Message.Params) : ReadOnlyMemory<byte>.Empty;
}
