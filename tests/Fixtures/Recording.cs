using System.Text;
using System.Text.Json;

namespace Callgate.Fixtures;

/// <summary>One message as it arrived: for stdio the method is `STDIO` and the path empty.</summary>
public sealed record RecordedRequest(int Order, string Method, string Path, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The body read leniently; undefined when it is no JSON.</summary>
    public JsonElement Json { get; } = Lenient.TryParse(Body);

    /// <summary>The JSON-RPC method, null for bodies without one.</summary>
    public string? RpcMethod => Json.Text("method");

    /// <summary>The tool of a `tools/call`, else null.</summary>
    public string? Tool => RpcMethod == "tools/call" ? Json.Member("params").Text("name") : null;

    /// <summary>All values of a header joined by a comma, null when it is absent.</summary>
    public string? Header(string name)
    {
        var values = Headers.Where(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).ToArray();
        return values.Length == 0 ? null : string.Join(", ", values);
    }
}

/// <summary>Everything a fixture server received, in order of arrival.</summary>
public sealed class Recording(string? file)
{
    private readonly Lock gate = new();
    private readonly List<RecordedRequest> requests = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int disconnects;

    public IReadOnlyList<RecordedRequest> Requests
    {
        get
        {
            lock (gate)
            {
                return [.. requests];
            }
        }
    }

    /// <summary>How many of <see cref="Requests"/> there are, without a copy of them.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return requests.Count;
            }
        }
    }

    /// <summary>Those of <see cref="Requests"/> that came after the first so many.</summary>
    public IReadOnlyList<RecordedRequest> Since(int count)
    {
        lock (gate)
        {
            return requests[count..];
        }
    }

    /// <summary>The `tools/call` requests among <see cref="Requests"/>.</summary>
    public IReadOnlyList<RecordedRequest> Calls => [.. Requests.Where(r => r.RpcMethod == "tools/call")];

    /// <summary>HTTP requests whose client went away before the answer was complete.</summary>
    public int Disconnects => Volatile.Read(ref disconnects);

    public void Clear()
    {
        lock (gate)
        {
            requests.Clear();
        }
    }

    /// <summary>Waits until the predicate holds for what was received; throws TimeoutException after the bound.</summary>
    public async Task WaitForAsync(Func<IReadOnlyList<RecordedRequest>, bool> predicate, TimeSpan bound)
    {
        using var limit = new CancellationTokenSource(bound);
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (predicate(requests))
                {
                    return;
                }

                next = changed.Task;
            }

            try
            {
                await next.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"the fixture server saw {Requests.Count} requests, none that was waited for");
            }
        }
    }

    internal RecordedRequest Add(string method, string path, IReadOnlyList<KeyValuePair<string, string>> headers, byte[] body)
    {
        RecordedRequest request;
        TaskCompletionSource wake;
        lock (gate)
        {
            request = new RecordedRequest(requests.Count, method, path, headers, body);
            requests.Add(request);
            if (file is not null)
            {
                using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
                stream.Write([.. body, (byte)'\n']);
            }

            wake = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        wake.SetResult();
        return request;
    }

    internal void AddDisconnect()
    {
        TaskCompletionSource wake;
        lock (gate)
        {
            disconnects++;
            wake = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        wake.SetResult();
    }
}
