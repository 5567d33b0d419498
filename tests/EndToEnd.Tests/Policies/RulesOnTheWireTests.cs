using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Operations;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Policies;

/// <summary>Rules of a policy as a client meets them: what it reads, what the upstream never sees, what the record holds.</summary>
public sealed class RulesOnTheWireTests
{
    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Conditions_OnArguments_RefuseWithTheirTextAndReachNobody(string version)
    {
        await using var gate = await StartAsync("""
            { "version": "1", "default": "allow", "tools": { "echo": {
              "deny_if": [ { "conditions": [ { "path": "args.text", "op": "regex", "value": "(?:^|[^a-z])drop", "missing": "pass" } ], "on_deny": "No dropping." } ],
              "require": [ { "conditions": [ { "path": "args.text", "op": "length_lte", "value": 20 } ], "on_deny": "Say it shorter." } ] } } }
            """);
        await using var client = await ClientAsync(gate, version);

        Assert.False((await client.CallAsync("echo", Arguments("""{ "text": "hello" }"""))).IsToolError);
        var seen = gate.Upstream.Recording.Requests.Count;
        await RefusedAsync(client, """{ "text": "please drop it" }""", "policy.condition", "/tools/echo/deny_if/0", "No dropping");
        await RefusedAsync(client, """{ "text": "this is far too long to say" }""", "policy.condition", "/tools/echo/require/0", "Say it shorter");
        await RefusedAsync(client, "{}", "policy.unjudgeable", "/tools/echo/require/0", "`args.text`");
        Assert.Equal(seen, gate.Upstream.Recording.Requests.Count);

        var records = await gate.RecordsAsync("--tool", "echo", "--decision", "deny");
        Assert.Equal(["policy.unjudgeable", "policy.condition", "policy.condition"], records.Select(record => record.GetProperty("code").GetString()));
        Assert.All(records, record => Assert.Equal("refused", record.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task Arguments_ThatDoNotFitTheSchema_AreNamedAndStayBelow()
    {
        await using var gate = await StartAsync("""{ "version": "1", "default": "allow", "tools": { "slow": { "validation": "off" } } }""");
        await using var client = await ClientAsync(gate, "2025-11-25");

        var seen = gate.Upstream.Recording.Requests.Count;
        await RefusedAsync(client, """{ "a": "12", "b": 1 }""", "arguments.invalid", "(schema)", "`a`", "add");
        await RefusedAsync(client, """{ "a": true, "b": 1 }""", "arguments.invalid", "(schema)", "`a`", "add");
        await RefusedAsync(client, """{ "a": 1 }""", "arguments.invalid", "(schema)", "`b`", "add");
        await RefusedAsync(client, """{ "a": 1, "b": 2, "c": 3 }""", "arguments.invalid", "(schema)", "`c`", "add");
        Assert.Equal(seen, gate.Upstream.Recording.Requests.Count);
        Assert.Equal("3", (await client.CallAsync("add", Arguments("""{ "a": 1, "b": 2 }"""))).FirstText);
        Assert.False((await client.CallAsync("slow", Arguments("""{ "steps": "0" }"""))).IsToolError);
    }

    [Fact]
    public async Task Category_SetByAnOperator_DecidesUntilItIsTakenAwayAndOutlivesARestart()
    {
        await using var gate = await StartAsync("""
            { "version": "1", "default": "allow", "categories": { "Destructive": { "action": "hide" }, "Write": { "action": "deny", "reason": "Read only." } } }
            """);
        await using (var client = await ClientAsync(gate, "2025-11-25"))
        {
            Assert.False((await client.CallAsync("echo", Arguments("""{ "text": "x" }"""))).IsToolError);
            await gate.CommandAsync("catalogue", "override", "--server", "up", "--tool", "echo", "--category", "Write");
            await RefusedAsync(client, """{ "text": "x" }""", "policy.denied", "/categories/Write/action", "Read only");
            await gate.CommandAsync("catalogue", "override", "--server", "up", "--tool", "add", "--category", "Destructive");
            Assert.DoesNotContain(await client.ListToolsAsync(), tool => tool.GetProperty("name").GetString() == "add");
        }

        await gate.RestartAsync(kill: true);
        await using (var client = await ClientAsync(gate, "2026-07-28"))
        {
            await RefusedAsync(client, """{ "text": "x" }""", "policy.denied", "/categories/Write/action", "Read only");
            await gate.CommandAsync("catalogue", "override", "--server", "up", "--tool", "echo", "--category", "none");
            Assert.False((await client.CallAsync("echo", Arguments("""{ "text": "x" }"""))).IsToolError);
        }

        Assert.Equal(3, (await gate.RecordsAsync("--method", "operator/tool-categorise")).Count);
        await FailsAsync(gate, 1, "there is no tool `ecko`", "catalogue", "override", "--server", "up", "--tool", "ecko", "--category", "Read");
        await FailsAsync(gate, 1, "`category` is one of Read", "catalogue", "override", "--server", "up", "--tool", "echo", "--category", "read");
    }

    [Fact]
    public async Task Facts_OfTheGrant_TellTenantsApart()
    {
        await using var gate = await OperatedGate.StartAsync();
        await gate.SetUpAsync("""
            { "version": "1", "default": "deny", "tools": { "echo": { "require": [
              { "conditions": [ { "path": "args.text", "op": "eq", "value": { "ref": "grant.attributes.tenant" } } ], "on_deny": "Another tenant." } ] } } }
            """);
        var acme = await gate.CommandAsync("grant", "create", "--server", "up=p", "--label", "a", "--attribute", "tenant=acme");
        var (_, none) = await gate.GrantAsync("none");
        await using var client = await gate.LegacyAsync(acme.GetProperty("token").GetString()!);
        await using var stranger = await gate.LegacyAsync(none);

        Assert.Equal("acme", (await client.CallAsync("echo", Arguments("""{ "text": "acme" }"""))).FirstText);
        await RefusedAsync(client, """{ "text": "other" }""", "policy.condition", "/tools/echo/require/0", "Another tenant");
        await RefusedAsync(stranger, """{ "text": "acme" }""", "policy.unjudgeable", "/tools/echo/require/0", "rule cannot be judged");
    }

    [Fact]
    public async Task Tests_ThatNameAServer_AreJudgedByItsToolsWhenSaved()
    {
        await using var gate = await StartAsync("""{ "version": "1", "default": "allow" }""");
        await using var client = await ClientAsync(gate, "2025-11-25");
        Assert.NotEmpty(await client.ListToolsAsync());

        await gate.PolicyAsync("""
            { "version": "1", "default": "allow", "tests": [
              { "server": "up", "call": { "tool": "add", "args": { "a": 1, "b": 2 } }, "expect": "allow" },
              { "server": "up", "call": { "tool": "add", "args": { "a": "1", "b": 2 } }, "expect": "deny", "rule": "(schema)" },
              { "server": "up", "call": { "tool": "absent" }, "expect": "hide" } ] }
            """);
        var wrong = gate.Folder.Write("wrong.json", """
            { "version": "1", "default": "allow", "tests": [ { "server": "up", "call": { "tool": "add", "args": { "a": "1", "b": 2 } }, "expect": "allow" } ] }
            """);
        await FailsAsync(gate, 1, "this test expects `allow`", "policy", "add", "p", wrong);
        await gate.RestartAsync(kill: true);
        Assert.Equal(2, (await gate.CommandAsync("policy", "list")).GetProperty("policies")[0].GetProperty("revision").GetInt64());
    }

    internal static async Task<OperatedGate> StartAsync(string policy)
    {
        var gate = await OperatedGate.StartAsync();
        await gate.SetUpAsync(policy);
        return gate;
    }

    internal static JsonObject Arguments(string json) => JsonNode.Parse(json)!.AsObject();

    internal static async Task<McpClient> ClientAsync(OperatedGate gate, string version)
    {
        var (_, token) = await gate.GrantAsync("agent-" + version);
        return version == OperatedGate.ModernVersion ? gate.Modern(token) : await gate.LegacyAsync(token);
    }

    internal static async Task<JsonElement> RefusedAsync(McpClient client, string arguments, string code, string rule, string text, string tool = "echo")
    {
        var answer = await client.CallAsync(tool, Arguments(arguments));
        Assert.True(answer.IsToolError, answer.Text);
        Assert.Equal((code, rule), (answer.Denial.GetProperty("code").GetString(), answer.Denial.GetProperty("rule").GetString()));
        Assert.Contains(text, answer.FirstText, StringComparison.Ordinal);
        return answer.Denial;
    }

    internal static async Task FailsAsync(OperatedGate gate, int code, string text, params string[] arguments)
    {
        var run = await Cli.CommandRun.OfAsync([.. arguments, "--data", gate.Data]);
        Assert.Equal(code, run.Code);
        Assert.Contains(text, run.Error, StringComparison.Ordinal);
    }
}
