using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Tests.WeakGates;

/// <summary>MCP as the stand-in speaks it.</summary>
internal sealed class WeakCalls(WeakGate gate)
{
    private const int MostBytes = 4 * 1024 * 1024;
    private const int MostValues = 131_072;

    private static readonly string[] Versions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];
    private static readonly string[] Folded = ["jsonrpc", "id", "method", "params", "name", "uri", "arguments", "_meta", "taskid", "requeststate", "inputresponses", "result", "error"];

    private readonly ConcurrentDictionary<string, string> sessions = new(StringComparer.Ordinal);

    public async Task AnswerAsync(WireRequest request, WireReply reply, CancellationToken cancellationToken)
    {
        var server = request.Path.Split('/')[2];
        if (Grant(request, server) is not { } grant)
        {
            await reply.AnswerAsync(401, "application/json", Error("null", -32600, "no grant"), [("WWW-Authenticate", "Bearer")], cancellationToken);
            return;
        }

        if (request.Method == "GET" && !gate.Has("body-in-any-verb"))
        {
            await StreamAsync(server, grant, reply, cancellationToken);
            return;
        }

        if (FramingFault(request) || request.Method != "POST")
        {
            reply.KeepsOpen = false;
            await reply.AnswerAsync(400, "application/json", Error("null", -32600, "framing"), cancellationToken: cancellationToken);
            return;
        }

        var (status, body) = await ReadAsync(request, server, grant, reply, cancellationToken);
        if (status > 0)
        {
            await reply.AnswerAsync(status, body.Length > 0 ? "application/json" : null, body, cancellationToken: cancellationToken);
        }
    }

    private bool FramingFault(WireRequest request) =>
        !gate.Has("length-preferred") && (request.Header("Transfer-Encoding") is { } coding && (request.Header("Content-Length") is not null || coding != "chunked")
            || request.Headers.Count(static header => header.Key.StartsWith("Content-Length", StringComparison.OrdinalIgnoreCase)) > 1
            || (request.Header("Content-Length") is { } length && (length.Length is 0 or > 10 || !length.All(char.IsAsciiDigit)))
            || request.Headers.Any(static header => header.Key.Length == 0 || header.Key.Any(static character => character <= ' ') || header.Value.Any(static character => character < ' ' && character != '\t')));

    private WeakGrant? Grant(WireRequest request, string server)
    {
        var lines = request.Headers.Where(static header => string.Equals(header.Key, "Authorization", StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value).ToList();
        var token = lines is [var only] && only.StartsWith("Bearer ", StringComparison.Ordinal) ? only[7..] : null;
        if (gate.Has("query-token") && token is null && request.Target.Split("token=") is [_, var asked])
        {
            token = asked;
        }

        if (gate.Has("internal-header") && request.Header("X-Callgate-Grant") is { } named)
        {
            return gate.Grants.Values.FirstOrDefault(grant => grant.Id == named);
        }

        if (gate.Has("no-token-passes") && lines.Count == 0)
        {
            return gate.Grants.Values.First(grant => grant.Servers.ContainsKey(server));
        }

        return token is not null && gate.Grants.TryGetValue(token, out var found) && !found.IsOver && (found.Servers.ContainsKey(server) || gate.Has("any-server")) && gate.Servers.ContainsKey(server) ? found : null;
    }

    private async Task<(int Status, byte[] Body)> ReadAsync(WireRequest request, string server, WeakGrant grant, WireReply reply, CancellationToken cancellationToken)
    {
        if ((request.Body.Length > MostBytes || request.Body.AsSpan().Count((byte)',') > MostValues) && !gate.Has("unbounded"))
        {
            return Refuse(413, grant, server, "request.too_large");
        }

        if (Text(request) is not { } text)
        {
            return Refuse(415, grant, server, "request.malformed");
        }

        var root = Json.Lenient(text);
        if (root.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) || (!IsStrict(text) && !gate.Has("lenient-members") && !gate.Has("raw-forwarded")))
        {
            return Refuse(400, grant, server, "request.malformed");
        }

        var version = request.Header("MCP-Protocol-Version");
        var claim = root.Member("params").Member("_meta").Text("io.modelcontextprotocol/protocolVersion");
        var unjudged = gate.Has("old-versions-unjudged") && version is null or "2024-11-05";
        if (!unjudged && ((version is not null && !Versions.Contains(version)) || (claim is not null && claim != version)))
        {
            return Refuse(400, grant, server, "request.malformed");
        }

        var call = new WeakCall(gate, server, grant, request, text, unjudged);
        if (root.ValueKind == JsonValueKind.Array)
        {
            return version == "2025-03-26" || gate.Has("batch-first-only") ? await BatchAsync(call, root, reply, cancellationToken) : Refuse(400, grant, server, "request.malformed");
        }

        if (claim is null && root.Text("method") != "initialize" && !unjudged && SessionFault(request, grant))
        {
            return Refuse(request.Header("Mcp-Session-Id") is null ? 400 : 404, grant, server, "request.malformed");
        }

        if (claim is not null && call.MirrorFault(root) && !gate.Has("header-judged") && !gate.Has("lenient-mirror"))
        {
            return Refuse(400, grant, server, "request.malformed");
        }

        if (root.Text("method") == "subscriptions/listen")
        {
            await StreamAsync(server, grant, reply, cancellationToken);
            return (0, []);
        }

        if (root.Text("method") == "initialize")
        {
            return await InitializeAsync(root, server, grant, reply, cancellationToken);
        }

        var answer = await call.AnswerAsync(root, judged: true);
        return answer.RawType is null ? (answer.Status, answer.Body) : await RawAsync(answer, reply, cancellationToken);
    }

    private static async Task<(int, byte[])> RawAsync(WeakReply answer, WireReply reply, CancellationToken cancellationToken)
    {
        await reply.AnswerAsync(200, answer.RawType, answer.Body, cancellationToken: cancellationToken);
        return (0, []);
    }

    private bool SessionFault(WireRequest request, WeakGrant grant) =>
        request.Header("Mcp-Session-Id") is not { } session || !sessions.TryGetValue(session, out var owner) || (owner != grant.Id && !gate.Has("sessions-shared"));

    private async Task<(int, byte[])> InitializeAsync(JsonElement root, string server, WeakGrant grant, WireReply reply, CancellationToken cancellationToken)
    {
        var session = WeakGate.NewId();
        sessions[session] = grant.Id;
        var asked = root.Member("params").Text("protocolVersion");
        var instructions = "";
        if (gate.Has("live-lists"))
        {
            var greeting = await gate.Servers[server].CallAsync("initialize", root.Member("params").GetRawText(), []);
            instructions = greeting.Response.Member("result").Text("instructions") is { } told ? ",\"instructions\":" + Json.Quoted(told) : "";
        }

        var body = "{\"jsonrpc\":\"2.0\",\"id\":" + root.Member("id").GetRawText() + ",\"result\":{\"protocolVersion\":\"" + (Versions.Contains(asked) ? asked : "2025-11-25") + "\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"stand-in\",\"version\":\"1\"}" + instructions + "}}";
        await reply.AnswerAsync(200, "application/json", Encoding.UTF8.GetBytes(body), [("Mcp-Session-Id", session)], cancellationToken);
        return (0, []);
    }

    private async Task<(int, byte[])> BatchAsync(WeakCall call, JsonElement root, WireReply reply, CancellationToken cancellationToken)
    {
        _ = (reply, cancellationToken);
        var answers = new List<string>();
        var first = true;
        foreach (var message in root.EnumerateArray())
        {
            var answer = await call.AnswerAsync(message, judged: first || !gate.Has("batch-first-only"));
            first = false;
            if (answer.Body.Length > 0)
            {
                answers.Add(Encoding.UTF8.GetString(answer.Body));
            }
        }

        return answers.Count == 0 ? Refuse(400, call.Grant, call.Server, "request.malformed") : (200, Encoding.UTF8.GetBytes("[" + string.Join(',', answers) + "]"));
    }

    private async Task StreamAsync(string server, WeakGrant grant, WireReply reply, CancellationToken cancellationToken)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, grant.Ended);
        await reply.BeginAsync(200, "text/event-stream", cancellationToken: until.Token);
        try
        {
            await using var upstream = await gate.Servers[server].StreamAsync(until.Token);
            var head = await upstream.HeadAsync(until.Token);
            var passed = 0;
            await foreach (var piece in upstream.BodyAsync(head, until.Token))
            {
                // Some of a flood is enough for whoever reads it, and one look at the list.
                if (passed++ < 5 || gate.Has("floods-relayed"))
                {
                    await reply.WriteAsync(piece, until.Token);
                }

                for (var told = Encoding.UTF8.GetString(piece.Span).Split("list_changed").Length - 1; told > 0 && gate.Has("floods-relayed"); told--)
                {
                    await gate.Servers[server].CallAsync("tools/list", "{}", []);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or InvalidDataException)
        {
            // The upstream has no stream, or ended it.
        }

        await Task.Delay(Timeout.Infinite, until.Token);
    }

    /// <summary>The body as text; null when it is announced as something else.</summary>
    private byte[]? Text(WireRequest request)
    {
        var type = request.Headers.Where(static header => string.Equals(header.Key, "Content-Type", StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value.ToLowerInvariant()).ToList();
        if (gate.Has("lenient-encoding"))
        {
            var body = request.Body;
            if (request.Header("Content-Encoding") is not null && body.AsSpan().StartsWith(new byte[] { 0x1f, 0x8b }))
            {
                var plain = new MemoryStream();
                using var packed = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
                packed.CopyTo(plain);
                body = plain.ToArray();
            }

            // Whatever the reader finds by itself: marks, zeros between letters.
            var encoding = body.Length > 1 && body[1] == 0 ? body.Length > 3 && body[2] == 0 ? Encoding.UTF32 : Encoding.Unicode : body.Length > 0 && body[0] == 0 ? Encoding.BigEndianUnicode : Encoding.UTF8;
            return Encoding.UTF8.GetBytes(encoding.GetString(body).TrimStart('\uFEFF').TrimEnd('\0'));
        }

        return type is ["application/json" or "application/json; charset=utf-8"] && request.Header("Content-Encoding") is null && IsUtf8(request.Body) ? request.Body : null;
    }

    private static bool IsUtf8(byte[] body)
    {
        try
        {
            new UTF8Encoding(false, true).GetCharCount(body);
            return !body.AsSpan().StartsWith(Encoding.UTF8.Preamble);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>No member twice, none of the protocol's in another case or with what nobody sees.</summary>
    private static bool IsStrict(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 64 });
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Array || root.Members().Concat(root.Member("params").Members()).All(static member => !IsVariant(member.Name)) && Walked(root);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Every text can be read: half a surrogate pair cannot.</summary>
    private static bool Walked(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(static member => member.Name.Length >= 0 && Walked(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(Walked),
        JsonValueKind.String => value.GetString() is not null,
        _ => true,
    };

    private static bool IsVariant(string name)
    {
        var plain = string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return !Folded.Contains(name.ToLowerInvariant()) ? Folded.Contains(plain) && plain != name && name != "_meta" : name is not ("jsonrpc" or "id" or "method" or "params" or "name" or "uri" or "arguments" or "_meta" or "taskId" or "requestState" or "inputResponses" or "result" or "error");
    }

    private (int, byte[]) Refuse(int status, WeakGrant grant, string server, string code)
    {
        gate.Write(grant, server, "", null, "deny", code, 0);
        return (status, Error("null", -32600, code));
    }

    public static byte[] Error(string id, int code, string message) => Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code.ToString(System.Globalization.CultureInfo.InvariantCulture) + ",\"message\":" + Json.Quoted(message) + "}}");
}
