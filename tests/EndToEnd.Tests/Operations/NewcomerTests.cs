using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>The whole path of somebody new, with the executable alone: no file, only commands and a client.</summary>
public sealed class NewcomerTests
{
    private const string Careful = """
        { "version": "1", "default": "deny",
          "tools": { "echo": {},
                     "add": { "action": "deny", "reason": "sums are made elsewhere" },
                     "vendor": { "limits": [ { "counter": "vendors", "window": "month", "max": 2 } ] } } }
        """;

    /// <summary>The members of a record, in the order of the contract.</summary>
    private static readonly string[] RecordMembers =
    [
        "seq", "id", "time", "grant", "identity", "server", "method", "tool", "decision", "code", "rule", "policy", "revision", "outcome", "upstream_status",
        "duration_ms", "argument_names", "arguments_digest", "client", "request_id", "shadow", "approval", "charges",
    ];

    [Fact]
    public async Task Path_ByCommandsAlone_FromServeToRevoke()
    {
        using var folder = new TemporaryFolder();
        var data = folder.File("data");
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions());
        await using var gate = await GateProcess.ServeAsync(data, []);
        var careful = folder.Write("careful.json", Careful);

        Assert.Contains("added", await TextAsync(data, "server", "add", "up", upstream.Url.ToString()), StringComparison.Ordinal);
        Assert.Contains("fine", (await GateProcess.RunAsync("policy", "check", careful)).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await JsonAsync(data, "policy", "add", "careful", careful)).GetProperty("revision").GetInt32());
        var grant = await JsonAsync(data, "grant", "create", "--server", "up=careful", "--label", "laptop", "--identity", "alice@example.com");
        Assert.Equal(["id", "label", "token", "servers"], grant.EnumerateObject().Select(static member => member.Name));
        Assert.Equal(("laptop", "careful"), (grant.GetProperty("label").GetString(), grant.GetProperty("servers").GetProperty("up").GetString()));
        var (id, token) = (grant.GetProperty("id").GetString()!, grant.GetProperty("token").GetString()!);
        Assert.StartsWith("cg_", token, StringComparison.Ordinal);
        Assert.DoesNotContain(token, await TextAsync(data, "grant", "list"), StringComparison.Ordinal);
        Assert.DoesNotContain(token, (await JsonAsync(data, "grant", "list")).GetRawText(), StringComparison.Ordinal);

        await CallAsync(gate, token);
        await RecordAsync(data, id);
        await AttachAsync(data, folder, gate, (id, token));
        await EndAsync(data, gate, (id, token));
        Assert.Equal(0, await gate.TerminateAsync());
        var address = gate.Root.GetLeftPart(UriPartial.Authority);
        Assert.Equal($"callgate listening on {address}", gate.Output[0]);
        Assert.Matches($"^nobody can sign in yet; make the first operator at {address}/welcome/[A-Za-z0-9_-]{{43}} within 24 hours$", Assert.Single(gate.Output.Skip(1)));
    }

    [Fact]
    public async Task Server_ByCommandsAlone_IsShownTestedAndRemoved()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();

        var tested = await operated.CommandAsync("server", "test", "up");
        Assert.True(tested.GetProperty("reached").GetBoolean());
        var tools = (await operated.CommandAsync("server", "tools", "up")).GetProperty("tools").EnumerateArray().ToList();
        Assert.Equal(tested.GetProperty("tools").GetInt32(), tools.Count);
        Assert.All(tools, static tool => Assert.Equal("reviewed", tool.GetProperty("state").GetString()));
        Assert.Equal(tools.Count, (await operated.CommandAsync("server", "show", "up")).GetProperty("tools_reviewed").GetInt32());
        Assert.Equal("up", Assert.Single((await operated.CommandAsync("server", "list")).GetProperty("servers").EnumerateArray()).GetProperty("name").GetString());

        var (_, token) = await operated.GrantAsync();
        await operated.CommandAsync("server", "remove", "up");
        Assert.Empty((await operated.CommandAsync("server", "list")).GetProperty("servers").EnumerateArray());
        await using var client = operated.Modern(token);
        Assert.Equal(403, (await client.CallAsync("echo")).Status);
        Assert.Empty(operated.Upstream.Recording.Calls);
    }

    [Fact]
    public async Task Server_ThatDrifted_IsAcceptedByCommand()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        await using var client = await operated.LegacyAsync(token);
        await client.ListToolsAsync();
        await operated.Upstream.ChangeToolsAsync(static tools => tools.First(tool => tool!["name"]!.GetValue<string>() == "echo")!["description"] = "another one");

        var seen = (await operated.CommandAsync("server", "tools", "up")).GetProperty("tools").EnumerateArray().Single(static tool => tool.GetProperty("name").GetString() == "echo");
        Assert.Equal("drifted", seen.GetProperty("state").GetString());
        Assert.Equal("definition.drifted", (await client.CallAsync("echo")).Denial.GetProperty("code").GetString());
        await operated.CommandAsync("server", "tools", "up", "--accept", "--tool", "echo");
        Assert.False((await client.CallAsync("echo")).IsToolError);
    }

    private static async Task CallAsync(GateProcess gate, string token)
    {
        await using var client = new McpClient(gate.Mcp("up"), token);
        await client.InitializeAsync();
        Assert.Equal(["echo", "add", "vendor"], (await client.ListToolsAsync()).Select(static tool => tool.GetProperty("name").GetString()!));

        Assert.Equal("hello", (await client.CallAsync("echo", new() { ["text"] = "hello" })).FirstText);
        var refused = await client.CallAsync("add", new() { ["a"] = 1, ["b"] = 2 });
        Assert.Equal(("policy.denied", "/tools/add/action"), (refused.Denial.GetProperty("code").GetString(), refused.Denial.GetProperty("rule").GetString()));
        Assert.Contains("sums are made elsewhere", refused.FirstText, StringComparison.Ordinal);
        Assert.False((await client.CallAsync("vendor")).IsToolError);
        Assert.False((await client.CallAsync("vendor")).IsToolError);
        var capped = await client.CallAsync("vendor");
        Assert.Equal("limit.exceeded", capped.Denial.GetProperty("code").GetString());
        Assert.True(capped.Denial.GetProperty("retry_after_seconds").GetInt64() > 0);
        Assert.Contains("Unknown tool: absent", (await client.CallAsync("absent")).Text, StringComparison.Ordinal);
    }

    private static async Task RecordAsync(string data, string grant)
    {
        var (code, output, errors) = await GateProcess.RunAsync("audit", "search", "--method", "tools/call", "--grant", grant, "--data", data, "--json");
        Assert.True(code == 0, errors);
        var records = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line)).Reverse().ToList();
        Assert.All(records, static record => Assert.Equal(RecordMembers, record.EnumerateObject().Select(static member => member.Name)));
        Assert.Equal(
            [("echo", "allow", null, "answered"), ("add", "deny", "policy.denied", "refused"), ("vendor", "allow", null, "answered"), ("vendor", "allow", null, "answered"), ("vendor", "deny", "limit.exceeded", "refused"), ("absent", "hide", "tool.unknown", "refused")],
            records.Select(static record => (Text(record, "tool")!, Text(record, "decision")!, Text(record, "code"), Text(record, "outcome")!)));
        Assert.Equal((200, "careful", 1, "alice@example.com", "fixture-client"), (records[0].GetProperty("upstream_status").GetInt32(), Text(records[0], "policy"), records[0].GetProperty("revision").GetInt32(), Text(records[0], "identity"), Text(records[0], "client")));
        Assert.True(records[0].GetProperty("duration_ms").GetInt64() >= 0);
        Assert.Equal("text", Assert.Single(records[0].GetProperty("argument_names").EnumerateArray()).GetString());
        Assert.Equal("vendors", Assert.Single(records[2].GetProperty("charges").EnumerateArray()).GetProperty("counter").GetString());

        var tail = (await GateProcess.RunAsync("audit", "tail", "-n", "3", "--data", data, "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(records[^3..].Select(static record => record.GetRawText()), tail.Select(static line => JsonElement.Parse(line).GetRawText()));
        var verified = await JsonAsync(data, "audit", "verify");
        Assert.True(verified.GetProperty("ok").GetBoolean(), verified.GetRawText());
        Assert.Matches("^[0-9a-f]{64}$", Text(verified, "head_hash")!);
    }

    private static async Task AttachAsync(string data, TemporaryFolder folder, GateProcess gate, (string Id, string Token) grant)
    {
        await JsonAsync(data, "policy", "add", "open", folder.Write("open.json", OperatedGate.OpenPolicy));
        await JsonAsync(data, "policy", "attach", "open", "--grant", grant.Id, "--server", "up");
        await using var client = new McpClient(gate.Mcp("up"), grant.Token, OperatedGate.ModernVersion);
        Assert.Equal("3", (await client.CallAsync("add", new() { ["a"] = 1, ["b"] = 2 })).FirstText);
    }

    private static async Task EndAsync(string data, GateProcess gate, (string Id, string Token) grant)
    {
        var rotated = await JsonAsync(data, "grant", "rotate", grant.Id);
        Assert.Equal(grant.Id, Text(rotated, "id"));
        await using var before = new McpClient(gate.Mcp("up"), grant.Token, OperatedGate.ModernVersion);
        await using var after = new McpClient(gate.Mcp("up"), Text(rotated, "token"), OperatedGate.ModernVersion);
        Assert.Equal(401, (await before.CallAsync("echo")).Status);
        Assert.False((await after.CallAsync("echo", new() { ["text"] = "still" })).IsToolError);
        Assert.Contains("revoked", await TextAsync(data, "grant", "revoke", grant.Id), StringComparison.Ordinal);
        Assert.Equal(401, (await after.CallAsync("echo")).Status);
    }

    private static async Task<JsonElement> JsonAsync(string data, params string[] arguments) => JsonElement.Parse(await TextAsync(data, [.. arguments, "--json"]));

    private static async Task<string> TextAsync(string data, params string[] arguments)
    {
        var (code, output, errors) = await GateProcess.RunAsync([.. arguments, "--data", data]);
        Assert.True(code == 0, $"`{string.Join(' ', arguments)}` ended with {code}: {output}{errors}");
        return output;
    }

    private static string? Text(JsonElement record, string member) => record.GetProperty(member).GetString();
}
