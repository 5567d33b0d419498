using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Approvals;

/// <summary>Approving and making a rule of it: from the answer to the revision that is in force.</summary>
public sealed class ProposalTests
{
    private static readonly JsonObject Sum = new() { ["a"] = 1, ["b"] = 2 };

    [Fact]
    public async Task Approve_WithARule_LetsTheCallPassOnceAndOnceAcceptedForEver()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern(token: await gate.StoredAsync());
        await client.CallAsync("add", Copy(Sum));
        var id = await gate.WaitingAsync();

        var proposal = await gate.ProposedAsync(id, reason: "it is always this one");
        var (_, shown) = await gate.ApiAsync("pam", HttpMethod.Get, "proposals/" + proposal);
        Assert.Equal("3", (await client.CallAsync("add", Copy(Sum))).FirstText);
        Assert.True((await client.CallAsync("add", Copy(Sum))).IsToolError, "a proposal changes nothing");
        var (status, accepted) = await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{proposal}/accept");

        Assert.Equal(
            ("open", "q", 1, "pam", "it is always this one", "up", "add", id, true),
            (Text(shown, "state"), Text(shown, "policy"), shown.GetProperty("base").GetInt32(), Text(shown, "author"), Text(shown, "note"), Text(shown, "server"), Text(shown, "tool"), Text(shown, "approval"), shown.GetProperty("diff").GetProperty("looser").GetBoolean()));
        Assert.Equal("add", Text(Assert.Single(shown.GetProperty("diff").GetProperty("differences").EnumerateArray()), "subject"));
        Assert.Equal((200, "accepted", 2, "pam"), (status, Text(accepted, "state"), accepted.GetProperty("revision").GetInt32(), Text(accepted, "decided_by")));
        Assert.Equal("3", (await client.CallAsync("add", Copy(Sum))).FirstText);
        Assert.Equal("3", (await client.CallAsync("add", Copy(Sum))).FirstText);
        Assert.True((await client.CallAsync("add", new JsonObject { ["a"] = 2, ["b"] = 2 })).IsToolError);

        var revisions = (await gate.ApiAsync(null, HttpMethod.Get, "policies/q/revisions")).Body.GetProperty("revisions");
        Assert.Equal(("pam", $"proposal {proposal} of pam: it is always this one", shown.GetProperty("document").GetRawText()), (Text(revisions[1], "author"), Text(revisions[1], "note"), revisions[1].GetProperty("document").GetRawText()));
        Assert.Equal(JsonValueKind.Null, (await gate.ApiAsync(null, HttpMethod.Get, "proposals/" + proposal)).Body.GetProperty("document").ValueKind);
        var (was, now) = ($"revision 1 sha256 {Text(revisions[0], "digest")}", $"sha256 {Text(revisions[1], "digest")}");
        Assert.Equal(
            [("operator/policy-propose", "pam", $"proposal {proposal}: was {was}, is {now}"), ("operator/policy-put", "pam", $"proposal {proposal}: was {was}, is {now}")],
            JournalText.Entries(gate.Gate, "call").Where(entry => Text(entry, "detail")?.Contains(proposal, StringComparison.Ordinal) == true).Select(static entry => (Text(entry, "method"), Text(entry, "identity"), Text(entry, "detail"))));
        Assert.Equal(proposal, Text(JournalText.Entries(gate.Gate, "call").Single(entry => Text(entry, "method") == "operator/approval-approve"), "id"));
    }

    [Fact]
    public async Task Approve_WithARuleThatCannotBe_ApprovesNothing()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern(token: await gate.StoredAsync());
        await using var declared = gate.Modern();
        await gate.AddAsync("rob", "policy_manager");
        await client.CallAsync("add", Copy(Sum));
        var id = await gate.WaitingAsync();

        foreach (var (who, status, code, says) in new[]
        {
            ("ada", 403, "operator.forbidden", "needs the role `policy_manager`"), ("rob", 403, "operator.forbidden", "needs the role `approver`"), (null, 403, "operator.forbidden", "sign in as an operator"),
        })
        {
            var (answered, body) = await gate.ApiAsync(who, HttpMethod.Post, $"approvals/{id}/approve", new { rule = true });
            Assert.Equal((status, code), (answered, Text(body.GetProperty("error"), "code")));
            Assert.Contains(says, Text(body.GetProperty("error"), "message"), StringComparison.Ordinal);
        }

        Assert.Equal(400, (await gate.ApiAsync("pam", HttpMethod.Post, $"approvals/{id}/approve", new { rule = true, reason = "two\nlines" })).Status);
        Assert.Equal(400, (await gate.ApiAsync("pam", HttpMethod.Post, $"approvals/{id}/approve", new { rule = true, reason = new string('x', 401) })).Status);
        Assert.Equal(400, (await gate.ApiAsync("pam", HttpMethod.Post, $"approvals/{id}/approve", new { rule = "yes" })).Status);
        Assert.Equal(404, (await gate.ApiAsync("pam", HttpMethod.Post, "approvals/nothing/approve", new { rule = true })).Status);
        Assert.Equal("pending", Text(await gate.ShowAsync(id), "state"));

        // What an approver alone may is not touched by it.
        Assert.Equal("approved", Text((await gate.ApproveAsync(id)).Body, "state"));
        Assert.Equal(409, (await gate.ApiAsync("pam", HttpMethod.Post, $"approvals/{id}/approve", new { rule = true })).Status);

        // A policy of the file, which the file alone changes; and a call that nothing tells apart.
        await declared.CallAsync("slow");
        var file = await gate.WaitingAsync();
        var (conflict, fault) = await gate.ApiAsync("pam", HttpMethod.Post, $"approvals/{file}/approve", new { rule = true });
        Assert.Equal(409, conflict);
        Assert.EndsWith("; nothing was approved", Text(fault.GetProperty("error"), "message"), StringComparison.Ordinal);
        Assert.Equal("pending", Text(await gate.ShowAsync(file), "state"));
        Assert.Empty((await gate.ApiAsync(null, HttpMethod.Get, "proposals?all=true")).Body.GetProperty("proposals").EnumerateArray());
    }

    [Fact]
    public async Task Proposal_OfADeclaredPolicy_IsPrintedAndNotKept()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await gate.StoredAsync();
        await using var client = gate.Modern();
        await client.CallAsync("add", Copy(Sum));
        var id = await gate.WaitingAsync();

        var (status, body) = await gate.ApiAsync("pam", HttpMethod.Post, $"approvals/{id}/approve", new { rule = true });

        Assert.Equal(409, status);
        Assert.Contains($"declared in the configuration file, which alone can change it; `callgate approvals rule {id}` prints", Text(body.GetProperty("error"), "message"), StringComparison.Ordinal);
        Assert.Equal("pending", Text(await gate.ShowAsync(id), "state"));
        Assert.Equal(200, (await gate.ApiAsync("pam", HttpMethod.Get, $"approvals/{id}/rule")).Status);
    }

    [Fact]
    public async Task Accept_OfWhatIsNotOpen_IsRefusedAndSaysWhy()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern(token: await gate.StoredAsync());
        var (first, second, third) = (await ProposeAsync(gate, client, 1), await ProposeAsync(gate, client, 2), await ProposeAsync(gate, client, 3));

        Assert.Equal(404, (await gate.ApiAsync("pam", HttpMethod.Get, "proposals/nothing")).Status);
        Assert.Equal(404, (await gate.ApiAsync("pam", HttpMethod.Post, "proposals/nothing/accept")).Status);
        Assert.Equal(404, (await gate.ApiAsync("pam", HttpMethod.Post, "proposals/nothing/reject", new { })).Status);
        Assert.Equal(403, (await gate.ApiAsync("ada", HttpMethod.Post, $"proposals/{first}/accept")).Status);
        Assert.Equal(403, (await gate.ApiAsync("ada", HttpMethod.Get, "proposals/" + first)).Status);
        Assert.Equal(400, (await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{first}/reject", new { reason = new string('x', 401) })).Status);
        Assert.Equal(400, (await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{first}/reject", new { reason = "a\u001b[2Jb" })).Status);

        Assert.Equal(200, (await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{first}/reject", new { reason = "too much" })).Status);
        AssertRefused(await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{first}/accept"), "conflict", "it is rejected already, by `pam`");
        AssertRefused(await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{first}/reject", new { }), "conflict", "it is rejected already, by `pam`");

        // The administrator's token changes policies; it decides about proposals too.
        Assert.Equal(200, (await gate.ApiAsync(null, HttpMethod.Post, $"proposals/{second}/accept")).Status);
        AssertRefused(await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{second}/accept"), "conflict", "it is accepted already, by `administrator`");
        AssertRefused(await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{third}/accept"), "proposal.outdated", "it was written from revision 1 of policy `q`, which got revision 2 since, so that nothing was saved");
        var (_, old) = await gate.ApiAsync("pam", HttpMethod.Get, "proposals/" + third);
        Assert.Equal(("outdated", JsonValueKind.Object, JsonValueKind.Object), (Text(old, "state"), old.GetProperty("document").ValueKind, old.GetProperty("diff").ValueKind));
        Assert.Equal(200, (await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{third}/reject", new { })).Status);
        Assert.Equal(JsonValueKind.Null, (await gate.ApiAsync("pam", HttpMethod.Get, "proposals/" + third)).Body.GetProperty("document").ValueKind);

        Assert.Empty((await gate.ApiAsync("vic", HttpMethod.Get, "proposals")).Body.GetProperty("proposals").EnumerateArray());
        Assert.Equal(["rejected", "accepted", "rejected"], (await gate.ApiAsync("vic", HttpMethod.Get, "proposals?all=true")).Body.GetProperty("proposals").EnumerateArray().Select(static one => Text(one, "state")));
        Assert.Equal(2, (await gate.ApiAsync(null, HttpMethod.Get, "policies/q")).Body.GetProperty("revision").GetInt32());
    }

    [Fact]
    public async Task Accept_WhereTheServerOrTheDefinitionIsAnother_SavesNothing()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await gate.StoredAsync();
        Assert.Equal(201, (await gate.ApiAsync(null, HttpMethod.Post, "servers", new { name = "side", url = gate.Upstream.Url })).Status);
        var token = Text((await gate.ApiAsync(null, HttpMethod.Post, "grants", new { label = "b", servers = new Dictionary<string, string> { ["side"] = "q" } })).Body, "token")!;
        await using var client = new Fixtures.Clients.McpClient(gate.Gate.Mcp("side"), token, "2026-07-28") { Capabilities = [] };
        await client.ListToolsAsync();
        var proposal = await ProposeAsync(gate, client, 1);

        Assert.Equal(200, (await gate.ApiAsync(null, HttpMethod.Delete, "servers/side")).Status);

        AssertRefused(await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{proposal}/accept"), "proposal.outdated", "server `side` is gone");
        Assert.Equal("server `side` is gone", Text((await gate.ApiAsync("pam", HttpMethod.Get, "proposals/" + proposal)).Body, "outdated"));
        Assert.Equal(1, (await gate.ApiAsync(null, HttpMethod.Get, "policies/q")).Body.GetProperty("revision").GetInt32());
        Assert.Equal(200, (await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{proposal}/reject", new { })).Status);
    }

    [Fact]
    public async Task Accept_ManyAtOnceBesideOtherSaves_SavesOneRevisionEach()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern(token: await gate.StoredAsync());
        var (one, other) = (await ProposeAsync(gate, client, 1), await ProposeAsync(gate, client, 2));
        var document = JsonElement.Parse(ApprovalGate.Policy.Replace("serious", "grave", StringComparison.Ordinal));

        var accepts = Enumerable.Range(0, 12).Select(i => gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{(i % 2 == 0 ? one : other)}/accept"));
        var answers = await Task.WhenAll([.. accepts, gate.ApiAsync(null, HttpMethod.Put, "policies/q", document), gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{one}/reject", new { })]);

        var saved = answers.Take(12).Count(static answer => answer.Status == 200);
        Assert.InRange(saved, 0, 1);
        Assert.All(answers.Take(12).Where(static answer => answer.Status != 200), static answer => Assert.Equal(409, answer.Status));
        Assert.Equal(200, answers[12].Status);
        Assert.Equal(2 + saved, (await gate.ApiAsync(null, HttpMethod.Get, "policies/q")).Body.GetProperty("revision").GetInt32());
        Assert.Equal(2 + saved, (await gate.ApiAsync(null, HttpMethod.Get, "policies/q/revisions")).Body.GetProperty("revisions").GetArrayLength());
        var (_, all) = await gate.ApiAsync(null, HttpMethod.Get, "proposals?all=true");
        Assert.Equal(saved, all.GetProperty("proposals").EnumerateArray().Count(static found => Text(found, "state") == "accepted"));
    }

    [Fact]
    public async Task Approve_WithARuleTwiceAtOnce_MakesOneProposal()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern(token: await gate.StoredAsync());
        await client.CallAsync("add", Copy(Sum));
        var id = await gate.WaitingAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => gate.ApiAsync("pam", HttpMethod.Post, $"approvals/{id}/approve", new { rule = true })));

        Assert.Single(answers, static answer => answer.Status == 200);
        Assert.All(answers.Where(static answer => answer.Status != 200), static answer => Assert.Equal(409, answer.Status));
        Assert.Single((await gate.ApiAsync(null, HttpMethod.Get, "proposals?all=true")).Body.GetProperty("proposals").EnumerateArray());
    }

    [Fact]
    public async Task Proposal_BeyondTheHundredth_ApprovesNothing()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms");
        await using var client = gate.Modern(token: await gate.StoredAsync());
        var first = await ProposeAsync(gate, client, 0);
        for (var i = 1; i < Proposal.MostOpen; i++)
        {
            await ProposeAsync(gate, client, i);
        }

        await client.CallAsync("add", new JsonObject { ["a"] = 5000, ["b"] = 0 });
        var id = await gate.WaitingAsync();
        AssertRefused(await gate.ApiAsync("pam", HttpMethod.Post, $"approvals/{id}/approve", new { rule = true }), "proposal.too_many", "100 proposals are open");
        Assert.Equal("pending", Text(await gate.ShowAsync(id), "state"));
        Assert.Equal(200, (await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{first}/reject", new { })).Status);
        await gate.ProposedAsync(id);
        Assert.Equal(100, (await gate.ApiAsync(null, HttpMethod.Get, "proposals")).Body.GetProperty("proposals").GetArrayLength());
    }

    [Fact]
    public async Task Proposal_AfterARestart_IsThereAndCanBeAccepted()
    {
        await using var gate = await ApprovalGate.StartAsync();
        var token = await gate.StoredAsync();
        string proposal;
        await using (var client = gate.Modern(token: token))
        {
            proposal = await ProposeAsync(gate, client, 1);
        }

        await gate.RestartAsync();

        Assert.Equal(200, (await gate.ApiAsync("pam", HttpMethod.Post, $"proposals/{proposal}/accept")).Status);
        await using var later = gate.Modern(token: token);
        Assert.Equal("1", (await later.CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 0 })).FirstText);
    }

    private static async Task<string> ProposeAsync(ApprovalGate gate, Fixtures.Clients.McpClient client, int a)
    {
        await client.CallAsync("add", new JsonObject { ["a"] = a, ["b"] = 0 });
        return await gate.ProposedAsync(await gate.WaitingAsync());
    }

    private static void AssertRefused((int Status, JsonElement Body) answer, string code, string says)
    {
        Assert.Equal((409, code), (answer.Status, Text(answer.Body.GetProperty("error"), "code")));
        Assert.StartsWith(says, Text(answer.Body.GetProperty("error"), "message"), StringComparison.Ordinal);
    }

    private static JsonObject Copy(JsonObject arguments) => arguments.DeepClone().AsObject();

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
