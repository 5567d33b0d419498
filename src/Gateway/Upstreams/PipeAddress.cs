using System.Text.Json;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>What a notification says about whom it is for. Our own ids and tokens are integers, so nothing else is an address.</summary>
internal static class PipeAddress
{
    /// <summary>The id of the <c>subscriptions/listen</c> request this belongs to (2026-07-28).</summary>
    public static long? Subscription(RpcMessage message) =>
        message.Params.ValueKind == JsonValueKind.Object && message.Params.TryGetProperty("_meta"u8, out var meta)
            ? Integer(meta, "io.modelcontextprotocol/subscriptionId"u8)
            : null;

    public static long? ProgressToken(RpcMessage message) => Integer(message.Params, "progressToken"u8);

    public static long? RequestId(RpcMessage message) => Integer(message.Params, "requestId"u8);

    /// <summary>The id of the cancelled request as it was written.</summary>
    public static string? RawRequestId(RpcMessage message) =>
        message.Params.ValueKind == JsonValueKind.Object && message.Params.TryGetProperty("requestId"u8, out var id) ? id.GetRawText() : null;

    public static bool IsForEveryone(string method) =>
        method.EndsWith("/list_changed", StringComparison.Ordinal)
        || method is "notifications/tasks/status" or "notifications/resources/updated" or "notifications/elicitation/complete";

    public static long? Integer(JsonElement parent, ReadOnlySpan<byte> member) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(member, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;
}
