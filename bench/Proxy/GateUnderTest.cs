using System.Diagnostics;
using System.Text;

namespace Callgate.Bench.Proxy;

/// <summary>A running gate.</summary>
public sealed record GateUnderTest(string Variant, Uri Root, Process Process, string Data)
{
    /// <summary>From the start of the process to the first 200 of <c>/readyz</c>.</summary>
    public TimeSpan ReadyAfter { get; init; }

    public Uri Mcp => new(Root, "/mcp/bench");

    /// <summary>Waits until <c>/readyz</c> says yes.</summary>
    public async Task AnswersReadyAsync()
    {
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            using var answer = await http.GetAsync(new Uri(Root, "/readyz"), limit.Token);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(5, limit.Token);
        }
    }

    /// <summary>The session of a legacy load.</summary>
    public async Task<string> OpenSessionAsync(IEnumerable<string> headers)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, Mcp)
        {
            Content = new StringContent(
                """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"load","version":"1"}}}""",
                new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        foreach (var header in headers.Where(static header => header.StartsWith('A')))
        {
            var at = header.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(header[..at], header[(at + 2)..]);
        }

        using var answer = await http.SendAsync(request);
        return answer.Headers.TryGetValues("Mcp-Session-Id", out var ids) ? ids.First() : throw new BenchException($"no session: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>The allowed calls that stand in the journal.</summary>
    public long RecordedCalls()
    {
        long calls = 0;
        foreach (var segment in Directory.EnumerateFiles(Path.Combine(Data, "journal")))
        {
            using var stream = new FileStream(segment, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 20);
            using var reader = new StreamReader(stream, Encoding.UTF8, false, 1 << 20);
            while (reader.ReadLine() is { } line)
            {
                calls += line.Contains("\"kind\":\"call\"", StringComparison.Ordinal) && line.Contains("\"decision\":\"allow\",\"code\":null", StringComparison.Ordinal) && line.Contains("\"method\":\"tools/call\"", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        return calls;
    }
}
