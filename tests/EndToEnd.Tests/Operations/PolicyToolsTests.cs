using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Cli;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>What the command line tells about policies with the help of a running gate.</summary>
public sealed class PolicyToolsTests
{
    private const string Retry = """
        { "version": "1", "default": "deny", "hide": ["flowforge_cancel_run"],
          "tools": { "flowforge_retry_run": {}, "flowforge_list_runs": {}, "flowforge_get_run": { "rate_limit": { "max": 2, "window": "day" } } } }
        """;

    private const string Careful = """
        { "version": "1", "default": "deny", "hide": ["flowforge_cancel_run"],
          "tools": { "flowforge_retry_run": { "require": [ { "conditions": [ { "path": "args.run_id", "op": "regex", "value": "^[A-Za-z0-9_-]{1,128}$" } ], "on_deny": "a plain id" } ] },
                     "flowforge_get_run": { "rate_limit": { "max": 1, "window": "day" } } } }
        """;

    private const string Closed = """
        "require": [ { "conditions": [ { "path": "args.run_id", "op": "in", "value": ["a", "b"] } ] } ], "rate_limit"
        """;

    [Fact]
    public async Task Check_AgainstTheServersTools_FindsTheIdentifierThatBecomesAnAddress()
    {
        await using var operated = await StartAsync();
        var (loose, careful) = (operated.Folder.Write("loose.json", Retry), operated.Folder.Write("careful.json", Careful.Replace("\"rate_limit\"", Closed, StringComparison.Ordinal)));

        var found = await RunAsync(operated, "policy", "check", loose, "--server", "up");
        var strict = await RunAsync(operated, "policy", "check", loose, "--server", "up", "--strict");
        var clean = await RunAsync(operated, "policy", "check", careful, "--server", "up", "--strict");
        var unknown = await RunAsync(operated, "policy", "check", careful, "--server", "nowhere");

        Assert.Equal((0, 1, 0, 1), (found.Code, strict.Code, clean.Code, unknown.Code));
        Assert.Contains("warning: `run_id` of `flowforge_retry_run` takes any text", found.Out, StringComparison.Ordinal);
        Assert.Contains("""add to `require`: {"conditions":[{"path":"args.run_id","op":"regex","value":"^[A-Za-z0-9_-]{1,128}$"}]""", found.Out, StringComparison.Ordinal);
        Assert.Contains("1 file: 0 errors, ", found.Out, StringComparison.Ordinal);
        Assert.Contains("there is no server `nowhere`", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attack_OnTheServersTools_TellsWhatGetsThrough()
    {
        await using var operated = await StartAsync();

        var open = await RunAsync(operated, "attack", "--policy", operated.Folder.Write("open.json", """{ "version": "1", "default": "allow" }"""), "--server", "up", "--fail-under", "90");
        var shut = await RunAsync(operated, "attack", "--policy", operated.Folder.Write("shut.json", """{ "version": "1", "default": "deny" }"""), "--server", "up", "--fail-under", "90");
        var unknown = await RunAsync(operated, "attack", "--policy", operated.Folder.Write("shut.json", """{ "version": "1", "default": "deny" }"""), "--server", "nowhere");

        Assert.Equal((3, 0, 1), (open.Code, shut.Code, unknown.Code));
        Assert.Contains("A15  Mass deletion at machine speed\n       by ", open.Out, StringComparison.Ordinal);
        Assert.Contains("flowforge_cancel_run", open.Out, StringComparison.Ordinal);
        Assert.Contains("(100 %)", shut.Out, StringComparison.Ordinal);
        Assert.Contains("there is no server `nowhere`", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recommend_ForTheServersTools_IsInForceAndLintsClean()
    {
        await using var operated = await StartAsync();

        var written = await RunAsync(operated, "policy", "recommend", "--server", "up");
        var file = operated.Folder.Write("recommended.json", written.Out);

        Assert.Equal(0, written.Code);
        Assert.Equal(0, (await RunAsync(operated, "policy", "check", file, "--server", "up", "--strict")).Code);
        await operated.CommandAsync("policy", "add", "recommended", file);
        Assert.Contains("flowforge_cancel_run", JsonElement.Parse(written.Out).GetProperty("hide").EnumerateArray().Select(static name => name.GetString()));
        Assert.Equal((2, 1), ((await RunAsync(operated, "policy", "recommend")).Code, (await RunAsync(operated, "policy", "recommend", "--server", "nowhere")).Code));
    }

    [Fact]
    public async Task Explain_OfAGrant_TellsWhatTheCallMeets()
    {
        await using var operated = await StartAsync();
        await operated.PolicyAsync(Careful);
        var (id, token) = await operated.GrantAsync();
        string[] call = ["policy", "explain", "--server", "up", "--grant", id, "--tool", "flowforge_retry_run", "--args"];

        var refused = await RunAsync(operated, [.. call, """{"run_id":"x/cancel?"}"""]);
        var allowed = await operated.CommandAsync([.. call, """{"run_id":"x"}"""]);
        var invalid = await RunAsync(operated, [.. call, """{"run_id":7}"""]);
        var hidden = await RunAsync(operated, "policy", "explain", "--server", "up", "--grant", id, "--tool", "flowforge_cancel_run");
        var wrong = await RunAsync(operated, [.. call, "{run"]);
        var nobody = await RunAsync(operated, "policy", "explain", "--server", "up", "--grant", "nobody", "--tool", "a");

        Assert.Equal((3, 3, 3, 2, 1), (refused.Code, invalid.Code, hidden.Code, wrong.Code, nobody.Code));
        Assert.StartsWith("deny (policy.condition) by /tools/flowforge_retry_run/require/0\n  a plain id\n", refused.Out, StringComparison.Ordinal);
        Assert.Contains("false   args.run_id regex", refused.Out, StringComparison.Ordinal);
        Assert.Equal("allow", allowed.GetProperty("decision").GetString());
        Assert.Contains("arguments.invalid", invalid.Out, StringComparison.Ordinal);
        Assert.Contains("hide (tool.hidden) by /hide/0; the tool is not listed", hidden.Out, StringComparison.Ordinal);

        string[] get = ["policy", "explain", "--server", "up", "--grant", id, "--tool", "flowforge_get_run", "--args", """{"run_id":"x"}"""];
        Assert.Equal(JsonValueKind.Null, (await operated.CommandAsync(get)).GetProperty("no_room").ValueKind);

        // What it says is what a call meets.
        await using var client = await operated.LegacyAsync(token);
        await client.CallAsync("flowforge_retry_run", new JsonObject { ["run_id"] = "x/cancel?" });
        Assert.Equal("/tools/flowforge_retry_run/require/0", (await operated.RecordsAsync("--method", "tools/call"))[0].GetProperty("rule").GetString());

        await client.CallAsync("flowforge_get_run", new JsonObject { ["run_id"] = "x" });
        var full = await RunAsync(operated, get);
        Assert.Equal(3, full.Code);
        Assert.Contains("/tools/flowforge_get_run/rate_limit has no room now", full.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_RecordedCalls_SaysWhatWouldChangeAndWhatCannotBeKnown()
    {
        await using var operated = await StartAsync();
        await operated.PolicyAsync(Retry);
        var (id, token) = await operated.GrantAsync();
        await using var client = await operated.LegacyAsync(token);
        await client.CallAsync("flowforge_retry_run", new JsonObject { ["run_id"] = "x" });
        await client.CallAsync("flowforge_list_runs");
        await client.CallAsync("flowforge_get_run", new JsonObject { ["run_id"] = "x" });
        await client.CallAsync("flowforge_get_run", new JsonObject { ["run_id"] = "x" });
        await client.CallAsync("flowforge_cancel_run", new JsonObject { ["run_id"] = "x" });
        var file = operated.Folder.Write("careful.json", Careful);

        var told = await operated.CommandAsync("policy", "simulate", "--policy", file, "--since", "1h", "--server", "up");
        var text = await RunAsync(operated, "policy", "simulate", "--policy", file);
        var none = await operated.CommandAsync("policy", "simulate", "--policy", file, "--replaces", "other");

        Assert.Equal((5, 2, 1, 2, 0), (Number(told, "records"), Number(told, "changed"), Number(told, "unclear"), Number(told, "same"), Number(told, "skipped")));
        Assert.True(told.GetProperty("complete").GetBoolean());
        Assert.Equal("""[{"rule":"/tools/flowforge_retry_run/require/0","calls":1}]""", told.GetProperty("unjudged").GetRawText());
        var changed = told.GetProperty("groups").EnumerateArray().Where(static group => group.GetProperty("changed").GetBoolean()).Select(group => $"{group.GetProperty("tool")} {group.GetProperty("before")} {group.GetProperty("after")} {group.GetProperty("after_code")}").Order(StringComparer.Ordinal);
        Assert.Equal(["flowforge_get_run allow deny limit.exceeded", "flowforge_list_runs allow deny policy.default_deny"], changed);
        Assert.Contains($"{id}", text.Out, StringComparison.Ordinal);
        Assert.Contains("5 calls: 2 changed, 1 unclear, 2 the same, 0 judged by no policy", text.Out, StringComparison.Ordinal);
        Assert.Equal(0, Number(none, "records"));
        Assert.Equal((2, 1), ((await RunAsync(operated, "policy", "simulate", "--policy", file, "--since", "long ago")).Code, (await RunAsync(operated, "policy", "simulate", "--policy", operated.Folder.Write("no.json", "{}"))).Code));
    }

    [Fact]
    public async Task Simulate_WhereTheRecordKeepsValues_JudgesThem()
    {
        await using var operated = await OperatedGate.StartAsync(new FixtureOptions { Profile = "flowforge" });
        await operated.CommandAsync("server", "add", "up", operated.Upstream.Url.ToString(), "--record-arguments", "sealed");
        await operated.PolicyAsync(Retry);
        await operated.CommandAsync("server", "tools", "up");
        var (_, token) = await operated.GrantAsync();
        await using var client = await operated.LegacyAsync(token);
        foreach (var id in new[] { "canary-run-1", "canary-run-2/cancel?" })
        {
            await client.CallAsync("flowforge_retry_run", new JsonObject { ["run_id"] = id });
        }

        await client.CallAsync("flowforge_retry_run", new JsonObject { ["run_id"] = new string('x', 20_000) });
        var file = operated.Folder.Write("careful.json", Careful);
        var told = await operated.CommandAsync("policy", "simulate", "--policy", file, "--since", "1h");
        var records = await operated.RecordsAsync("--method", "tools/call");
        var opened = await operated.CommandAsync("audit", "arguments", records[1].GetProperty("id").GetString()!);
        var tooLarge = await RunAsync(operated, "audit", "arguments", records[0].GetProperty("id").GetString()!);

        // The third is too large to be kept: what depends on it stays unclear.
        Assert.Equal((3, 1, 1, 1), (Number(told, "records"), Number(told, "same"), Number(told, "changed"), Number(told, "unclear")));
        Assert.Equal("canary-run-2/cancel?", opened.GetProperty("arguments").GetProperty("run_id").GetString());
        Assert.Equal(1, tooLarge.Code);
        Assert.Contains("keeps no values of arguments", tooLarge.Error, StringComparison.Ordinal);
        Assert.Equal(records[1].GetProperty("id").GetString(), Assert.Single(await DetailsAsync(operated, "operator/audit-arguments")));

        await operated.Gate.TerminateAsync();
        foreach (var path in Directory.EnumerateFiles(operated.Data, "*", SearchOption.AllDirectories))
        {
            Assert.True((await File.ReadAllBytesAsync(path)).AsSpan().IndexOf("canary-run"u8) < 0, $"a value of an argument stands in `{path}` in the clear");
        }
    }

    [Fact]
    public async Task Diff_WithTheServersTools_NamesWhatChanges()
    {
        await using var operated = await StartAsync();
        var (before, after) = (operated.Folder.Write("a.json", Retry), operated.Folder.Write("b.json", Careful));

        var run = await RunAsync(operated, "policy", "diff", before, after, "--server", "up");
        var back = await RunAsync(operated, "policy", "diff", after, before, "--server", "up", "--fail-on-looser");

        Assert.Equal((0, 3), (run.Code, back.Code));
        Assert.Contains("stricter  flowforge_list_runs: action allowed by `/tools/flowforge_list_runs` -> denied by `/default`", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("3 differences, 0 of them looser\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schema_OfTheGate_IsThatOfTheExecutableAndNeedsNoToken()
    {
        await using var operated = await StartAsync();

        var (status, served) = await OperatedGate.HttpAsync(new Uri(operated.Gate.Root, "/schemas/policy-1.json"));
        var (code, printed, _) = await GateProcess.RunAsync("policy", "schema");

        Assert.Equal((200, 0), (status, code));
        Assert.Equal(served, printed);
        Assert.Equal("1", JsonElement.Parse(served).GetProperty("properties").GetProperty("version").GetProperty("const").GetString());
    }

    private static async Task<OperatedGate> StartAsync()
    {
        var operated = await OperatedGate.StartAsync(new FixtureOptions { Profile = "flowforge" });
        await operated.SetUpAsync(Retry);
        await operated.CommandAsync("server", "tools", "up");
        return operated;
    }

    private static Task<CommandRun> RunAsync(OperatedGate operated, params string[] arguments) => CommandRun.OfAsync([.. arguments, "--data", operated.Data]);

    /// <summary>The details of the operator's actions of one kind, as the journal has them.</summary>
    private static async Task<List<string?>> DetailsAsync(OperatedGate operated, string method)
    {
        var lines = new List<string?>();
        foreach (var path in Directory.EnumerateFiles(Path.Combine(operated.Data, "journal"), "*.jsonl"))
        {
            using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            while (await file.ReadLineAsync() is { } line)
            {
                if (line.Contains($"\"{method}\"", StringComparison.Ordinal))
                {
                    lines.Add(JsonElement.Parse(line).GetProperty("detail").GetString());
                }
            }
        }

        return lines;
    }

    private static long Number(JsonElement told, string member) => told.GetProperty(member).GetInt64();
}
