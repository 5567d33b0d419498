using System.Text.Json.Nodes;
using Callgate.Fixtures.Clients;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>What a grant can have open at one moment: a GET stream, a call that is answered as a stream, a modern subscription.</summary>
internal sealed class OpenCalls : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly McpClient legacy;
    private readonly McpClient modern;
    private readonly CancellationTokenSource end = new();

    private OpenCalls(McpClient legacy, McpClient modern) => (this.legacy, this.modern) = (legacy, modern);

    /// <summary>The end of each, good or bad, by name.</summary>
    public IReadOnlyDictionary<string, Task> Ends { get; private set; } = new Dictionary<string, Task>();

    public static async Task<OpenCalls> StartAsync(OperatedGate operated, string token)
    {
        var open = new OpenCalls(await operated.LegacyAsync(token), operated.Modern(token));
        var stream = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var subscribed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.Ends = new Dictionary<string, Task>
        {
            ["GET stream"] = open.StreamAsync(stream),
            ["POST call"] = open.CallAsync(),
            ["subscription"] = open.SubscribeAsync(subscribed),
        };
        await stream.Task.WaitAsync(Patience);
        await subscribed.Task.WaitAsync(Patience);
        await operated.Upstream.Recording.WaitForAsync(static requests => requests.Any(static request => request.Tool == "slow"), Patience);
        return open;
    }

    /// <summary>Done when all are over.</summary>
    public Task AllEndedAsync() => Task.WhenAll(Ends.Values);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await AllEndedAsync();
        await legacy.DisposeAsync();
        await modern.DisposeAsync();
        end.Dispose();
    }

    private static async Task SettledAsync(Func<Task> open)
    {
        try
        {
            await open();
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            // A cut stream ends badly, as it should.
        }
    }

    private Task StreamAsync(TaskCompletionSource opened) => SettledAsync(async () =>
    {
        await foreach (var _ in legacy.StreamAsync(opened: opened.SetResult, cancel: end.Token))
        {
        }
    });

    private Task CallAsync() => SettledAsync(() => legacy.RequestAsync(
        "tools/call",
        new JsonObject { ["name"] = "slow", ["arguments"] = new JsonObject { ["steps"] = 3000, ["ms"] = 20 }, ["_meta"] = new JsonObject { ["progressToken"] = 1 } },
        end.Token));

    private Task SubscribeAsync(TaskCompletionSource acknowledged) => SettledAsync(async () =>
    {
        await foreach (var _ in modern.ListenAsync(new JsonObject { ["toolsListChanged"] = true }, end.Token))
        {
            acknowledged.TrySetResult();
        }
    });
}
