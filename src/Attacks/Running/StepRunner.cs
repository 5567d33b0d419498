using System.Text;
using System.Text.Json;
using Callgate.Attacks.Gates;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Running;

/// <summary>Builds the requests of steps and sends them.</summary>
internal sealed class StepRunner(Stage stage)
{
    /// <summary>An honest request for the list of tools.</summary>
    public async Task<Exchange> ListAsync(string grant, string? server)
    {
        var session = await stage.SessionAsync(grant, server, anew: false);
        var body = Messages.Request(stage.Era, "tools/list", "", stage.NextId());
        var headers = Messages.Headers(stage.Era, TokenOf(grant), session, "tools/list", null);
        return await SendAsync(body, Endpoint(server), WireClient.Request("POST", Endpoint(server), Encoding.UTF8.GetBytes(body), headers));
    }

    /// <summary>Begins a session and gives its id; null where the gate gives none.</summary>
    public async Task<string?> InitializeAsync(string grant, string? server)
    {
        var endpoint = Endpoint(server);
        var body = Messages.Initialize(stage.Era, stage.NextId());
        var headers = Messages.Headers(stage.Era, TokenOf(grant), null, null, null);
        var begun = await SendAsync(body, endpoint, WireClient.Request("POST", endpoint, Encoding.UTF8.GetBytes(body), headers));
        if (!begun.IsAnswered)
        {
            throw new InvalidOperationException($"no session could be begun: {begun}");
        }

        var session = begun.Answer!.Header("Mcp-Session-Id");
        var done = """{"jsonrpc":"2.0","method":"notifications/initialized"}""";
        await SendAsync(done, endpoint, WireClient.Request("POST", endpoint, Encoding.UTF8.GetBytes(done), Messages.Headers(stage.Era, TokenOf(grant), session, null, null)));
        return session;
    }

    /// <summary>One request of a step.</summary>
    public async Task<Exchange> AskAsync(JsonElement step, Variables variables)
    {
        variables = variables.With("id", stage.NextId());
        if (step.Text("http") is { } line)
        {
            return await HttpAsync(step, variables.Fill(line), variables);
        }

        var grant = step.Text("grant") ?? "agent";
        var server = step.Text("server");
        var session = await stage.SessionAsync(grant, server, step.IsTrue("reconnect"));
        variables = variables.With("session", session ?? "");
        var token = step.Has("token") ? variables.Fill(step.Text("token") ?? "") : TokenOf(grant);
        if (step.Text("raw") is { } raw)
        {
            return await RawAsync(step, variables, raw, token, session);
        }

        var (text, method, mirror) = Body(step, variables);
        text = stage.Gate is OutsideGate outside ? Renamed(text, outside) : text;
        mirror = mirror is not null && stage.Gate is OutsideGate gate && mirror == "greet" ? gate.Tool : mirror;
        var headers = Changed(Messages.Headers(stage.Era, token, session, method, mirror), step, variables);
        var endpoint = step.Has("path") ? new Uri(stage.Gate.Front, variables.Fill(step.Text("path")!)) : Endpoint(server);
        var bytes = Encoded(text, step.Text("encoding"));
        return await SendAsync(text, endpoint, WireClient.Request(step.Text("verb") ?? "POST", endpoint, bytes, headers));
    }

    public Uri Endpoint(string? server) => stage.Gate.Mcp(stage.ServerName(server));

    public string TokenOf(string grant) => stage.Grants[grant].Token;

    /// <summary>The bytes of a request whose answer lasts.</summary>
    public async Task<byte[]> StreamRequestAsync(string grant, string? server)
    {
        var endpoint = Endpoint(server);
        if (stage.Era == Era.Modern)
        {
            var body = Messages.Request(stage.Era, "subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}", stage.NextId());
            return WireClient.Request("POST", endpoint, Encoding.UTF8.GetBytes(body), Messages.Headers(stage.Era, TokenOf(grant), null, "subscriptions/listen", null));
        }

        var session = await stage.SessionAsync(grant, server, anew: false);
        var headers = Messages.Headers(stage.Era, TokenOf(grant), session, null, null).Where(static header => header.Name != "Content-Type");
        return WireClient.Request("GET", endpoint, [], headers);
    }

    /// <summary>The body, what `Mcp-Method` says and what `Mcp-Name` says.</summary>
    private (string Text, string? Method, string? Mirror) Body(JsonElement step, Variables variables)
    {
        var id = step.Has("id") ? variables.Fill(step.Text("id")!) : variables["id"];
        var forced = step.Has("mirror") ? variables.Fill(step.Text("mirror") ?? "") : null;
        if (step.Text("body") is { } body)
        {
            return (variables.Fill(body), step.Has("mirror_method") ? variables.Fill(step.Text("mirror_method") ?? "") : "tools/call", forced ?? "greet");
        }

        if (step.Text("method") is { } named)
        {
            var method = variables.Fill(named);
            var text = step.Has("params_text") ? variables.Fill(step.Text("params_text")!) : step.Member("params") is { ValueKind: JsonValueKind.Object } stated ? variables.Fill(stated.GetRawText())[1..^1] : "";
            return (Messages.Request(stage.Era, method, text, id, "", step.Text("capabilities")), method, forced ?? Messages.Mirror(method, Json.Lenient("{" + text + "}")));
        }

        var tool = variables.Fill(step.Text("call") ?? "");
        var arguments = step.Has("args_text") ? variables.Fill(step.Text("args_text")!) : step.Has("args") ? variables.Fill(step.Member("args").GetRawText()) : "{\"text\":\"hi\"}";
        arguments = stage.Gate is OutsideGate outside && tool == "greet" && !step.Has("args_text") ? outside.Arguments : arguments;
        var more = step.Text("more") is { } extra ? "," + variables.Fill(extra) : "";
        var meta = step.Text("meta") is { } added ? "," + variables.Fill(added) : "";
        if (step.Text("client") is { } client)
        {
            meta += ",\"io.modelcontextprotocol/clientInfo\":{\"name\":" + Json.Quoted(variables.Fill(client)) + ",\"version\":\"1\"}";
        }

        return (Messages.Request(stage.Era, "tools/call", $"\"name\":{Json.Quoted(tool)},\"arguments\":{arguments}{more}", id, meta, step.Text("capabilities")), "tools/call", forced ?? tool);
    }

    /// <summary>Names of tools as the gate outside has them.</summary>
    private static string Renamed(string text, OutsideGate outside) => text
        .Replace("\"greet\"", Json.Quoted(outside.Tool), StringComparison.Ordinal)
        .Replace("\"secret\"", "\"no_tool_of_this_name\"", StringComparison.Ordinal);

    private static List<(string Name, string Value)> Changed(List<(string Name, string Value)> headers, JsonElement step, Variables variables)
    {
        foreach (var without in step.Member("without").Items())
        {
            headers.RemoveAll(header => string.Equals(header.Name, without.AsText(), StringComparison.OrdinalIgnoreCase));
        }

        foreach (var header in step.Member("headers").Members())
        {
            // A plus before the name puts a second line beside the first.
            var name = variables.Fill(header.Name).TrimStart('+');
            if (header.Name[0] != '+')
            {
                headers.RemoveAll(given => string.Equals(given.Name, name, StringComparison.OrdinalIgnoreCase));
            }

            headers.Add((name, variables.Fill(header.Value.AsText() ?? header.Value.ToString())));
        }

        return headers;
    }

    private static byte[] Encoded(string text, string? encoding) => encoding switch
    {
        "utf-16" => Encoding.Unicode.GetBytes(text),
        "utf-16be" => Encoding.BigEndianUnicode.GetBytes(text),
        "utf-32" => Encoding.UTF32.GetBytes(text),
        "bom" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)],
        "latin1" => Encoding.Latin1.GetBytes(text),
        "gzip" => Packed(text),
        "nul" => [.. Encoding.UTF8.GetBytes(text), 0],
        _ => Encoding.UTF8.GetBytes(text),
    };

    private static byte[] Packed(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    /// <summary>Bytes as they stand in the file: HEAD is the honest header lines but that of the length, BODY the honest body, LENGTH its length, CHUNK it as one chunk.</summary>
    private async Task<Exchange> RawAsync(JsonElement step, Variables variables, string raw, string token, string? session)
    {
        var (tool, arguments) = stage.Gate is OutsideGate outside ? (outside.Tool, outside.Arguments) : ("greet", "{\"text\":\"hi\"}");
        string Call(string id) => Messages.Request(stage.Era, "tools/call", $"\"name\":\"{tool}\",\"arguments\":{arguments}", id);
        string Head(string? mirror) => string.Concat(Messages.Headers(stage.Era, token, session, "tools/call", mirror).Select(static header => $"{header.Name}: {header.Value}\r\n"));
        var body = Call(variables["id"]);
        var smuggled = Call("\"smuggled\"");
        var text = variables.Fill(raw).Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal)
            .Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\0", "\0", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal)
            .Replace("HEAD", Head(tool).TrimEnd(), StringComparison.Ordinal)
            .Replace("SMUGGLED", $"POST {stage.Gate.Mcp(stage.Name).PathAndQuery} HTTP/1.1\r\nHost: {stage.Gate.Front.Authority}\r\n{Head(tool)}Content-Length: {smuggled.Length}\r\n\r\n{smuggled}", StringComparison.Ordinal)
            .Replace("LENGTH", body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("CHUNK", $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n", StringComparison.Ordinal)
            .Replace("BODY", body, StringComparison.Ordinal);
        text = text.Contains("\r\n\r\n", StringComparison.Ordinal) ? text : text + "\r\n\r\n";
        return await SendAsync(step.Has("each") ? variables["each"] : text, stage.Gate.Front, Encoding.UTF8.GetBytes(text), step.IsTrue("closed"));
    }

    private async Task<Exchange> HttpAsync(JsonElement step, string line, Variables variables)
    {
        var parts = line.Split(' ', 2);
        var address = new Uri(stage.Gate.Front, parts[1]);
        var who = step.Text("as_who") ?? "none";
        var token = who == "none" ? null : stage.Grants.TryGetValue(who, out var grant) ? grant.Token : stage.Gate.TokenOf(who);
        var json = step.Has("json") ? variables.Fill(step.Member("json").GetRawText()) : null;
        var body = json ?? (step.Text("body") is { } text ? variables.Fill(text) : "");
        List<(string, string)> headers = [.. token is null ? Array.Empty<(string, string)>() : [("Authorization", "Bearer " + token)], .. json is null ? Array.Empty<(string, string)>() : [("Content-Type", "application/json")]];
        return await SendAsync($"{line} as {who}", address, WireClient.Request(parts[0], address, Encoding.UTF8.GetBytes(body), Changed(headers, step, variables)));
    }

    private async Task<Exchange> SendAsync(string what, Uri address, byte[] request, bool untilClosed = false)
    {
        try
        {
            await using var client = await WireClient.ConnectAsync(address, stage.Patience);
            await client.SendAsync(request);
            var answer = await client.AnswerAsync();
            return untilClosed && !await client.IsClosedAsync()
                ? new Exchange(what, null, "the connection was answered and left open for what follows on it")
                : new Exchange(what, answer, null);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or InvalidDataException or System.Net.Sockets.SocketException)
        {
            return new Exchange(what, null, exception.Message);
        }
    }
}
