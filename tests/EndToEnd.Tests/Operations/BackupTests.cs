using System.Text.Json;
using Callgate.EndToEnd.Tests.Cli;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>`callgate backup` and `restore`: another folder goes on where the first one was.</summary>
public sealed class BackupTests
{
    private const string Capped = """
        { "version": "1", "default": "deny", "tools": { "echo": { "limits": [ { "counter": "echoes", "window": "month", "max": 3 } ] }, "add": {} } }
        """;

    [Fact]
    public async Task Restore_IntoAnotherFolder_GivesTheSameGate()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.CommandAsync("server", "add", "up", operated.Upstream.Url.ToString(), "--header", "X-Key: kept-by-the-backup");
        await operated.PolicyAsync(Capped);
        var (_, token) = await operated.GrantAsync();
        await using (var client = operated.Modern(token))
        {
            Assert.False((await client.CallAsync("echo")).IsToolError);
            Assert.False((await client.CallAsync("echo")).IsToolError);
        }

        await operated.Upstream.ChangeToolsAsync(static tools => tools.First(tool => tool!["name"]!.GetValue<string>() == "add")!["description"] = "changed after it was reviewed");
        var before = await StateAsync(operated.Data);
        var backup = Path.Combine(operated.Data, "backups", (await operated.CommandAsync("backup")).GetProperty("name").GetString()!);
        await operated.CommandAsync("grant", "create", "--server", "up=p", "--label", "made-after-the-backup");

        var elsewhere = operated.Folder.File("elsewhere");
        var restored = await CommandRun.OfAsync("restore", backup, "--data", elsewhere);
        Assert.True(restored.Code == 0, restored.Error);
        Assert.Equal(0, (await CommandRun.OfAsync("audit", "verify", "--offline", "--data", elsewhere)).Code);
        Assert.Equal(1, (await CommandRun.OfAsync("restore", backup, "--data", elsewhere)).Code);

        await using var second = await GateProcess.ServeAsync(elsewhere, []);
        Assert.NotEqual(operated.Gate.AdminToken, second.AdminToken);
        Assert.Equal(before, await StateAsync(elsewhere));
        operated.Upstream.Recording.Clear();
        await using var again = new McpClient(second.Mcp("up"), token, OperatedGate.ModernVersion);
        Assert.Equal("definition.drifted", (await again.CallAsync("add", new() { ["a"] = 1, ["b"] = 1 })).Denial.GetProperty("code").GetString());
        Assert.False((await again.CallAsync("echo")).IsToolError);
        Assert.Equal("limit.exceeded", (await again.CallAsync("echo")).Denial.GetProperty("code").GetString());
        Assert.Equal("kept-by-the-backup", Assert.Single(operated.Upstream.Recording.Calls).Header("X-Key"));
        var verified = await CommandRun.OfAsync("audit", "verify", "--data", elsewhere);
        Assert.True(verified.Code == 0, verified.Out + verified.Error);
        Assert.Equal(0, await second.TerminateAsync());
    }

    /// <summary>Servers, tools with their states, policies and grants as operators see them.</summary>
    private static async Task<string> StateAsync(string data)
    {
        var parts = new List<string>();
        foreach (var command in new string[][] { ["server", "tools", "up"], ["server", "list"], ["policy", "list"], ["grant", "list"] })
        {
            var run = await CommandRun.OfAsync([.. command, "--data", data, "--json"]);
            Assert.True(run.Code == 0, run.Error);
            parts.Add(JsonElement.Parse(run.Out).GetRawText());
        }

        return string.Join('\n', parts);
    }
}
