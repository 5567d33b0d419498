using System.Text.Json;
using Callgate.Attacks.Tests.WeakGates;
using Callgate.Attacks.Upstreams;
using Callgate.Attacks.Wire;
using Callgate.Cli;
using Xunit;

namespace Callgate.Attacks.Tests;

/// <summary>`callgate attack` from its arguments to its exit code.</summary>
public sealed class AttackCommandTests
{
    [Theory]
    [InlineData("say what to attack", "attack")]
    [InlineData("one of the two", "attack", "--self", "http://127.0.0.1:1/mcp")]
    [InlineData("no address", "attack", "gate", "--token", "x")]
    [InlineData("--token", "attack", "http://127.0.0.1:1/mcp")]
    [InlineData("no attack `Z99`", "attack", "--self", "--only", "Z99")]
    public async Task Attack_AskedWrongly_EndsWithTwo(string text, params string[] arguments)
    {
        var (code, _, error) = await RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Contains(text, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attack_OnItself_TellsWhatHeldAndWritesEveryReport()
    {
        var folder = Directory.CreateTempSubdirectory("callgate-attack-tests-").FullName;
        try
        {
            var (code, output, error) = await RunAsync("attack", "--self", "--only", "A01", "--only", "B09", "--sarif", Path.Combine(folder, "a.sarif"), "--html", Path.Combine(folder, "a.html"));
            Assert.True(code == 0, output + error);
            Assert.Contains("A01  held", output, StringComparison.Ordinal);
            Assert.Contains("B09  breached, as no policy stops it", output, StringComparison.Ordinal);
            Assert.True(JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "a.sarif"))).GetProperty("runs").GetArrayLength() == 1);
            Assert.Contains("</html>", await File.ReadAllTextAsync(Path.Combine(folder, "a.html")), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Attack_OnAGateThatIsBreached_EndsWithOne()
    {
        await using var upstream = new RecordingUpstream();
        upstream.Mount("up", Json.Lenient("""{"tools":["greet"]}"""));
        await using var gate = new WeakGate("raw-forwarded");
        await gate.AddServerAsync("up", new() { ["url"] = upstream.Url("up").ToString() });
        await gate.PutPolicyAsync("p", """{"version":"1","default":"allow"}""");
        var grant = await gate.AddGrantAsync("a", new Dictionary<string, string?>(StringComparer.Ordinal) { ["up"] = "p" }, default);
        var (code, output, _) = await RunAsync("attack", gate.Mcp("up").ToString(), "--token", grant.Token, "--tool", "greet", "--args", """{"text":"hi"}""", "--only", "A05", "--json");
        Assert.Equal(1, code);
        var report = JsonElement.Parse(output);
        Assert.Equal("breached", report.GetProperty("scenarios")[0].GetProperty("outcome").GetString());
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(arguments, output, error, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
