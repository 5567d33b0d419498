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
        var payload = call.Method switch
        {
            // The gateway ends the handshake itself, before any client can ask.
            "notifications/initialized" => null,
            "notifications/cancelled" => Cancelled(call, session),
            "notifications/progress" => Progress(call),
            "notifications/roots/list_changed" when call.Opens("roots/list") => Payload(call),
            _ => await OtherAsync(call).ConfigureAwait(false),
        };

        if (payload is not { } parameters)
        {
            return null;
        }

        var message = JudgedMessage.Seal(RpcKind.Notification, call.Method, parameters);
        var fault = await session.Conversation.SendAsync(message, call.Cut).ConfigureAwait(false);

        // A cancellation may come when its request has just ended: that is nobody's fault.
        return fault is { NothingSent: true } && call.Method is "notifications/cancelled" ? null : fault;
    }

    /// <summary>The request to cancel goes up under our id for it; one that is not in flight is nobody's.</summary>
    private static ReadOnlyMemory<byte>? Cancelled(Incoming call, ClientSession session)
    {
        var parameters = call.Message.Params;
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("requestId"u8, out var id))
        {
            return null;
        }

        var upstreamId = session.FindUpstreamId(RpcMessage.KeyOf(id));
        return upstreamId == 0 ? null : (ReadOnlyMemory<byte>?)Reemit.Bytes(parameters, JsonEdit.Replace(JsonSerializer.SerializeToUtf8Bytes(upstreamId), "requestId"));
    }

    /// <summary>The token is the one the upstream gave with its own question; progress without one is about nothing.</summary>
    private static ReadOnlyMemory<byte>? Progress(Incoming call) =>
        call.Message.Params.ValueKind == JsonValueKind.Object && call.Message.Params.TryGetProperty("progressToken"u8, out var token)
        && token.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? Reemit.Bytes(call.Message.Params)
            : default(ReadOnlyMemory<byte>?);

    private async ValueTask<ReadOnlyMemory<byte>?> OtherAsync(Incoming call)
    {
        if (Vocabulary.Judge(call) == MethodStanding.Served)
        {
            return Payload(call);
        }

        await recorder.RefuseAsync(recorder.Begin(call), new Refusal(RefusalCode.MethodDenied, "/methods/allow", "not opened")).ConfigureAwait(false);
        return null;
    }

    private static ReadOnlyMemory<byte> Payload(Incoming call) =>
        call.Message.Params.ValueKind == JsonValueKind.Object ? Reemit.Bytes(call.Message.Params) : ReadOnlyMemory<byte>.Empty;
}
