using System.Globalization;

namespace Callgate.Gateway.Upstreams;

/// <summary>What can go wrong on a link, in words for the client and for the record.</summary>
internal static class PipeFaults
{
    public static UpstreamFault TooSlowReader { get; } =
        new(UpstreamFaultKind.Unavailable, "the answer was read too slowly", $"more than {PipeExchange.MaxMessages} messages or {PipeExchange.MaxBytes} bytes waited to be read", NothingSent: false);

    public static UpstreamFault TooMany { get; } =
        new(UpstreamFaultKind.Unavailable, "too many requests wait for this server", $"{PipeRouter.MaxInFlight} requests in flight", NothingSent: true);

    public static UpstreamFault NotAsked { get; } =
        new(UpstreamFaultKind.Invalid, "the server asked nothing under this id", "no request of the upstream waits under this id in this conversation", NothingSent: true);

    public static UpstreamFault NotInFlight { get; } =
        new(UpstreamFaultKind.Invalid, "no request of this session waits under this id", "the cancelled request is not in flight in this conversation", NothingSent: true);

    public static UpstreamFault HandshakeRefused { get; } =
        new(UpstreamFaultKind.Unavailable, "the server refused the handshake", "initialize was answered with an error", NothingSent: true);

    public static UpstreamFault NotStarted(string server) =>
        new(UpstreamFaultKind.Timeout, $"the server `{server}` took too long to start", "the handshake was not done within the start-up limit", NothingSent: true);

    public static UpstreamFault NotAnswered(string server, string bound) =>
        new(UpstreamFaultKind.Timeout, $"the server `{server}` took too long to answer", $"{bound} limit reached", NothingSent: false);

    public static UpstreamFault NotTaken(string server) =>
        new(UpstreamFaultKind.Timeout, $"the server `{server}` took too long to accept a message", "not taken within first_byte", NothingSent: false);

    /// <summary>Words of an upstream as they may stand in one line of a log.</summary>
    public static string OneLine(string text) =>
        string.Concat(text.Select(static c => c == '\n' ? " | " : char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? "?" : c.ToString()));

    public static UpstreamFault Ended(string server, IMessagePipe pipe) =>
        new(pipe.EndKind, $"the server `{server}` has ended", pipe.EndDetail, NothingSent: false);
}
