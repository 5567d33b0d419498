namespace Callgate.Fixtures.Transports;

/// <summary>A message as an event of a stream: in the plain form, or in a form that is as legal and rarely seen.</summary>
internal static class EventText
{
    public static string Of(FixtureOptions options, string? id, string message)
    {
        if (!options.AwkwardEvents || message.Length < 2)
        {
            return (id is null ? "" : $"id: {id}\n") + $"event: message\ndata: {message}\n\n";
        }

        // Carriage returns, comments, unknown fields, no space after the colon, data over two lines.
        return $": still here\r\nvendor: x\r\nretry:1000\r\n{(id is null ? "" : $"id:{id}\r\n")}data:{message[..1]}\r\ndata: {message[1..]}\r\n\r\n";
    }
}
