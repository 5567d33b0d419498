using System.Text.Json;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>Arrays of messages, which exist in 2025-03-26 only.</summary>
public sealed class BatchTests(SharedRig shared) : IClassFixture<SharedRig>
{
    private const string Pings = """[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]""";

    private readonly LegacyRig rig = shared.Rig;

    [Fact]
    public async Task Batch_AllowedAndRefused_AreEachJudgedByThemselves()
    {
        await using var client = await rig.OpenAsync(LegacyRig.Closed, "2025-03-26");
        rig.Fixture.Recording.Clear();

        using var response = await rig.PostAsync(client, """
            [{"jsonrpc":"2.0","id":1,"method":"ping"},
             {"jsonrpc":"2.0","id":"two","method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}},
             {"jsonrpc":"2.0","method":"notifications/roots/list_changed"},
             {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"add","arguments":{}}},
             {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"structured"}},
             {"jsonrpc":"2.0","id":5,"method":"resources/list"},
             {"jsonrpc":"2.0","id":6,"method":"no/such"}]
            """, LegacyRig.Closed);

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var answers = (await JsonOf(response)).EnumerateArray().ToDictionary(static answer => answer.Member("id").GetRawText());
        Assert.Equal(["\"two\"", "1", "3", "4", "5", "6"], answers.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("x", answers["\"two\""].Member("result").Member("content")[0].Text("text"));
        Assert.Equal("policy.denied", answers["3"].Member("result").Member("_meta").Member("callgate/denial").Text("code"));
        Assert.Equal("Unknown tool: structured", answers["4"].Member("error").Text("message"));
        Assert.Equal(-33403, answers["5"].Member("error").Number("code", 0));
        Assert.Equal(-32601, answers["6"].Member("error").Number("code", 0));
        Assert.Equal(["ping", "tools/call"], rig.Fixture.Recording.Requests.Select(static request => request.RpcMethod).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Batch_SomethingElseComes_IsAStream()
    {
        await using var client = await rig.OpenAsync(version: "2025-03-26");

        using var response = await rig.PostAsync(client, """
            [{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow","arguments":{"steps":1,"ms":1},"_meta":{"progressToken":"t"}}},
             {"jsonrpc":"2.0","id":2,"method":"ping"}]
            """);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var messages = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(static frame => Lenient.TryParse(System.Text.Encoding.UTF8.GetBytes(frame["data: ".Length..]))).ToList();
        Assert.Equal("t", Assert.Single(messages, static message => message.Has("method")).Member("params").Text("progressToken"));
        Assert.Equal([1, 2], messages.Where(static message => message.Has("result")).Select(static message => message.Number("id", 0)).Order());
    }

    [Fact]
    public async Task Batch_OfNotifications_IsAccepted()
    {
        await using var client = await rig.OpenAsync(version: "2025-03-26");
        rig.Fixture.Recording.Clear();

        using var response = await rig.PostAsync(client, """[{"jsonrpc":"2.0","method":"notifications/roots/list_changed"},{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}]""");

        Assert.Equal(202, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("notifications/roots/list_changed", Assert.Single(rig.Fixture.Recording.Requests).RpcMethod);
    }

    [Theory]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task Batch_InAnotherVersion_IsRefused(string version)
    {
        await using var client = await rig.OpenAsync(version: version);
        rig.Fixture.Recording.Clear();

        using var response = await rig.PostAsync(client, Pings);
        await using var pretends = rig.Client(version: "2025-03-26");
        pretends.SessionId = client.SessionId;
        using var pretended = await rig.PostAsync(pretends, Pings);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(400, (int)pretended.StatusCode);
        Assert.Empty(rig.Fixture.Recording.Requests);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"},[]]""")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping","METHOD":"x"}]""")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{}}}]""")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}]""")]
    [InlineData("""[{"jsonrpc":"2.0","id":"never-asked","result":{}},{"jsonrpc":"2.0","id":1,"method":"ping"}]""")]
    public async Task Batch_WithAnElementThatDoesNotBelong_IsRefusedWhole(string body)
    {
        await using var client = await rig.OpenAsync(version: "2025-03-26");
        rig.Fixture.Recording.Clear();

        using var response = await rig.PostAsync(client, body);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Empty(rig.Fixture.Recording.Requests);
    }

    [Fact]
    public async Task Batch_SameIdTwice_ServesOne()
    {
        var arrived = 0;
        shared.OnCall = async turn =>
        {
            Interlocked.Increment(ref arrived);
            await Task.Yield();
            return Lenient.Parse("""{"content":[]}""");
        };
        await using var client = await rig.OpenAsync(version: "2025-03-26");

        using var response = await rig.PostAsync(client, """[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}},{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}]""");
        shared.OnCall = null;

        var answers = (await JsonOf(response)).EnumerateArray().ToList();
        Assert.Equal(1, arrived);
        Assert.Single(answers, static answer => answer.Has("result"));
        Assert.Single(answers, static answer => answer.Has("error"));
    }

    [Fact]
    public async Task Batch_AtALimit_PassesExactlyAsManyAsTheLimitHas()
    {
        await using var limited = await LegacyRig.StartAsync(policy: """{"version":"1","default":"allow","tools":{"echo":{"limits":[{"counter":"c","window":"month","max":2}]}}}""");
        await using var client = await limited.OpenAsync(version: "2025-03-26");

        var calls = string.Join(',', Enumerable.Range(1, 5).Select(static id => $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}"""));
        using var response = await limited.PostAsync(client, $"[{calls}]");

        var denials = (await JsonOf(response)).EnumerateArray().Select(static answer => answer.Member("result").Member("_meta").Member("callgate/denial").Text("code")).ToList();
        Assert.Equal(5, denials.Count);
        Assert.Equal(3, denials.Count(static code => code == "limit.exceeded"));
        Assert.Equal(2, limited.Fixture.Recording.Calls.Count);
    }

    [Fact]
    public async Task Batch_SessionForgottenByTheServer_IsNotFound()
    {
        await using var forgetful = await LegacyRig.StartAsync();
        await using var client = await forgetful.OpenAsync(version: "2025-03-26");
        forgetful.Fixture.ForgetSessions();

        using var response = await forgetful.PostAsync(client, Pings);

        Assert.Equal(404, (int)response.StatusCode);
    }

    private static async Task<JsonElement> JsonOf(HttpResponseMessage response) => Lenient.TryParse(await response.Content.ReadAsByteArrayAsync());
}
