using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Recovery;

/// <summary>
/// kill -9 under load, again and again over one data folder, then three logs compared: what the clients sent, what the
/// upstream saw, what the record says (security study, F4).
/// </summary>
public sealed class KillTests
{
    private const string Token = "kill-tests-token-of-at-least-32-characters";
    private const int Kills = 8;
    private const int Max = 600;
    private const int Senders = 8;

    /// <summary>More than a life's senders usually finish before the kill, so that the limit is met only after several lives.</summary>
    private const int AnswersBeforeKill = 60;

    [Fact]
    public async Task Kill_UnderLoad_LosesNoRecordAndAdmitsNoMoreThanTheLimit()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Eras = FixtureEras.Modern });
        var config = WriteConfiguration(folder, upstream);
        for (var life = 0; life < Kills; life++)
        {
            await using var gate = await GateProcess.StartAsync(config, folder.File("data"));
            await LoadUntilKilledAsync(gate, life);
        }

        var last = await GateProcess.StartAsync(config, folder.File("data"));
        await using (last)
        {
            var refused = await DrainAsync(last);
            Assert.Equal("limit.exceeded", refused);
            Assert.Equal(0, await last.TerminateAsync());
        }

        var seen = upstream.Recording.Calls.Select(call => call.Json.GetProperty("params").GetProperty("arguments").GetProperty("text").GetString()!).ToList();
        var recorded = ReadRecord(folder.File("data")).ToList();
        var allowed = recorded.Where(entry => entry.Decision == "allow").Select(entry => entry.RequestId).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(seen, text => !allowed.Contains($"\"{text}\""));
        Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
        Assert.True(seen.Count <= Max, $"{seen.Count} calls reached the upstream under a limit of {Max}");
        Assert.Equal(Max, recorded.Count(entry => entry.Decision == "allow"));

        var (exitCode, output, errors) = await GateProcess.RunAsync("audit", "verify", "--data", folder.File("data"), "--json");
        Assert.True(exitCode == 0, output + errors);
    }

    private static string WriteConfiguration(TemporaryFolder folder, FixtureServer upstream)
    {
        folder.Write("p.json", $$"""
            { "version": "1", "default": "deny",
              "tools": { "echo": { "limits": [ { "counter": "echoes", "window": "month", "max": {{Max}} } ] } } }
            """);
        return folder.Write("callgate.yaml", $$"""
            servers:
              up:
                url: {{upstream.Url}}
            policies:
              p: p.json
            grants:
              agent:
                token: {{Token}}
                servers: { up: p }
            """);
    }

    /// <summary>Several senders at once; the kill comes at no particular moment of any call.</summary>
    private static async Task LoadUntilKilledAsync(GateProcess gate, int life)
    {
        using var http = Client();
        using var stop = new CancellationTokenSource();
        var answers = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested && i < 10_000; i++)
            {
                await CallAsync(http, gate, $"{life}-{sender}-{i}");
                if (Interlocked.Increment(ref answers) == AnswersBeforeKill + (life * 7))
                {
                    enough.TrySetResult();
                }
            }
        })).ToList();
        await enough.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await gate.KillAsync();
        await stop.CancelAsync();
        await Task.WhenAll(senders.Select(sender => sender.ContinueWith(static ended => ended.Exception, TaskScheduler.Default)));
    }

    /// <summary>Uses up what is left of the limit and gives the code of the first refusal.</summary>
    private static async Task<string?> DrainAsync(GateProcess gate)
    {
        using var http = Client();
        for (var i = 0; i <= Max; i++)
        {
            var answer = await CallAsync(http, gate, $"last-{i}");
            if (answer.GetProperty("result").TryGetProperty("_meta", out var meta) && meta.TryGetProperty("callgate/denial", out var denial))
            {
                return denial.GetProperty("code").GetString();
            }
        }

        return null;
    }

    private static async Task<JsonElement> CallAsync(HttpClient http, GateProcess gate, string id)
    {
        const string meta = """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, gate.Mcp("up"));
        request.Content = new StringContent($$"""{"jsonrpc":"2.0","id":"{{id}}","method":"tools/call","params":{ "name":"echo","arguments":{"text":"{{id}}"},"_meta":{{meta}} } }""", Encoding.UTF8, "application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "echo");
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());
    }

    private static HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    private static IEnumerable<(string Decision, string? RequestId)> ReadRecord(string data)
    {
        foreach (var segment in Directory.GetFiles(Path.Combine(data, "journal"), "*.jsonl").Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadLines(segment))
            {
                var entry = JsonElement.Parse(Encoding.UTF8.GetBytes(line));
                if (entry.GetProperty("kind").GetString() == "call" && entry.GetProperty("method").GetString() == "tools/call")
                {
                    yield return (entry.GetProperty("decision").GetString()!, entry.GetProperty("request_id").GetString());
                }
            }
        }
    }
}
