using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>Configurations of all clients are sent through the gate and back, and nothing else in them moves.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ConnectTests : IDisposable
{
    private const string Token = "connect-tests-token-of-32-characters-and-more";
    private const string Bearer = "Bearer " + Token;

    private readonly FakeHome home = new();

    public static TheoryData<string> Clients => [.. FakeHome.Clients];

    /// <summary>What has to stay of each file, to the letter.</summary>
    public static TheoryData<string, string[]> Kept => new()
    {
        { "claude-desktop", ["\"globalShortcut\": \"\",", "    \"shop\":   { \"command\""] },
        { "claude-code", ["\"numStartups\": 7, \"tips\": {\"a\": [1, 2.50, 1e3]},", "\"/home/alice/été\": { \"history\": [\"\\u00e9 \\/\"], \"mcpServers\": {"] },
        { "cursor", ["\"note\":\"kept\"}}}"] },
        { "vscode", ["// servers of mine\n", "/* the shop */", "\"dev\": { \"watch\": \"src\" }, // stays", "}, // last", "\"promptString\""] },
        { "windsurf", ["\r\n      \"disabled\": false\r\n    },\r\n"] },
        { "codex", ["# Codex — mine\nmodel = \"some-model\"\n\n[mcp_servers.shop] # the shop\n", "startup_timeout_sec = 20 # slow\n", "# its secret\n", "[mcp_servers.\"files\"]\n", "enabled = true\n", "\n[profiles.quick]\nmodel = \"other\" # end"] },
        { "gemini", ["\"theme\": \"Default\", // mine", "\"timeout\": 5000, \"trust\": false }"] },
        { "zed", ["// Zed settings\n", "\"source\": \"custom\"", "\"enabled\": true,\n"] },
        { "cline", ["\"autoApprove\": [\"list_orders\"],\n      \"disabled\": false,\n      \"timeout\": 60,\n"] },
    };

    public void Dispose() => home.Dispose();

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Connect_ThenUndo_GivesTheFileBackByteForByte(string client)
    {
        var path = home.PathOf(client);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var (before, mode) = (await File.ReadAllBytesAsync(path), File.GetUnixFileMode(path));

        var connected = await ConnectAsync(client);
        var (after, modeAfter) = (await File.ReadAllTextAsync(path), File.GetUnixFileMode(path));
        var backup = Assert.Single(BackupsOf(path));
        var (backupMode, kept) = (File.GetUnixFileMode(backup), await File.ReadAllBytesAsync(backup));
        var again = await ConnectAsync(client);
        var scan = JsonElement.Parse((await home.RunAsync("scan", "--gate", "http://127.0.0.1:9", "--json")).Out);
        var unchanged = await File.ReadAllTextAsync(path);
        var undone = await home.RunAsync("connect", client, "--undo");

        Assert.Equal((0, 0, 0), (connected.Code, again.Code, undone.Code));
        Assert.DoesNotContain(Token, connected.Out + connected.Error + again.Out + undone.Out, StringComparison.Ordinal);
        Assert.Equal(2, after.Split(Bearer).Length - 1);
        Assert.DoesNotContain(FakeHome.Tail, after, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeHome.PasswordTail, after, StringComparison.Ordinal);
        Assert.Equal(after, unchanged);
        Assert.Equal((mode, UnixFileMode.UserRead | UnixFileMode.UserWrite), (modeAfter, backupMode));
        Assert.Equal(before, kept);
        Assert.Equal(2, scan.GetProperty("servers").EnumerateArray().Count(one => one.GetProperty("client").GetString() == client && one.GetProperty("through_gate").GetString() == one.GetProperty("server").GetString()));
        Assert.Equal(before, await File.ReadAllBytesAsync(path));
        Assert.Empty(BackupsOf(path));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!, "*.tmp"));
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public async Task Connect_WhatIsNotAboutTheConnection_Stays(string client, string[] kept)
    {
        await ConnectAsync(client);

        Assert.All(kept, text => Assert.Contains(text, home.TextOf(client), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connect_EachClient_GetsItsOwnSpelling()
    {
        var spelled = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["claude-desktop"] = "\"command\": \"npx\", \"args\": [\"-y\", \"mcp-remote@0.15.1\", \"http://127.0.0.1:9/mcp/shop\", \"--header\", \"Authorization:${CALLGATE_AUTHORIZATION}\", \"--transport\", \"http-only\"], \"env\": { \"CALLGATE_AUTHORIZATION\": \"$BEARER\" }",
            ["claude-code"] = "\"shop\": { \"type\": \"http\", \"url\": \"http://127.0.0.1:9/mcp/shop\", \"headers\": { \"Authorization\": \"$BEARER\" } }",
            ["cursor"] = "\"shop\":{\"url\": \"http://127.0.0.1:9/mcp/shop\", \"headers\": { \"Authorization\": \"$BEARER\" }}",
            ["vscode"] = "\"type\": \"http\",\n\t\t\t\"url\": \"http://127.0.0.1:9/mcp/shop\",\n\t\t\t\"headers\": { \"Authorization\": \"$BEARER\" }",
            ["windsurf"] = "\"serverUrl\": \"http://127.0.0.1:9/mcp/shop\",\r\n      \"headers\": { \"Authorization\": \"$BEARER\" },\r\n      \"disabled\": false",
            ["codex"] = "[mcp_servers.shop] # the shop\nurl = \"http://127.0.0.1:9/mcp/shop\"\nhttp_headers = { \"Authorization\" = \"$BEARER\" }\n",
            ["gemini"] = "\"shop\": { \"httpUrl\": \"http://127.0.0.1:9/mcp/shop\", \"headers\": { \"Authorization\": \"$BEARER\" }, \"timeout\": 5000",
            ["zed"] = "\"source\": \"custom\", \"url\": \"http://127.0.0.1:9/mcp/shop\", \"headers\": { \"Authorization\": \"$BEARER\" } }",
            ["cline"] = "\"type\": \"streamableHttp\",\n      \"url\": \"http://127.0.0.1:9/mcp/shop\",\n      \"headers\": { \"Authorization\": \"$BEARER\" }\n    }",
        };
        foreach (var (client, text) in spelled)
        {
            await ConnectAsync(client);
            Assert.Contains(text.Replace("$BEARER", Bearer, StringComparison.Ordinal), home.TextOf(client), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{\"command\":\"a\",\"x\":1,\"args\":[],\"env\":{}}", "{NEW,\"x\":1}")]
    [InlineData("{\"command\":\"a\",\"args\":[],\"x\":1,\"env\":{},\"y\":2}", "{NEW,\"x\":1,\"y\":2}")]
    [InlineData("{ \"x\": 1, \"command\": \"a\", \"args\": [], \"env\": {} }", "{ \"x\": 1, NEW }")]
    [InlineData("{ \"command\": \"a\", // one\n \"args\": [] , /* two */ // three\n \"x\": 1, // four\n \"env\": {} }", "{ NEW, // one\n /* two */ // three\n \"x\": 1 // four\n }")]
    [InlineData("{\n \"command\": \"a\", // one\n \"args\": [], \"x\": 1\n}", "{\n NEW, // one\n \"x\": 1\n}")]
    [InlineData("{\n \"x\": 1, // one\n \"command\": \"a\",\n \"env\": {}, // two\n}", "{\n \"x\": 1, // one\n NEW,\n // two\n}")]
    public async Task Connect_MembersAndCommentsAround_StayInPlace(string entry, string expected)
    {
        var file = home.Write("settings.json", $"{{ \"context_servers\": {{ \"shop\": {entry} }} }}");

        var run = await home.RunAsync("connect", "zed", "--file", file, "--server", "shop", "--grant", Token, "--url", "http://127.0.0.1:9", "--token", "x");

        Assert.Equal(0, run.Code);
        var between = expected.StartsWith("{\n", StringComparison.Ordinal) ? ",\n " : ", ";
        var made = expected.Replace("NEW", $"\"url\": \"http://127.0.0.1:9/mcp/shop\"{between}\"headers\": {{ \"Authorization\": \"{Bearer}\" }}", StringComparison.Ordinal);
        Assert.Equal($"{{ \"context_servers\": {{ \"shop\": {made} }} }}", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Undo_AfterAForeignChange_RefusesUnlessForced()
    {
        await ConnectAsync("zed");
        var before = await File.ReadAllBytesAsync(BackupsOf(home.PathOf("zed"))[0]);
        await File.AppendAllTextAsync(home.PathOf("zed"), "// mine\n");

        var refused = await home.RunAsync("connect", "zed", "--undo");
        var stands = home.TextOf("zed");
        var forced = await home.RunAsync("connect", "zed", "--undo", "--force");
        var nothing = await home.RunAsync("connect", "zed", "--undo");

        Assert.Equal((1, 0, 1), (refused.Code, forced.Code, nothing.Code));
        Assert.Contains("was changed since it was connected", refused.Error, StringComparison.Ordinal);
        Assert.EndsWith("// mine\n", stands, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(home.PathOf("zed")));
        Assert.Contains("there is no backup of", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithAnotherToken_RenewsItAndUndoesStepByStep()
    {
        var original = home.TextOf("codex");
        await ConnectAsync("codex");
        var first = home.TextOf("codex");

        await home.RunAsync(Line("codex", "another-token-of-at-least-32-characters"));
        var second = home.TextOf("codex");
        await home.RunAsync("connect", "codex", "--undo");
        var back = home.TextOf("codex");
        await home.RunAsync("connect", "codex", "--undo");

        Assert.Equal(first.Replace(Token, "another-token-of-at-least-32-characters", StringComparison.Ordinal), second);
        Assert.Equal((first, original), (back, home.TextOf("codex")));
    }

    [Fact]
    public async Task DryRun_ChangesNothing()
    {
        var before = home.TextOf("vscode");

        var run = await home.RunAsync([.. Line("vscode", Token), "--dry-run"]);

        Assert.Equal((0, before), (run.Code, home.TextOf("vscode")));
        Assert.Contains("would be connected", run.Out, StringComparison.Ordinal);
        Assert.Empty(BackupsOf(home.PathOf("vscode")));
    }

    [Fact]
    public async Task Connect_ThroughALink_RefusesAndSaysWhere()
    {
        var (path, kept) = (home.PathOf("cursor"), home.Root + "/dotfiles/mcp.json");
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        File.Move(path, kept);
        File.CreateSymbolicLink(path, kept);
        var before = await File.ReadAllTextAsync(kept);

        var file = await ConnectAsync("cursor");
        var named = await home.RunAsync([.. Line("cursor", Token), "--file", path]);
        var unchanged = await File.ReadAllTextAsync(kept);
        var itself = await home.RunAsync([.. Line("cursor", Token), "--file", kept]);

        Assert.Equal((1, 1, 0), (file.Code, named.Code, itself.Code));
        Assert.Contains($"leads through a link to `{kept}`", file.Error, StringComparison.Ordinal);
        Assert.Equal(before, unchanged);
        Assert.NotEqual(before, await File.ReadAllTextAsync(kept));
    }

    [Theory]
    [InlineData("""{ "mcpServers": { "shop": { "command": "a" }, "shop": { "command": "b" } } }""", "stands more than once")]
    [InlineData("""{ "mcpServers": { "shop": { "command": "a", "url": "b", "command": "c" } } }""", "stands more than once")]
    [InlineData("""{ "mcpServers": { "shop": { "command": """, "is no JSON")]
    [InlineData("""{ "mcpServers": { "other": { "command": "a" } } }""", "no server `shop` is configured there")]
    public async Task Connect_FileThatCannotBeMeant_IsLeftAlone(string text, string message)
    {
        var file = home.Write("mcp.json", text);

        var run = await home.RunAsync("connect", "cursor", "--file", file, "--server", "shop", "--grant", Token, "--url", "http://127.0.0.1:9", "--token", "x");

        Assert.Equal((1, text), (run.Code, await File.ReadAllTextAsync(file)));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Empty(BackupsOf(file));
    }

    [Theory]
    [InlineData("mcp_servers.shop = { command = 'a', args = ['b'], note = 1 } # c\n", "mcp_servers.shop = { url = \"http://127.0.0.1:9/mcp/shop\", http_headers = { \"Authorization\" = \"$BEARER\" }, note = 1 } # c\n")]
    [InlineData("[mcp_servers]\nshop = { note = 1, command = 'a' }\n", "[mcp_servers]\nshop = { note = 1, url = \"http://127.0.0.1:9/mcp/shop\", http_headers = { \"Authorization\" = \"$BEARER\" } }\n")]
    [InlineData("[mcp_servers.shop]\r\nurl = 'http://a/mcp'\r\n[mcp_servers.shop.tools.x]\r\na = 1\r\n", "[mcp_servers.shop]\r\nurl = \"http://127.0.0.1:9/mcp/shop\"\r\nhttp_headers = { \"Authorization\" = \"$BEARER\" }\r\n[mcp_servers.shop.tools.x]\r\na = 1\r\n")]
    [InlineData("# 😀 é\n[mcp_servers.shop.env]\nA = '1'\n[mcp_servers.shop]\ncommand = 'a'", "# 😀 é\n[mcp_servers.shop]\nurl = \"http://127.0.0.1:9/mcp/shop\"\nhttp_headers = { \"Authorization\" = \"$BEARER\" }\n")]
    [InlineData("mcp_servers.shop.command = 'a'\n", null)]
    public async Task Connect_SpellingsOfToml_AreChangedInPlaceOrLeftAlone(string text, string? expected)
    {
        var file = home.Write("config.toml", text);

        var run = await home.RunAsync("connect", "codex", "--file", file, "--server", "shop", "--grant", Token, "--gate", "http://127.0.0.1:9", "--url", "http://127.0.0.1:9", "--token", "x");

        Assert.Equal((expected is null ? 1 : 0, (expected ?? text).Replace("$BEARER", Bearer, StringComparison.Ordinal)), (run.Code, await File.ReadAllTextAsync(file, Encoding.UTF8)));
    }

    [Fact]
    public async Task Connect_UsageFaults_Are2()
    {
        Assert.Equal(2, (await home.RunAsync("connect", "emacs", "--grant", Token)).Code);
        Assert.Equal(2, (await home.RunAsync("connect", "zed", "--server", "=a", "--grant", Token)).Code);
        Assert.Equal(2, (await home.RunAsync("connect", "zed", "--grant", "two words")).Code);
        Assert.Equal(2, (await home.RunAsync("connect", "zed", "--grant", Token, "--gate", "nowhere")).Code);
        var unanswered = await home.RunAsync("connect", "zed", "--grant", Token, "--url", "http://127.0.0.1:9", "--token", "x");
        Assert.Equal(1, unanswered.Code);
        Assert.Contains("--server NAME=GATE", unanswered.Error, StringComparison.Ordinal);
    }

    private static string[] BackupsOf(string path) => Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".callgate-*.bak");

    private static string[] Line(string client, string token) =>
        ["connect", client, "--server", "shop", "--server", "files", "--grant", token, "--url", "http://127.0.0.1:9", "--token", "x"];

    /// <summary>No gate answers at that address, so that the names are taken as given.</summary>
    private Task<CommandRun> ConnectAsync(string client) => home.RunAsync(Line(client, Token));
}
