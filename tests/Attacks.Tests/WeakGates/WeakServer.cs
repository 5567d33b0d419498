using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Tests.WeakGates;

/// <summary>An answer of an upstream as the stand-in took it: a response, bytes to pass on as they are, or a fault.</summary>
internal sealed record WeakAnswer(JsonElement Response, byte[]? Raw = null, string? RawType = null, string? Fault = null);

/// <summary>A server behind the stand-in.</summary>
internal sealed class WeakServer(WeakGate gate, string name, JsonElement members)
{
    private const int Most = 16 * 1024 * 1024;

    private static long lastId;

    private readonly SemaphoreSlim contact = new(1);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> drifted = new(StringComparer.Ordinal);
    private List<JsonElement>? pinned;

    public string Name => name;

    public string OnDrift => members.Text("on_drift") ?? "block";

    /// <summary>The tools that clients may know of: those that were read first, or those of now.</summary>
    public async Task<IReadOnlyList<JsonElement>> ToolsAsync(IEnumerable<(string, string)> headers)
    {
        if (gate.Has("live-lists"))
        {
            return await ReadAsync(headers);
        }

        await contact.WaitAsync();
        try
        {
            return pinned ??= [.. (await ReadAsync([])).Where(IsServed)];
        }
        finally
        {
            contact.Release();
        }
    }

    /// <summary>Whether a tool is not any more what it was.</summary>
    public async Task<bool> HasDriftedAsync(string tool)
    {
        if (gate.Has("live-lists") || pinned is null)
        {
            return false;
        }

        if (drifted.ContainsKey(tool))
        {
            return true;
        }

        var now = (await ReadAsync([])).Where(one => one.Text("name") == tool).ToList();
        var then = pinned.Find(one => one.Text("name") == tool);
        var differs = gate.Has("descriptions-pinned") ? now is not [var one] || one.Text("description") != then.Text("description") : now is not [var only] || !JsonElement.DeepEquals(only, then);
        return differs && drifted.TryAdd(tool, true);
    }

    public Task<WeakAnswer> CallAsync(string method, string parameters, IEnumerable<(string, string)> headers) =>
        SendAsync(Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":ID,\"method\":" + Json.Quoted(method) + ",\"params\":" + parameters + "}"), method, headers);

    /// <summary>Sends a text as it is; ID in it becomes an id of our own.</summary>
    public async Task<WeakAnswer> SendAsync(byte[] text, string method, IEnumerable<(string, string)> more)
    {
        var own = Interlocked.Increment(ref lastId).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var body = Encoding.UTF8.GetString(text).Replace("\"id\":ID", $"\"id\":{own}", StringComparison.Ordinal);
        var id = Json.Lenient(body).Member("id") is { ValueKind: not JsonValueKind.Undefined } sent ? sent.GetRawText() : own;
        var shared = new CancellationTokenSource(TimeSpan.FromSeconds(gate.Has("hangs") ? 600 : members.Has("command") ? 20 : 3));
        try
        {
            return members.Has("command") ? await PipedAsync(body, method, id, shared.Token) : await PostAsync(new Uri(members.Text("url")!), body, method, more, id, shared.Token);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or InvalidDataException or OperationCanceledException or System.Net.Sockets.SocketException)
        {
            return new WeakAnswer(default, Fault: "the server did not answer");
        }
        finally
        {
            shared.Dispose();
        }
    }

    public async Task<WireClient> StreamAsync(CancellationToken cancellationToken)
    {
        var url = new Uri(members.Text("url")!);
        var client = await WireClient.ConnectAsync(url, TimeSpan.FromMinutes(5));
        await client.SendAsync(WireClient.Request("GET", url, [], [("Accept", "text/event-stream")]));
        return client;
    }

    private async Task<List<JsonElement>> ReadAsync(IEnumerable<(string, string)> headers)
    {
        var answer = await CallAsync("tools/list", "{}", headers);
        var tools = answer.Response.Member("result").Member("tools").Items().ToList();
        if (gate.Has("fetches-references"))
        {
            foreach (var reference in tools.SelectMany(static tool => References(tool)))
            {
                await WireClient.ExchangeAsync(reference, WireClient.Request("GET", reference, [], []), TimeSpan.FromSeconds(5));
            }
        }

        return tools;
    }

    /// <summary>Names that stand twice in a list say nothing, and neither do marks for headers that are not the tool's.</summary>
    private bool IsServed(JsonElement tool) => gate.Has("any-header-mirrored") || !tool.GetRawText().Contains("x-mcp-header\":\"Authorization", StringComparison.Ordinal);

    private static bool IsStrict(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static IEnumerable<Uri> References(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(static member => member.Name == "$ref" && Uri.TryCreate(member.Value.AsText(), UriKind.Absolute, out var found) ? [found] : References(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private async Task<WeakAnswer> PostAsync(Uri url, string body, string method, IEnumerable<(string Name, string Value)> more, string id, CancellationToken cancellationToken)
    {
        (string, string)[] own = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"), ("Mcp-Method", method), .. members.Member("headers").Members().Select(static header => (header.Name, header.Value.AsText() ?? "")), .. more];
        await using var client = await WireClient.ConnectAsync(url, TimeSpan.FromSeconds(gate.Has("hangs") ? 600 : 3));
        client.Most = gate.Has("answers-unbounded") ? int.MaxValue : Most;
        await client.SendAsync(WireClient.Request("POST", url, Encoding.UTF8.GetBytes(body), own));
        var answer = await client.AnswerAsync(cancellationToken);
        if (gate.Has("follows-redirects") && answer.Status is >= 300 and < 400 && answer.Header("Location") is { } location)
        {
            return await PostAsync(new Uri(url, location), body, method, more, id, cancellationToken);
        }

        if (gate.Has("fetches-metadata") && answer.Header("WWW-Authenticate") is { } challenge && challenge.Split('"') is [_, var pointed, ..])
        {
            await WireClient.ExchangeAsync(new Uri(pointed), WireClient.Request("GET", new Uri(pointed), [], []), TimeSpan.FromSeconds(5));
        }

        if (answer.Header("Content-Encoding") == "gzip" && gate.Has("answers-unbounded"))
        {
            var plain = new MemoryStream();
            await using var packed = new GZipStream(new MemoryStream(answer.Body), CompressionMode.Decompress);
            await packed.CopyToAsync(plain, cancellationToken);
            answer = answer with { Body = plain.ToArray() };
        }

        return Taken(answer, method, id);
    }

    private WeakAnswer Taken(WireAnswer answer, string method, string id)
    {
        if (gate.Has("streams-raw") && method == "tools/call")
        {
            return new WeakAnswer(default, answer.Body, answer.Header("Content-Type") ?? "application/json");
        }

        if (gate.Has("errors-raw") && answer.Status >= 400)
        {
            return new WeakAnswer(default, Fault: answer.Text + " at " + members.Text("url"));
        }

        if (answer.IsCut || answer.Status >= 300 || (!answer.IsStream && !gate.Has("ids-unchecked") && !IsStrict(answer.Body)))
        {
            return new WeakAnswer(default, Fault: "the server gave no answer");
        }

        var responses = answer.Messages().Where(static message => message.Has("result") || message.Has("error")).ToList();
        var mine = gate.Has("ids-unchecked") ? responses.FirstOrDefault() : responses.Find(response => response.Has("id") && response.Member("id").GetRawText() == id);
        return mine.ValueKind == JsonValueKind.Object ? new WeakAnswer(mine) : new WeakAnswer(default, Fault: "the server gave no answer");
    }

    private async Task<WeakAnswer> PipedAsync(string body, string method, string id, CancellationToken cancellationToken)
    {
        var command = members.Member("command").Items().Select(static part => part.AsText()!).ToList();
        var start = gate.Has("shell") ? new ProcessStartInfo("sh", ["-c", string.Join(' ', command)]) : new ProcessStartInfo(command[0], command[1..]);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        if (!gate.Has("child-inherits"))
        {
            start.Environment.Clear();
            start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        }
        else
        {
            start.Environment["ATTACK_CANARY"] = "canary-of-the-environment";
        }

        using var child = Process.Start(start)!;
        try
        {
            child.BeginErrorReadLine();
            await child.StandardInput.WriteLineAsync(body.AsMemory(), cancellationToken);
            child.StandardInput.Close();
            var line = new StringBuilder();
            var piece = new char[4096];
            while (await child.StandardOutput.ReadAsync(piece, cancellationToken) is > 0 and var read)
            {
                line.Append(piece, 0, read);
                if (line.Length > Most && !gate.Has("answers-unbounded"))
                {
                    return new WeakAnswer(default, Fault: "the server gave no answer");
                }

                if (piece.AsSpan(0, read).Contains('\n') && (line.ToString().Contains("\"result\"", StringComparison.Ordinal) || gate.Has("streams-raw")))
                {
                    break;
                }
            }

            var lines = line.ToString().Split('\n');
            var taken = gate.Has("streams-raw") ? lines[0] : lines.FirstOrDefault(one => Json.Lenient(one).Has("result")) ?? "";
            return Taken(new WireAnswer(200, [], Encoding.UTF8.GetBytes(taken)), method, id);
        }
        finally
        {
            child.Kill(entireProcessTree: true);
        }
    }
}
