using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Operations;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>From a call that waits to the rule that is in force, by commands of a person who has signed in.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ProposalCommandsTests
{
    private const string Password = "correct horse battery";
    private const string Policy = """{ "version": "1", "default": "deny", "tools": { "add": { "action": "require_approval" } } }""";

    [Fact]
    public async Task Approve_WithARule_ThenShownAndAccepted_LetsTheCallPass()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync(Policy);
        await operated.CommandAsync("server", "tools", "up");
        var (_, token) = await operated.GrantAsync();
        var user = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = operated.Folder.File("home"), ["CALLGATE_URL"] = operated.Gate.Root.ToString(), ["CALLGATE_TOKEN"] = "" };
        await GateProcess.RunWithAsync(null, Password + "\n", "operator", "add", "pam", "--role", "approver", "--role", "policy_manager", "--password-stdin", "--data", operated.Data);
        await GateProcess.RunWithAsync(user, Password + "\n", "login", "pam", "--password-stdin");
        await using var client = operated.Modern(token);
        var call = client.CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 2 });
        var id = await WaitingAsync(operated);

        var none = await GateProcess.RunWithAsync(user, null, "policy", "proposals");
        var printed = await GateProcess.RunWithAsync(user, null, "approvals", "rule", id);
        var approved = await GateProcess.RunWithAsync(user, null, "approvals", "approve", id, "--rule", "--reason", "always the same");
        Assert.Equal("3", (await call).FirstText);
        var list = await operated.CommandAsync("policy", "proposals");
        var proposal = Assert.Single(list.GetProperty("proposals").EnumerateArray()).Text("id")!;
        var shown = await GateProcess.RunWithAsync(user, null, "policy", "proposal", "show", proposal);
        var asJson = await operated.CommandAsync("policy", "proposal", "show", proposal);
        var accepted = await GateProcess.RunWithAsync(user, null, "policy", "proposal", "accept", proposal);
        var again = await GateProcess.RunWithAsync(user, null, "policy", "proposal", "accept", proposal);
        var rejected = await GateProcess.RunWithAsync(user, null, "policy", "proposal", "reject", proposal, "--reason", "too late");

        Assert.Equal("nothing is proposed; `callgate approvals approve ID --rule` proposes\n", none.Output);
        Assert.Equal($"approval {id} is approved\nproposal {proposal} is open: `callgate policy proposal show {proposal}`\n", approved.Output);
        Assert.Contains("note       always the same\n", shown.Output, StringComparison.Ordinal);
        Assert.Contains("\nlooser    add: action ", shown.Output, StringComparison.Ordinal);
        Assert.EndsWith(printed.Output, shown.Output, StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(printed.Output), asJson.GetProperty("document")));
        Assert.Equal("policy p is in force as revision 2\n", accepted.Output);
        Assert.Equal((1, "callgate: it is accepted already, by `pam`\n"), (again.ExitCode, again.Errors));
        Assert.Equal(1, rejected.ExitCode);
        Assert.Equal("3", (await client.CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 2 })).FirstText);
        Assert.Contains($"(proposal {proposal})", (await GateProcess.RunWithAsync(user, null, "approvals", "show", id)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approve_WithARule_OfAnApproverAlone_FailsAndSaysWhy()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync(Policy);
        await operated.CommandAsync("server", "tools", "up");
        var (_, token) = await operated.GrantAsync();
        var user = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = operated.Folder.File("home"), ["CALLGATE_URL"] = operated.Gate.Root.ToString(), ["CALLGATE_TOKEN"] = "" };
        await GateProcess.RunWithAsync(null, Password + "\n", "operator", "add", "ada", "--role", "approver", "--password-stdin", "--data", operated.Data);
        await GateProcess.RunWithAsync(user, Password + "\n", "login", "ada", "--password-stdin");
        await using var client = operated.Modern(token);
        var call = client.CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 2 });
        var id = await WaitingAsync(operated);

        var refused = await GateProcess.RunWithAsync(user, null, "approvals", "approve", id, "--rule");
        var approved = await GateProcess.RunWithAsync(user, null, "approvals", "approve", id);

        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("callgate: to make a rule of it needs the role `policy_manager` or `administrator` too, so that nothing was approved", refused.Errors, StringComparison.Ordinal);
        Assert.Equal($"approval {id} is approved\n", approved.Output);
        Assert.Equal("3", (await call).FirstText);
    }

    private static async Task<string> WaitingAsync(OperatedGate operated)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var open = (await operated.CommandAsync("approvals", "list")).GetProperty("approvals").EnumerateArray();
            if (open.FirstOrDefault(static one => one.Text("state") == "pending") is { ValueKind: JsonValueKind.Object } found)
            {
                return found.Text("id")!;
            }

            await Task.Delay(20, patience.Token);
        }
    }
}
