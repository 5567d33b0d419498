using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Fixtures.Clients;

/// <summary>
/// The answer to one request: the HTTP status, the bytes of the final message (or of the whole body when there is
/// none), the message parsed, and what came before it on the same stream.
/// </summary>
public sealed record McpAnswer(int Status, HttpResponseHeaders Headers, byte[] Raw, JsonElement Message, IReadOnlyList<JsonElement> Before)
{
    public string Text => Encoding.UTF8.GetString(Raw);

    public JsonElement Result => Message.Member("result");

    public JsonElement Error => Message.Member("error");

    /// <summary>The text of the first content item of a tool result, null when there is none.</summary>
    public string? FirstText => Result.Member("content") is { ValueKind: JsonValueKind.Array } content && content.GetArrayLength() > 0
        ? content[0].Text("text")
        : null;

    public bool IsToolError => Result.Member("isError").ValueKind == JsonValueKind.True;

    /// <summary>The denial of a gateway refusal, undefined for anything else.</summary>
    public JsonElement Denial => Result.Member("_meta").Member("callgate/denial");
}

/// <summary>A small strict client of streamable HTTP: one era, no retries, no fallbacks, nothing hidden.</summary>
public sealed class McpClient : IAsyncDisposable
{
    private readonly HttpClient http;
    private readonly Uri endpoint;
    private int lastId;

    public McpClient(Uri endpoint, string? bearer = null, string version = "2025-11-25")
    {
        this.endpoint = endpoint;
        Version = version;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(60) };
        if (bearer is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }
    }

    /// <summary>The version spoken: 2026-07-28 and later are modern; a legacy one is what initialize asks for and then what was agreed.</summary>
    public string Version { get; private set; }

    public bool IsModern => string.CompareOrdinal(Version, Modern.Released) >= 0;

    public string? SessionId { get; set; }

    public JsonObject Capabilities { get; init; } = [];

    /// <summary>Answers what the server asks during a call: the result for a request, null for an error answer.</summary>
    public Func<JsonElement, JsonNode?> OnAsked { get; init; } = static _ => null;

    /// <summary>Sends initialize and notifications/initialized; throws when the answer is no result.</summary>
    public async Task<McpAnswer> InitializeAsync(CancellationToken cancel = default)
    {
        var answer = await RequestAsync("initialize", new JsonObject
        {
            ["protocolVersion"] = Version,
            ["capabilities"] = Capabilities.DeepClone(),
            ["clientInfo"] = new JsonObject { ["name"] = "fixture-client", ["version"] = "1.0.0" },
        }, cancel);
        if (answer.Result.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidOperationException($"initialize was answered {answer.Status} {answer.Text}");
        }

        Version = answer.Result.Text("protocolVersion") ?? Version;
        SessionId = answer.Headers.TryGetValues("Mcp-Session-Id", out var ids) ? ids.Single() : null;
        await NotifyAsync("notifications/initialized", [], cancel);
        return answer;
    }

    public Task<McpAnswer> CallAsync(string tool, JsonObject? arguments = null, CancellationToken cancel = default) =>
        RequestAsync("tools/call", new JsonObject { ["name"] = tool, ["arguments"] = arguments ?? [] }, cancel);

    /// <summary>Every tool of every page, in order.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListToolsAsync(CancellationToken cancel = default)
    {
        var tools = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var answer = await RequestAsync("tools/list", cursor is null ? [] : new JsonObject { ["cursor"] = cursor }, cancel);
            if (answer.Result.Member("tools").ValueKind != JsonValueKind.Array)
            {
                throw new InvalidOperationException($"tools/list was answered {answer.Status} {answer.Text}");
            }

            tools.AddRange(answer.Result.Member("tools").EnumerateArray());
            cursor = answer.Result.Text("nextCursor");
        }
        while (cursor is not null);
        return tools;
    }

    /// <summary>Sends one request with a new id and reads until its answer.</summary>
    public Task<McpAnswer> RequestAsync(string method, JsonObject? parameters = null, CancellationToken cancel = default)
    {
        parameters = parameters?.DeepClone().AsObject() ?? [];
        if (IsModern)
        {
            AddMeta(parameters);
        }

        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = Interlocked.Increment(ref lastId), ["method"] = method, ["params"] = parameters };
        return SendAsync(Encoding.UTF8.GetBytes(message.Write()), cancel);
    }

    /// <summary>Sends bytes as they are, with the headers this client would send for them, and reads until the answer.</summary>
    public async Task<McpAnswer> SendAsync(byte[] body, CancellationToken cancel = default)
    {
        using var request = Post(body);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            var bytes = await response.Content.ReadAsByteArrayAsync(cancel);
            return new McpAnswer((int)response.StatusCode, response.Headers, bytes, Lenient.TryParse(bytes), []);
        }

        var before = new List<JsonElement>();
        await foreach (var received in EventsAsync(response, cancel))
        {
            var message = Lenient.TryParse(Encoding.UTF8.GetBytes(received.Data));
            if (message.Has("id") && !message.Has("method"))
            {
                return new McpAnswer((int)response.StatusCode, response.Headers, Encoding.UTF8.GetBytes(received.Data), message, before);
            }

            if (message.ValueKind == JsonValueKind.Object)
            {
                before.Add(message);
                await AnswerAsync(message, cancel);
            }
        }

        return new McpAnswer((int)response.StatusCode, response.Headers, [], default, before);
    }

    /// <summary>Sends a notification; the status is 202 from a correct server.</summary>
    public async Task<int> NotifyAsync(string method, JsonObject parameters, CancellationToken cancel = default)
    {
        var message = new JsonObject { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters.DeepClone() };
        return (await SendAsync(Encoding.UTF8.GetBytes(message.Write()), cancel)).Status;
    }

    /// <summary>The GET stream of the session, event by event, until it ends or the token is cancelled.</summary>
    public async IAsyncEnumerable<RawEvent> StreamAsync(string? lastEventId = null, Action? opened = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint);
        request.Headers.Accept.ParseAdd("text/event-stream");
        AddSession(request);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if ((int)response.StatusCode != 200)
        {
            throw new HttpRequestException($"the GET stream was answered {(int)response.StatusCode}", null, response.StatusCode);
        }

        opened?.Invoke();
        await foreach (var received in EventsAsync(response, cancel))
        {
            yield return received;
        }
    }

    /// <summary>A modern `subscriptions/listen`: every message of its stream until it ends or the token is cancelled.</summary>
    public async IAsyncEnumerable<JsonElement> ListenAsync(JsonObject notifications, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var parameters = new JsonObject { ["notifications"] = notifications };
        AddMeta(parameters);
        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = Interlocked.Increment(ref lastId), ["method"] = "subscriptions/listen", ["params"] = parameters };
        using var request = Post(Encoding.UTF8.GetBytes(message.Write()));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        await foreach (var received in EventsAsync(response, cancel))
        {
            yield return Lenient.TryParse(Encoding.UTF8.GetBytes(received.Data));
        }
    }

    /// <summary>Ends the session and gives the status.</summary>
    public async Task<int> DeleteAsync(CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, endpoint);
        AddSession(request);
        using var response = await http.SendAsync(request, cancel);
        return (int)response.StatusCode;
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async IAsyncEnumerable<RawEvent> EventsAsync(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel), Encoding.UTF8);
        var block = new StringBuilder();
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.Length > 0)
            {
                block.Append(line).Append('\n');
                continue;
            }

            if (RawClient.ParseEvent(block.ToString()) is { } parsed)
            {
                yield return parsed;
            }

            block.Clear();
        }
    }

    private async Task AnswerAsync(JsonElement asked, CancellationToken cancel)
    {
        if (!asked.Has("id"))
        {
            return;
        }

        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = asked.Member("id").ToNode() };
        if (OnAsked(asked) is { } result)
        {
            answer["result"] = result;
        }
        else
        {
            answer["error"] = new JsonObject { ["code"] = -32601, ["message"] = "the test client does not answer this" };
        }

        await SendAsync(Encoding.UTF8.GetBytes(answer.Write()), cancel);
    }

    private HttpRequestMessage Post(byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        var message = Lenient.TryParse(body);
        if (message.Text("method") != "initialize")
        {
            AddSession(request);
        }

        if (IsModern)
        {
            AddRouting(request, message);
        }

        return request;
    }

    private void AddSession(HttpRequestMessage request)
    {
        if (SessionId is not null)
        {
            request.Headers.Add("Mcp-Session-Id", SessionId);
        }

        request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", Version);
    }

    private static void AddRouting(HttpRequestMessage request, JsonElement message)
    {
        var parameters = message.Member("params");
        request.Headers.TryAddWithoutValidation("Mcp-Method", message.Text("method"));
        var name = message.Text("method") switch
        {
            "tools/call" or "prompts/get" => parameters.Text("name"),
            "resources/read" => parameters.Text("uri"),
            "tasks/get" or "tasks/update" or "tasks/cancel" => parameters.Text("taskId"),
            _ => null,
        };
        if (name is not null)
        {
            request.Headers.TryAddWithoutValidation("Mcp-Name", HeaderForm(name));
        }
    }

    /// <summary>Values that are no plain visible ASCII travel in the sentinel form.</summary>
    private static string HeaderForm(string value) =>
        value.All(c => c is > ' ' and < '\x7f') && !value.StartsWith("=?base64?", StringComparison.Ordinal)
            ? value
            : "=?base64?" + Convert.ToBase64String(Encoding.UTF8.GetBytes(value)) + "?=";

    private void AddMeta(JsonObject parameters)
    {
        if (parameters["_meta"] is not JsonObject)
        {
            parameters["_meta"] = new JsonObject();
        }

        var meta = parameters["_meta"]!.AsObject();
        meta[Modern.VersionKey] = Version;
        meta[Modern.CapabilitiesKey] = Capabilities.DeepClone();
        meta["io.modelcontextprotocol/clientInfo"] = new JsonObject { ["name"] = "fixture-client", ["version"] = "1.0.0" };
    }
}
