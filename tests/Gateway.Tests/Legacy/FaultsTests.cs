using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>An upstream that misbehaves ends in a refusal the agent can read, and never in a budget that grows.</summary>
public sealed class FaultsTests(FaultsTests.FaultyRig faulty) : IClassFixture<FaultsTests.FaultyRig>
{
    private const string Small = "{ connect: 5s, first_byte: 2s, idle: 2s, total: 4s }";

    public static TheoryData<FaultKind, string> Kinds => new()
    {
        { FaultKind.Vanish, "upstream.unavailable" },
        { FaultKind.CloseMidBody, "upstream.unavailable" },
        { FaultKind.Redirect, "upstream.unavailable" },
        { FaultKind.Status, "upstream.unavailable" },
        { FaultKind.Oversize, "upstream.invalid" },
        { FaultKind.InvalidJson, "upstream.invalid" },
        { FaultKind.DuplicateMember, "upstream.invalid" },
        { FaultKind.ResultAndError, "upstream.invalid" },
        { FaultKind.ByteOrderMark, "upstream.invalid" },
        { FaultKind.Batch, "upstream.invalid" },
        { FaultKind.WrongId, "upstream.invalid" },
        { FaultKind.Noise, "upstream.invalid" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task Call_FaultInAJsonAnswer_IsARefusalWithItsCode(FaultKind kind, string code) => FaultAsync(faulty.Json, kind, code);

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task Call_FaultInAStream_IsARefusalWithItsCode(FaultKind kind, string code) => FaultAsync(faulty.Sse, kind, code);

    [Fact]
    public Task Call_CompressedAnswer_IsARefusal() => FaultAsync(faulty.Json, FaultKind.Compressed, "upstream.invalid");

    [Fact]
    public async Task Method_FaultOfTheServer_IsAnErrorWithItsCode()
    {
        await using var client = await faulty.Json.OpenAsync();
        faulty.Json.Fixture.Inject(new Fault(FaultKind.Status, "resources/list") { Times = 1, Status = 503 });
        faulty.Json.Fixture.Inject(new Fault(FaultKind.InvalidJson, "tools/list") { Times = 1 });

        var resources = await client.RequestAsync("resources/list");
        var tools = await client.RequestAsync("tools/list");

        Assert.Equal(200, resources.Status);
        Assert.Equal(-33502, resources.Error.Number("code", 0));
        Assert.Equal("upstream.unavailable", resources.Error.Member("data").Text("code"));
        Assert.Equal("upstream.invalid", tools.Error.Member("data").Text("code"));
    }

    [Fact]
    public async Task Call_AnsweredTwice_IsAnsweredOnce()
    {
        await using var client = await faulty.Json.OpenAsync();
        faulty.Json.Fixture.Inject(new Fault(FaultKind.DuplicateAnswer, Tool: "echo") { Times = 1 });

        using var response = await faulty.Json.PostAsync(client, """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}""");

        Assert.Equal(1, (await response.Content.ReadAsStringAsync()).Split("\"result\"").Length - 1);
    }

    [Fact]
    public async Task Call_ServerThatNeverAnswers_TimesOutAndKeepsItsCharge()
    {
        await using var rig = await LegacyRig.StartAsync(timeouts: Small, policy: Capped(2));
        await using var client = await rig.OpenAsync();
        rig.Fixture.Inject(new Fault(FaultKind.NeverAnswer, Tool: "echo") { Times = 1 });

        var silent = await EchoAsync(client);
        var second = await EchoAsync(client);
        var third = await EchoAsync(client);

        Assert.Equal("upstream.timeout", silent.Denial.Text("code"));
        Assert.Equal("x", second.FirstText);
        Assert.Equal("limit.exceeded", third.Denial.Text("code"));
    }

    [Fact]
    public async Task Call_StreamThatStalls_TimesOut()
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url, Small);
        upstream.Answer = static async (context, message) =>
        {
            if (message.Method != "tools/call")
            {
                return false;
            }

            await ExactUpstream.FramesAsync(context, ExactUpstream.Frame("""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}"""));
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return true;
        };
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();

        var answer = await client.CallAsync("t");

        Assert.Single(answer.Before);
        Assert.Equal("upstream.timeout", answer.Denial.Text("code"));
    }

    [Fact]
    public async Task Call_StreamThatDripsForEver_IsEndedByTheTotal()
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url, Small);
        upstream.Answer = static async (context, message) =>
        {
            if (message.Method != "tools/call")
            {
                return false;
            }

            using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (await beat.WaitForNextTickAsync(context.RequestAborted))
            {
                await ExactUpstream.FramesAsync(context, ": still here\n\n");
            }

            return true;
        };
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();

        Assert.Equal("upstream.timeout", (await client.CallAsync("t")).Denial.Text("code"));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(308)]
    public async Task Redirect_OfACallOrAStream_IsNotFollowed(int status)
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        upstream.Answer = (context, message) =>
        {
            if (message.Method != "tools/call" && message.Http != "GET")
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.FromResult(true);
        };
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();

        var answer = await client.CallAsync("t");
        var stream = await Assert.ThrowsAsync<HttpRequestException>(() => EventTap.OpenAsync(client));

        Assert.Equal("upstream.unavailable", answer.Denial.Text("code"));
        Assert.Equal(502, (int?)stream.StatusCode);
        Assert.All(upstream.Received, static message => Assert.Equal("/mcp", message.Path));
    }

    [Fact]
    public async Task Charge_NothingWasSent_IsGivenBackAndOnlyThen()
    {
        var fixture = await FixtureServer.StartHttpAsync(new FixtureOptions());
        var port = fixture.Url.Port;
        await using var gate = await LegacyRig.GateAsync(fixture.Url, policy: Capped(2));
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();
        fixture.Inject(new Fault(FaultKind.Vanish, Tool: "echo") { Times = 1 });

        var vanished = await EchoAsync(client);
        await fixture.DisposeAsync();
        var unreachable = await EchoAsync(client);
        await using var again = await FixtureServer.StartHttpAsync(new FixtureOptions(), port);
        await client.InitializeAsync();
        var passed = await EchoAsync(client);
        var refused = await EchoAsync(client);

        // The one that was received is counted, the one that found no server is not, so one more passes.
        Assert.Equal("upstream.unavailable", vanished.Denial.Text("code"));
        Assert.Equal("upstream.unavailable", unreachable.Denial.Text("code"));
        Assert.Equal("x", passed.FirstText);
        Assert.Equal("limit.exceeded", refused.Denial.Text("code"));
    }

    private static string Capped(int max) =>
        $$$$"""{"version":"1","default":"allow","tools":{"echo":{"limits":[{"counter":"echo","window":"month","max":{{{{max}}}}}]}}}""";

    private static Task<McpAnswer> EchoAsync(McpClient client) => client.CallAsync("echo", new() { ["text"] = "x" });

    private static async Task FaultAsync(LegacyRig rig, FaultKind kind, string code)
    {
        await using var client = await rig.OpenAsync();
        rig.Fixture.Recording.Clear();
        rig.Fixture.Inject(new Fault(kind, Tool: "echo") { Times = 1 });

        var failed = await EchoAsync(client);
        var after = await EchoAsync(client);

        Assert.Equal(200, failed.Status);
        Assert.True(failed.IsToolError);
        Assert.Equal(code, failed.Denial.Text("code"));
        Assert.Equal("(upstream)", failed.Denial.Text("rule"));
        Assert.Contains(failed.Denial.Text("ref")!, failed.FirstText, StringComparison.Ordinal);
        Assert.DoesNotContain("fixture", failed.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("127.0.0.1", failed.Text, StringComparison.Ordinal);
        Assert.Equal("x", after.FirstText);
        Assert.Equal(2, rig.Fixture.Recording.Requests.Count);
    }

    /// <summary>A server that answers in JSON and one that answers in streams, each behind a gate.</summary>
    public sealed class FaultyRig : IAsyncLifetime
    {
        public LegacyRig Json { get; private set; } = null!;

        public LegacyRig Sse { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            const int tooMuch = 17 * 1024 * 1024;
            Json = await LegacyRig.StartAsync(new FixtureOptions { OversizeBytes = tooMuch });
            Sse = await LegacyRig.StartAsync(new FixtureOptions { OversizeBytes = tooMuch, Answers = AnswerForm.Sse });
        }

        public async ValueTask DisposeAsync()
        {
            await Json.DisposeAsync();
            await Sse.DisposeAsync();
        }
    }
}
