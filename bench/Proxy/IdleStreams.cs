using System.Net.Sockets;
using System.Text;

namespace Callgate.Bench.Proxy;

/// <summary>Streams that are opened through the gate, at a bounded rate, and then say nothing. Each is seen to be open.</summary>
public sealed class IdleStreams(GateUnderTest gate, IEnumerable<string> headers) : IAsyncDisposable
{
    private const int AtOnce = 32;

    private readonly List<Socket> open = [];

    public async Task OpenAsync(int count)
    {
        var body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscriptions/listen\",\"params\":{\"notifications\":{\"toolsListChanged\":true},\"_meta\":{" + Scene.ModernMeta + "}}}";
        var request = Encoding.ASCII.GetBytes($"POST /mcp/bench HTTP/1.1\r\nHost: {gate.Root.Authority}\r\n{string.Join("\r\n", headers)}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        while (open.Count < count)
        {
            var more = Enumerable.Range(0, Math.Min(AtOnce, count - open.Count)).Select(_ => OpenOneAsync(request)).ToList();
            open.AddRange(await Task.WhenAll(more));
        }
    }

    public ValueTask DisposeAsync()
    {
        open.ForEach(static socket => socket.Dispose());
        return ValueTask.CompletedTask;
    }

    private async Task<Socket> OpenOneAsync(byte[] request)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await socket.ConnectAsync(gate.Root.Host, gate.Root.Port, limit.Token);
        await socket.SendAsync(request, limit.Token);
        var buffer = new byte[4_096];
        var text = new StringBuilder();
        while (!text.ToString().Contains("subscriptions/acknowledged", StringComparison.Ordinal))
        {
            var read = await socket.ReceiveAsync(buffer, limit.Token);
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            if (read == 0 || !text.ToString().StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            {
                throw new BenchException($"stream {open.Count + 1} was not opened: {text}");
            }
        }

        return socket;
    }
}
