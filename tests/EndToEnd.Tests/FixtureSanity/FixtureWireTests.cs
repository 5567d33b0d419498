using System.Text;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.FixtureSanity;

/// <summary>What an ordinary client hides: streams, replays, records and faults of the fixture server, seen on the wire.</summary>
public sealed class FixtureWireTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Recording_AfterACall_HoldsTheBytesThatWereSent()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Stateless = true });
        await using var raw = await RawClient.ConnectAsync(server.Url);
        var body = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0", "id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"\u0061"}}}""");

        await raw.SendAsync(RawClient.Request("POST", server.Url, body, ("X-Probe", "1"), ("Content-Type", "application/json")));
        var answer = await raw.ReadResponseAsync();

        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json", answer.Header("content-type"));
        Assert.Contains("\"text\":\"a\"", answer.Text, StringComparison.Ordinal);
        var seen = Assert.Single(server.Recording.Requests);
        Assert.Equal(body, seen.Body);
        Assert.Equal("1", seen.Header("x-probe"));
        Assert.Equal(("POST", "/mcp", "echo"), (seen.Method, seen.Path, seen.Tool));
    }

    [Fact]
    public async Task DropConnection_WithTheLastEventId_GivesTheRest()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { PrimeEvents = true });
        await using var client = new McpClient(server.Url);
        await client.InitializeAsync();
        await using var raw = await RawClient.ConnectAsync(server.Url);
        var body = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"drop_connection"}}""");
        await raw.SendAsync(RawClient.Request("POST", server.Url, body, ("Mcp-Session-Id", client.SessionId!)));
        var events = new List<RawEvent>();
        await foreach (var received in raw.ReadEventsAsync(await raw.ReadHeadAsync()))
        {
            events.Add(received);
        }

        var rest = new List<RawEvent>();
        await foreach (var received in client.StreamAsync(events[^1].Id))
        {
            rest.Add(received);
        }

        Assert.Equal(["", "notifications/message"], events.Select(e => e.Data.Length == 0 ? "" : JsonNode.Parse(e.Data)!["method"]!.GetValue<string>()));
        Assert.Contains("finished after the connection", Assert.Single(rest).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Databricks_ProgressAsked_ComesOnTheGetStream()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Profile = "databricks" });
        await using var client = new McpClient(server.Url);
        await client.InitializeAsync();
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var apart = TakeAsync(client.StreamAsync(opened: opened.SetResult), 2);
        await opened.Task.WaitAsync(Bound);

        var answer = await client.RequestAsync("tools/call", JsonNode.Parse("""{"name":"cancel_run","arguments":{"run_id":12},"_meta":{"progressToken":"p"}}""")!.AsObject());

        Assert.Empty(answer.Before);
        Assert.Equal("2", answer.Result.Member("_meta").Text("_request_id"));
        Assert.All(await apart.WaitAsync(Bound), e => Assert.Contains("\"progressToken\":\"p\"", e.Data, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ChangeTools_LegacyAndModernListener_BothHearOfIt()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var legacy = new McpClient(server.Url);
        await legacy.InitializeAsync();
        await using var modern = new McpClient(server.Url, version: "2026-07-28");
        using var limit = new CancellationTokenSource(Bound);
        await using var listening = modern.ListenAsync(new JsonObject { ["toolsListChanged"] = true }, limit.Token).GetAsyncEnumerator();
        Assert.True(await listening.MoveNextAsync());
        Assert.Equal("notifications/subscriptions/acknowledged", listening.Current.Text("method"));

        await legacy.CallAsync("change_tools");

        Assert.True(await listening.MoveNextAsync());
        Assert.Equal("notifications/tools/list_changed", listening.Current.Text("method"));
        Assert.Contains("list_changed", (await TakeAsync(legacy.StreamAsync(cancel: limit.Token), 1))[0].Data, StringComparison.Ordinal);
        Assert.Contains(await modern.ListToolsAsync(), t => t.Text("name") == "added");
    }

    [Fact]
    public async Task Sessions_UnknownOrEnded_AreAnswered404()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var client = new McpClient(server.Url);
        await client.InitializeAsync();

        Assert.Equal(200, (await client.RequestAsync("ping")).Status);
        Assert.Equal(204, await client.DeleteAsync());
        Assert.Equal(404, (await client.RequestAsync("ping")).Status);
        client.SessionId = null;
        Assert.Equal(400, (await client.RequestAsync("ping")).Status);
    }

    [Fact]
    public async Task Cancelled_RunningCall_IsNeverAnswered()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Eras = FixtureEras.Legacy });
        await using var client = new McpClient(server.Url);
        await client.InitializeAsync();
        var slow = client.CallAsync("slow", new JsonObject { ["steps"] = 1, ["ms"] = 60000 });
        await server.Recording.WaitForAsync(seen => seen.Any(r => r.Tool == "slow"), Bound);

        await client.NotifyAsync("notifications/cancelled", new JsonObject { ["requestId"] = 2 });

        Assert.Empty((await slow.WaitAsync(Bound)).Raw);
    }

    [Fact]
    public async Task Disconnect_OfAModernCall_IsRecorded()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var client = new McpClient(server.Url, version: "2026-07-28");
        using var leave = new CancellationTokenSource();
        var slow = client.CallAsync("slow", new JsonObject { ["steps"] = 1, ["ms"] = 60000 }, leave.Token);
        await server.Recording.WaitForAsync(seen => seen.Any(r => r.Tool == "slow"), Bound);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        await server.Recording.WaitForAsync(_ => server.Recording.Disconnects == 1, Bound);
    }

    [Theory]
    [InlineData("2025-11-25", "warning", 1)]
    [InlineData("2025-11-25", null, 3)]
    [InlineData("2026-07-28", null, 0)]
    public async Task Log_AtALevel_SendsNoLess(string version, string? level, int lines)
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var client = new McpClient(server.Url, version: version);
        if (!client.IsModern)
        {
            await client.InitializeAsync();
        }

        if (level is not null)
        {
            await client.RequestAsync("logging/setLevel", new JsonObject { ["level"] = level });
        }

        Assert.Equal(lines, (await client.CallAsync("log")).Before.Count);
    }

    [Theory]
    [InlineData(FaultKind.WrongId, "nobody-asked")]
    [InlineData(FaultKind.DuplicateMember, "\"jsonrpc\":\"2.0\",\"jsonrpc\":\"2.0\"")]
    [InlineData(FaultKind.ResultAndError, "\"error\":{\"code\":-32000")]
    [InlineData(FaultKind.Batch, "[{\"jsonrpc\"")]
    [InlineData(FaultKind.Noise, "<html>")]
    [InlineData(FaultKind.SlowDrip, "\"text\":\"x\"")]
    public async Task Fault_OnACall_ShowsOnce(FaultKind kind, string expected)
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Stateless = true, DripInterval = TimeSpan.FromMilliseconds(1) });
        await using var client = new McpClient(server.Url);
        server.Inject(new Fault(kind, Tool: "echo") { Times = 1 });

        var faulty = await client.CallAsync("echo", new JsonObject { ["text"] = "x" });
        var sound = await client.CallAsync("echo", new JsonObject { ["text"] = "x" });

        Assert.Contains(expected, faulty.Text, StringComparison.Ordinal);
        Assert.Equal("x", sound.FirstText);
    }

    [Fact]
    public async Task CloseMidBody_OnACall_EndsTheConnection()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Stateless = true });
        await using var client = new McpClient(server.Url);
        server.Inject(new Fault(FaultKind.CloseMidBody));

        await Assert.ThrowsAnyAsync<Exception>(() => client.CallAsync("echo"));
    }

    [Fact]
    public async Task Dagster_RequestBeforeInitialized_EndsTheServerForEveryone()
    {
        await using var server = await FixtureServer.StartHttpAsync(new FixtureOptions { Profile = "dagster" });
        await using var first = new McpClient(server.Url);
        await first.InitializeAsync();
        await using var second = new McpClient(server.Url);
        await using var raw = await RawClient.ConnectAsync(server.Url);
        Assert.Equal(9, (await first.ListToolsAsync()).Count);

        var early = await second.RequestAsync("initialize", JsonNode.Parse("""{"protocolVersion":"2025-11-25","capabilities":{}}""")!.AsObject());
        second.SessionId = early.Headers.GetValues("Mcp-Session-Id").Single();
        await Assert.ThrowsAnyAsync<Exception>(() => second.RequestAsync("tools/list"));
        await Assert.ThrowsAnyAsync<Exception>(() => first.ListToolsAsync());
    }

    private static async Task<IReadOnlyList<RawEvent>> TakeAsync(IAsyncEnumerable<RawEvent> events, int count)
    {
        var taken = new List<RawEvent>();
        await foreach (var received in events)
        {
            taken.Add(received);
            if (taken.Count == count)
            {
                break;
            }
        }

        return taken;
    }
}
