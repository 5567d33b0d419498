using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Storage.Sqlite;
using Callgate.Gateway.Tests.Hosting;
using Callgate.Gateway.Tests.Legacy;
using Xunit;

namespace Callgate.Gateway.Tests.Discovery;

/// <summary>Lists that could not be read when their server was met: they are asked for again, and nobody has reviewed what they hold.</summary>
public sealed class LateListTests
{
    private const string Policy = """{ "version": "1", "default": "allow", "methods": { "allow": ["prompts/*", "resources/*", "resources/templates/list"] } }""";

    private static readonly string[] Prompts = ["plain", "with_arguments", "asks"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The list of prompts fails in each era at first contact.</summary>
    private static readonly FixtureOptions FailsFirst = new() { Faults = [new Fault(FaultKind.InvalidJson, "prompts/list") { Times = 2 }] };

    [Fact]
    public async Task ListOfTheNewestEra_ThatIsNotAnswered_CostsNothingThatWasReadBefore()
    {
        var options = new FixtureOptions { OnRequest = static async turn => await Task.Delay(turn is { IsModern: true, Method: "resources/list" } ? Timeout.Infinite : 0, turn.Cancelled) };
        await using var upstream = await FixtureServer.StartHttpAsync(options);
        await using var gate = await RunningGate.StartAsync(RunningGate.OneServer(upstream.Url), ("p.json", Policy));
        await using var client = new McpClient(gate.Mcp("up"), RunningGate.Token, "2026-07-28");

        Assert.NotEmpty(await client.ListToolsAsync());
        Assert.Equal(Prompts, await NamesAsync(client));
    }

    /// <summary>A contact that is under way has read the tools already; whoever looks now is shown what is now.</summary>
    [Fact]
    public async Task Look_WhileAContactIsUnderWay_AsksAnew()
    {
        var (holds, eras, held, release) = (false, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var options = new FixtureOptions
        {
            OnRequest = async turn =>
            {
                if (Volatile.Read(ref holds) && turn.Method == "prompts/list")
                {
                    if (Interlocked.Increment(ref eras) == 2)
                    {
                        held.TrySetResult();
                    }

                    await release.Task;
                }
            },
        };
        await using var upstream = await FixtureServer.StartHttpAsync(options);
        await using var gate = await RunningGate.StartAsync(RunningGate.OneServer(upstream.Url), ("p.json", Policy));
        using var http = Operator(gate);
        await http.GetStringAsync(new Uri("api/v1/servers/up/tools", UriKind.Relative));

        Volatile.Write(ref holds, true);
        var before = http.GetStringAsync(new Uri("api/v1/servers/up/tools", UriKind.Relative));
        await held.Task.WaitAsync(Limit);
        upstream.Profile.ChangeTools(static tools => tools.First(static tool => tool!["name"]!.GetValue<string>() == "echo")!["description"] = "another one");
        var after = http.GetStringAsync(new Uri("api/v1/servers/up/tools", UriKind.Relative));
        release.SetResult();
        await before;

        Assert.Contains("drifted", JsonElement.Parse(await after).GetProperty("tools").EnumerateArray().Where(static tool => tool.GetProperty("name").GetString() == "echo").Select(static tool => tool.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task List_ThatCouldNotBeRead_IsAskedForAgainForAClient()
    {
        await using var upstream = await FixtureServer.StartHttpAsync(FailsFirst);
        await using var gate = await RunningGate.StartAsync(RunningGate.OneServer(upstream.Url, "    on_new: categorise"), ("p.json", Policy));
        await using var client = new McpClient(gate.Mcp("up"), RunningGate.Token, "2026-07-28");

        Assert.Equal(Prompts, await UntilAsync(() => NamesAsync(client), static names => names.Count > 0));
        Assert.True(upstream.Recording.Requests.Count(static request => request.RpcMethod == "prompts/list") > 3);
        Assert.Equal(JsonValueKind.Object, (await client.RequestAsync("prompts/get", new() { ["name"] = "plain" })).Result.ValueKind);
    }

    [Fact]
    public async Task List_ThatCouldNotBeRead_WaitsForReviewWithNotices()
    {
        await using var upstream = await FixtureServer.StartHttpAsync(FailsFirst);
        await using var gate = await RunningGate.StartAsync(RunningGate.OneServer(upstream.Url), ("p.json", Policy));
        await using var client = new McpClient(gate.Mcp("up"), RunningGate.Token, "2026-07-28");
        using var http = Operator(gate);

        await UntilAsync(() => client.RequestAsync("prompts/list"), static answer => answer.Result.ValueKind == JsonValueKind.Object);
        Assert.Empty(await NamesAsync(client));
        Assert.Equal("Unknown prompt: plain", (await client.RequestAsync("prompts/get", new() { ["name"] = "plain" })).Error.GetProperty("message").GetString());
        Assert.Equal(3, await UntilAsync(() => CountAsync(http, "prompt", "new-waiting"), static count => count >= 3));

        using var accepted = await http.PostAsJsonAsync("api/v1/servers/up/tools/accept", new { });
        Assert.Equal(Prompts, await NamesAsync(client));
    }

    /// <summary>What was pinned before lists were is met once as it stands; what was met since and shows a list later is not.</summary>
    [Theory]
    [InlineData(1, 3)]
    [InlineData(0, 0)]
    public async Task List_OfAServerThatHasNone_PassesOnlyWhereThePinsAreOlderThanLists(int older, int passing)
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var yaml = RunningGate.OneServer(upstream.Url);
        var first = await RunningGate.StartAsync(yaml, ("p.json", Policy));
        await using (var client = new McpClient(first.Mcp("up"), RunningGate.Token, "2026-07-28"))
        {
            await client.RequestAsync("prompts/list");
        }

        await first.StopAsync();
        using (var store = new SqliteConnection($"Data Source={Path.Combine(first.DataDirectory, "callgate.db")}"))
        {
            store.Open();
            using var command = store.CreateCommand();
            command.CommandText = $"DELETE FROM pinned_entries; DELETE FROM pinned_lists; UPDATE pins SET before_lists = {older}";
            command.ExecuteNonQuery();
        }

        await using var gate = await RunningGate.StartInAsync(first.Folder, yaml, TimeProvider.System, ("p.json", Policy));
        await using var later = new McpClient(gate.Mcp("up"), RunningGate.Token, "2026-07-28");
        await UntilAsync(() => later.RequestAsync("prompts/list"), static answer => answer.Result.ValueKind == JsonValueKind.Object);
        Assert.Equal(passing, (await NamesAsync(later)).Count);

        // Once: what comes now waits in either case.
        upstream.Profile.Instead["prompts"] = JsonNode.Parse("""[{"name":"fresh"}]""")!;
        Assert.Empty(await NamesAsync(later));
    }

    [Theory]
    [InlineData("prompts")]
    [InlineData("resources")]
    public async Task List_OfWhichTheServerSaysThatItChanged_IsReadAgain(string kind)
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { PrimeEvents = true });
        await using var gate = await RunningGate.StartAsync(RunningGate.OneServer(upstream.Url), ("p.json", Policy));
        await using var client = new McpClient(gate.Mcp("up"), RunningGate.Token);
        await client.InitializeAsync();
        await using var tap = await EventTap.OpenAsync(client);
        await tap.EventAsync();
        var before = upstream.Recording.Requests.Count(request => request.RpcMethod == kind + "/list");

        await upstream.BroadcastAsync($"notifications/{kind}/list_changed", [], kind + "ListChanged");

        Assert.True(await UntilAsync(() => Task.FromResult(upstream.Recording.Requests.Count(request => request.RpcMethod == kind + "/list") > before), static asked => asked));
    }

    /// <summary>A write to a file changes its size and its time, and not what was reviewed.</summary>
    [Fact]
    public async Task Resource_OfWhichTheContentChanged_HasNotDrifted()
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        Show("""[{"uri":"test://static-text","name":"n","size":1,"annotations":{"lastModified":"2026-01-01T00:00:00Z","audience":["user"]}},{"uri":"test://static-binary","name":"n","annotations":{"lastModified":"2026-01-01T00:00:00Z"}}]""");
        await using var gate = await RunningGate.StartAsync(RunningGate.OneServer(upstream.Url), ("p.json", Policy));
        await using var client = new McpClient(gate.Mcp("up"), RunningGate.Token, "2026-07-28");
        const string Reviewed = """[{"uri":"test://static-text","name":"n","annotations":{"audience":["user"]}},{"uri":"test://static-binary","name":"n"}]""";
        Assert.Equal(Reviewed, (await client.RequestAsync("resources/list")).Result.GetProperty("resources").GetRawText());

        Show("""[{"uri":"test://static-text","name":"n","size":22,"annotations":{"lastModified":"2026-02-02T00:00:00Z","audience":["user"]}},{"uri":"test://static-binary","name":"n","size":5}]""");
        Assert.Equal(Reviewed, (await client.RequestAsync("resources/list")).Result.GetProperty("resources").GetRawText());
        Assert.Equal(JsonValueKind.Object, (await client.RequestAsync("resources/read", new() { ["uri"] = "test://static-text" })).Result.ValueKind);

        Show("""[{"uri":"test://static-text","name":"n","size":22,"annotations":{"lastModified":"2026-02-02T00:00:00Z","audience":["assistant"]}}]""");
        await client.RequestAsync("resources/list");
        Assert.Equal("definition.drifted", (await client.RequestAsync("resources/read", new() { ["uri"] = "test://static-text" })).Error.GetProperty("data").GetProperty("code").GetString());

        void Show(string resources) => upstream.Profile.Instead["resources"] = JsonNode.Parse(resources)!;
    }

    [Fact]
    public async Task Look_AtVeryMuchThatIsNew_IsToldOfInPart()
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var gate = await RunningGate.StartAsync(RunningGate.OneServer(upstream.Url), ("p.json", Policy));
        await using var client = new McpClient(gate.Mcp("up"), RunningGate.Token, "2026-07-28");
        using var http = Operator(gate);
        await client.RequestAsync("prompts/list");
        upstream.Profile.Instead["prompts"] = new JsonArray([.. Enumerable.Range(0, 150).Select(static at => new JsonObject { ["name"] = $"p{at}" })]);

        await client.RequestAsync("prompts/list");
        await UntilAsync(() => RecordsAsync(http, "discovery/more"), static count => count > 0);
        await client.RequestAsync("prompts/list");

        Assert.Equal(1, await RecordsAsync(http, "discovery/more"));
        Assert.Equal(100, await CountAsync(http, "prompt", "new-waiting"));
    }

    private static async Task<int> RecordsAsync(HttpClient http, string method) =>
        (await http.GetStringAsync("api/v1/audit?method=" + Uri.EscapeDataString(method))).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private static async Task<int> CountAsync(HttpClient http, string kind, string what)
    {
        var answer = await http.GetFromJsonAsync<JsonElement>("api/v1/servers/up/history");
        return answer.GetProperty("events").EnumerateArray().Count(one => one.GetProperty("kind").GetString() == kind && one.GetProperty("what").GetString() == what);
    }

    /// <summary>Empty where the list is refused.</summary>
    private static async Task<IReadOnlyList<string>> NamesAsync(McpClient client) =>
        (await client.RequestAsync("prompts/list")).Result is { ValueKind: JsonValueKind.Object } result ? [.. result.GetProperty("prompts").EnumerateArray().Select(static one => one.GetProperty("name").GetString()!)] : [];

    private static HttpClient Operator(RunningGate gate)
    {
        var http = new HttpClient { BaseAddress = gate.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gate.AdminToken);
        return http;
    }

    /// <summary>The first answer that is good, or the last one when the time is over.</summary>
    private static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isGood)
    {
        var end = TimeProvider.System.GetUtcNow() + Limit;
        while (true)
        {
            var answer = await ask();
            if (isGood(answer) || TimeProvider.System.GetUtcNow() > end)
            {
                return answer;
            }

            await Task.Delay(200);
        }
    }
}
