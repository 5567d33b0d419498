using System.Text.Json;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>Servers that are started or called for their tools, with consent.</summary>
public sealed class ScanStartTests : IDisposable
{
    private readonly FakeHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Start_ServersOverEveryTransport_ShowTheirTools()
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Bearer = FakeHome.Canary });
        var file = Servers(
            ("over-stdio", Fixture("stdio")),
            ("over-http", $$"""{ "url": "{{upstream.Url}}", "headers": { "Authorization": "Bearer ${env:CALLGATE_TEST_NOWHERE:-}" } }"""),
            ("signed-in", $$"""{ "type": "http", "url": "{{upstream.Url}}", "headers": { "Authorization": "Bearer {{FakeHome.Canary}}" } }"""));

        var run = await home.RunAsync("scan", "--file", file, "--start", "--yes", "--json");
        var servers = Named(run);

        Assert.Equal(0, run.Code);
        foreach (var name in new[] { "over-stdio", "signed-in" })
        {
            Assert.Contains("echo", servers[name].GetProperty("tools").EnumerateArray().Select(static tool => tool.GetProperty("name").GetString()));
        }

        Assert.Contains("same_tool_name", servers["over-stdio"].GetProperty("findings").EnumerateArray().Select(static finding => finding.GetProperty("kind").GetString()));
        Assert.Equal(JsonValueKind.Null, servers["over-http"].GetProperty("tools").ValueKind);
        Assert.NotNull(servers["over-http"].GetProperty("fault").GetString());
    }

    [Fact]
    public async Task Start_ServersThatHangFailOrNeedSomething_SaySoInTime()
    {
        var file = Servers(
            ("hangs", Fixture("stdio", "--fault", "never-answer:initialize", "--fault", "never-answer:server/discover", "--ignore-eof", "--ignore-term")),
            ("absent", """{ "command": "no-such-program-anywhere" }"""),
            ("tells", $$"""{ "command": "sh", "args": ["-c", "echo bad token $TOKEN >&2; exit 1"], "env": { "TOKEN": "{{FakeHome.Password}}" } }"""),
            ("needs", """{ "command": "sh", "args": ["${input:key}"], "env": { "A": "${CALLGATE_TEST_NOWHERE}" } }"""),
            ("extension", """{ "settings": { } }"""));

        var run = await home.RunAsync("scan", "--file", file, "--start", "--yes", "--timeout", "5s", "--json");
        var servers = Named(run);

        Assert.Equal(0, run.Code);
        Assert.All(servers.Values, static server => Assert.NotNull(server.GetProperty("fault").GetString()));
        Assert.Contains("bad token ***", servers["tells"].GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.Equal("needs ${input:key}, ${CALLGATE_TEST_NOWHERE}, which is not set here", servers["needs"].GetProperty("fault").GetString());
        Assert.Equal("only its client knows how to start it", servers["extension"].GetProperty("fault").GetString());
    }

    [Fact]
    public async Task Start_WithoutConsent_StartsNothing()
    {
        var (yes, no) = (home.Root + "/yes", home.Root + "/no");
        var file = Servers(
            ("first", $$"""{ "command": "touch", "args": ["{{no}}", "{{new string('a', 500)}}", "end"], "env": { "TOKEN": "{{FakeHome.Canary}}" } }"""),
            ("second", $$"""{ "command": "sh", "args": ["-c", "touch {{yes}} # --password={{FakeHome.Password}}"] }"""));

        var run = await home.AnswerAsync("n\ny\n", "scan", "--file", file, "--start");
        var unasked = await GateProcess.RunAsync("scan", "--file", file, "--start");

        Assert.Equal((false, true), (File.Exists(no), File.Exists(yes)));
        Assert.Contains($"start `second` of (a file): sh -c touch {yes} # --password=hunt… ? [y/N]", run.Error, StringComparison.Ordinal);
        Assert.Contains(new string('a', 500) + " end (with TOKEN) ? [y/N]", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, unasked.ExitCode);
        Assert.Contains("say --yes", unasked.Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await home.RunAsync("scan", "--file", file)).Code);
    }

    [Fact]
    public async Task Start_DestructiveTool_MeetsFailOn()
    {
        var file = Servers(("all", Fixture("stdio")));

        var run = await home.RunAsync("scan", "--file", file, "--start", "--yes", "--fail-on", "critical");
        var unstarted = await home.RunAsync("scan", "--file", file, "--fail-on", "critical");

        Assert.Equal((3, 0), (run.Code, unstarted.Code));
        Assert.Contains("  critical  ~/servers.json all: change_tools (Destructive)\n", run.Out, StringComparison.Ordinal);
        Assert.Contains(" all: echo (", run.Out, StringComparison.Ordinal);
    }

    private static string Fixture(params string[] arguments) =>
        JsonSerializer.Serialize(new { command = GateProcess.DotnetPath, args = arguments.Prepend(GateProcess.Built("callgate-fixture.dll")) });

    private string Servers(params (string Name, string Entry)[] servers) =>
        home.Write("servers.json", $$"""{ "mcpServers": { {{string.Join(",", servers.Select(static one => $"\"{one.Name}\": {one.Entry}"))}} } }""");

    private static Dictionary<string, JsonElement> Named(CommandRun run) =>
        JsonElement.Parse(run.Out).GetProperty("servers").EnumerateArray().ToDictionary(static one => one.GetProperty("server").GetString()!, static one => one);
}
