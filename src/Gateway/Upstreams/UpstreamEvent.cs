using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>One thing an upstream sent: a message, or an event without one (a prime event or a comment that only keeps the stream open).</summary>
/// <param name="Message">Strictly parsed; null for an event that carries none.</param>
/// <param name="EventId">The SSE <c>id</c>, kept for resumption.</param>
/// <param name="EventName">The SSE <c>event</c>.</param>
/// <param name="RetryMilliseconds">The SSE <c>retry</c>.</param>
/// <param name="Fault">The upstream failed; nothing follows.</param>
public sealed record UpstreamEvent(
    RpcMessage? Message,
    string? EventId = null,
    string? EventName = null,
    int? RetryMilliseconds = null,
    UpstreamFault? Fault = null);
