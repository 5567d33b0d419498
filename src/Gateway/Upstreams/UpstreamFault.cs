namespace Callgate.Gateway.Upstreams;

/// <summary>Why an upstream gave no usable answer.</summary>
public enum UpstreamFaultKind
{
    /// <summary>No connection, no process, or it ended: <c>upstream.unavailable</c>.</summary>
    Unavailable,

    /// <summary>It took longer than it may: <c>upstream.timeout</c>.</summary>
    Timeout,

    /// <summary>It sent what no message is, or more than it may: <c>upstream.invalid</c>.</summary>
    Invalid,

    /// <summary>It no longer knows the session (HTTP 404): the client starts a new one.</summary>
    SessionGone,

    /// <summary>It answered with an HTTP status that carries no message (401, 405, 5xx).</summary>
    Status,
}

/// <summary>A failure as a value.</summary>
/// <param name="Message">May reach the client: no address, no header, no text of the upstream.</param>
/// <param name="Detail">For the record and the log only.</param>
/// <param name="NothingSent">True only when it is certain that no byte of the message left: the charge may be given back.</param>
public sealed record UpstreamFault(UpstreamFaultKind Kind, string Message, string Detail, bool NothingSent, int? Status = null);
