using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Callgate.Bench.Proxy;

/// <summary>Everything one run needs on this machine, in a folder of its own: the upstream, nginx before it, and the gates.</summary>
public sealed class Scene : IDisposable
{
    private const string Token = "bench-token-bench-token-bench-token-0001";

    private readonly Plan plan;
    private readonly List<Process> children = [];
    private readonly int upstreamPort = FreePort();
    private readonly int proxyPort = FreePort();

    public Scene(Plan plan)
    {
        this.plan = plan;
        Folder = Directory.CreateTempSubdirectory("callgate-bench-").FullName;
    }

    public string Folder { get; }

    public Uri Upstream => new($"http://127.0.0.1:{upstreamPort}/mcp");

    public Uri Proxy => new($"http://127.0.0.1:{proxyPort}/mcp");

    /// <summary>Starts the upstream and nginx before it; the processes that do their work.</summary>
    public async Task<(int Upstream, int Proxy)> StartPeersAsync()
    {
        var upstream = StartNginx("upstream.conf");
        var proxy = StartNginx("proxy.conf");
        await AnswersAsync(Upstream);
        await AnswersAsync(Proxy);
        return (ProcessTimes.OnlyChildOf(upstream.Id), ProcessTimes.OnlyChildOf(proxy.Id));
    }

    /// <summary>Starts a gate with a grant, a policy with a limit and the record on; ready when it says so.</summary>
    public async Task<GateUnderTest> StartGateAsync(string variant)
    {
        var home = Directory.CreateDirectory(Path.Combine(Folder, "gate-" + variant + "-" + children.Count)).FullName;
        File.WriteAllText(Path.Combine(home, "policy.json"), """
            {
              "version": "1", "default": "deny", "hide": ["delete_*"],
              "tools": { "lookup": { "limits": [{ "counter": "lookups", "window": "hour", "max": 1000000000, "scope": "grant" }] } }
            }
            """);
        File.WriteAllText(Path.Combine(home, "callgate.yaml"), $$"""
            servers:
              bench: { url: "{{Upstream}}" }
            policies:
              bench: policy.json
            grants:
              load:
                token: {{Token}}
                identity: load@example.com
                servers: { bench: bench }
            record: { durability: process }
            {{(variant == "inline" ? "listen: { inline_completions: true }" : "")}}
            """);
        var program = WithoutRecord.GateOf(variant, plan.Gate, plan.Gateway, Folder);
        var began = Stopwatch.GetTimestamp();
        var process = Start(program, ["serve", "--config", Path.Combine(home, "callgate.yaml"), "--data", Path.Combine(home, "data"), "--listen", "http://127.0.0.1:0"], output: true);
        const string Ready = "callgate listening on ";
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        if (line?.StartsWith(Ready, StringComparison.Ordinal) != true)
        {
            throw new BenchException($"the gate did not start: {line}");
        }

        var gate = new GateUnderTest(variant, new Uri(line[Ready.Length..]), process, Path.Combine(home, "data"));
        await gate.AnswersReadyAsync();
        return gate with { ReadyAfter = Stopwatch.GetElapsedTime(began) };
    }

    /// <summary>The files that the load reads: what is sent, and the one right answer to it.</summary>
    public string WriteLoad(string? session)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "load" + (session is null ? "" : "-" + children.Count))).FullName;
        var meta = plan.Modern ? ",\"_meta\":{" + ModernMeta + "}" : "";
        File.WriteAllText(Path.Combine(folder, "body"),
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"lookup","arguments":{"order":123456,"region":"north-west","fields":["status","total"]}""" + meta + "}}");
        File.WriteAllText(Path.Combine(folder, "headers"), string.Join('\n', Headers("tools/call", session).Append("Mcp-Name: lookup").Where(header => plan.Modern || !header.StartsWith("Mcp-Name", StringComparison.Ordinal))) + "\n");
        File.WriteAllText(Path.Combine(folder, "answer"),
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"" + AnswerText + "\"}],\"isError\":false}}");
        return folder;
    }

    public const string ModernMeta = "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{},\"io.modelcontextprotocol/clientInfo\":{\"name\":\"load\",\"version\":\"1\"}";

    private static string AnswerText { get; } = new('a', 200);

    public IEnumerable<string> Headers(string method, string? session)
    {
        yield return "Authorization: Bearer " + Token;
        yield return "Content-Type: application/json";
        yield return "Accept: application/json, text/event-stream";
        yield return "MCP-Protocol-Version: " + (plan.Modern ? "2026-07-28" : "2025-11-25");
        if (plan.Modern)
        {
            yield return "Mcp-Method: " + method;
        }

        if (session is not null)
        {
            yield return "Mcp-Session-Id: " + session;
        }
    }

    public void Dispose()
    {
        foreach (var child in children)
        {
            if (!child.HasExited)
            {
                child.Kill(entireProcessTree: true);
                child.WaitForExit();
            }

            child.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    public Process Start(string file, IEnumerable<string> arguments, bool output)
    {
        var start = new ProcessStartInfo(file) { RedirectStandardOutput = output };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new BenchException($"`{file}` could not be started");
        children.Add(process);
        return process;
    }

    private Process StartNginx(string template)
    {
        var text = new StringBuilder(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, template)))
            .Replace("@FOLDER@", Folder).Replace("@TEXT@", AnswerText)
            .Replace("@UPSTREAM@", upstreamPort.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .Replace("@PROXY@", proxyPort.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var path = Path.Combine(Folder, template);
        File.WriteAllText(path, text.ToString());
        return Start("nginx", ["-c", path], output: false);
    }

    private static async Task AnswersAsync(Uri url)
    {
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                using var content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
                using var answer = await http.PostAsync(url, content, limit.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not there yet.
            }

            await Task.Delay(20, limit.Token);
        }
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
