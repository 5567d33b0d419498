using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// A message that may go upstream. INVARIANT: nothing a client asks for reaches an upstream unjudged. Upstreams take only
/// this type, and a test holds that <see cref="Seal"/> is called in the method files of Proxy alone.
/// </summary>
public sealed record JudgedMessage
{
    private JudgedMessage(RpcKind kind, string? method, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> answeredId, bool isError)
    {
        Kind = kind;
        Method = method;
        Payload = payload;
        AnsweredId = answeredId;
        IsError = isError;
    }

    public RpcKind Kind { get; }

    /// <summary>The method of a request or notification.</summary>
    public string? Method { get; }

    /// <summary>The re-emitted <c>params</c>, or the <c>result</c> or <c>error</c> of a response; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>For a response: the upstream's own id of the request it answers, as the upstream wrote it.</summary>
    public ReadOnlyMemory<byte> AnsweredId { get; }

    /// <summary>For a response: the payload is the <c>error</c>, not the <c>result</c>.</summary>
    public bool IsError { get; }

    /// <summary>The token under which the upstream reports progress on this request, ours and unique in the conversation; null without one.</summary>
    public long? ProgressToken { get; init; }

    /// <summary>What the HTTP headers of the newest version mirror: <c>params.name</c>, <c>params.uri</c> or <c>params.taskId</c>.</summary>
    public string? MirroredName { get; init; }

    /// <summary>Checked <c>Mcp-Param-*</c> headers (2026-07-28), made from the judged arguments and the pinned schema.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ParameterHeaders { get; init; } = [];

    /// <summary>Hears the id under which the upstream will know this request, before any byte of it goes up: it may be cancelled from then on.</summary>
    public Action<long>? Numbered { get; init; }

    /// <summary>A request or notification of a client, judged and recorded.</summary>
    /// <exception cref="ArgumentException">A tool call without an id: it would have no answer, and nobody judges notifications as calls.</exception>
    internal static JudgedMessage Seal(RpcKind kind, string method, ReadOnlyMemory<byte> parameters) =>
        kind == RpcKind.Notification && method is "tools/call"
            ? throw new ArgumentException("a tool call is a request", nameof(kind))
            : new(kind, method, parameters, default, false);

    /// <summary>A client's answer to a request that this very upstream made in this conversation.</summary>
    internal static JudgedMessage SealAnswer(ReadOnlyMemory<byte> upstreamId, ReadOnlyMemory<byte> payload, bool isError) =>
        new(RpcKind.Response, null, payload, upstreamId, isError);

    /// <summary>The gateway speaking for itself: handshake, discovery, refusing what an upstream asks.</summary>
    internal static JudgedMessage Own(RpcKind kind, string method, ReadOnlyMemory<byte> parameters) =>
        new(kind, method, parameters, default, false);
}
