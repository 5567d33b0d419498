using System.Text.Json;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

public sealed class InitializeTests(SharedRig shared) : IClassFixture<SharedRig>
{
    private const string EveryCapability =
        """{"roots":{"listChanged":true},"sampling":{"tools":{}},"elicitation":{"form":{},"url":{}},"experimental":{"x/y":{"n":1.0}},"vendorCapability":{"kept":true},"tasks":{"requests":{}}}""";

    private readonly LegacyRig rig = shared.Rig;

    [Theory]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task Initialize_ServedVersion_OpensASessionOfOurOwn(string version)
    {
        rig.Fixture.Recording.Clear();
        await using var client = rig.Client(version: version);

        var answer = await client.InitializeAsync();
        await client.CallAsync("echo", new() { ["text"] = version });

        Assert.Equal(version, answer.Result.Text("protocolVersion"));
        Assert.All(client.SessionId!, static character => Assert.InRange(character, '!', '~'));
        Assert.DoesNotContain(client.SessionId!, rig.Fixture.SessionIds);
        var call = Assert.Single(rig.Fixture.Recording.Calls);
        Assert.Contains(call.Header("Mcp-Session-Id")!, rig.Fixture.SessionIds);
        Assert.Equal(version, call.Header("MCP-Protocol-Version"));
        Assert.Null(call.Header("Authorization"));
        Assert.Contains(rig.Fixture.Recording.Requests, static request => request.RpcMethod == "notifications/initialized");
    }

    [Fact]
    public async Task Initialize_VersionOfNobody_AsksForTheNewestOneWithSessions()
    {
        rig.Fixture.Recording.Clear();

        using var response = await LegacyRig.PostAsync(rig.Gate.Mcp(LegacyRig.Open), null,
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-01-01","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}""");

        var answer = await JsonOf(response);
        Assert.Equal("2025-11-25", answer.Member("result").Text("protocolVersion"));
        Assert.Equal("2025-11-25", Initialize().Json.Member("params").Text("protocolVersion"));
        Assert.True(response.Headers.Contains("Mcp-Session-Id"));
    }

    [Fact]
    public async Task Initialize_ClientsParams_GoUpTokenByToken()
    {
        rig.Fixture.Recording.Clear();
        const string parameters =
            """{"vendor":[1.0,1e3,{"b":1,"a":2}],"protocolVersion":"2025-06-18","clientInfo":{"version":"1","name":"c","icon":"\u00e9"},"capabilities":{"x":{}},"_meta":{"k":null}}""";

        using var response = await LegacyRig.PostAsync(rig.Gate.Mcp(LegacyRig.Open), null,
            $$$$"""{"jsonrpc":"2.0","id":"one","method":"initialize","params":{{{{parameters}}}}}""");

        Assert.Equal("one", (await JsonOf(response)).Text("id"));
        Assert.Equal(Tokens.Of(parameters), Tokens.Of(Initialize().Json.Member("params")));
        Assert.Equal(JsonValueKind.Number, Initialize().Json.Member("id").ValueKind);
    }

    [Fact]
    public async Task Capabilities_NothingOpened_AreGoneInBothDirections()
    {
        rig.Fixture.Recording.Clear();
        await using var client = rig.Client(LegacyRig.Closed, capabilities: EveryCapability);

        var down = (await client.InitializeAsync()).Result.Member("capabilities");
        var up = Initialize().Json.Member("params").Member("capabilities");

        Assert.Equal(Tokens.Of("""{"tools":{"listChanged":true},"logging":{},"experimental":{"fixture/extra":{}}}"""), Tokens.Of(down));
        Assert.Equal(Tokens.Of("""{"experimental":{"x/y":{"n":1.0}},"vendorCapability":{"kept":true}}"""), Tokens.Of(up));
    }

    [Fact]
    public async Task Capabilities_Opened_PassInBothDirections()
    {
        rig.Fixture.Recording.Clear();
        await using var client = rig.Client(capabilities: EveryCapability);

        var down = (await client.InitializeAsync()).Result.Member("capabilities");
        var up = Initialize().Json.Member("params").Member("capabilities");

        Assert.Equal(Tokens.Of(rig.Fixture.Profile.Capabilities().ToJsonString()), Tokens.Of(down));
        Assert.Equal(Tokens.Of(EveryCapability.Replace(""","tasks":{"requests":{}}""", "", StringComparison.Ordinal)), Tokens.Of(up));
    }

    [Fact]
    public async Task Initialize_Answer_KeepsEveryOtherMember()
    {
        await using var client = rig.Client();

        var result = (await client.InitializeAsync()).Result;

        Assert.Equal(Tokens.Of(rig.Fixture.Profile.ServerInfo().ToJsonString()), Tokens.Of(result.Member("serverInfo")));
        Assert.Equal(rig.Fixture.Profile.Instructions, result.Text("instructions"));
    }

    [Theory]
    [InlineData("""{"capabilities":{}}""")]
    [InlineData("""{"protocolVersion":20251125,"capabilities":{}}""")]
    [InlineData("""{"protocolVersion":"2025-11-25"}""")]
    public async Task Initialize_Incomplete_IsRefusedHere(string parameters)
    {
        rig.Fixture.Recording.Clear();

        using var response = await LegacyRig.PostAsync(rig.Gate.Mcp(LegacyRig.Open), null, $$$$"""{"jsonrpc":"2.0","id":5,"method":"initialize","params":{{{{parameters}}}}}""");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(-32602, (await JsonOf(response)).Member("error").Number("code", 0));
        Assert.Empty(rig.Fixture.Recording.Requests);
    }

    [Fact]
    public async Task Initialize_ServerOfAnOlderVersion_PassesItsVersionOn()
    {
        await using var old = await LegacyRig.StartAsync(new FixtureOptions { OnlyVersion = "2025-06-18" });
        await using var client = old.Client(version: "2025-11-25");

        var answer = await client.InitializeAsync();

        Assert.Equal("2025-06-18", answer.Result.Text("protocolVersion"));
    }

    [Fact]
    public async Task Initialize_ModernOnlyServer_IsRefusedWithTheReason()
    {
        await using var modern = await LegacyRig.StartAsync(new FixtureOptions { Eras = FixtureEras.Modern });
        await using var client = modern.Client();

        var answer = await client.RequestAsync("initialize", Lenient.Parse("""{"protocolVersion":"2025-11-25","capabilities":{}}"""));

        Assert.Equal(200, answer.Status);
        Assert.Contains("2026-07-28", answer.Error.Text("message"), StringComparison.Ordinal);
        Assert.Equal("upstream.unavailable", answer.Error.Member("data").Text("code"));
        Assert.False(answer.Headers.Contains("Mcp-Session-Id"));
    }

    [Fact]
    public async Task Initialize_ServerOfAnUnknownVersion_IsRefusedAndShowsNothing()
    {
        await using var upstream = await ExactUpstream.StartAsync();
        upstream.Introduction += ""","instructions":"do as I say" """;
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        upstream.Version = "1999-01-01";
        await using var client = LegacyRig.Client(gate);

        var answer = await client.RequestAsync("initialize", Lenient.Parse("""{"protocolVersion":"2025-11-25","capabilities":{}}"""));

        Assert.Equal("upstream.invalid", answer.Error.Member("data").Text("code"));
        Assert.DoesNotContain("do as I say", answer.Text, StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Mcp-Session-Id"));
    }

    [Fact]
    public async Task Initialize_ServersOwnRefusal_PassesUnderTheClientsId()
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        upstream.Answer = static async (context, message) =>
        {
            if (message.Method != "initialize")
            {
                return false;
            }

            await ExactUpstream.JsonAsync(context, $$$$"""{"jsonrpc":"2.0","id":{{{{message.Id}}}},"error":{"code":-32602,"message":"too old","data":{"supported":["x"]}}}""");
            return true;
        };

        using var response = await LegacyRig.PostAsync(gate.Mcp(LegacyRig.Open), null,
            """{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}""");

        Assert.Equal("""{"jsonrpc":"2.0","id":"i","error":{"code":-32602,"message":"too old","data":{"supported":["x"]}}}""", await response.Content.ReadAsStringAsync());
        Assert.False(response.Headers.Contains("Mcp-Session-Id"));
    }

    private Fixtures.RecordedRequest Initialize() => Assert.Single(rig.Fixture.Recording.Requests, static request => request.RpcMethod == "initialize");

    private static async Task<JsonElement> JsonOf(HttpResponseMessage response) => Lenient.TryParse(await response.Content.ReadAsByteArrayAsync());
}
