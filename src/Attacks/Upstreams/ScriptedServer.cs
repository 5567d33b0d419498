using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Upstreams;

/// <summary>
/// One server of MCP, over HTTP, in both generations of the protocol. Its tools and its answers are data; a tool without an
/// answer of its own says what it was called with.
/// </summary>
public sealed class ScriptedServer(string name, JsonElement spec) : IDisposable
{
    private readonly ConcurrentQueue<Sighting> seen = [];
    private readonly ConcurrentDictionary<string, int> calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<WireReply, string?> streams = [];
    private readonly CancellationTokenSource gone = new();
    private volatile ServerSpec spec = new(spec);

    public IReadOnlyList<Sighting> Seen => [.. seen];

    /// <summary>How many of the streams that it holds open are open.</summary>
    public int Streams => streams.Count;

    /// <summary>From now on it offers and answers something else.</summary>
    public void Become(JsonElement other)
    {
        spec = new ServerSpec(other);
        calls.Clear();
    }

    /// <summary>Says something on every stream that is open.</summary>
    public async Task TellAsync(string method, CancellationToken cancellationToken)
    {
        foreach (var (reply, subscription) in streams)
        {
            var parameters = subscription is null ? "{}" : $$$"""{"_meta":{"io.modelcontextprotocol/subscriptionId":{{{subscription}}}}}""";
            try
            {
                await reply.WriteAsync(Encoding.UTF8.GetBytes($"data: {{\"jsonrpc\":\"2.0\",\"method\":\"{method}\",\"params\":{parameters}}}\n\n"), cancellationToken);
            }
            catch (IOException)
            {
                streams.TryRemove(reply, out _);
            }
        }
    }

    public void Dispose() => gone.Cancel();

    internal async Task AnswerAsync(WireRequest request, WireReply reply, CancellationToken cancellationToken)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, gone.Token);
        var sighting = new Sighting(name, request, Json.Lenient(request.Body));
        seen.Enqueue(sighting);
        if (request.Method == "GET")
        {
            await (spec.HoldsStreams ? HoldAsync(reply, null, until.Token) : reply.AnswerAsync(405, null, [], cancellationToken: until.Token));
            return;
        }

        if (request.Method != "POST" || sighting.Message.ValueKind == JsonValueKind.Array)
        {
            await reply.AnswerAsync(request.Method == "DELETE" ? 200 : 400, null, [], cancellationToken: until.Token);
            return;
        }

        if (!sighting.Message.Has("id"))
        {
            await reply.AnswerAsync(202, null, [], cancellationToken: until.Token);
            return;
        }

        await AnswerAsync(sighting, reply, until.Token);
    }

    private async Task AnswerAsync(Sighting sighting, WireReply reply, CancellationToken cancellationToken)
    {
        var id = sighting.Message.Member("id").GetRawText();
        var now = spec;
        if (sighting.Method == "subscriptions/listen" && now.HoldsStreams)
        {
            await HoldAsync(reply, id, cancellationToken);
            return;
        }

        var key = sighting.Tool ?? sighting.Method;
        if (now.AnswerTo(key, calls.AddOrUpdate(key, 1, static (_, count) => count + 1), sighting) is { } scripted)
        {
            await new ScriptedAnswer(scripted).SendAsync(sighting, reply, cancellationToken);
            return;
        }

        var text = sighting.Method switch
        {
            "server/discover" => now.Discovery(),
            "initialize" => now.Greeting(sighting.Message.Member("params").Text("protocolVersion")),
            "tools/list" => now.List(sighting),
            "tools/call" => Echo(sighting),
            "ping" => "{}",
            _ => null,
        };
        (string, string)[] session = sighting.Method == "initialize" ? [("Mcp-Session-Id", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)))] : [];
        var body = text is null
            ? $$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":-32601,"message":"Method not found"}}"""
            : string.Create(CultureInfo.InvariantCulture, $$"""{"jsonrpc":"2.0","id":{{id}},"result":{{text}}}""");
        await reply.AnswerAsync(text is null && sighting.Request.Header("Mcp-Method") is not null ? 404 : 200, "application/json", Encoding.UTF8.GetBytes(body), session, cancellationToken);
    }

    /// <summary>The arguments as text, so that a client sees whose call it has the answer of.</summary>
    private static string Echo(Sighting sighting)
    {
        var arguments = sighting.Message.Member("params").Member("arguments");
        var text = arguments.ValueKind == JsonValueKind.Undefined ? "{}" : arguments.GetRawText();
        return $$$"""{"resultType":"complete","content":[{"type":"text","text":{{{Json.Quoted(text)}}}}]}""";
    }

    private async Task HoldAsync(WireReply reply, string? subscription, CancellationToken cancellationToken)
    {
        await reply.BeginAsync(200, "text/event-stream", cancellationToken: cancellationToken);
        if (subscription is not null)
        {
            var acknowledged = $$$$"""{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true},"_meta":{"io.modelcontextprotocol/subscriptionId":{{{{subscription}}}}}}}""";
            await reply.WriteAsync(Encoding.UTF8.GetBytes($"data: {acknowledged}\n\n"), cancellationToken);
        }

        streams[reply] = subscription;
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            streams.TryRemove(reply, out _);
        }
    }
}
