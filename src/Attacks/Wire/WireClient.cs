using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Callgate.Attacks.Wire;

/// <summary>
/// HTTP/1.1 over a socket. It sends the bytes it is given and no others, so that no library repairs an attack on the way.
/// </summary>
public sealed class WireClient : IAsyncDisposable
{
    private readonly TcpClient tcp;
    private readonly Stream stream;
    private readonly ByteReader reader;

    private WireClient(TcpClient tcp, Stream stream, TimeSpan patience)
    {
        this.tcp = tcp;
        this.stream = stream;
        reader = new ByteReader(stream, patience);
    }

    /// <summary>Largest body that is kept; what comes beyond it is counted as cut.</summary>
    public int Most { get; set; } = 64 * 1024 * 1024;

    public static async Task<WireClient> ConnectAsync(Uri address, TimeSpan patience)
    {
        var tcp = new TcpClient { NoDelay = true };
        try
        {
            await tcp.ConnectAsync(address.Host, address.Port).WaitAsync(patience);
            Stream stream = tcp.GetStream();
            if (address.Scheme == Uri.UriSchemeHttps)
            {
                var secured = new System.Net.Security.SslStream(stream);
                await secured.AuthenticateAsClientAsync(address.Host).WaitAsync(patience);
                stream = secured;
            }

            return new WireClient(tcp, stream, patience);
        }
        catch
        {
            tcp.Dispose();
            throw;
        }
    }

    /// <summary>A whole request with the right length; header lines are written as given, after `Host`.</summary>
    public static byte[] Request(string method, Uri address, byte[] body, IEnumerable<(string Name, string Value)> headers)
    {
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{method} {address.PathAndQuery} HTTP/1.1\r\n")
            .Append(headers.Any(static header => header.Name == "Host") ? "" : $"Host: {address.Authority}\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. body];
    }

    /// <summary>One request on a connection of its own, and its one answer.</summary>
    public static async Task<WireAnswer> ExchangeAsync(Uri address, ReadOnlyMemory<byte> request, TimeSpan patience)
    {
        await using var client = await ConnectAsync(address, patience);
        await client.SendAsync(request);
        return await client.AnswerAsync();
    }

    /// <summary>Sends as much as the other side takes. One that answers early may stop reading, which is no failure of the sender.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
        }
        catch (IOException)
        {
            // The answer, if there is one, lies in the receive buffer already.
        }
    }

    /// <summary>Ends the sending half of the connection.</summary>
    public void EndSending() => tcp.Client.Shutdown(SocketShutdown.Send);

    public async Task<WireAnswer> AnswerAsync(CancellationToken cancellationToken = default)
    {
        var head = await HeadAsync(cancellationToken);
        var body = new MemoryStream();
        try
        {
            await foreach (var piece in BodyAsync(head, cancellationToken))
            {
                body.Write(piece.Span);
                if (body.Length > Most)
                {
                    return head with { Body = body.ToArray(), IsCut = true };
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return head with { Body = body.ToArray(), IsCut = true };
        }

        return head with { Body = body.ToArray() };
    }

    /// <summary>Status line and headers; the body follows with <see cref="BodyAsync"/>.</summary>
    public async Task<WireAnswer> HeadAsync(CancellationToken cancellationToken = default)
    {
        var status = await reader.LineAsync(cancellationToken) ?? throw new EndOfStreamException("the connection ended before the status line");
        var parts = status.Split(' ', 3);
        if (parts.Length < 2 || !parts[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || !int.TryParse(parts[1], out var code))
        {
            throw new InvalidDataException($"`{status}` is no status line");
        }

        var headers = new List<KeyValuePair<string, string>>();
        while (await reader.LineAsync(cancellationToken) is { Length: > 0 } line)
        {
            var colon = Math.Max(0, line.IndexOf(':', StringComparison.Ordinal));
            headers.Add(KeyValuePair.Create(line[..colon], line[(colon + 1)..].Trim()));
        }

        return new WireAnswer(code, headers, []);
    }

    /// <summary>The body in pieces, as they come.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> BodyAsync(WireAnswer head, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (head.Header("Transfer-Encoding")?.Contains("chunked", StringComparison.OrdinalIgnoreCase) == true)
        {
            while (await reader.ChunkAsync(cancellationToken) is { Length: > 0 } chunk)
            {
                yield return chunk;
            }

            yield break;
        }

        long? left = long.TryParse(head.Header("Content-Length"), out var length) ? length : head.Status is 202 or 204 or 304 ? 0 : null;
        while (left is null or > 0)
        {
            var piece = await reader.PieceAsync((int)Math.Min(left ?? int.MaxValue, int.MaxValue), cancellationToken);
            if (piece.Length == 0)
            {
                if (left is null)
                {
                    yield break;
                }

                throw new EndOfStreamException($"the connection ended {left} bytes before the end of the body");
            }

            left -= piece.Length;
            yield return piece;
        }
    }

    /// <summary>Whether the other side closes, without sending anything more, before the patience ends.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            return (await reader.PieceAsync(1)).Length == 0;
        }
        catch (IOException)
        {
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        tcp.Dispose();
    }
}
