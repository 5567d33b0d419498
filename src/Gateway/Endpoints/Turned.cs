using System.Text.Json;
using Callgate.Gateway.Proxy;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Endpoints;

/// <summary>A request that is turned away before it is a call.</summary>
/// <param name="Recorded">False for what is part of every client's ordinary start (asking for a stream that is not there).</param>
public sealed record Turned(
    int Status,
    string Code,
    string Message,
    int RpcCode = RpcError.InvalidRequest,
    ReadOnlyMemory<byte> RawId = default,
    string? Method = null,
    string? Grant = null,
    bool Recorded = true)
{
    /// <summary>The connection ends with this answer, so that nothing left on it is read as another request.</summary>
    public bool Closes { get; init; }

    /// <summary>The <c>data</c> of the JSON-RPC error, where the protocol asks for one.</summary>
    public Action<Utf8JsonWriter>? ErrorData { get; init; }

    public static Turned Of(WireFault fault) => new(400, RefusalCode.RequestMalformed, fault.Message, fault.RpcCode, fault.RawId);

    public static Turned Of(EraFault fault, RpcMessage message) =>
        new(fault.Status, RefusalCode.RequestMalformed, fault.Message, fault.RpcCode, message.Kind == RpcKind.Request ? message.RawId : default, message.Method ?? "response")
        {
            ErrorData = fault.RpcCode == RpcError.UnsupportedVersion ? writer => WriteVersions(writer, fault.Requested!) : null,
        };

    /// <summary>The upstream failed. A session it no longer knows is one we do not know either: upon 404 a client starts anew.</summary>
    public static Turned Of(UpstreamFault fault) => fault.Kind == UpstreamFaultKind.SessionGone
        ? new(404, RefusalCode.UpstreamUnavailable, fault.Message, RpcError.SessionGone)
        : new(502, Refusal.Of(fault).Code, fault.Message, RpcError.Upstream);

    public static Turned Malformed(string message, int status = 400) => new(status, RefusalCode.RequestMalformed, message);

    /// <summary>The gate drains; another node, or this one after its start, takes the request.</summary>
    public static Turned Closing() => new(503, RefusalCode.Draining, "the gate is stopping; try again later", RpcError.Unavailable);

    /// <summary>What goes up without an answer is turned away while nothing of this party may go up.</summary>
    public static Turned Of(Refusal halted) => new(503, halted.Code, halted.Text, RpcError.Unavailable);

    /// <summary>What a request may claim. Versions with sessions are agreed on by <c>initialize</c>.</summary>
    private static void WriteVersions(Utf8JsonWriter writer, string requested)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("supported"u8);
        writer.WriteStringValue(ProtocolVersion.Modern);
        writer.WriteEndArray();
        writer.WriteString("requested"u8, Recorder.Bounded(requested));
        writer.WriteEndObject();
    }
}
