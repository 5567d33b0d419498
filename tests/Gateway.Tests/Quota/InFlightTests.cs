using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Callgate.Gateway.Tests.Legacy;
using Callgate.Gateway.Tests.Modern;
using Xunit;

namespace Callgate.Gateway.Tests.Quota;

/// <summary>A limit of one call in flight, before a real gate: however a call ends, the next one has its place.</summary>
public sealed class InFlightTests
{
    private const string Policy = """{"version":"1","default":"allow","all_tools":{"limits":[{"counter":"flights","concurrent":1}]}}""";

    private const string Small = "{ connect: 5s, first_byte: 2s, idle: 2s, total: 2s }";

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Call_OneAfterTheOther_NeverMeetsTheOneBefore(string version)
    {
        await using var rig = await ModernGate.StartAsync(new FixtureOptions(), Policy);
        await using var client = new McpClient(rig.Gate.Mcp("up"), RunningGate.Token, version);
        if (!client.IsModern)
        {
            await client.InitializeAsync();
        }

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal("x", (await client.CallAsync("echo", new() { ["text"] = "x" })).FirstText);
        }
    }

    [Fact]
    public async Task Call_WhileOneIsInFlight_IsRefusedWithoutATime()
    {
        var answer = new TaskCompletionSource<JsonNode?>();
        var asked = 0;
        await using var rig = await LegacyRig.StartAsync(
            new FixtureOptions { OnCall = async _ => Interlocked.Increment(ref asked) == 1 ? await answer.Task : null },
            policy: Policy);
        await using var client = await rig.OpenAsync();
        var first = client.CallAsync("echo", new() { ["text"] = "x" });
        await rig.ReceivedAsync(static request => request.RpcMethod == "tools/call");

        var refused = await client.CallAsync("echo", new() { ["text"] = "x" });

        Assert.Equal("limit.exceeded", refused.Denial.Text("code"));
        Assert.Equal("/all_tools/limits/0", refused.Denial.Text("rule"));
        Assert.Equal(JsonValueKind.Undefined, refused.Denial.Member("retry_after_seconds").ValueKind);
        Assert.StartsWith("Denied by policy: as many calls of `echo` as its limit of 1 allows are under way; wait until one has ended. Do not retry unchanged before that. ref ", refused.FirstText, StringComparison.Ordinal);
        answer.SetResult(null);
        Assert.Equal("x", (await first).FirstText);
        Assert.Equal("x", (await client.CallAsync("echo", new() { ["text"] = "x" })).FirstText);
        Assert.All(JournalText.Entries(rig.Gate, "call"), static entry => Assert.Equal(0, entry.Member("charges").GetArrayLength()));
    }

    [Theory]
    [InlineData(FaultKind.NeverAnswer, "upstream.timeout")]
    [InlineData(FaultKind.Vanish, "upstream.unavailable")]
    [InlineData(FaultKind.CloseMidBody, "upstream.unavailable")]
    [InlineData(FaultKind.InvalidJson, "upstream.invalid")]
    public async Task Call_AfterOneThatFailed_HasItsPlace(FaultKind kind, string code)
    {
        await using var rig = await LegacyRig.StartAsync(timeouts: Small, policy: Policy);
        await using var client = await rig.OpenAsync();
        rig.Fixture.Inject(new Fault(kind, Tool: "echo") { Times = 1 });

        Assert.Equal(code, (await client.CallAsync("echo", new() { ["text"] = "x" })).Denial.Text("code"));
        Assert.Equal("x", (await client.CallAsync("echo", new() { ["text"] = "x" })).FirstText);
    }

    [Fact]
    public async Task Call_AfterOneThatTheClientLeft_HasItsPlace()
    {
        await using var rig = await ModernGate.StartAsync(new FixtureOptions { Faults = [new Fault(FaultKind.NeverAnswer, "tools/call") { Times = 1 }] }, Policy);
        await using var client = rig.Client();
        using var leave = new CancellationTokenSource();
        var first = client.CallAsync("echo", new() { ["text"] = "x" }, leave.Token);
        await rig.Upstream.Recording.WaitForAsync(static requests => requests.Any(static request => request.RpcMethod == "tools/call"), LegacyRig.Patience);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        for (var tail = new JournalTail(rig.Gate); tail.Next("outcome").Count == 0;)
        {
            await Task.Yield();
        }

        Assert.Equal("x", (await client.CallAsync("echo", new() { ["text"] = "x" })).FirstText);
    }

    [Fact]
    public async Task Call_WhoseAnswerIsFetchedLater_KeepsItsPlaceUntilThen()
    {
        await using var rig = await LegacyRig.StartAsync(new FixtureOptions { PrimeEvents = true }, policy: Policy);
        await using var client = await rig.OpenAsync();
        using var response = await rig.PostAsync(client, """{"jsonrpc":"2.0","id":"poll","method":"tools/call","params":{"name":"drop_connection","arguments":{}}}""");
        var events = (await response.Content.ReadAsStringAsync()).Split('\n').Where(static line => line.StartsWith("id: ", StringComparison.Ordinal)).Select(static line => line[4..]).ToList();

        Assert.Equal("limit.exceeded", (await client.CallAsync("echo", new() { ["text"] = "x" })).Denial.Text("code"));
        await using var resumed = await EventTap.OpenAsync(client, events[^1]);
        Assert.Equal("poll", (await resumed.MessageAsync()).Message.Text("id"));
        Assert.Equal("x", (await client.CallAsync("echo", new() { ["text"] = "x" })).FirstText);
    }

    [Fact]
    public async Task Call_AfterASessionThatEndedWithOneToBeFetched_HasItsPlace()
    {
        await using var rig = await LegacyRig.StartAsync(new FixtureOptions { PrimeEvents = true }, policy: Policy);
        await using (var client = await rig.OpenAsync())
        {
            using var response = await rig.PostAsync(client, """{"jsonrpc":"2.0","id":"poll","method":"tools/call","params":{"name":"drop_connection","arguments":{}}}""");
            await response.Content.ReadAsStringAsync();
            Assert.Equal(204, await client.DeleteAsync());
        }

        await using var next = await rig.OpenAsync();
        Assert.Equal("x", (await next.CallAsync("echo", new() { ["text"] = "x" })).FirstText);
    }
}
