using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Callgate.Fixtures.Clients;

/// <summary>One answer as it stood on the wire; the body is without its transfer coding.</summary>
public sealed record RawResponse(int Status, string Reason, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) =>
        Headers.Where(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).FirstOrDefault();
}

/// <summary>An event of a stream, with the fields as sent.</summary>
public sealed record RawEvent(string? Id, string? Event, string Data);

/// <summary>HTTP/1.1 over a socket: sends exactly the bytes it is given, so that a test can send what no library would.</summary>
public sealed class RawClient : IAsyncDisposable
{
    private readonly TcpClient tcp;
    private readonly NetworkStream stream;
    private readonly byte[] buffer = new byte[16 * 1024];
    private int start;
    private int end;

    private RawClient(TcpClient tcp)
    {
        this.tcp = tcp;
        stream = tcp.GetStream();
    }

    /// <summary>Bound of every read; longer silence is a TimeoutException.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(address.Host, address.Port);
        return new RawClient(tcp);
    }

    /// <summary>A whole request with the right length; headers are written as given, after `Host`.</summary>
    public static byte[] Request(string method, Uri address, byte[] body, params (string Name, string Value)[] headers)
    {
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{method} {address.PathAndQuery} HTTP/1.1\r\n")
            .Append(CultureInfo.InvariantCulture, $"Host: {address.Authority}\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.Latin1.GetBytes(head.ToString()), .. body];
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Ends the sending half of the connection.</summary>
    public void CloseSending() => tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads one whole answer.</summary>
    public async Task<RawResponse> ReadResponseAsync()
    {
        var head = await ReadHeadAsync();
        return head with { Body = await ReadBodyAsync(head) };
    }

    /// <summary>Reads the body of an answer whose head was read.</summary>
    public async Task<byte[]> ReadBodyAsync(RawResponse head)
    {
        var body = new MemoryStream();
        await foreach (var piece in BodyAsync(head))
        {
            body.Write(piece);
        }

        return body.ToArray();
    }

    /// <summary>Reads status line and headers only; the body follows with <see cref="ReadEventsAsync"/>.</summary>
    public async Task<RawResponse> ReadHeadAsync()
    {
        var status = await ReadLineAsync() ?? throw new EndOfStreamException("the connection ended before the status line");
        var parts = status.Split(' ', 3);
        if (parts.Length < 2 || !parts[0].StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"`{status}` is no status line");
        }

        var headers = new List<KeyValuePair<string, string>>();
        while (await ReadLineAsync() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(KeyValuePair.Create(line[..colon], line[(colon + 1)..].Trim()));
        }

        return new RawResponse(int.Parse(parts[1], CultureInfo.InvariantCulture), parts.Length > 2 ? parts[2] : "", headers, []);
    }

    /// <summary>Reads the events of a stream whose head was read, until it ends.</summary>
    public async IAsyncEnumerable<RawEvent> ReadEventsAsync(RawResponse head)
    {
        var pending = new MemoryStream();
        await foreach (var piece in BodyAsync(head))
        {
            pending.Write(piece);
            var text = Encoding.UTF8.GetString(pending.ToArray());
            var last = text.LastIndexOf("\n\n", StringComparison.Ordinal);
            if (last < 0)
            {
                continue;
            }

            pending.SetLength(0);
            pending.Write(Encoding.UTF8.GetBytes(text[(last + 2)..]));
            foreach (var block in text[..last].Split("\n\n"))
            {
                if (ParseEvent(block) is { } parsed)
                {
                    yield return parsed;
                }
            }
        }
    }

    /// <summary>True when the other side closes within the patience without sending anything more.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            return end == start && !await FillAsync();
        }
        catch (IOException)
        {
            return true;
        }
    }

    public ValueTask DisposeAsync()
    {
        tcp.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static RawEvent? ParseEvent(string block)
    {
        string? id = null;
        string? name = null;
        var data = new List<string>();
        foreach (var line in block.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon == 0)
            {
                continue;
            }

            var field = colon < 0 ? line : line[..colon];
            var value = colon < 0 ? "" : line[(colon + 1)..].TrimEnd('\r');
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (field)
            {
                case "id": id = value; break;
                case "event": name = value; break;
                case "data": data.Add(value); break;
            }
        }

        return id is null && name is null && data.Count == 0 ? null : new RawEvent(id, name, string.Join('\n', data));
    }

    private async IAsyncEnumerable<byte[]> BodyAsync(RawResponse head)
    {
        if (string.Equals(head.Header("Transfer-Encoding"), "chunked", StringComparison.OrdinalIgnoreCase))
        {
            while (await ReadLineAsync() is { } size)
            {
                var length = int.Parse(size.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                yield return await ReadExactlyAsync(length);
                await ReadLineAsync();
                if (length == 0)
                {
                    yield break;
                }
            }

            throw new EndOfStreamException("the connection ended before the last chunk");
        }

        if (head.Header("Content-Length") is { } text)
        {
            yield return await ReadExactlyAsync(int.Parse(text, CultureInfo.InvariantCulture));
        }
        else if (head.Status is not (202 or 204 or 304))
        {
            while (end > start || await FillAsync())
            {
                yield return buffer[start..end];
                start = end;
            }
        }
    }

    private async Task<byte[]> ReadExactlyAsync(int length)
    {
        var bytes = new byte[length];
        var filled = 0;
        while (filled < length)
        {
            if (end == start && !await FillAsync())
            {
                throw new EndOfStreamException($"the connection ended after {filled} of {length} bytes of the body");
            }

            var take = Math.Min(end - start, length - filled);
            buffer.AsSpan(start, take).CopyTo(bytes.AsSpan(filled));
            start += take;
            filled += take;
        }

        return bytes;
    }

    private async Task<string?> ReadLineAsync()
    {
        var line = new List<byte>();
        while (end > start || await FillAsync())
        {
            var next = buffer[start++];
            if (next == '\n')
            {
                return Encoding.Latin1.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(next);
        }

        return null;
    }

    private async Task<bool> FillAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            end = await stream.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"nothing came for {Patience.TotalSeconds} s");
        }

        start = 0;
        return end > 0;
    }
}
