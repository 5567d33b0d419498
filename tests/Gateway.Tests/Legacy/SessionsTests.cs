using Callgate.Fixtures;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

public sealed class SessionsTests(SharedRig shared) : IClassFixture<SharedRig>
{
    private const string Ping = """{"jsonrpc":"2.0","id":"p","method":"ping"}""";

    private readonly LegacyRig rig = shared.Rig;

    [Fact]
    public async Task Delete_OwnSession_EndsItHereAndUpstream()
    {
        await using var client = await rig.OpenAsync();
        rig.Fixture.Recording.Clear();
        await client.RequestAsync("ping");
        await using var tap = await EventTap.OpenAsync(client);
        var upstreamSession = rig.Fixture.Recording.Requests[0].Header("Mcp-Session-Id")!;

        var deleted = await client.DeleteAsync();
        await tap.EndAsync();
        using var after = await rig.PostAsync(client, Ping);

        Assert.Equal(204, deleted);
        Assert.Equal(404, (int)after.StatusCode);
        Assert.DoesNotContain(upstreamSession, rig.Fixture.SessionIds);
        Assert.Equal(upstreamSession, Assert.Single(rig.Fixture.Recording.Requests, static request => request.Method == "DELETE").Header("Mcp-Session-Id"));
        Assert.Equal(404, await rig.StatusAsync(HttpMethod.Delete, client.SessionId));
        Assert.Equal(404, await rig.StatusAsync(HttpMethod.Get, client.SessionId));
    }

    [Fact]
    public async Task Delete_ServerWithoutIt_LeavesTheSessionAsTheServerSays()
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        var status = 405;
        upstream.Answer = (context, message) =>
        {
            if (message.Http != "DELETE")
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();

        var refused = await client.DeleteAsync();
        var still = await client.RequestAsync("tools/list");
        status = 500;
        var failed = await client.DeleteAsync();
        upstream.Received.Clear();
        var after = await client.RequestAsync("tools/list");

        Assert.Equal(405, refused);
        Assert.Equal(200, still.Status);
        Assert.Equal(200, failed);
        Assert.Equal(404, after.Status);
        Assert.Empty(upstream.Received);
    }

    [Fact]
    public async Task Session_OfAnotherGrantServerOrNobody_IsNotFound()
    {
        await using var client = await rig.OpenAsync();
        rig.Fixture.Recording.Clear();
        var upstreamSession = rig.Fixture.SessionIds.First();
        var damaged = client.SessionId![..^1] + (client.SessionId![^1] == 'A' ? 'B' : 'A');

        foreach (var (session, server, token) in new[]
        {
            (client.SessionId!, LegacyRig.Open, LegacyRig.OtherToken),
            (client.SessionId!, LegacyRig.Closed, RunningGate.Token),
            (upstreamSession, LegacyRig.Open, RunningGate.Token),
            (damaged, LegacyRig.Open, RunningGate.Token),
            ("x", LegacyRig.Open, RunningGate.Token),
        })
        {
            client.SessionId = session;
            using var posted = await rig.PostAsync(client, Ping, server, token);
            Assert.Equal(404, (int)posted.StatusCode);
            Assert.Contains("\"id\":\"p\"", await posted.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(404, await rig.StatusAsync(HttpMethod.Get, session, server, token));
            Assert.Equal(404, await rig.StatusAsync(HttpMethod.Delete, session, server, token));
        }

        Assert.Empty(rig.Fixture.Recording.Requests);
    }

    [Fact]
    public async Task Session_Missing_IsABadRequest()
    {
        rig.Fixture.Recording.Clear();
        using var posted = await LegacyRig.PostAsync(rig.Gate.Mcp(LegacyRig.Open), null, Ping);
        using var told = await LegacyRig.PostAsync(rig.Gate.Mcp(LegacyRig.Open), null, """{"jsonrpc":"2.0","method":"notifications/initialized"}""");

        Assert.Equal(400, (int)posted.StatusCode);
        Assert.Equal(400, (int)told.StatusCode);
        Assert.Equal(400, await rig.StatusAsync(HttpMethod.Delete, null));
        Assert.Empty(rig.Fixture.Recording.Requests);
    }

    [Theory]
    [InlineData("2023-01-01")]
    [InlineData("latest")]
    public async Task Version_NotServed_IsABadRequest(string version)
    {
        await using var client = await rig.OpenAsync();
        var session = client.SessionId;
        rig.Fixture.Recording.Clear();
        await using var odd = rig.Client(version: version);
        odd.SessionId = session;

        using var posted = await rig.PostAsync(odd, Ping);

        Assert.Equal(400, (int)posted.StatusCode);
        Assert.Equal(400, await rig.StatusAsync(HttpMethod.Get, session, version: version));
        Assert.Empty(rig.Fixture.Recording.Requests);
    }

    [Fact]
    public async Task Session_ForgottenByTheServer_IsNotFoundSoThatTheClientStartsAnew()
    {
        await using var forgetful = await LegacyRig.StartAsync();
        await using var client = await forgetful.OpenAsync();
        forgetful.Fixture.ForgetSessions();

        foreach (var body in new[]
        {
            """{"jsonrpc":"2.0","id":"p","method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}""",
            """{"jsonrpc":"2.0","id":"p","method":"tools/list"}""",
            Ping,
            """{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}""",
        })
        {
            using var posted = await forgetful.PostAsync(client, body);
            Assert.Equal(404, (int)posted.StatusCode);
            Assert.DoesNotContain("isError", await posted.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(404, await forgetful.StatusAsync(HttpMethod.Get, client.SessionId));
        await client.InitializeAsync();
        Assert.Equal("again", (await client.CallAsync("echo", new() { ["text"] = "again" })).FirstText);
    }

    [Fact]
    public async Task Session_GateStartedAgain_GoesOnWithIt()
    {
        var folder = Directory.CreateTempSubdirectory("callgate-test-").FullName;
        await using var fixture = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var yaml = RunningGate.OneServer(fixture.Url);
        var policy = ("p.json", LegacyRig.OpenPolicy);
        var first = await RunningGate.StartInAsync(folder, yaml, TimeProvider.System, policy);
        await using var before = LegacyRig.Client(first);
        await before.InitializeAsync();
        await first.StopAsync();
        await using var second = await RunningGate.StartInAsync(folder, yaml, TimeProvider.System, policy);
        await using var after = LegacyRig.Client(second);
        after.SessionId = before.SessionId;

        var answer = await after.CallAsync("echo", new() { ["text"] = "still here" });

        Assert.Equal("still here", answer.FirstText);
        Assert.Equal("prompts", (await after.RequestAsync("prompts/list")).Result.Member("_meta").Text("fixture/list"));
    }
}
