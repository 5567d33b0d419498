using System.Globalization;
using System.Text;

namespace Callgate.Gateway.Tests.Hostile.Fuzz;

/// <summary>How a request tells where its body ends.</summary>
internal enum Framing
{
    /// <summary>A length.</summary>
    Plain,

    /// <summary>Well-formed chunks of any sizes.</summary>
    Chunked,

    /// <summary>In a way that two readers see differently.</summary>
    Broken,
}

/// <summary>Requests of which the end is told in another way than by a length.</summary>
internal static class FramedRequests
{
    /// <summary>LEN is the length of the body, BODY the body, CHUNK the body as one chunk.</summary>
    private static readonly string[] Broken =
    [
        "Content-Length: LEN\r\nTransfer-Encoding: chunked\r\n\r\nCHUNK", "Transfer-Encoding: chunked\r\nContent-Length: LEN\r\n\r\nBODY", "Content-Length: LEN\r\nContent-Length: 1LEN\r\n\r\nBODY", "Content-Length: LEN, LEN\r\n\r\nBODY",
        "Content-Length : LEN\r\n\r\nBODY", "Content-Length: -LEN\r\n\r\nBODY", "Content-Length: 0xLEN\r\n\r\nBODY", "Transfer-Encoding: xchunked\r\n\r\nCHUNK", "Transfer-Encoding: chunked, identity\r\n\r\nCHUNK", "Content-Length: +LEN\r\n\r\nBODY",
        "X-Fold: a\r\n Transfer-Encoding: chunked\r\nContent-Length: LEN\r\n\r\nBODY", "X-Nul: a\0b\r\nContent-Length: LEN\r\n\r\nBODY", "Transfer-Encoding: chunked\r\n\r\n+CHUNK", "Transfer-Encoding: chunked\r\n\r\n0xCHUNK",
    ];

    public static byte[] Of(Uri endpoint, ClientInput input, IEnumerable<(string Name, string Value)> headers)
    {
        var chance = new Random((int)(input.Number & int.MaxValue));
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"POST {endpoint.PathAndQuery} HTTP/1.1\r\nHost: {endpoint.Authority}\r\n")
            .AppendJoin("", headers.Select(static header => $"{header.Name}: {header.Value}\r\n"));
        if (input.Framing == Framing.Chunked)
        {
            return [.. Encoding.Latin1.GetBytes(head.Append("Transfer-Encoding: chunked\r\n\r\n").ToString()), .. Chunks(input.Body, chance)];
        }

        var shape = Broken[chance.Next(Broken.Length)];
        var text = Encoding.Latin1.GetString(input.Body);
        var rest = shape
            .Replace("LEN", input.Body.Length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("CHUNK", $"{input.Body.Length:x}\r\n{text}\r\n0\r\n\r\n", StringComparison.Ordinal)
            .Replace("BODY", text, StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(head.Append(rest).ToString());
    }

    private static List<byte> Chunks(byte[] body, Random chance)
    {
        var chunked = new List<byte>();
        for (var at = 0; at < body.Length;)
        {
            var length = Math.Min(chance.Next(1, 200), body.Length - at);
            var extension = chance.Next(8) == 0 ? ";a=\"b\"" : "";
            chunked.AddRange(Encoding.ASCII.GetBytes($"{length:x}{extension}\r\n"));
            chunked.AddRange(body.AsSpan(at, length).ToArray());
            chunked.AddRange("\r\n"u8.ToArray());
            at += length;
        }

        chunked.AddRange("0\r\n\r\n"u8.ToArray());
        return chunked;
    }
}
