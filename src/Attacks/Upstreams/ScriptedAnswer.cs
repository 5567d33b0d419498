using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Upstreams;

/// <summary>One answer of a scripted server. `$id` in its texts is the id that was asked under, `$args` the arguments of the call.</summary>
internal sealed class ScriptedAnswer(JsonElement answer)
{
    /// <summary>The members that an answer may have, of which the reader of scenarios refuses all others.</summary>
    public static readonly string[] Members =
        ["text", "result", "error", "json", "sse", "body", "status", "headers", "type", "hang", "reset", "endless", "gzip", "first", "before", "then", "retried", "times", "cut", "stderr"];

    public async Task SendAsync(Sighting sighting, WireReply reply, CancellationToken cancellationToken)
    {
        var id = sighting.Message.Member("id").GetRawText();
        var arguments = sighting.Message.Member("params").Member("arguments");
        string Filled(string text) => text
            .Replace("$id", id, StringComparison.Ordinal)
            .Replace("$args", arguments.ValueKind == JsonValueKind.Undefined ? "{}" : arguments.GetRawText(), StringComparison.Ordinal);
        if (answer.IsTrue("hang"))
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        if (answer.IsTrue("reset"))
        {
            reply.KeepsOpen = false;
            return;
        }

        if (answer.Text("endless") is { } piece)
        {
            await EndlessAsync(Filled(piece), reply, cancellationToken);
            return;
        }

        var status = answer.Member("status") is { ValueKind: JsonValueKind.Number } given ? given.GetInt32() : 200;
        var headers = answer.Member("headers").Members().Select(static header => (header.Name, header.Value.AsText() ?? "")).ToList();
        if (answer.Member("gzip") is { ValueKind: JsonValueKind.Number } size)
        {
            headers.Add(("Content-Encoding", "gzip"));
            await reply.AnswerAsync(status, "application/json", Bomb(size.GetInt32(), id), headers, cancellationToken);
            return;
        }

        var (type, text) = Message(id);
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Filled(text), answer.Member("times") is { ValueKind: JsonValueKind.Number } times ? times.GetInt32() : 1)));
        if (answer.Member("cut") is { ValueKind: JsonValueKind.Number } cut)
        {
            // The length of the whole is said, and a part of it sent.
            var kept = cut.GetInt32();
            await reply.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} OK\r\nContent-Type: {type}\r\nContent-Length: {bytes.Length}\r\n\r\n"), cancellationToken);
            await reply.WriteAsync(bytes.AsMemory(0, Math.Min(kept, bytes.Length)), cancellationToken);
            reply.KeepsOpen = false;
            return;
        }

        await reply.AnswerAsync(status, answer.Text("type") ?? type, bytes, headers, cancellationToken);
    }

    private (string Type, string Text) Message(string id)
    {
        if (answer.Text("sse") is { } stream)
        {
            return ("text/event-stream", stream);
        }

        if (answer.Text("body") is { } body)
        {
            return ("text/plain", body);
        }

        if (answer.Text("json") is { } json)
        {
            return ("application/json", json);
        }

        var content = answer.Member("error") is { ValueKind: JsonValueKind.Object } error ? "\"error\":" + error.GetRawText()
            : answer.Member("result") is { ValueKind: JsonValueKind.Object } result ? "\"result\":" + result.GetRawText()
            : "\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":" + Json.Quoted(answer.Text("text") ?? "") + "}]}";
        return ("application/json", $$"""{"jsonrpc":"2.0","id":{{id}},{{content}}}""");
    }

    private async Task EndlessAsync(string piece, WireReply reply, CancellationToken cancellationToken)
    {
        await reply.BeginAsync(200, answer.Text("type") ?? "text/event-stream", cancellationToken: cancellationToken);
        var bytes = Encoding.UTF8.GetBytes(piece);
        while (true)
        {
            await reply.WriteAsync(bytes, cancellationToken);
        }
    }

    /// <summary>An honest answer with so many blanks in it, packed.</summary>
    private static byte[] Bomb(int size, string id)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{id}},"result":{"resultType":"complete","content":[{"type":"text","text":"packed"}]}"""));
            var blanks = new byte[64 * 1024];
            blanks.AsSpan().Fill((byte)' ');
            for (var left = size; left > 0; left -= blanks.Length)
            {
                gzip.Write(blanks, 0, Math.Min(left, blanks.Length));
            }

            gzip.Write("}"u8);
        }

        return packed.ToArray();
    }
}
