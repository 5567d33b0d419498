using System.Collections.Concurrent;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Running;

/// <summary>A connection that stays open while the attack goes on: what comes on it is kept, and when it ends is known.</summary>
internal sealed class OpenStream : IAsyncDisposable
{
    private readonly WireClient client;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<JsonElement> messages = [];

    private OpenStream(WireClient client) => this.client = client;

    /// <summary>Completes when the other side has ended it.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public IReadOnlyList<JsonElement> Messages => [.. messages];

    /// <summary>Sends a request whose answer lasts, and waits until it has begun.</summary>
    public static async Task<OpenStream> BeginAsync(Uri address, ReadOnlyMemory<byte> request)
    {
        var client = await WireClient.ConnectAsync(address, TimeSpan.FromMinutes(5));
        await client.SendAsync(request);
        var head = await client.HeadAsync();
        var stream = new OpenStream(client);
        if (head.Status != 200)
        {
            await client.DisposeAsync();
            throw new InvalidOperationException($"the stream was answered {head.Status}");
        }

        stream.Ended = stream.ReadAsync(head);
        return stream;
    }

    /// <summary>Sends a part of a request and nothing more.</summary>
    public static async Task<OpenStream> StallAsync(Uri address, ReadOnlyMemory<byte> part)
    {
        var client = await WireClient.ConnectAsync(address, TimeSpan.FromMinutes(5));
        await client.SendAsync(part);
        var stream = new OpenStream(client);
        stream.Ended = stream.WaitAsync();
        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await client.DisposeAsync();
        await Ended;
        stop.Dispose();
    }

    private async Task ReadAsync(WireAnswer head)
    {
        var pending = "";
        try
        {
            await foreach (var piece in client.BodyAsync(head, stop.Token))
            {
                pending += System.Text.Encoding.UTF8.GetString(piece.Span);
                var whole = pending.LastIndexOf("\n\n", StringComparison.Ordinal);
                if (whole < 0)
                {
                    continue;
                }

                foreach (var data in SseText.Data(pending[..(whole + 2)]))
                {
                    messages.Enqueue(Json.Lenient(data));
                }

                pending = pending[(whole + 2)..];
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or TimeoutException or InvalidDataException or ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            // Ended, by whichever side.
        }
    }

    private async Task WaitAsync()
    {
        try
        {
            // Whatever is said, an answer that no time is left included, the end of the connection is what counts.
            while (!stop.IsCancellationRequested && !await client.IsClosedAsync())
            {
                continue;
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or OperationCanceledException)
        {
            // Closed from here.
        }
    }
}
