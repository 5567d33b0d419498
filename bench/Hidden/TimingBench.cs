using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Attacks.Gates;
using Callgate.Attacks.Upstreams;
using Callgate.Attacks.Wire;

namespace Callgate.Bench.Hidden;

/// <summary>Refusals of two tools, one hidden and one that never was, asked for in turns on one connection.</summary>
internal static class TimingBench
{
    private const int Warm = 3_000;
    private const string Hidden = "secret";
    private const string Absent = "absent";
    private const string Meta = """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""";

    public static async Task<Guesses> RunAsync(IReadOnlyList<string> command, int pairs, int seed)
    {
        await using var upstream = new RecordingUpstream();
        upstream.Mount("up", JsonElement.Parse("""{"tools":["greet","secret"]}"""));
        await using var gate = await ServedGate.StartAsync(command);
        await gate.AddServerAsync("up", new JsonObject { ["url"] = upstream.Url("up").ToString() });
        await gate.PutPolicyAsync("p", """{"version":"1","default":"allow","hide":["secret"]}""");
        var grant = await gate.AddGrantAsync("bench", new Dictionary<string, string?>(StringComparer.Ordinal) { ["up"] = "p" }, default);
        var chance = new Random(seed);
        await using var client = await WireClient.ConnectAsync(gate.Front, TimeSpan.FromSeconds(30));
        var (hidden, absent) = (new double[pairs], new double[pairs]);
        await AskAsync(client, gate, grant.Token, "greet", 0);
        for (var pair = -Warm; pair < pairs; pair++)
        {
            // Who of the two comes first is chance, so that neither has the warmer cache.
            var first = chance.Next(2) == 0;
            var one = await AskAsync(client, gate, grant.Token, first ? Hidden : Absent, (2 * pair) + (2 * Warm));
            var other = await AskAsync(client, gate, grant.Token, first ? Absent : Hidden, (2 * pair) + (2 * Warm) + 1);
            if (pair >= 0)
            {
                (hidden[pair], absent[pair]) = first ? (one, other) : (other, one);
            }
        }

        return new Guesses(hidden, absent, seed);
    }

    /// <summary>One call, in microseconds.</summary>
    private static async Task<double> AskAsync(WireClient client, ServedGate gate, string token, string tool, int number)
    {
        var id = (1_000_000 + number).ToString(CultureInfo.InvariantCulture);
        var body = $"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"{tool}\",\"arguments\":{{\"text\":\"hi\"}},\"_meta\":{Meta}}}}}";
        (string, string)[] headers =
        [
            ("Authorization", "Bearer " + token), ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", tool),
        ];
        var request = WireClient.Request("POST", gate.Mcp("up"), Encoding.UTF8.GetBytes(body), headers);
        var begun = Stopwatch.GetTimestamp();
        await client.SendAsync(request);
        var answer = await client.AnswerAsync();
        var taken = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
        return answer.Status == 200 && (tool == "greet" || answer.Text.Contains($"Unknown tool: {tool}", StringComparison.Ordinal))
            ? taken
            : throw new InvalidOperationException($"`{tool}` was answered {answer.Status} {answer.Text}");
    }
}
