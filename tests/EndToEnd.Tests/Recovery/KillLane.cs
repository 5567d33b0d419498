using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Gateway.Audit;
using Xunit;

namespace Callgate.EndToEnd.Tests.Recovery;

/// <summary>
/// One data folder and one upstream, over which gates are started, loaded and killed again and again. At the end three logs
/// are compared: what the clients sent, what the upstream saw, what the record says.
/// </summary>
internal sealed class KillLane : IAsyncDisposable
{
    private const string Token = "kill-tests-token-of-at-least-32-characters";
    private const int Senders = 8;

    /// <summary>A life ends after so many answers, or arrivals at the upstream, at the most.</summary>
    private const int LongestLife = 50;

    /// <summary>More than an average life uses, so that the limit is met only when all are over.</summary>
    private const int MaxPerLife = 45;

    private const int VerifiedEvery = 20;

    /// <summary>The longest a kill waits after its trigger: about as long as a call takes, so that it comes at any moment of one.</summary>
    private const int LongestWaitMicroseconds = 3_000;

    /// <summary>Long enough for a run of low priority on a machine that is busy with others; what takes longer hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Lives are too short for what is measured while code runs to pay off.</summary>
    private static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal) { ["DOTNET_TieredPGO"] = "0" };

    private readonly TemporaryFolder folder = new();
    private readonly Random chance;
    private readonly int max;
    private readonly string name;
    private FixtureServer upstream = null!;
    private string config = "";
    private int lives;
    private volatile Life? current;

    private KillLane(string name, int seed, int lives)
    {
        this.name = name;
        chance = new Random(seed);
        max = lives * MaxPerLife;
    }

    /// <summary>How long each gate took until it was ready, and what it used of the processors.</summary>
    public List<(TimeSpan Wait, TimeSpan Work)> Starts { get; } = [];

    public int Seen { get; private set; }

    public int Recorded { get; private set; }

    private string Data => folder.File("data");

    public static async Task<KillLane> StartAsync(string name, int seed, int lives)
    {
        var lane = new KillLane(name, seed, lives);
        lane.upstream = await FixtureServer.StartHttpAsync(new FixtureOptions
        {
            Eras = FixtureEras.Modern,
            OnCall = _ =>
            {
                lane.current?.Arrived();
                return default;
            },
        });
        lane.config = lane.WriteConfiguration();
        return lane;
    }

    /// <summary>Starts a gate, puts it under load and kills it at no particular moment of any call.</summary>
    public async Task LiveAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        await using var gate = await GateProcess.StartAsync(config, Data, Short);
        Starts.Add((Stopwatch.GetElapsedTime(begun), gate.ProcessorTime));
        var life = new Life(chance.Next(1, LongestLife), ofArrivals: chance.Next(2) == 0);
        current = life;
        using var http = Client();
        using var stop = new CancellationTokenSource();
        var number = lives++;
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            try
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    life.Answered(await CallAsync(http, gate, $"{name}-{number}-{sender}-{i}"));
                }
            }
            catch (Exception exception)
            {
                // After the kill this is how every call ends; before it, it is what went wrong.
                life.Failed(exception);
            }
        })).ToList();
        try
        {
            await life.Over.WaitAsync(Patience);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"life {number} of {name} came to nothing with {life}: {exception.Message}\n{gate.Errors}", exception);
        }

        Spin(chance.Next(LongestWaitMicroseconds));
        await gate.KillAsync();
        await stop.CancelAsync();
        await Task.WhenAll(senders);
        if (lives % VerifiedEvery == 0)
        {
            AssertVerifies();
        }
    }

    /// <summary>Uses up what is left of the limit and compares the logs.</summary>
    public async Task FinishAsync()
    {
        var last = await GateProcess.StartAsync(config, Data);
        await using (last)
        {
            var codes = await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => DrainAsync(last, sender)));
            Assert.All(codes, static code => Assert.Equal("limit.exceeded", code));
            Assert.Equal(0, await last.TerminateAsync());
        }

        var seen = upstream.Recording.Calls.Select(call => call.Json.GetProperty("params").GetProperty("arguments").GetProperty("text").GetString()!).ToList();
        var allowed = ReadRecord().Where(entry => entry.Decision == "allow").Select(entry => entry.RequestId).ToList();
        (Seen, Recorded) = (seen.Count, allowed.Count);
        Assert.Empty(seen.Select(text => $"\"{text}\"").Except(allowed, StringComparer.Ordinal));
        Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
        Assert.True(seen.Count <= max, $"{seen.Count} calls reached the upstream under a limit of {max}");
        Assert.Equal(max, allowed.Count);
        AssertVerifies();
        var (exitCode, output, errors) = await GateProcess.RunAsync("audit", "verify", "--data", Data, "--json");
        Assert.True(exitCode == 0, output + errors);
    }

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>Waits without giving the processor away: a timer would come in whole milliseconds.</summary>
    private static void Spin(int microseconds)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun).TotalMicroseconds < microseconds)
        {
            System.Threading.Thread.SpinWait(10);
        }
    }

    private static HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };

    private static async Task<string?> DrainAsync(GateProcess gate, int sender)
    {
        using var http = Client();
        string? code = null;
        for (var i = 0; code is null; i++)
        {
            code = await CallAsync(http, gate, $"last-{sender}-{i}");
        }

        return code;
    }

    /// <summary>The code of the refusal; null for a call that was made.</summary>
    private static async Task<string?> CallAsync(HttpClient http, GateProcess gate, string id)
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
        return Lenient.TryParse(await response.Content.ReadAsByteArrayAsync()).Member("result").Member("_meta").Member("callgate/denial").Text("code");
    }

    private void AssertVerifies()
    {
        var report = JournalVerifier.Verify(Path.Combine(Data, "journal"));
        Assert.True(report.Ok, $"after {lives} lives: entry {report.BrokenSeq} of {report.File}: {report.Reason}");
    }

    private string WriteConfiguration()
    {
        folder.Write("p.json", $$"""
            { "version": "1", "default": "deny",
              "tools": { "echo": { "limits": [ { "counter": "echoes", "window": "month", "max": {{max}} } ] } } }
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

    private IEnumerable<(string Decision, string? RequestId)> ReadRecord()
    {
        foreach (var segment in Directory.GetFiles(Path.Combine(Data, "journal"), "*.jsonl").Order(StringComparer.Ordinal))
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

    /// <summary>When one gate is to die: after so many answers to clients, or so many calls that came to the upstream.</summary>
    private sealed class Life(int length, bool ofArrivals)
    {
        private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int arrived;
        private int answered;

        public Task Over => over.Task;

        public void Arrived()
        {
            if (Interlocked.Increment(ref arrived) == length && ofArrivals)
            {
                over.TrySetResult();
            }
        }

        /// <summary>Being at the limit ends a life too, since nothing arrives any more. No other refusal may come.</summary>
        public void Answered(string? refusal)
        {
            if (refusal is not (null or "limit.exceeded"))
            {
                Failed(new InvalidOperationException($"a call was refused: {refusal}"));
            }
            else if ((Interlocked.Increment(ref answered) == length && !ofArrivals) || refusal is not null)
            {
                over.TrySetResult();
            }
        }

        public void Failed(Exception exception) => over.TrySetException(exception);

        public override string ToString() => $"{answered} answered and {arrived} arrived of {length} {(ofArrivals ? "arrivals" : "answers")}";
    }
}
