using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>Files that nobody sane writes: each is a finding in words, none ends the scan, none is quoted.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ScanHostileTests : IDisposable
{
    private const string Fine = """{ "mcpServers": { "a": { "command": "b" } } }""";

    private readonly FakeHome home = new();

    public static TheoryData<string, string> Texts => new()
    {
        { "{ \"mcpServers\": { \"a\": " + FakeHome.Tail, "is no JSON (line 1" },
        { FakeHome.Tail, "is no JSON (line 1, column 1)" },
        { Fine + Fine, "is no JSON" },
        { "{ \"mcpServers\": { \"a\": { \"x\": " + new string('[', 100_000), "is nested too deeply" },
        { "{ \"mcpServers\": { \"a\": { \"command\": \"\\ud800\" } } }", "holds text that is no Unicode" },
        { """{ "mcpServers": ["a"] }""", "`mcpServers` is no object of servers" },
        { """{ "mcpServers": { "a": { "command": "b" }, "a": { "command": "c" } } }""", "`a` stands more than once in `mcpServers`" },
        { "// mine\n" + Fine, "has comments or trailing commas, which Cursor may not read" },
    };

    public void Dispose() => home.Dispose();

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Text_ThatIsWrong_IsAFinding(string text, string message)
    {
        home.Write(".cursor/mcp.json", text);

        Assert.Contains(message, await OfCursorAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[mcp_servers.a]\ncommand = ", "is no TOML (line 2")]
    [InlineData("[mcp_servers.a]\ncommand = 'b'\ncommand = 'c'\n", "is no TOML (line 3")]
    [InlineData("a = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "is no TOML, or nested too deeply")]
    public async Task Toml_ThatIsWrong_IsAFinding(string text, string message)
    {
        home.Write(".codex/config.toml", text);

        Assert.Contains($"~/.codex/config.toml {message}", (await home.RunAsync("scan")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ByteOrderMark_BeforeJsonAndToml_IsReadOver()
    {
        byte[] mark = [0xEF, 0xBB, 0xBF];
        home.Write(".cursor/mcp.json", [.. mark, .. Encoding.UTF8.GetBytes(Fine)]);
        home.Write(".codex/config.toml", [.. mark, .. "mcp_servers.a.command = 'b'\n"u8]);

        var run = await home.RunAsync("scan");

        Assert.Contains("~/.cursor/mcp.json ", run.Out, StringComparison.Ordinal);
        Assert.Contains("~/.codex/config.toml ", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("its servers are not known", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LargeFiles_OfHistoryAreReadAndEndlessOnesAreNot()
    {
        home.Write(".claude.json", $$"""{ "history": "{{new string('x', 10_000_000)}}", "deep": {{new string('[', 50)}}{{new string(']', 50)}}, "mcpServers": { "a": { "command": "b" } } }""");
        home.Write(".codex/config.toml", "a = '" + new string('x', 5_000_000) + "'\n");
        File.Delete(home.PathOf("cursor"));
        File.CreateSymbolicLink(home.PathOf("cursor"), "/dev/zero");

        var run = await home.RunAsync("scan");

        Assert.Contains("~/.claude.json                                                a ", run.Out, StringComparison.Ordinal);
        Assert.Contains("~/.codex/config.toml is larger than 4 MiB", run.Out, StringComparison.Ordinal);
        Assert.Contains("~/.cursor/mcp.json is larger than 32 MiB", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThingsThatAreNoFiles_AreFindings()
    {
        Replace("cursor", static path => File.CreateSymbolicLink(path, Path.GetFileName(path)));
        Replace("windsurf", static path => Directory.CreateDirectory(path));
        Replace("gemini", static path => Process.Start("mkfifo", [path]).WaitForExit());
        Replace("zed", static path => File.CreateSymbolicLink(path, "/nowhere/at/all"));
        File.Delete(home.PathOf("codex"));
        Directory.Delete(Path.GetDirectoryName(home.PathOf("codex"))!);
        home.Write(".codex", "a file where a folder should be");

        var run = await home.RunAsync("scan");

        Assert.Equal(0, run.Code);
        Assert.Contains("~/.cursor/mcp.json is a link that leads nowhere", run.Out, StringComparison.Ordinal);
        Assert.Contains("~/.codeium/windsurf/mcp_config.json is a folder, not a file", run.Out, StringComparison.Ordinal);
        Assert.Contains("~/.gemini/settings.json cannot be read in time; is it a file?", run.Out, StringComparison.Ordinal);
        Assert.Contains("~/.config/zed/settings.json is a link that leads nowhere", run.Out, StringComparison.Ordinal);
        Assert.Contains("Claude Desktop", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("config.toml", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnreadableFile_IsAFinding()
    {
        File.SetUnixFileMode(home.PathOf("cursor"), UnixFileMode.None);

        // Root reads everything as long as it has the capabilities for it.
        string[] mortal = Environment.IsPrivilegedProcess ? ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--"] : [];
        string[] command = [.. mortal, GateProcess.DotnetPath, GateProcess.Built("callgate.dll"), "scan", "--home", home.Root, "--project", home.Project];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("~/.cursor/mcp.json may not be read by this user, so that its servers are not known", output, StringComparison.Ordinal);
        Assert.Contains("Windsurf", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_OfAHostileFile_ReachTheTerminalPlain()
    {
        home.Write(".cursor/mcp.json", """{ "mcpServers": { "a\u001b[2J\u202e": { "command": "b\r\nall is well", "args": ["\u009b31m"] } } }""");

        var run = await home.RunAsync("scan");

        Assert.DoesNotContain(run.Out.Replace("\n", "", StringComparison.Ordinal), static c => char.IsControl(c) || c == '\u202e');
    }

    private void Replace(string client, Action<string> make)
    {
        File.Delete(home.PathOf(client));
        make(home.PathOf(client));
    }

    private async Task<string> OfCursorAsync()
    {
        var run = await home.RunAsync("scan", "--json");
        var file = JsonElement.Parse(run.Out).GetProperty("files").EnumerateArray().Single(static one => one.GetProperty("client").GetString() == "cursor");
        Assert.Equal(0, run.Code);
        return file.GetProperty("findings")[0].GetProperty("message").GetString()!;
    }
}
