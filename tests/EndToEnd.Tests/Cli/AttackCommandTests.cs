using System.Text.Json;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary><c>callgate attack --policy</c>, from files alone.</summary>
public sealed class AttackCommandTests : IDisposable
{
    private const string Tools = """
        { "tools": [ { "name": "delete_project", "description": "Deletes a project for ever.", "inputSchema": { "type": "object", "properties": { "id": { "type": "string" } } } },
                     { "name": "fetch_url", "description": "Fetches a page of the web.", "inputSchema": { "type": "object", "properties": { "url": { "type": "string" } } } } ] }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("callgate-attack-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Policy_ThatAllowsAll_IsToldWhatGetsThroughAndWhatStopsIt()
    {
        var run = await CommandRun.OfAsync("attack", "--policy", Write("open.json", """{ "version": "1", "default": "allow" }"""), "--tools", Write("tools.json", Tools));

        Assert.Equal(0, run.Code);
        Assert.Contains("on 2 tools: stops 3 of ", run.Out, StringComparison.Ordinal);
        Assert.Contains("  A15  Mass deletion at machine speed\n       by delete_project\n       add /tools {\"delete_project\":{\"action\":\"require_approval\"}}\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("stopped by this policy: A23 B13 B14", run.Out, StringComparison.Ordinal);
        Assert.Contains("on the gate itself, stopped in part: A52 B06 B19 B29 B33 O05 T05", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_AsJson_HasEveryAttackAndAPatch()
    {
        var run = await CommandRun.OfAsync("attack", "--json", "--policy", Write("p.yaml", "version: \"1\"\ndefault: deny\ntools: { fetch_url: {} }\n"), "--tools", Write("tools.json", Tools));
        var told = JsonElement.Parse(run.Out);

        Assert.Equal(100, told.GetProperty("attacks").GetArrayLength());
        Assert.Equal(told.GetProperty("score").GetInt32(), told.GetProperty("stopped").GetInt32() * 100 / told.GetProperty("counted").GetInt32());
        var fetched = told.GetProperty("attacks").EnumerateArray().Single(static attack => attack.GetProperty("id").GetString() == "A13");
        Assert.Equal("gets_through", fetched.GetProperty("outcome").GetString());
        Assert.Equal("""[{"op":"add","path":"/tools/fetch_url/require","value":[{"conditions":[{"path":"args.url","op":"host_in","value":["change-me.example.com"],"missing":"pass"}]}]}]""", fetched.GetProperty("change").GetRawText());
        Assert.Equal("stopped_by_policy", told.GetProperty("attacks").EnumerateArray().Single(static attack => attack.GetProperty("id").GetString() == "A15").GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("""{ "version": "1", "default": "allow" }""", "50", 3)]
    [InlineData("""{ "version": "1", "default": "allow" }""", "1", 0)]
    [InlineData("""{ "version": "1", "default": "deny" }""", "100", 0)]
    public async Task FailUnder_AScore_DecidesTheExitCode(string policy, string least, int code) =>
        Assert.Equal(code, (await CommandRun.OfAsync("attack", "--policy", Write("p.json", policy), "--tools", Write("tools.json", Tools), "--fail-under", least)).Code);

    [Fact]
    public async Task Policy_InShadowMode_IsSaidToBe()
    {
        var run = await CommandRun.OfAsync("attack", "--policy", Write("p.json", """{ "version": "1", "default": "deny", "mode": "shadow" }"""), "--tools", Write("tools.json", Tools));

        Assert.Contains("it is judged here as if it were enforced", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToolNames_OfAHostileServer_AreShownAsText()
    {
        var tools = Write("tools.json", """{ "tools": [ { "name": "delete\u001b[2J\nall", "description": "Deletes everything." } ] }""");
        var run = await CommandRun.OfAsync("attack", "--policy", Write("p.json", """{ "version": "1", "default": "allow" }"""), "--tools", tools);

        Assert.Equal(0, run.Code);
        Assert.DoesNotContain('\u001b', run.Out);
        Assert.Contains("by delete.[2J.all\n", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "attack")]
    [InlineData(2, "attack", "--policy", "p.json")]
    [InlineData(2, "attack", "--policy", "p.json", "--tools", "tools.json", "--server", "s")]
    [InlineData(1, "attack", "--policy", "absent.json", "--tools", "tools.json")]
    [InlineData(1, "attack", "--policy", "tools.json", "--tools", "tools.json")]
    [InlineData(1, "attack", "--policy", "p.json", "--tools", "p.json")]
    public async Task Attack_WithoutWhatItNeeds_SaysSo(int code, params string[] arguments)
    {
        Write("p.json", """{ "version": "1", "default": "deny" }""");
        Write("tools.json", Tools);

        var run = await CommandRun.OfAsync([.. arguments.Select(one => one.EndsWith(".json", StringComparison.Ordinal) ? Path.Combine(folder, one) : one)]);

        Assert.Equal(code, run.Code);
        Assert.StartsWith("callgate: ", run.Error, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
