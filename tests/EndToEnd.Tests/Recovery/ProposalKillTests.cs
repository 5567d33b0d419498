using System.Text.Json.Nodes;
using Callgate.EndToEnd.Tests.Operations;
using Callgate.EndToEnd.Tests.Peers;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Recovery;

/// <summary>kill -9 while a person approves and proposes a rule in one step: afterwards there are both or neither.</summary>
public sealed class ProposalKillTests
{
    private const int Kills = 10;

    private const string Policy = """{ "version": "1", "default": "deny", "tools": { "add": { "action": "require_approval" } } }""";

    [Fact]
    public async Task Kill_AtAnyInstant_LeavesBothOrNeither()
    {
        var run = new LongRun("proposal-kills");
        var random = new Random(run.Seed);
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync(Policy);
        await operated.CommandAsync("server", "tools", "up");
        var (_, token) = await operated.GrantAsync();
        var approver = await Approver.StartAsync(operated.Gate.Root, operated.Gate.AdminToken, rules: true);
        var told = new List<string>();
        for (var round = 0; round < Kills; round++)
        {
            await using var client = operated.Modern(token);
            var call = client.CallAsync("add", new JsonObject { ["a"] = round, ["b"] = 0 });

            // Before anything of the answer is written, in the middle, and after it.
            await Task.Delay(random.Next(round % 2 == 0 ? 300 : 1_500));
            await operated.Gate.KillAsync();
            await Task.WhenAny(call);
            await approver.DisposeAsync();
            told.AddRange(approver.Taken);

            await operated.RestartedAsync();
            var approvals = (await operated.CommandAsync("approvals", "list", "--all")).GetProperty("approvals").EnumerateArray().ToList();
            var proposals = await ProposalsAsync(operated);
            var answered = approvals.SelectMany(static one => one.GetProperty("votes").EnumerateArray().Select(vote => $"{one.Text("id")} {vote.Text("proposal")}"));
            Assert.Equal(answered.Order(StringComparer.Ordinal), proposals.Order(StringComparer.Ordinal));
            Assert.All(told, kept => Assert.Contains(proposals, one => one.StartsWith(kept + " ", StringComparison.Ordinal)));
            approver = Approver.GoOn(operated.Gate.Root, approver.Session, rules: true);
        }

        await approver.DisposeAsync();
        var made = (await ProposalsAsync(operated)).Count;
        run["kills"] = Kills;
        run["proposals"] = made;
        run["answers told"] = told.Count;
        run.Write();
        Assert.True(made > 0, "no kill came after a proposal, so nothing was tried");
        Assert.True((await operated.CommandAsync("audit", "verify")).GetProperty("ok").GetBoolean());
    }

    /// <summary>Each with the approval that it was made with.</summary>
    private static async Task<IReadOnlyList<string>> ProposalsAsync(OperatedGate operated) =>
        [.. (await operated.CommandAsync("policy", "proposals", "--all")).GetProperty("proposals").EnumerateArray().Select(static one => $"{one.Text("approval")} {one.Text("id")}")];
}
