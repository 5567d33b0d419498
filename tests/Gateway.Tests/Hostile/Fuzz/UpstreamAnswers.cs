using System.Globalization;
using System.Text;

namespace Callgate.Gateway.Tests.Hostile.Fuzz;

/// <summary>One generated answer of an upstream to one call.</summary>
/// <param name="Coding">What the bytes are packed with.</param>
/// <param name="Pieces">In how many pieces they come, with a moment between them; 0 for all at once.</param>
internal sealed record UpstreamAnswer(bool Honest, int Status, string ContentType, byte[] Body, string? Coding = null, int Pieces = 0);

/// <summary>Hostile answers without end: the same seed, number and id give the same answer.</summary>
internal sealed class UpstreamAnswers(int seed)
{
    private static readonly string[] Types =
        ["application/json", "application/json", "application/json", "text/event-stream", "text/event-stream", "text/event-stream", "text/event-stream; charset=utf-8", "application/json; charset=utf-16", "text/html", "TEXT/EVENT-STREAM", ""];

    private static readonly int[] Statuses = [200, 200, 200, 200, 200, 200, 200, 200, 202, 204, 301, 400, 401, 404, 429, 500, 503];

    /// <summary>ID is the id that was asked under, OTHER one that was not, NUMBER the number of the call.</summary>
    private static readonly string[] Messages =
    [
        """{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","content":[{"type":"text","text":"mine-NUMBER"}]}}""",
        """{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","content":[{"type":"text","text":"é😀\ud83d\ude00\n"}],"structuredContent":{"n":[1,-0,1.50,1e400],"o":{"a":[{}]}},"_meta":{"a/b":1}}}""",
        """{"jsonrpc":"2.0","id":ID,"error":{"code":-32000,"message":"no","data":[1]}}""",
        """{"jsonrpc":"2.0","id":OTHER,"result":{"resultType":"complete","content":[{"type":"text","text":"theirs"}]}}""",
        """{"jsonrpc":"2.0","id":"ID","result":{"content":[{"type":"text","text":"theirs"}]}}""",
        """{"jsonrpc":"2.0","id":ID,"result":{"resultType":"input_required","requestState":"s","inputRequests":{"a":{"method":"sampling/createMessage","params":{}}}}}""",
        """{"jsonrpc":"2.0","id":ID,"method":"sampling/createMessage","params":{"messages":[]}}""",
        """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}""",
        """{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}""",
        """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":ID}}""",
    ];

    public UpstreamAnswer Make(long number, long id)
    {
        var chance = new Random(unchecked((int)((number * 0x9E3779B1L) ^ seed)) & int.MaxValue);
        string Text(string message) => message
            .Replace("ID", id.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("OTHER", (id + chance.Next(-3, 4)).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("NUMBER", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var mine = Text(Messages[0]);
        if (chance.Next(20) == 0)
        {
            return chance.Next(2) == 0
                ? new UpstreamAnswer(true, 200, "application/json", Encoding.UTF8.GetBytes(mine))
                : new UpstreamAnswer(true, 200, "text/event-stream", Encoding.UTF8.GetBytes($"id: {number}\r\ndata: {mine}\r\n\r\n"));
        }

        var type = Types[chance.Next(Types.Length)];
        var body = Encoding.UTF8.GetBytes(type.Contains("event", StringComparison.OrdinalIgnoreCase) ? Events(chance, Text) : Text(Messages[chance.Next(Messages.Length)]));
        if (chance.Next(3) > 0)
        {
            body = Bending.Bend([body.Length >= 20 ? body : Encoding.UTF8.GetBytes(mine)], chance);
        }

        // Rare kinds: packed, small until it is unpacked, larger than an answer may be, in drops.
        return chance.Next(60) switch
        {
            0 => new UpstreamAnswer(false, 200, type, Packed(body), "gzip"),
            1 => new UpstreamAnswer(false, 200, type, Packed([.. body, .. new byte[8 * 1024 * 1024]]), "gzip"),
            2 => new UpstreamAnswer(false, 200, type, body, chance.Next(2) == 0 ? "br" : "gzip"),
            3 when chance.Next(8) == 0 => new UpstreamAnswer(false, 200, type, [.. Encoding.UTF8.GetBytes(": " + new string('x', 20 * 1024 * 1024) + "\n\n"), .. body]),
            4 => new UpstreamAnswer(false, Statuses[chance.Next(Statuses.Length)], type, body, null, chance.Next(2, 9)),
            _ => new UpstreamAnswer(false, Statuses[chance.Next(Statuses.Length)], type, body),
        };
    }

    private static byte[] Packed(byte[] plain)
    {
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

    private static string Events(Random chance, Func<string, string> text)
    {
        var end = chance.Next(3) switch { 0 => "\r\n", 1 => "\r", _ => "\n" };
        var stream = new StringBuilder(chance.Next(10) == 0 ? "\uFEFF" : "");
        for (var events = chance.Next(1, 5); events > 0; events--)
        {
            stream.Append(chance.Next(8) switch
            {
                0 => ": comment" + end,
                1 => "event: message" + end + "id: 7" + end,
                2 => "retry: 10" + end,
                3 => "id: a\0b" + end,
                4 => "event: endpoint" + end,
                _ => "",
            });
            var message = text(Messages[chance.Next(Messages.Length)]);
            var cut = message.IndexOf("\"result\"", StringComparison.Ordinal);
            stream.Append(chance.Next(6) == 0 && cut > 0 ? $"data: {message[..cut]}{end}data: {message[cut..]}{end}" : $"data:{(chance.Next(2) == 0 ? " " : "")}{message}{end}").Append(end);
        }

        return stream.ToString();
    }
}
