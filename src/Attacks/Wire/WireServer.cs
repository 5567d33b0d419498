using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Callgate.Attacks.Wire;

/// <summary>The connection on which one request came, for whatever is to be said on it.</summary>
public sealed class WireReply(Stream stream)
{
    /// <summary>Whether another request may follow on this connection.</summary>
    public bool KeepsOpen { get; set; } = true;

    public Task AnswerAsync(int status, string? type, byte[] body, IEnumerable<(string Name, string Value)>? more = null, CancellationToken cancellationToken = default)
    {
        var head = Head(status, [.. type is null ? Array.Empty<(string, string)>() : [("Content-Type", type)], .. more ?? [], ("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture))]);
        return WriteAsync((byte[])[.. head, .. body], cancellationToken);
    }

    /// <summary>Begins an answer without a length, which the end of the connection ends.</summary>
    public Task BeginAsync(int status, string type, IEnumerable<(string Name, string Value)>? more = null, CancellationToken cancellationToken = default)
    {
        KeepsOpen = false;
        return WriteAsync(Head(status, [("Content-Type", type), .. more ?? [], ("Connection", "close")]), cancellationToken);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        await stream.WriteAsync(bytes, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    private static byte[] Head(int status, IEnumerable<(string Name, string Value)> headers)
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {(status < 400 ? "OK" : "No")}\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return Encoding.UTF8.GetBytes(head.Append("\r\n").ToString());
    }
}

/// <summary>A server of HTTP/1.1 over sockets on loopback, which hands on every request as it was read and lets anything be answered.</summary>
public sealed class WireServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<TcpClient, Task> open = [];
    private readonly Func<WireRequest, WireReply, CancellationToken, Task> answer;
    private readonly Task accepting;

    public WireServer(Func<WireRequest, WireReply, CancellationToken, Task> answer)
    {
        this.answer = answer;
        listener.Start(512);
        Root = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        accepting = AcceptAsync();
    }

    public Uri Root { get; }

    /// <summary>Connections that were made so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Believe `Content-Length` where a request has both, which readers must not.</summary>
    public bool PrefersLength { get; init; }

    /// <summary>Serve one connection after the other, which a server must not.</summary>
    public bool OneByOne { get; init; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        foreach (var (client, _) in open)
        {
            client.Dispose();
        }

        await Task.WhenAll(open.Values);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                Connections++;
                client.NoDelay = true;
                var serving = ServeAsync(client);
                open[client] = serving;
                if (OneByOne)
                {
                    await serving;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        await Task.Yield();
        try
        {
            await using var stream = client.GetStream();
            var reader = new ByteReader(stream, Patience);
            while (await ReadAsync(reader) is { } request)
            {
                var reply = new WireReply(stream);
                await answer(request, reply, stop.Token);
                if (!reply.KeepsOpen)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or TimeoutException or InvalidDataException or ObjectDisposedException)
        {
            // The other side has gone, or sent what is no HTTP.
        }
        finally
        {
            client.Dispose();
            open.TryRemove(client, out _);
        }
    }

    private async Task<WireRequest?> ReadAsync(ByteReader reader)
    {
        if (await reader.LineAsync(stop.Token) is not { Length: > 0 } line)
        {
            return null;
        }

        var parts = line.Split(' ');
        var headers = new List<KeyValuePair<string, string>>();
        while (await reader.LineAsync(stop.Token) is { Length: > 0 } header)
        {
            var colon = Math.Max(0, header.IndexOf(':', StringComparison.Ordinal));
            headers.Add(KeyValuePair.Create(header[..colon], Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(header[(colon + 1)..].Trim()))));
        }

        var request = new WireRequest(parts[0], parts.Length > 1 ? parts[1] : "/", headers, []);
        var length = int.TryParse(request.Header("Content-Length")?.Split(',')[0], out var given) ? given : 0;
        if (request.Header("Transfer-Encoding")?.Contains("chunked", StringComparison.OrdinalIgnoreCase) != true || (PrefersLength && length > 0))
        {
            return request with { Body = await reader.ExactlyAsync(Math.Max(0, length), stop.Token) };
        }

        var body = new MemoryStream();
        while (await reader.ChunkAsync(stop.Token) is { Length: > 0 } chunk)
        {
            body.Write(chunk);
        }

        return request with { Body = body.ToArray() };
    }
}
