using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures.Transports;

namespace Callgate.Fixtures;

/// <summary>What a server remembers of one client: a legacy session, a stdio connection, or one modern request.</summary>
public sealed class FixtureSession(string id)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> asked = new(StringComparer.Ordinal);
    private int asks;

    public string Id => id;

    public string Version { get; internal set; } = "2025-03-26";

    public JsonElement ClientCapabilities { get; internal set; }

    public bool Initialized { get; internal set; }

    /// <summary>The level of `logging/setLevel`; null sends everything.</summary>
    public string? LogLevel { get; internal set; }

    public ConcurrentDictionary<string, bool> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>The stream of messages that belong to no call.</summary>
    internal EventLog Apart { get; } = new("apart");

    /// <summary>Streams that can be asked for again with `Last-Event-ID`, by their name.</summary>
    internal ConcurrentDictionary<string, EventLog> Streams { get; } = new(StringComparer.Ordinal);

    internal ConcurrentDictionary<string, Turn> Running { get; } = new(StringComparer.Ordinal);

    internal Func<string, ValueTask> Unrelated { get; set; } = static _ => ValueTask.CompletedTask;

    internal async ValueTask<JsonElement> AskAsync(string method, JsonObject parameters, Func<string, ValueTask> send, CancellationToken cancel)
    {
        var ask = "ask-" + Interlocked.Increment(ref asks).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        asked[ask] = answer;
        await send(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = ask, ["method"] = method, ["params"] = parameters }.Write());
        return await answer.Task.WaitAsync(cancel);
    }

    /// <summary>Takes the client's answer to a request of ours; false when nothing was asked with this id.</summary>
    internal bool Answer(JsonElement message)
    {
        if (message.Text("id") is not { } ask || !asked.TryRemove(ask, out var waiting))
        {
            return false;
        }

        var error = message.Member("error");
        if (error.ValueKind == JsonValueKind.Object)
        {
            waiting.TrySetException(new RpcException(-32603, "the client answered: " + (error.Text("message") ?? "an error")));
        }
        else
        {
            waiting.TrySetResult(message.Member("result"));
        }

        return true;
    }
}
