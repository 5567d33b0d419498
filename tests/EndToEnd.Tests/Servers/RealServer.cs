using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Peers;
using ModelContextProtocol.Client;

namespace Callgate.EndToEnd.Tests.Servers;

/// <summary>A server from npm: what `callgate.yaml` says of it, and the same server without a gate before it.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder home = new();
    private readonly Func<RealServer, IClientTransport> direct;
    private Process? process;

    private RealServer(JsonObject definition, Func<RealServer, IClientTransport> direct)
    {
        Definition = definition;
        this.direct = direct;
    }

    /// <summary>The members of the server in `callgate.yaml`.</summary>
    public JsonObject Definition { get; }

    /// <summary>A program that speaks over its standard streams; whoever connects starts one of its own.</summary>
    public static RealServer Stdio(string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        string[] command = [NodePeer.Node, script, .. arguments];
        environment ??= new Dictionary<string, string>();
        var definition = new JsonObject
        {
            ["command"] = new JsonArray([.. command.Select(static part => (JsonNode)part)]),
            ["env"] = new JsonObject(environment.Select(static pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        };
        return new RealServer(definition, server => new StdioClientTransport(new StdioClientTransportOptions
        {
            Command = command[0],
            Arguments = [.. command[1..]],
            InheritEnvironmentVariables = false,
            EnvironmentVariables = new Dictionary<string, string?>(environment.Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
            {
                ["HOME"] = server.home.Root,
                ["PATH"] = Environment.GetEnvironmentVariable("PATH"),
            },
        }));
    }

    /// <summary>server-everything in one of its three modes.</summary>
    public static async Task<RealServer> EverythingAsync(string transport)
    {
        if (transport == "stdio")
        {
            return Stdio(NodePeer.File("@modelcontextprotocol/server-everything/dist/index.js"), ["stdio"]);
        }

        var (mode, path) = transport == "sse" ? ("sse", "/sse") : ("streamableHttp", "/mcp");
        var process = Process.Start(NodePeer.Start(NodePeer.Script("everything-http.mjs"), [mode]))!;
        var port = await PortAsync(process);
        var endpoint = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}{path}"));
        return new RealServer(
            new JsonObject { ["url"] = endpoint.ToString(), ["transport"] = transport },
            _ => new HttpClientTransport(new HttpClientTransportOptions
            {
                Endpoint = endpoint,
                TransportMode = transport == "sse" ? HttpTransportMode.Sse : HttpTransportMode.StreamableHttp,
            }))
        {
            process = process,
        };
    }

    /// <summary>Connects without a gate.</summary>
    public Task<SdkSession> DirectAsync(McpClientHandlers? answers = null) => SdkSession.ConnectAsync(direct(this), answers: answers);

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        home.Dispose();
    }

    private static async Task<int> PortAsync(Process process)
    {
        const string Ready = "listening on ";
        var port = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(Ready, StringComparison.Ordinal) == true)
            {
                port.TrySetResult(int.Parse(line.Data[Ready.Length..], CultureInfo.InvariantCulture));
            }
        };
        process.ErrorDataReceived += static (_, _) => { };
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => port.TrySetException(new InvalidOperationException("server-everything ended before it listened"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return await port.Task.WaitAsync(StartLimit);
    }
}
