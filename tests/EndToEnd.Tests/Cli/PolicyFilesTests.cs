using System.Text.Json;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>What the command line tells about policies from files alone.</summary>
public sealed class PolicyFilesTests : IDisposable
{
    private const string Policy = """
        { "version": "1", "default": "deny", "tools": { "pay": { "require": [ { "conditions": [ { "path": "args.amount", "op": "lte", "value": { "ref": "grant.attributes.most" } } ], "on_deny": "too much" } ] },
                                                       "ask": { "action": "require_approval" } } }
        """;

    private const string Tools = """{ "tools": [ { "name": "pay", "inputSchema": { "type": "object", "properties": { "amount": { "type": "string" } } } }, { "name": "get_run", "inputSchema": { "type": "object", "properties": { "run_id": { "type": "string" } } } } ] }""";

    private readonly string folder = Directory.CreateTempSubdirectory("callgate-policies-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Check_PatternsAndSeveralFiles_AreSummedUp()
    {
        Write("a.json", """{ "version": "1", "default": "deny" }""");
        Write("b.json", """{ "version": "1", "default": "maybe" }""");
        Write("c.json", """{ "version": "1", "default": "deny", "tools": { "a": { "action": "deny" } } }""");

        var run = await CommandRun.OfAsync("policy", "check", Path.Combine(folder, "*.json"));
        var none = await CommandRun.OfAsync("policy", "check", Path.Combine(folder, "*.yaml"));
        var folderItself = await CommandRun.OfAsync("policy", "check", folder);
        var noted = await CommandRun.OfAsync("policy", "check", Path.Combine(folder, "c.json"), "--strict");

        Assert.Equal((1, 1, 1, 0), (run.Code, none.Code, folderItself.Code, noted.Code));
        Assert.EndsWith("3 files: 1 error, 0 warnings, 1 note\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("the file does not exist", none.Out, StringComparison.Ordinal);
        Assert.Contains("the file is a folder", folderItself.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_ByAFile_TellsTheDecisionAndWhy()
    {
        var (policy, tools) = (Write("p.json", Policy), Write("tools.json", Tools));
        string[] call = ["policy", "explain", "--file", policy, "--tool", "pay", "--args", """{"amount":900}"""];

        var refused = await CommandRun.OfAsync([.. call, "--fact", "grant.attributes.most=1"]);
        var open = await CommandRun.OfAsync([.. call, "--json"]);
        var invalid = await CommandRun.OfAsync([.. call, "--tools", tools]);
        var asks = await CommandRun.OfAsync("policy", "explain", "--file", policy, "--tool", "ask");
        var unknown = await CommandRun.OfAsync("policy", "explain", "--file", policy, "--tool", "ask", "--tools", tools);

        Assert.Equal((3, 3, 3, 3, 3), (refused.Code, open.Code, invalid.Code, asks.Code, unknown.Code));
        Assert.Contains("unknown args.amount lte {\"ref\":\"grant.attributes.most\"}   is 900", refused.Out, StringComparison.Ordinal);
        Assert.Equal("policy.unjudgeable", JsonElement.Parse(open.Out).GetProperty("code").GetString());
        Assert.Contains("arguments.invalid", invalid.Out, StringComparison.Ordinal);
        Assert.StartsWith("approval (approval.required) by /tools/ask/action", asks.Out, StringComparison.Ordinal);
        Assert.StartsWith("hide (tool.unknown) by (unknown)", unknown.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--tool", "pay")]
    [InlineData(2, "--file", "p.json", "--tool", "pay", "--args", "[1]")]
    [InlineData(2, "--file", "p.json", "--tool", "pay", "--args", "{\"a\":1,\"a\":2}")]
    [InlineData(2, "--file", "p.json", "--tool", "pay", "--fact", "grant.colour=red")]
    [InlineData(2, "--file", "p.json", "--tool", "pay", "--fact", "tool.category=Reading")]
    [InlineData(2, "--file", "p.json", "--tool", "pay", "--fact", "time=noon")]
    [InlineData(2, "--file", "p.json", "--tool", "pay", "--grant", "g")]
    [InlineData(2, "--file", "p.json", "--tool", "pay", "--server", "s", "--tools", "t.json")]
    [InlineData(1, "--file", "absent.json", "--tool", "pay")]
    [InlineData(1, "--file", "broken.json", "--tool", "pay")]
    [InlineData(1, "--file", "p.json", "--tool", "pay", "--tools", "p.json")]
    [InlineData(1, "--file", "p.json", "--tool", "pay", "--tools", "broken.json")]
    public async Task Explain_BadInput_HasItsExitCode(int code, params string[] arguments)
    {
        Write("p.json", Policy);
        Write("broken.json", "{");
        var placed = arguments.Select(argument => argument.EndsWith(".json", StringComparison.Ordinal) ? Path.Combine(folder, argument) : argument);

        var run = await CommandRun.OfAsync(["policy", "explain", .. placed]);

        Assert.Equal(code, run.Code);
        Assert.StartsWith("callgate: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Recommend_FromAFile_LintsClean()
    {
        var tools = Write("tools.json", Tools);

        var written = await CommandRun.OfAsync("policy", "recommend", "--tools", tools);
        var check = await CommandRun.OfAsync("policy", "check", Write("r.json", written.Out), "--tools", tools, "--strict");

        Assert.Equal((0, 0), (written.Code, check.Code));
        Assert.Contains("\"action\": \"require_approval\"", written.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classify_OfAFile_SaysWhatEachToolDoesAndWhy()
    {
        var list = """{ "result": { "tools": [ { "name": "drop_table", "description": "Drops a table." }, { "name": "get_row", "description": "Gets one row.", "inputSchema": { "properties": { "row_id": { "type": "string" } } } } ] } }""";
        var text = await CommandRun.OfAsync("classify", Write("list.json", list));
        var json = await CommandRun.OfAsync("classify", Write("list.json", list), "--json");
        var tools = JsonElement.Parse(json.Out).GetProperty("tools");

        Assert.Equal((0, 0), (text.Code, json.Code));
        Assert.Matches("drop_table +Destructive +Critical +0\\.[0-9]+ ", text.Out);
        Assert.Equal("get_row Read Low", $"{tools[1].GetProperty("name")} {tools[1].GetProperty("category")} {tools[1].GetProperty("risk")}");
        Assert.Equal("loose-identifier inputSchema/properties/row_id", $"{tools[1].GetProperty("signals")[0].GetProperty("id")} {tools[1].GetProperty("signals")[0].GetProperty("evidence").GetProperty("place")}");
        Assert.Equal("callgate: `" + Write("twice.json", """[ { "name": "a" }, { "name": "a" } ]""") + "` is no list of tools: two tools have the name `a`; which of them would be called is open\n", (await CommandRun.OfAsync("classify", Path.Combine(folder, "twice.json"))).Error);
    }

    [Fact]
    public async Task Diff_OfFiles_FailsOnLooserOnlyWhenAsked()
    {
        var (before, after) = (Write("a.json", Policy), Write("b.json", """{ "version": "1", "default": "deny", "tools": { "pay": {} } }"""));

        var run = await CommandRun.OfAsync("policy", "diff", before, after);
        var strict = await CommandRun.OfAsync("policy", "diff", before, after, "--fail-on-looser", "--json");
        var same = await CommandRun.OfAsync("policy", "diff", before, before, "--fail-on-looser");

        Assert.Equal((0, 3, 0), (run.Code, strict.Code, same.Code));
        Assert.Contains("looser    pay: require args.amount lte", run.Out, StringComparison.Ordinal);
        Assert.Equal("no tool is treated differently\n", same.Out);
        Assert.Equal(1, (await CommandRun.OfAsync("policy", "diff", before, Path.Combine(folder, "absent.json"))).Code);
    }

    [Fact]
    public async Task Import_OfTheOlderProxy_SaysWhatWasLostAndWhere()
    {
        var file = Write("old.yaml", "version: \"1\"\ndefault: deny\ntools:\n  list: { rules: [] }\n  pay:\n    rules:\n      - name: cap\n        spend_limit: $500/day\n");

        var run = await CommandRun.OfAsync("policy", "import", file);
        var json = JsonElement.Parse((await CommandRun.OfAsync("policy", "import", file, "--json")).Out);
        var check = await CommandRun.OfAsync("policy", "check", Write("new.json", run.Out));

        Assert.Equal((1, 0), (run.Code, check.Code));
        Assert.Contains($"{file}:8:22: lost: `spend_limit` of a rule has no counterpart", run.Error, StringComparison.Ordinal);
        Assert.Equal(8, json.GetProperty("lost")[0].GetProperty("line").GetInt32());
        Assert.Equal(1, (await CommandRun.OfAsync("policy", "import", Path.Combine(folder, "absent.yaml"))).Code);
    }

    [Fact]
    public async Task Test_FilesOfCases_FailWithTheirLines()
    {
        Write("p.json", Policy);
        var good = Write("good.yaml", "policy: p.json\ncases:\n  - name: asked\n    call: { tool: ask }\n    expect: approval\n");
        var bad = Write("bad.yaml", "policy: p.json\ncases:\n  - name: refused\n    call: { tool: ask }\n    expect: deny\n");

        var passed = await CommandRun.OfAsync("policy", "test", good);
        var failed = await CommandRun.OfAsync("policy", "test", good, bad);
        var absent = await CommandRun.OfAsync("policy", "test", Path.Combine(folder, "absent.yaml"));

        Assert.Equal((0, 1, 1), (passed.Code, failed.Code, absent.Code));
        Assert.Equal("1 cases, 0 failed\n", passed.Out);
        Assert.Contains($"{bad}:3: failed: refused", failed.Out, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
