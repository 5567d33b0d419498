using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;

namespace Callgate.EndToEnd.Tests.Recovery;

/// <summary>A gate in a process of its own with streams open through it, and callers that keep a pace.</summary>
internal sealed class Soak : IAsyncDisposable
{
    private const int Callers = 8;
    private static readonly TimeSpan Opening = TimeSpan.FromSeconds(30);

    private readonly DeclaredGate declared;
    private readonly GateProcess gate;
    private readonly List<McpClient> clients = [];
    private readonly List<Task> streams = [];
    private readonly CancellationTokenSource end = new();
    private long calls;
    private int open;

    private Soak(DeclaredGate declared)
    {
        this.declared = declared;
        gate = declared.Process;
    }

    public ConcurrentBag<string> Failures { get; } = [];

    public long Calls => Volatile.Read(ref calls);

    /// <summary>Streams that were open until the end was asked for.</summary>
    public int OpenStreams { get; private set; }

    /// <summary>Records of calls, and how many of them say that they were answered; known after <see cref="EndAsync"/>.</summary>
    public long Recorded { get; private set; }

    public long Answered { get; private set; }

    public static async Task<Soak> StartAsync(int streams)
    {
        var soak = new Soak(await DeclaredGate.StartAsync());
        for (var number = 0; number < streams; number++)
        {
            await soak.OpenAsync(modern: number % 2 == 0);
        }

        return soak;
    }

    /// <summary>How many calls a second the gate does when callers wait for nothing but their answers.</summary>
    public async Task<int> MeasureAsync(TimeSpan time)
    {
        var before = Calls;
        await CallAsync(time, int.MaxValue);
        return (int)((Calls - before) / time.TotalSeconds);
    }

    /// <summary>Keeps the pace and takes a sample a second.</summary>
    public async Task<List<Sample>> RunAsync(int pace, TimeSpan time)
    {
        var samples = new List<Sample>();
        var begun = Stopwatch.GetTimestamp();
        var calling = CallAsync(time, pace);
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!calling.IsCompleted && await second.WaitForNextTickAsync())
        {
            declared.Upstream.Recording.Clear();
            samples.Add(new Sample(Stopwatch.GetElapsedTime(begun), ProcessStatus.Resident(gate.ProcessId), ProcessStatus.Handles(gate.ProcessId)));
        }

        await calling;
        return samples;
    }

    /// <summary>Ends the streams and the gate, and counts the record.</summary>
    public async Task EndAsync()
    {
        OpenStreams = Volatile.Read(ref open);
        await end.CancelAsync();
        await Task.WhenAll(streams);
        await gate.TerminateAsync();
        var recorded = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in declared.Journal)
        {
            var entry = JsonElement.Parse(line);
            var kind = entry.Text("kind");
            if (kind == "call" && entry.Text("method") == "tools/call")
            {
                recorded.Add(entry.Text("id")!);
            }

            Answered += kind == "outcome" && entry.Text("outcome") == "answered" && recorded.Contains(entry.Text("of")!) ? 1 : 0;
        }

        Recorded = recorded.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        await declared.DisposeAsync();
        end.Dispose();
    }

    private async Task OpenAsync(bool modern)
    {
        var client = new McpClient(gate.Mcp("up"), DeclaredGate.Token, modern ? "2026-07-28" : "2025-11-25");
        clients.Add(client);
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!modern)
        {
            await client.InitializeAsync();
        }

        streams.Add(Task.Run(async () =>
        {
            Interlocked.Increment(ref open);
            try
            {
                await (modern ? SubscribeAsync(client, opened) : ListenAsync(client, opened));
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                // How it ended is told by whether it did before it was to.
            }
            finally
            {
                Interlocked.Decrement(ref open);
                opened.TrySetException(new InvalidOperationException("a stream ended"));
            }
        }));
        await opened.Task.WaitAsync(Opening);
    }

    private async Task SubscribeAsync(McpClient client, TaskCompletionSource opened)
    {
        await foreach (var _ in client.ListenAsync(new JsonObject { ["toolsListChanged"] = true }, end.Token))
        {
            opened.TrySetResult();
        }
    }

    private async Task ListenAsync(McpClient client, TaskCompletionSource opened)
    {
        await foreach (var _ in client.StreamAsync(opened: opened.SetResult, cancel: end.Token))
        {
        }
    }

    private Task CallAsync(TimeSpan time, int pace)
    {
        var begun = Stopwatch.GetTimestamp();
        var made = 0L;
        return Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            await using var client = new McpClient(gate.Mcp("up"), DeclaredGate.Token, "2026-07-28");
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            while (Stopwatch.GetElapsedTime(begun) < time)
            {
                if (Volatile.Read(ref made) > Stopwatch.GetElapsedTime(begun).TotalSeconds * pace)
                {
                    await tick.WaitForNextTickAsync();
                    continue;
                }

                var text = Interlocked.Increment(ref made).ToString(CultureInfo.InvariantCulture);
                Interlocked.Increment(ref calls);
                var answer = await client.CallAsync("echo", new JsonObject { ["text"] = text });
                if (answer.Status != 200 || answer.FirstText != text)
                {
                    Failures.Add($"call {text} was answered {answer.Status} {answer.Text}");
                }
            }
        })));
    }
}
