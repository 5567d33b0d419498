using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Upstreams;

/// <summary>A scripted server on standard input and output: what a gate starts as a child when a scenario says so.</summary>
public static class PipedUpstream
{
    /// <summary>Reads messages until the input ends.</summary>
    /// <param name="script">The file that says what it offers and answers.</param>
    /// <param name="log">The file in which it notes every line it saw.</param>
    public static async Task RunAsync(string script, string log, TextReader input, TextWriter output, CancellationToken cancellationToken)
    {
        var document = Json.Lenient(await File.ReadAllBytesAsync(script, cancellationToken));
        var spec = new ServerSpec(document);
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            await File.AppendAllTextAsync(log, line + "\n", cancellationToken);
            var message = Json.Lenient(line);
            if (!message.Has("id") || message.Text("method") is not { } method)
            {
                continue;
            }

            var id = message.Member("id").GetRawText();
            var sighting = new Sighting("", new WireRequest("POST", "/", [], System.Text.Encoding.UTF8.GetBytes(line)), message);
            var answer = spec.AnswerTo(sighting.Tool ?? method, 1, sighting) is { } scripted
                ? await ScriptedAsync(scripted, id, output, cancellationToken)
                : await PlainAsync(spec, method, sighting, id);
            if (answer is not null)
            {
                await output.WriteAsync((answer + "\n").AsMemory(), cancellationToken);
                await output.FlushAsync(cancellationToken);
            }
        }
    }

    private static async Task<string> PlainAsync(ServerSpec spec, string method, Sighting sighting, string id)
    {
        var result = method switch
        {
            "server/discover" => spec.Discovery(),
            "initialize" => spec.Greeting(sighting.Message.Member("params").Text("protocolVersion")),
            "tools/list" => spec.List(sighting),
            "tools/call" => await CallAsync(sighting),
            "ping" => "{}",
            _ => null,
        };
        return result is null
            ? $$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":-32601,"message":"Method not found"}}"""
            : "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}";
    }

    /// <summary>`probe` tells what this child can see of its gate; every other tool says what it was called with.</summary>
    private static async Task<string> CallAsync(Sighting sighting)
    {
        var arguments = sighting.Message.Member("params").Member("arguments");
        var text = sighting.Tool == "probe" ? await ProbeAsync(arguments) : arguments.ValueKind == JsonValueKind.Undefined ? "{}" : arguments.GetRawText();
        return "{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":" + Json.Quoted(text) + "}]}";
    }

    private static async Task<string> ProbeAsync(JsonElement arguments)
    {
        var seen = Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.Ordinal).Select(static name => $"env {name}={Environment.GetEnvironmentVariable(name)}").ToList();
        foreach (var path in arguments.Member("paths").Items().Select(static path => path.AsText() ?? ""))
        {
            try
            {
                seen.Add($"read {path}: {(Directory.Exists(path) ? string.Join(',', Directory.GetFileSystemEntries(path)) : File.ReadAllText(path))}");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                seen.Add($"no {path}");
            }
        }

        foreach (var address in arguments.Member("connect").Items().Select(static address => new Uri(address.AsText() ?? "")))
        {
            try
            {
                var answer = await WireClient.ExchangeAsync(address, WireClient.Request("GET", address, [], []), TimeSpan.FromSeconds(5));
                seen.Add($"connected {answer.Status}");
            }
            catch (Exception exception) when (exception is IOException or TimeoutException or System.Net.Sockets.SocketException)
            {
                seen.Add("not connected");
            }
        }

        return string.Join('\n', seen);
    }

    private static async Task<string?> ScriptedAsync(JsonElement answer, string id, TextWriter output, CancellationToken cancellationToken)
    {
        if (answer.IsTrue("hang"))
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        if (answer.IsTrue("reset"))
        {
            Environment.Exit(3);
        }

        if (answer.Text("endless") is { } piece)
        {
            while (true)
            {
                await output.WriteAsync(piece.Replace("$id", id, StringComparison.Ordinal).AsMemory(), cancellationToken);
            }
        }

        if (answer.Text("stderr") is { } noise)
        {
            for (var line = 0; line < 20_000; line++)
            {
                await Console.Error.WriteLineAsync(noise);
            }
        }

        return answer.Text("body")?.Replace("$id", id, StringComparison.Ordinal)
            ?? answer.Text("json")?.Replace("$id", id, StringComparison.Ordinal)
            ?? "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":" + Json.Quoted(answer.Text("text") ?? "") + "}]}}";
    }
}
