using System.Text;
using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hostile.Inputs;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>
/// One gate before one recording upstream of both eras, for clients that write raw bytes. The tests that share it run one
/// after the other, so that what the upstream saw between two moments belongs to one of them.
/// </summary>
public sealed class HostileGate : IAsyncLifetime
{
    public const string OtherToken = "cg_test_other_fedcba9876543210fedcba9876543210";

    /// <summary><c>add</c> is hidden; everything else is allowed, and no method is opened.</summary>
    private const string Policy = """{"version":"1","default":"allow","hide":["add"]}""";

    private string session = "";
    private string batchSession = "";
    private JournalTail record = null!;

    public FixtureServer Upstream { get; private set; } = null!;

    public RunningGate Gate { get; private set; } = null!;

    public Uri Endpoint => Gate.Mcp("up");

    public async ValueTask InitializeAsync()
    {
        Upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        Gate = await RunningGate.StartAsync(
            $$"""
            servers:
              up:
                url: {{Upstream.Url}}
                headers: { X-Operator: "goes-up" }
            policies:
              p: p.json
            grants:
              laptop: { token: {{RunningGate.Token}}, identity: laptop@example.com, servers: { up: p } }
              other: { token: {{OtherToken}}, servers: { up: p } }
              bare: { token: {{OtherToken}}-bare, servers: { up: } }
            """,
            ("p.json", Policy));
        session = await SessionAsync("2025-11-25");
        batchSession = await SessionAsync("2025-03-26");
        record = new JournalTail(Gate);
        await BenignAsync(modern: true);
    }

    public async ValueTask DisposeAsync()
    {
        await Gate.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    /// <summary>The headers of an honest client.</summary>
    public (string Name, string Value)[] Headers(bool modern, string method = "tools/call", string? name = "echo")
    {
        (string, string)[] common = [("Authorization", "Bearer " + RunningGate.Token), ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
        return modern
            ? [.. common, ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method), .. name is null ? Array.Empty<(string, string)>() : [("Mcp-Name", name)]]
            : [.. common, ("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25")];
    }

    /// <summary>The headers of an honest client of an era.</summary>
    internal (string Name, string Value)[] Headers(Era era, string method = "tools/call", string? name = "echo") => era == Era.Batches
        ? [.. Headers(false).Select(header => header.Name switch { "Mcp-Session-Id" => (header.Name, batchSession), "MCP-Protocol-Version" => (header.Name, "2025-03-26"), _ => header })]
        : Headers(era == Era.Modern, method, name);

    public Task<RawResponse> PostAsync(bool modern, string body) => PostAsync(Encoding.UTF8.GetBytes(body), Headers(modern));

    /// <summary>Posts bytes on a connection of their own and reads the one answer.</summary>
    public async Task<RawResponse> PostAsync(byte[] body, params (string Name, string Value)[] headers) =>
        await ExchangeAsync(RawClient.Request("POST", Endpoint, body, headers));

    /// <summary>Sends bytes as they are. A gate that answers early may stop reading, which is no failure of the sender.</summary>
    public async Task<RawResponse> ExchangeAsync(byte[] request)
    {
        await using var raw = await RawClient.ConnectAsync(Gate.Address);
        try
        {
            await raw.SendAsync(request);
        }
        catch (IOException)
        {
            // The answer lies in the receive buffer already.
        }

        return await raw.ReadResponseAsync();
    }

    /// <summary>The call that always passes: what was refused before it has broken nothing, and the recording does record.</summary>
    public async Task BenignAsync(bool modern)
    {
        var before = Upstream.Recording.Requests.Count;
        var answer = await PostAsync(modern, Bodies.Call(modern));
        Assert.Equal(200, answer.Status);
        Assert.Contains("\"text\":\"hi\"", answer.Text, StringComparison.Ordinal);
        Assert.True(Upstream.Recording.Requests.Count > before);
    }

    /// <summary>Refused with this status and code, nothing of it upstream, and the gate goes on.</summary>
    public async Task<RawResponse> AssertRefusedAsync(bool modern, byte[] body, (string Name, string Value)[] headers, int status, int? code)
    {
        var before = Upstream.Recording.Count;
        var answer = await PostAsync(body, headers);
        Assert.True(status == answer.Status, $"{answer.Status} instead of {status}: {answer.Text}");
        if (code is not null)
        {
            Assert.Equal(code, CodeOf(answer));
        }

        Assert.Equal(before, Upstream.Recording.Count);
        await BenignAsync(modern);
        return answer;
    }

    /// <summary>
    /// One bad input against the four oracles: the answer is what the contract says, nothing reached the upstream, the
    /// record says so once, and a good call passes afterwards. Null when all hold, else what does not.
    /// </summary>
    internal async Task<string?> FaultOfAsync(Era era, HostileInput input)
    {
        record.Lines();
        var before = Upstream.Recording.Count;
        var answer = await PostAsync(input.Body, input.Headers ?? Headers(era, input.Method, input.MirroredHeader));
        var fault = AnswerFault(answer, input.Expected) ?? RecordFault(record.Next(), input.Expected);
        var good = await PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(era == Era.Modern)), Headers(era));
        fault ??= good.Status == 200 && good.Text.Contains("\"text\":\"hi\"", StringComparison.Ordinal) ? null : $"the good call after it was answered {good.Status} {good.Text}";

        // Looked at last, so that something forwarded late is seen too.
        var seen = Upstream.Recording.Since(before);
        fault ??= seen is [{ Tool: "echo" } only] && only.Text.Contains("\"arguments\":{\"text\":\"hi\"}", StringComparison.Ordinal)
            ? null
            : $"the upstream saw {string.Join(" and ", seen.Select(static request => request.Text))}";
        return fault is null ? null : $"{input.Name}: {fault}";
    }

    public Task<RawResponse> AssertRefusedAsync(bool modern, string body, int status, int code) =>
        AssertRefusedAsync(modern, Encoding.UTF8.GetBytes(body), Headers(modern), status, code);

    private async Task<string> SessionAsync(string version)
    {
        await using var client = new McpClient(Endpoint, RunningGate.Token, version);
        await client.InitializeAsync();
        return client.SessionId!;
    }

    private static string? AnswerFault(RawResponse answer, Expected expected)
    {
        if (answer.Status != expected.Status)
        {
            return $"answered {answer.Status} instead of {expected.Status}: {answer.Text}";
        }

        if (expected.NamesNoId && !answer.Text.Contains("\"id\":null", StringComparison.Ordinal))
        {
            return $"answered under an id: {answer.Text}";
        }

        if (expected.Tool is { } tool && !Lenient.TryParse(answer.Body).Member("error").Text("message")!.Equals("Unknown tool: " + tool, StringComparison.Ordinal))
        {
            return $"answered in other words: {answer.Text}";
        }

        var code = expected.RpcCode is null ? null : CodeOf(answer);
        return code == expected.RpcCode ? null : $"answered {code} instead of {expected.RpcCode}: {answer.Text}";
    }

    private static string? RecordFault(IReadOnlyList<JsonElement> entries, Expected expected)
    {
        if (expected.Code is null)
        {
            return null;
        }

        if (entries is not [var entry])
        {
            return $"recorded {entries.Count} times";
        }

        var expectation = $"{expected.Code} {expected.Method} {expected.Decision} refused `{expected.Tool}`";
        var recorded = $"{entry.Text("code")} {entry.Text("method")} {entry.Text("decision")} {entry.Text("outcome")} `{entry.Text("tool")}`";
        return recorded == expectation ? null : $"recorded as {recorded} instead of {expectation}";
    }

    /// <summary>The code of a JSON-RPC error; the answer must be a whole message.</summary>
    public static int? CodeOf(RawResponse answer)
    {
        var root = JsonElement.Parse(answer.Body);
        Assert.Equal("2.0", root.GetProperty("jsonrpc").GetString());
        Assert.True(root.TryGetProperty("id", out _));
        return root.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : null;
    }
}

/// <summary>The tests that share one <see cref="HostileGate"/>.</summary>
[CollectionDefinition(Name)]
public sealed class HostileCollection : ICollectionFixture<HostileGate>
{
    public const string Name = "hostile";
}
