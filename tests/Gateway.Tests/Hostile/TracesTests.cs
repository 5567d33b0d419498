using System.Text;
using System.Text.Json;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>What hostile clients leave behind: every refusal stands in the record, and none makes it or the metrics grow without bound (attack A52).</summary>
[Collection(HostileCollection.Name)]
public sealed class TracesTests(HostileGate hostile)
{
    private int Entries => JournalText.Entries(hostile.Gate, "call").Count;

    [Fact]
    public async Task Refusal_OfEachKind_StandsInTheRecordWithItsCode()
    {
        foreach (var modern in new[] { true, false })
        {
            await AssertRecordedAsync(modern, "{", "echo", "request.malformed", "deny", null);
            await AssertRecordedAsync(modern, Bodies.Call(modern).Replace("\"name\"", "\"NAME\"", StringComparison.Ordinal), "echo", "request.malformed", "deny", null);
            await AssertRecordedAsync(modern, Bodies.Call(modern, arguments: "[]"), "echo", "request.malformed", "deny", null);
            await AssertRecordedAsync(modern, Bodies.Call(modern, "\"add\""), "add", "tool.hidden", "hide", "add");
            await AssertRecordedAsync(modern, Bodies.Call(modern, "\"odd\""), "odd", "tool.unknown", "hide", "odd");
        }

        await AssertRecordedAsync(true, Bodies.Call(true), "add", "request.malformed", "deny", null);
        await AssertRecordedAsync(false, """{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo"}}""", "echo", "request.malformed", "deny", null);
        await AssertRecordedAsync(false, """{"jsonrpc":"2.0","id":5,"result":{}}""", "echo", "request.malformed", "deny", null);
    }

    [Fact]
    public async Task Values_OfArguments_AreNowhereInTheRecord()
    {
        const string secret = "canary-value-5f1c";
        foreach (var body in new[] { Bodies.Call(true, arguments: $$"""{"text":"{{secret}}"}"""), Bodies.Call(true, "\"add\"", $$"""{"a":"{{secret}}"}"""), Bodies.Call(true, arguments: $$"""["{{secret}}"]"""), $$"""{"x":"{{secret}}"}""" })
        {
            await hostile.PostAsync(Encoding.UTF8.GetBytes(body), hostile.Headers(true, name: body.Contains("add", StringComparison.Ordinal) ? "add" : "echo"));
        }

        Assert.DoesNotContain(JournalText.Entries(hostile.Gate, "call"), entry => entry.GetRawText().Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Flood_OfLongNames_LeavesShortEntriesAndNoNewMetrics()
    {
        await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(false, "\"odd\"")), hostile.Headers(false));
        var (lines, bytes) = (await MetricLinesAsync(), JournalText.Bytes(hostile.Gate));
        for (var number = 0; number < 100; number++)
        {
            var name = number + new string('n', 60_000);
            var answer = await hostile.PostAsync(false, Bodies.Call(false, $"\"{name}\"", $$"""{"{{name}}":1}"""));
            Assert.Contains("Unknown tool", answer.Text, StringComparison.Ordinal);
            Assert.Equal(-32601, HostileGate.CodeOf(await hostile.PostAsync(false, Bodies.Request(false, name))));
        }

        // Gates of other tests count into the same process, so a few lines may come; two hundred names would add as many.
        Assert.InRange(await MetricLinesAsync() - lines, 0, 40);
        Assert.InRange(JournalText.Bytes(hostile.Gate) - bytes, 1, 200 * 2_048);
    }

    private async Task<int> MetricLinesAsync()
    {
        await using var raw = await RawClient.ConnectAsync(hostile.Gate.Address);
        await raw.SendAsync(RawClient.Request("GET", new Uri(hostile.Gate.Address, "/metrics"), []));
        return (await raw.ReadResponseAsync()).Text.Split('\n').Length;
    }

    private async Task AssertRecordedAsync(bool modern, string body, string name, string code, string decision, string? tool)
    {
        var before = Entries;
        await hostile.PostAsync(Encoding.UTF8.GetBytes(body), hostile.Headers(modern, name: name));
        var entry = Assert.Single(JournalText.Entries(hostile.Gate, "call").Skip(before));
        Assert.Equal(code, entry.GetProperty("code").GetString());
        Assert.Equal(decision, entry.GetProperty("decision").GetString());
        Assert.Equal("refused", entry.GetProperty("outcome").GetString());
        Assert.Equal(tool, entry.TryGetProperty("tool", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null);
        Assert.False(string.IsNullOrEmpty(entry.GetProperty("grant").GetString()));
    }
}
