using System.Text.Json;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>What needs no gate: parsing, exit codes, and the commands that read files.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("callgate-cli-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("bogus")]
    [InlineData("serve")]
    [InlineData("serve", "--data", "x", "--colour", "red")]
    [InlineData("server", "add", "a")]
    [InlineData("grant", "create", "--label", "a")]
    [InlineData("policy", "attach", "careful", "--grant", "a")]
    [InlineData("policy", "check")]
    [InlineData("restore", "a.tar")]
    public async Task Usage_Wrong_Is2AndSaysHowToAsk(params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);

        Assert.Equal(2, run.Code);
        Assert.StartsWith("callgate: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("stop", "--token", "x")]
    [InlineData("stop", "--token", "x", "--all", "--server", "a")]
    [InlineData("grant", "create", "--token", "x", "--label", "a", "--server", "=careful")]
    [InlineData("server", "add", "a", "http://127.0.0.1:1/mcp", "--token", "x", "--header", "canary")]
    [InlineData("server", "tools", "a", "--token", "x", "--tool", "b")]
    [InlineData("server", "list", "--token", "x", "--url", "localhost")]
    [InlineData("audit", "verify", "--offline")]
    public async Task Usage_Contradictory_Is2(params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);

        Assert.Equal(2, run.Code);
        Assert.DoesNotContain("canary", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gate_NotThere_Is1AndSaysWhatToDo()
    {
        var run = await CommandRun.OfAsync("grant", "list", "--url", "http://127.0.0.1:1", "--token", "canary");
        var stopped = await CommandRun.OfAsync("grant", "list", "--data", folder);

        Assert.Equal((1, 1), (run.Code, stopped.Code));
        Assert.Contains("callgate serve", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", run.Error, StringComparison.Ordinal);
        Assert.Contains("admin.token", stopped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PolicyCheck_SoundDocument_Is0()
    {
        var file = Write("sound.json", """{ "version": "1", "default": "deny" }""");

        var run = await CommandRun.OfAsync("policy", "check", file);

        Assert.Equal((0, $"{file}: fine\n", string.Empty), (run.Code, run.Out, run.Error));
    }

    [Fact]
    public async Task PolicyCheck_DocumentsInYaml_AreReadAsTheirNamesSay()
    {
        var sound = Write("sound.yaml", "version: \"1\"\ndefault: deny\n");
        var wrong = Write("wrong.yml", "version: 1\ndefault: deny\n");

        var run = await CommandRun.OfAsync("policy", "check", sound, wrong);

        Assert.Equal((1, $"{sound}: fine\n{wrong}:1:10: error: must be a string, not a number; write \"1\"\n2 files: 1 error, 0 warnings, 0 notes\n", string.Empty), (run.Code, run.Out, run.Error));
    }

    [Fact]
    public async Task PolicyCheck_WrongDocument_Is1WithEveryPlace()
    {
        var file = Write("wrong.json", "{\n  \"version\": \"1\",\n  \"default\": \"maybe\",\n  \"hidden\": []\n}");

        var run = await CommandRun.OfAsync("policy", "check", file);
        var json = await CommandRun.OfAsync("policy", "check", "--json", file, Path.Combine(folder, "absent.json"));

        Assert.Equal((1, 1), (run.Code, json.Code));
        Assert.Contains($"{file}:3:14: error: ", run.Out, StringComparison.Ordinal);
        Assert.Contains($"{file}:4:3: error: ", run.Out, StringComparison.Ordinal);
        var lines = json.Out.TrimEnd('\n').Split('\n').Select(static line => JsonElement.Parse(line)).ToList();
        Assert.Equal(2, lines.Count);
        Assert.False(lines[0].GetProperty("valid").GetBoolean());
        Assert.Equal(["pointer", "line", "column", "message", "suggestion"], lines[0].GetProperty("diagnostics")[0].EnumerateObject().Select(static member => member.Name));
        Assert.Equal("the file does not exist", lines[1].GetProperty("diagnostics")[0].GetProperty("message").GetString());
    }

    [Fact]
    public async Task Restore_FolderThatHoldsSomething_IsRefused()
    {
        Write("mine.txt", "x");

        var run = await CommandRun.OfAsync("restore", Path.Combine(folder, "absent.tar"), "--data", folder);

        Assert.Equal(1, run.Code);
        Assert.True(File.Exists(Path.Combine(folder, "mine.txt")));
    }

    [Fact]
    public async Task AuditVerify_FolderWithoutJournal_Is1()
    {
        var run = await CommandRun.OfAsync("audit", "verify", "--offline", "--data", folder);

        Assert.Equal(1, run.Code);
        Assert.Contains("holds no journal", run.Error, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
