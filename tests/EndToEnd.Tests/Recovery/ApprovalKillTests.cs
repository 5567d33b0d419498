using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Operations;
using Callgate.EndToEnd.Tests.Peers;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Recovery;

/// <summary>kill -9 while people are asked, answer, and their calls are made: never two executions of one approval, never a lost answer (security study, F7).</summary>
public sealed class ApprovalKillTests
{
    private const int Kills = 12;

    private const string Policy = """{ "version": "1", "default": "deny", "tools": { "add": { "action": "require_approval" } } }""";

    [Fact]
    public async Task Kill_AtAnyInstant_ExecutesNoApprovalTwiceAndLosesNoAnswer()
    {
        var run = new LongRun("approval-kills");
        var random = new Random(run.Seed);
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync(Policy);
        await operated.CommandAsync("server", "tools", "up");
        var (_, token) = await operated.GrantAsync();
        var approver = await Approver.StartAsync(operated.Gate.Root, operated.Gate.AdminToken);
        var taken = new List<string>();
        var before = 0;
        for (var round = 0; round < Kills; round++)
        {
            await using var client = operated.Modern(token);
            var call = client.CallAsync("add", new JsonObject { ["a"] = round, ["b"] = 0 });

            // Before it is recorded, while people are asked, between their answer and the execution, or after it.
            await Task.Delay(random.Next(round % 2 == 0 ? 40 : 300));
            await operated.Gate.KillAsync();
            await Task.WhenAny(call);
            before += operated.Upstream.Recording.Calls.Count(sent => sent.Tool == "add" && sent.Json.GetProperty("params").GetProperty("arguments").GetProperty("a").GetInt32() == round);
            await approver.DisposeAsync();
            taken.AddRange(approver.Taken);

            await operated.RestartedAsync();
            var known = await StatesAsync(operated);
            Assert.All(taken, id => Assert.True(known[id] is "approved" or "spent", $"seed {run.Seed}, round {round}: the answer about {id} is lost, it is {known[id]}"));
            approver = Approver.GoOn(operated.Gate.Root, approver.Session);
            await using var again = operated.Modern(token);
            Assert.Equal($"{round}", (await again.CallAsync("add", new JsonObject { ["a"] = round, ["b"] = 0 })).FirstText);
        }

        await approver.DisposeAsync();
        var spent = (await StatesAsync(operated)).Count(static pair => pair.Value == "spent");
        var executed = operated.Upstream.Recording.Calls.Count(static call => call.Tool == "add");
        run["kills"] = Kills;
        run["executed before the kill"] = before;
        run["spent"] = spent;
        run["seen upstream"] = executed;
        run.Write();
        Assert.InRange(executed, Kills, spent);
        Assert.True(before < Kills, "no kill came before an execution, so nothing was tried");
        var verified = await operated.CommandAsync("audit", "verify");
        Assert.True(verified.GetProperty("ok").GetBoolean());
    }

    /// <summary>Every approval there is, by what the gate says of it.</summary>
    private static async Task<Dictionary<string, string>> StatesAsync(OperatedGate operated)
    {
        var all = await operated.CommandAsync("approvals", "list", "--all");
        return all.GetProperty("approvals").EnumerateArray().ToDictionary(static approval => approval.Text("id")!, static approval => approval.Text("state")!);
    }
}
