using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.FiveSystems;
using Callgate.EndToEnd.Tests.Peers;
using Xunit;

namespace Callgate.EndToEnd.Tests.Servers;

/// <summary>The MCP server of `trigger.dev` behind the gate, with a stand-in for the service behind it: what it did shows there.</summary>
public sealed class TriggerTests
{
    private const int Tools = 14;

    private const string Policy = """
        { "version": "1", "default": "deny", "hide": ["cancel_run"],
          "tools": { "list_runs": { "limits": [ { "counter": "lists", "window": "month", "max": 2 } ] },
                     "trigger_task": { "action": "deny", "reason": "tasks are started by people." } } }
        """;

    [Fact]
    public async Task Trigger_CancelHidden_CannotCancelAndOtherToolsReachTheService()
    {
        await using var rest = await TriggerRest.StartAsync();
        await using var server = Server(rest);
        await using var gate = await PeerGate.StartAsync(server.Definition, Policy);
        await using var direct = await server.DirectAsync();
        await using var gated = await SdkSession.HttpAsync(gate.Url, PeerGate.Token);
        var both = new SideBySide(direct, gated);
        var before = rest.Seen.Count;

        // A list shows what is denied with a reason, not what only the default refuses.
        Assert.Equal(Tools, (await direct.ToolsAsync()).Count);
        Assert.Equal(["list_runs", "trigger_task"], (await gated.ToolsAsync()).Select(static tool => tool["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        var runs = await gated.CallAsync("list_runs", OfProject());
        Assert.Equal(["GET /api/v2/whoami", "POST /api/v1/projects/proj_standin/dev/jwt", "GET /api/v1/runs"], rest.Seen.Skip(before));
        Assert.Contains(TriggerRest.Run, runs["content"]![0]!["text"]!.GetValue<string>(), StringComparison.Ordinal);
        await both.CallsAgreeAsync("list_runs", OfProject());

        before = rest.Seen.Count;
        await both.UnknownAsync("cancel_run", OfRun());
        await both.RefusedAsync("trigger_task", OfTask(), ("policy.denied", "/tools/trigger_task/action", "tasks are started by people."));
        await both.RefusedAsync("list_projects", [], ("policy.default_deny", "/default", ""));
        await both.RefusedAsync("list_runs", OfProject(), ("limit.exceeded", "/tools/list_runs/limits/0", "`list_runs` has reached its limit of 2 a month"));
        Assert.Empty(rest.Seen.Skip(before));
        Assert.Equal("EXECUTING", rest.Status);

        await gate.RecordedAsync(
            "list_runs allow answered", "list_runs allow answered", "cancel_run tool.hidden", "trigger_task policy.denied",
            "list_projects policy.default_deny", "list_runs limit.exceeded");
        await WithoutTheGateItCancelsAsync(rest, direct);
    }

    /// <summary>The policy as the page of the seed prints it, on the server as npm has it.</summary>
    [Fact]
    public async Task Trigger_PolicyOfTheSeed_LeavesNothingToCall()
    {
        await using var rest = await TriggerRest.StartAsync();
        await using var server = Server(rest);
        await using var gate = await PeerGate.StartAsync(server.Definition, await File.ReadAllTextAsync(SeedCase.Of("trigger").PolicyFile));
        await using var direct = await server.DirectAsync();
        await using var gated = await SdkSession.HttpAsync(gate.Url, PeerGate.Token);
        var both = new SideBySide(direct, gated);

        Assert.Empty(await gated.ToolsAsync());
        await both.UnknownAsync("cancel_run", OfRun());
        await both.RefusedAsync("list_runs", OfProject(), ("policy.default_deny", "/default", ""));
        Assert.Empty(rest.Seen);
        Assert.Equal("EXECUTING", rest.Status);
        await gate.RecordedAsync("cancel_run tool.hidden", "list_runs policy.default_deny");
    }

    /// <summary>With nothing but `cancel_run` hidden, the other thirteen come through as they are.</summary>
    [Fact]
    public async Task Trigger_EverythingButOneAllowed_ListsTheRestUnchanged()
    {
        await using var rest = await TriggerRest.StartAsync();
        await using var server = Server(rest);
        await using var gate = await PeerGate.StartAsync(server.Definition, """{ "version": "1", "default": "allow", "hide": ["cancel_run"] }""");
        await using var direct = await server.DirectAsync();
        await using var gated = await SdkSession.HttpAsync(gate.Url, PeerGate.Token);
        var both = new SideBySide(direct, gated);

        Assert.Equal(direct.Instructions, gated.Instructions);
        await both.ListsAgreeAsync(Tools, "cancel_run");
        await both.CallsAgreeAsync("list_runs", OfProject());
        await both.CallsAgreeAsync("list_runs", []);
        await both.UnknownAsync("cancel_run", OfRun());
        Assert.Equal("EXECUTING", rest.Status);
    }

    /// <summary>The same call would have reached the service.</summary>
    private static async Task WithoutTheGateItCancelsAsync(TriggerRest rest, SdkSession direct)
    {
        var canceled = await direct.CallAsync("cancel_run", OfRun());

        Assert.Contains($"POST /api/v2/runs/{TriggerRest.Run}/cancel", rest.Seen);
        Assert.Equal("CANCELED", rest.Status);
        Assert.Contains("CANCELED", canceled.ToJsonString(), StringComparison.Ordinal);
    }

    private static RealServer Server(TriggerRest rest) => RealServer.Stdio(
        NodePeer.File("trigger.dev/dist/esm/index.js"),
        ["mcp", "--skip-telemetry"],
        new Dictionary<string, string> { ["TRIGGER_ACCESS_TOKEN"] = TriggerRest.AccessToken, ["TRIGGER_API_URL"] = rest.Root.ToString().TrimEnd('/') });

    private static JsonObject OfProject() => new() { ["projectRef"] = TriggerRest.Project };

    private static JsonObject OfRun() => new() { ["projectRef"] = TriggerRest.Project, ["runId"] = TriggerRest.Run };

    private static JsonObject OfTask() => new() { ["projectRef"] = TriggerRest.Project, ["taskId"] = "nightly-report", ["payload"] = new JsonObject() };
}
