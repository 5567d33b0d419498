using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>The listening stream of a session, read in the background and asked event by event.</summary>
internal sealed class EventTap : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<RawEvent> events = Channel.CreateUnbounded<RawEvent>();
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task reading = Task.CompletedTask;

    /// <summary>Opens the stream and returns when its headers are there; an HttpRequestException carries a refusal's status.</summary>
    public static async Task<EventTap> OpenAsync(McpClient client, string? lastEventId = null)
    {
        var tap = new EventTap();
        tap.reading = tap.ReadAsync(client, lastEventId);
        await tap.opened.Task.WaitAsync(LegacyRig.Patience);
        return tap;
    }

    /// <summary>The next event of any kind.</summary>
    public async Task<RawEvent> EventAsync() => await events.Reader.ReadAsync().AsTask().WaitAsync(LegacyRig.Patience);

    /// <summary>The next event that carries a message, and the message.</summary>
    public async Task<(RawEvent Frame, JsonElement Message)> MessageAsync()
    {
        while (true)
        {
            var frame = await EventAsync();
            if (frame.Data.Length > 0)
            {
                return (frame, Lenient.TryParse(Encoding.UTF8.GetBytes(frame.Data)));
            }
        }
    }

    /// <summary>Returns when the stream has ended and everything on it was read.</summary>
    public Task EndAsync() => events.Reader.Completion.WaitAsync(LegacyRig.Patience);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading.WaitAsync(LegacyRig.Patience);
        stop.Dispose();
    }

    private async Task ReadAsync(McpClient client, string? lastEventId)
    {
        try
        {
            await foreach (var received in client.StreamAsync(lastEventId, () => opened.TrySetResult(), stop.Token))
            {
                await events.Writer.WriteAsync(received);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            opened.TrySetException(exception);
        }
        finally
        {
            events.Writer.TryComplete();
        }
    }
}
