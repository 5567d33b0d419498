using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>Security study, F8: files take effect while the gate runs, and a bad one changes nothing.</summary>
public sealed class ReloadTests
{
    private const string Token = "reload-tests-token-of-32-characters-or-more";
    private const string Closed = """{ "version": "1", "default": "deny" }""";

    [Fact]
    public async Task Policy_EditedInPlaceAndByRename_TakesEffectWithoutRestart()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var gate = await StartAsync(folder, upstream);
        await using var client = new McpClient(gate.Mcp("up"), Token);
        await client.InitializeAsync();
        Assert.False((await client.CallAsync("echo")).IsToolError);

        folder.Write("p.json", Closed);
        await UntilAsync(client, refused: true);
        Assert.Empty(await client.ListToolsAsync());
        folder.Write("next.json", OperatedGate.OpenPolicy);
        File.Move(folder.File("next.json"), folder.File("p.json"), overwrite: true);
        await UntilAsync(client, refused: false);
        Assert.NotEmpty(await client.ListToolsAsync());
    }

    [Fact]
    public async Task File_Wrong_ChangesNothingAndIsReported()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var gate = await StartAsync(folder, upstream);
        await using var client = new McpClient(gate.Mcp("up"), Token);
        await client.InitializeAsync();

        folder.Write("p.json", """{ "version": "1", "default": "dney" }""");
        var warned = await ReadyAsync(gate, "warn file");
        Assert.Equal(200, warned.Status);
        Assert.False((await client.CallAsync("echo")).IsToolError);
        Assert.Contains("`dney`", gate.Errors, StringComparison.Ordinal);
        var status = await OperatedGate.HttpAsync(new Uri(gate.Root, "/api/v1/status"), gate.AdminToken);
        Assert.Contains("dney", status.Text, StringComparison.Ordinal);

        File.Delete(folder.File("callgate.yaml"));
        folder.Write("p.json", Closed);
        await ReadyAsync(gate, "warn file");
        Assert.False((await client.CallAsync("echo")).IsToolError);
        WriteConfiguration(folder, upstream);
        await ReadyAsync(gate, "ok   file");
        await UntilAsync(client, refused: true);
    }

    [Fact]
    public async Task Swaps_UnderLoad_JudgeEachCallByOneRevision()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => CallUntilAsync(operated, token, stop.Token))).ToList();

        // Odd revisions allow, even ones refuse: a verdict that does not fit its revision shows.
        for (var revision = 2; revision <= 30; revision++)
        {
            await operated.PolicyAsync(revision % 2 == 1 ? OperatedGate.OpenPolicy : Closed);
            await using var client = operated.Modern(token);
            Assert.Equal(revision % 2 == 0, (await client.CallAsync("echo")).IsToolError);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(callers), static status => Assert.Equal(200, status));
        var records = await operated.RecordsAsync("--method", "tools/call");
        Assert.True(records.Count > 60, $"only {records.Count} calls were made meanwhile");
        Assert.All(records, static record => Assert.Equal(record.GetProperty("revision").GetInt32() % 2 == 1 ? "allow" : "deny", record.GetProperty("decision").GetString()));
        Assert.Equal(records.Count(static record => record.GetProperty("decision").GetString() == "allow"), operated.Upstream.Recording.Calls.Count);
    }

    [Fact]
    public async Task Stream_OpenedBefore_IsJudgedByWhatIsInForceNow()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync("""{ "version": "1", "default": "allow", "methods": { "allow": ["resources/*"] } }""");
        var (_, token) = await operated.GrantAsync();
        await using var legacy = await operated.LegacyAsync(token);
        await using var modern = operated.Modern(token);
        using var stop = new CancellationTokenSource(OpenCalls.Patience);
        await using var stream = legacy.StreamAsync(cancel: stop.Token).Select(static received => JsonElement.Parse(received.Data)).GetAsyncEnumerator(stop.Token);
        await using var listen = modern.ListenAsync(new JsonObject { ["toolsListChanged"] = true, ["resourcesListChanged"] = true }, stop.Token).GetAsyncEnumerator(stop.Token);
        var first = stream.MoveNextAsync().AsTask();
        Assert.True(await listen.MoveNextAsync());
        await operated.Upstream.Recording.WaitForAsync(static requests => requests.Any(static request => request.Method == "GET"), OpenCalls.Patience);

        await TellAsync(operated);
        Assert.True(await first);
        Assert.Equal("notifications/resources/list_changed", stream.Current.GetProperty("method").GetString());
        Assert.Equal(["notifications/tools/list_changed"], await NextAsync(stream));
        Assert.Equal(["notifications/resources/list_changed", "notifications/tools/list_changed"], [.. await NextAsync(listen), .. await NextAsync(listen)]);

        await operated.PolicyAsync(OperatedGate.OpenPolicy);
        await TellAsync(operated);
        Assert.Equal(["notifications/tools/list_changed"], await NextAsync(stream));
        Assert.Equal(["notifications/tools/list_changed"], await NextAsync(listen));
    }

    private static async Task TellAsync(OperatedGate operated)
    {
        await operated.Upstream.BroadcastAsync("notifications/resources/list_changed", [], "resourcesListChanged");
        await operated.Upstream.BroadcastAsync("notifications/tools/list_changed", [], "toolsListChanged");
    }

    private static async Task<string[]> NextAsync(IAsyncEnumerator<JsonElement> messages)
    {
        Assert.True(await messages.MoveNextAsync());
        return [messages.Current.GetProperty("method").GetString()!];
    }

    private static async Task<int> CallUntilAsync(OperatedGate operated, string token, CancellationToken stop)
    {
        await using var client = operated.Modern(token);
        while (!stop.IsCancellationRequested)
        {
            if (await client.CallAsync("echo", null, CancellationToken.None) is { Status: not 200 } odd)
            {
                return odd.Status;
            }
        }

        return 200;
    }

    private static Task<GateProcess> StartAsync(TemporaryFolder folder, FixtureServer upstream)
    {
        folder.Write("p.json", OperatedGate.OpenPolicy);
        return GateProcess.StartAsync(WriteConfiguration(folder, upstream), folder.File("data"));
    }

    private static string WriteConfiguration(TemporaryFolder folder, FixtureServer upstream) => folder.Write("callgate.yaml", $$"""
        servers: { up: { url: "{{upstream.Url}}" } }
        policies: { p: p.json }
        grants: { agent: { token: {{Token}}, servers: { up: p } } }
        """);

    /// <summary>Calls until the answer is as wanted; each time is a whole request.</summary>
    private static async Task UntilAsync(McpClient client, bool refused)
    {
        using var limit = new CancellationTokenSource(OpenCalls.Patience);
        while ((await client.CallAsync("echo")).IsToolError != refused)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<(int Status, string Text)> ReadyAsync(GateProcess gate, string line)
    {
        using var limit = new CancellationTokenSource(OpenCalls.Patience);
        while (true)
        {
            var ready = await OperatedGate.HttpAsync(new Uri(gate.Root, "/readyz"));
            if (ready.Text.Contains(line, StringComparison.Ordinal))
            {
                return ready;
            }

            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
