using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Callgate.EndToEnd.Tests.Peers;

/// <summary>
/// The C# SDK's client on any transport, taken by its raw requests: its typed results would lose the members it does not
/// know, and those are to be compared too.
/// </summary>
internal sealed class SdkSession : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly McpClient client;
    private readonly Channel<string> progress = Channel.CreateUnbounded<string>();

    private SdkSession(McpClient client)
    {
        this.client = client;
        client.RegisterNotificationHandler("notifications/progress", (heard, _) =>
        {
            progress.Writer.TryWrite(heard.Params!.ToJsonString());
            return ValueTask.CompletedTask;
        });
    }

    public string? Version => client.NegotiatedProtocolVersion;

    public string? Instructions => client.ServerInstructions;

    /// <summary>Connects; <paramref name="answers"/> makes it a client that can be asked for samples, input and roots.</summary>
    public static async Task<SdkSession> ConnectAsync(IClientTransport transport, string? version = "2025-11-25", McpClientHandlers? answers = null)
    {
        var options = new McpClientOptions { ProtocolVersion = version, Handlers = answers ?? new McpClientHandlers() };
        return new SdkSession(await McpClient.CreateAsync(transport, options));
    }

    /// <summary>To an MCP endpoint over HTTP.</summary>
    public static Task<SdkSession> HttpAsync(Uri endpoint, string? token = null, McpClientHandlers? answers = null) => ConnectAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = endpoint,
            TransportMode = endpoint.AbsolutePath == "/sse" ? HttpTransportMode.Sse : HttpTransportMode.StreamableHttp,
            AdditionalHeaders = token is null ? null : new Dictionary<string, string> { ["Authorization"] = "Bearer " + token },
        }),
        answers: answers);

    /// <summary>The result; the SDK's exception for an error.</summary>
    public async Task<JsonNode> RequestAsync(string method, JsonObject? parameters = null)
    {
        var response = await client.SendRequestAsync(new JsonRpcRequest { Method = method, Params = parameters?.DeepClone() ?? new JsonObject() });
        return response.Result!;
    }

    public Task<JsonNode> CallAsync(string tool, JsonObject? arguments = null, string? progressToken = null)
    {
        var parameters = new JsonObject { ["name"] = tool, ["arguments"] = arguments?.DeepClone() ?? new JsonObject() };
        if (progressToken is not null)
        {
            parameters["_meta"] = new JsonObject { ["progressToken"] = progressToken };
        }

        return RequestAsync("tools/call", parameters);
    }

    /// <summary>The tools, in order, on the one page that all these servers have.</summary>
    public async Task<IReadOnlyList<JsonNode>> ToolsAsync()
    {
        var result = await RequestAsync("tools/list");
        return [.. result["tools"]!.AsArray().Select(static tool => tool!)];
    }

    /// <summary>
    /// The parameters of the next progress reports, sorted: the SDK handles every message in a task of its own, so that
    /// the last report may be heard after the result, and one after the next.
    /// </summary>
    public async Task<IReadOnlyList<string>> ProgressAsync(int count)
    {
        using var limit = new CancellationTokenSource(Patience);
        var heard = new List<string>();
        while (heard.Count < count)
        {
            heard.Add(await progress.Reader.ReadAsync(limit.Token));
        }

        return [.. heard.Order(StringComparer.Ordinal)];
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
