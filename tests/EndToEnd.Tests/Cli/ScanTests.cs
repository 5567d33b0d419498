using System.Text.Json;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>What <c>scan</c> finds in the configurations of all clients, and that it tells no secret.</summary>
public sealed class ScanTests : IDisposable
{
    private readonly FakeHome home = new();

    public static TheoryData<string, string, string, string> Expected => new()
    {
        { "claude-desktop", "shop", "stdio", "secret env.SHOP_TOKEN, unpinned_package args[1]" },
        { "claude-desktop", "files", "stdio", "secret args[2]" },
        { "claude-code", "shop", "http", "plain_http url, secret headers.Authorization" },
        { "claude-code", "files", "stdio", "secret args[1], shell command" },
        { "cursor", "shop", "http", "secret url" },
        { "cursor", "files", "stdio", "secret env.FILES_PASSWORD" },
        { "vscode", "shop", "stdio", "secret env.SHOP_TOKEN" },
        { "vscode", "files", "http", "secret url" },
        { "windsurf", "shop", "stdio", "secret args[0]" },
        { "windsurf", "files", "http", "secret headers.X-Api-Key" },
        { "codex", "shop", "stdio", "secret env.SHOP_TOKEN, unpinned_package args[1]" },
        { "codex", "files", "http", "secret http_headers.Authorization" },
        { "gemini", "shop", "http", "secret headers.Authorization" },
        { "gemini", "files", "stdio", "secret args[0]" },
        { "zed", "shop", "stdio", "secret command.env.SHOP_TOKEN" },
        { "zed", "files", "http", "secret headers.Authorization" },
        { "cline", "shop", "stdio", "secret env.SHOP_TOKEN" },
        { "cline", "files", "sse", "secret headers.Authorization" },
    };

    public void Dispose() => home.Dispose();

    [Theory]
    [MemberData(nameof(Expected))]
    public async Task Scan_ServerOfAClient_IsFoundWithWhatIsWrong(string client, string name, string transport, string findings)
    {
        var server = (await ScannedAsync()).GetProperty("servers").EnumerateArray()
            .Single(one => one.GetProperty("client").GetString() == client && one.GetProperty("server").GetString() == name);

        Assert.Equal(transport, server.GetProperty("transport").GetString());
        Assert.Equal(home.PathOf(client), server.GetProperty("file").GetString());
        Assert.Equal(findings, string.Join(", ", server.GetProperty("findings").EnumerateArray().Select(static one => $"{one.GetProperty("kind")} {one.GetProperty("where")}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Scan_Table_ShowsEveryClientAndNoSecret()
    {
        var run = await home.RunAsync("scan");

        Assert.Equal(0, run.Code);
        Assert.StartsWith("CLIENT          FILE", run.Out, StringComparison.Ordinal);
        foreach (var title in new[] { "Claude Desktop", "Claude Code", "Cursor", "VS Code", "Windsurf", "Codex", "Gemini CLI", "Zed", "Cline" })
        {
            Assert.Contains($"\n{title} ", run.Out, StringComparison.Ordinal);
        }

        Assert.Contains("critical  ~/.codex/config.toml shop env.SHOP_TOKEN: a GitHub token in clear text: ghp_… (40 characters)", run.Out, StringComparison.Ordinal);
        Assert.Contains("18 servers beside the gate, 0 through it, in 9 files; worst: critical", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scan_ProjectFiles_AreReadToo()
    {
        home.Write("project/.mcp.json", """{ "mcpServers": { "mine": { "command": "${HOME}/mine" } } }""");
        home.Write("project/.vscode/mcp.json", """{ "servers": { "other": { "url": "http://127.0.0.1:1/mcp" } } }""");

        var servers = (await ScannedAsync()).GetProperty("servers").EnumerateArray().Where(one => one.GetProperty("file").GetString()!.StartsWith(home.Project, StringComparison.Ordinal)).ToList();

        Assert.Equal(["claude-code mine", "vscode other"], servers.Select(static one => $"{one.GetProperty("client")} {one.GetProperty("server")}"));
        Assert.All(servers, static one => Assert.Empty(one.GetProperty("findings").EnumerateArray()));
    }

    [Theory]
    [InlineData("critical", 3)]
    [InlineData("high", 3)]
    [InlineData("worse", 2)]
    public async Task FailOn_Secrets_DecideTheExitCode(string severity, int code) => Assert.Equal(code, (await home.RunAsync("scan", "--fail-on", severity)).Code);

    [Fact]
    public async Task FailOn_OneFile_CountsThatFileAlone()
    {
        var medium = home.Write("one.json", """{ "mcpServers": { "a": { "command": "npx", "args": ["-y", "some-mcp@latest"] } } }""");

        Assert.Equal(0, (await home.RunAsync("scan", "--file", medium, "--fail-on", "high")).Code);
        Assert.Equal(3, (await home.RunAsync("scan", "--file", medium, "--fail-on", "medium")).Code);
        Assert.Equal(3, (await home.RunAsync("scan", "--file", home.Root + "/nowhere.json", "--fail-on", "medium")).Code);
    }

    [Fact]
    public async Task ThroughTheGate_ServersOfTheGateAlone_AreMarkedAndNotCounted()
    {
        var file = home.Write("mixed.json", $$$"""
            { "mcpServers": {
              "direct":  { "url": "http://localhost:2255/mcp/shop", "headers": { "Authorization": "Bearer {{{FakeHome.Canary}}}" } },
              "bridged": { "command": "npx", "args": ["-y", "mcp-remote@0.15.1", "http://127.0.0.1:2255/mcp/files"] },
              "liar":    { "url": "http://gate.example.com:2255/mcp/shop", "headers": { "Authorization": "Bearer cg_{{{FakeHome.Tail}}}" } },
              "hidden":  { "command": "sh", "args": ["-c", "mcp-remote http://127.0.0.1:2255/mcp/files"] },
              "before":  { "url": "http://127.0.0.1:2255@evil.example.com/mcp/shop" } } }
            """);

        var run = await home.RunAsync("scan", "--file", file, "--json");
        var through = JsonElement.Parse(run.Out).GetProperty("servers").EnumerateArray().ToDictionary(static one => one.GetProperty("server").GetString()!, static one => one.GetProperty("through_gate").GetString());

        Assert.Equal(("shop", "files", null, null, null), (through["direct"], through["bridged"], through["liar"], through["hidden"], through["before"]));
        Assert.Equal(3, JsonElement.Parse(run.Out).GetProperty("summary").GetProperty("servers").GetInt32());
    }

    [Fact]
    public async Task Secrets_InEveryPlace_AreFoundAndNeverPrinted()
    {
        var places = new[]
        {
            $$$"""{ "command": "{{{FakeHome.Canary}}}" }""", $$$"""{ "command": "a", "cwd": "/x/{{{FakeHome.Canary}}}" }""",
            $$$"""{ "command": "a", "args": ["--db", "postgres://u:{{{FakeHome.Password}}}@db/x"] }""", $$$"""{ "command": "a", "args": ["-e", "API_KEY={{{FakeHome.Canary}}}"] }""",
            $$$"""{ "command": "a", "args": ["--header", "Authorization: Bearer {{{FakeHome.Password}}}1"] }""", $$$"""{ "command": ["a", "{{{FakeHome.Canary}}}"] }""",
            $$$"""{ "url": "https://x.example.com/{{{FakeHome.Canary}}}/mcp" }""", $$$"""{ "command": "a", "env": { "{{{FakeHome.Canary}}}": "1" }, "more": { "deep": ["{{{FakeHome.Canary}}}"] } }""",
            $$$"""{ "command": "a", "settings": { "apiKey": "{{{FakeHome.Password}}}-1" } }""",
        };
        var file = home.Write("places.json", $$"""{ "mcpServers": { {{string.Join(",\n", places.Select(static (place, at) => $"\"s{at}\": {place}"))}}, "{{FakeHome.Canary}}": { "command": "a" } } }""");

        var text = await home.RunAsync("scan", "--file", file);
        var json = JsonElement.Parse((await home.RunAsync("scan", "--file", file, "--json")).Out);

        Assert.Equal(0, text.Code);
        Assert.All(json.GetProperty("servers").EnumerateArray().Take(places.Length), static server =>
            Assert.Contains(server.GetProperty("findings").EnumerateArray(), static finding => finding.GetProperty("kind").GetString() == "secret"));
    }

    [Fact]
    public async Task Executable_OnAHomeOfAllClients_DoesTheSame()
    {
        var (code, output, errors) = await GateProcess.RunAsync("scan", "--home", home.Root, "--project", home.Project, "--fail-on", "critical", "--json");

        Assert.Equal(3, code);
        Assert.Equal("", errors);
        Assert.Equal(18, JsonElement.Parse(output).GetProperty("summary").GetProperty("servers").GetInt32());
        Assert.DoesNotContain(FakeHome.Tail, output, StringComparison.Ordinal);
    }

    private async Task<JsonElement> ScannedAsync() => JsonElement.Parse((await home.RunAsync("scan", "--json")).Out);
}
