using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Approvals;

/// <summary>Calls that a person is asked about, from the agent's call to the people's answer (attacks A37 to A42).</summary>
public sealed class ApprovalTests
{
    private static readonly JsonObject Sum = new() { ["a"] = 1, ["b"] = 2 };

    [Fact]
    public async Task Call_ThatNobodyAnswersInTime_IsPendingAndTheRepeatFindsTheSameApproval()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern();

        var first = await client.CallAsync("add", Copy(Sum));
        var again = await client.CallAsync("add", Copy(Sum));
        var asked = Assert.Single(await gate.OpenAsync());
        var id = asked.GetProperty("id").GetString()!;

        Assert.True(first.IsToolError);
        Assert.StartsWith("Approval pending: `add` needs the approval of a person (adding is serious). Nothing was done.", first.FirstText, StringComparison.Ordinal);
        Assert.Equal("approval.required", first.Denial.GetProperty("code").GetString());
        Assert.Equal(id, again.Result.GetProperty("_meta").GetProperty("callgate/approval").GetProperty("id").GetString());
        Assert.EndsWith("/approvals/" + id, again.Result.GetProperty("_meta").GetProperty("callgate/approval").GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Empty(gate.Executions);
        Assert.Equal(
            ("pending", "laptop", "laptop@example.com", "up", "add", "Medium", "/tools/add/action", "adding is serious", """{"arguments":{"a":1,"b":2}}"""),
            (Text(asked, "state"), Text(asked, "grant"), Text(asked, "identity"), Text(asked, "server"), Text(asked, "tool"), Text(asked, "risk"), Text(asked, "rule"), Text(asked, "reason"), asked.GetProperty("data").GetRawText()));

        Assert.Equal(200, (await gate.ApproveAsync(id)).Status);
        Assert.Equal("3", (await client.CallAsync("add", Copy(Sum))).FirstText);
        var spent = await gate.ShowAsync(id);
        Assert.Equal(("spent", JsonValueKind.Null), (Text(spent, "state"), spent.GetProperty("data").ValueKind));
        Assert.Equal(["tools/call pending", "tools/call pending", "operator/approval-approve allow", "tools/call allow"], gate.Story(id));

        // One execution: the next one asks anew.
        Assert.True((await client.CallAsync("add", Copy(Sum))).IsToolError);
        Assert.Single(gate.Executions);
        Assert.NotEqual(id, Text(Assert.Single(await gate.OpenAsync()), "id"));
    }

    [Fact]
    public async Task Call_ThatIsHeld_GoesOnWhenAPersonApproves()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "60s");
        await using var client = await gate.LegacyAsync();

        var call = client.RequestAsync("tools/call", new JsonObject { ["name"] = "add", ["arguments"] = Copy(Sum), ["_meta"] = new JsonObject { ["progressToken"] = "p" } });
        await gate.ApproveAsync(await gate.WaitingAsync());

        Assert.Equal("3", (await call).FirstText);
        Assert.Single(gate.Executions);
    }

    [Fact]
    public async Task Call_ThatIsRefused_TellsTheAgentWhyAndStaysRefused()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "60s");
        await using var client = await gate.LegacyAsync();

        var call = client.CallAsync("add", Copy(Sum));
        var id = await gate.WaitingAsync();
        await gate.DenyAsync(id, "not on a Friday");
        var (refused, again, other) = (await call, await client.CallAsync("add", Copy(Sum)), client.CallAsync("add", new JsonObject { ["a"] = 2, ["b"] = 2 }));

        Assert.Equal("approval.denied", refused.Denial.GetProperty("code").GetString());
        Assert.Contains("a person has refused this call: not on a Friday", refused.FirstText, StringComparison.Ordinal);
        Assert.Equal("approval.denied", again.Denial.GetProperty("code").GetString());
        Assert.Empty(gate.Executions);
        await gate.ApproveAsync(await gate.WaitingAsync());
        Assert.Equal("4", (await other).FirstText);
    }

    [Fact]
    public async Task Calls_ThatAreTheSame_AreOneRequestAndOneExecution()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "60s");
        await using var client = gate.Modern();
        await using var other = gate.Modern(token: ApprovalGate.OtherToken);

        var calls = Enumerable.Range(0, 5).Select(_ => client.CallAsync("add", Copy(Sum))).ToList();
        var foreign = other.CallAsync("add", Copy(Sum));
        while ((await gate.OpenAsync()).Count < 2)
        {
            await Task.Delay(20);
        }

        var mine = (await gate.OpenAsync()).Single(static approval => Text(approval, "grant") == "laptop").GetProperty("id").GetString()!;
        while (gate.Story(mine).Count < 5)
        {
            await Task.Delay(20);
        }

        await gate.ApproveAsync(mine);
        var first = await await Task.WhenAny(calls);
        Assert.Equal("3", first.FirstText);
        Assert.Single(gate.Executions);
        while (!calls.All(static call => call.IsCompleted))
        {
            foreach (var next in (await gate.OpenAsync()).Where(static approval => Text(approval, "grant") == "laptop" && Text(approval, "state") == "pending"))
            {
                await gate.DenyAsync(Text(next, "id")!, "enough");
            }

            await Task.Delay(20);
        }

        var answers = await Task.WhenAll(calls);
        Assert.Equal(4, answers.Count(static answer => answer.IsToolError));
        Assert.Single(gate.Executions);
        Assert.Equal("other", Text(Assert.Single(await gate.OpenAsync()), "grant"));
        await gate.ApproveAsync(await gate.WaitingAsync());
        Assert.Equal("3", (await foreign).FirstText);
    }

    [Fact]
    public async Task Spend_AThousandAtOnce_ExecutesOnce()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern();
        await client.CallAsync("add", Copy(Sum));
        await gate.ApproveAsync(await gate.WaitingAsync());

        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => client.CallAsync("add", Copy(Sum))));

        Assert.Single(answers, static answer => !answer.IsToolError);
        Assert.Single(gate.Executions);
    }

    [Fact]
    public async Task Mutate_AnythingAfterTheApproval_ExecutesNothing()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms", policy: ApprovalGate.Policy.Replace("\"action\"", "\"validation\": \"off\", \"action\"", StringComparison.Ordinal));
        await using var client = gate.Modern();
        var shown = new JsonObject { ["a"] = 1, ["b"] = 2, ["note"] = "pay Ann", ["more"] = new JsonArray(1, new JsonObject { ["x"] = "y" }) };
        await client.CallAsync("add", Copy(shown));
        var id = await gate.WaitingAsync();
        await gate.ApproveAsync(id);

        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 10_000; round++)
        {
            var bent = Bend(shown, random);
            var answer = await client.CallAsync("add", bent);
            Assert.True(answer.IsToolError, $"seed {seed}, round {round}: {bent.ToJsonString()}");
        }

        Assert.Empty(gate.Executions);
        Assert.Equal("approved", Text(await gate.ShowAsync(id), "state"));
        Assert.False((await client.CallAsync("add", Copy(shown))).IsToolError);
        Assert.Single(gate.Executions);
    }

    [Fact]
    public async Task Requests_WithoutEnd_FillTheQueueAndNoMore()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms");
        await using var client = gate.Modern();
        var codes = new List<string?>();
        for (var i = 0; i < 500; i++)
        {
            codes.Add((await client.CallAsync("add", new JsonObject { ["a"] = i, ["b"] = 0 })).Denial.GetProperty("code").GetString());
        }

        Assert.Equal(ApprovalBook.PendingOfAGrant, (await gate.OpenAsync()).Count);
        Assert.Equal(500 - ApprovalBook.PendingOfAGrant, codes.Count(static code => code == "approval.queue_full"));
        await using var other = gate.Modern(token: ApprovalGate.OtherToken);
        Assert.Equal("approval.required", (await other.CallAsync("add", Copy(Sum))).Denial.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Limit_ThatHasNoRoom_LeavesTheApprovalUnspent()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern();
        async Task<string> ApprovedAsync()
        {
            await client.CallAsync("slow", new JsonObject { ["seconds"] = 0 });
            var id = await gate.WaitingAsync();
            await gate.ApproveAsync(id);
            return id;
        }

        await ApprovedAsync();
        Assert.False((await client.CallAsync("slow", new JsonObject { ["seconds"] = 0 })).IsToolError);
        var second = await ApprovedAsync();
        Assert.Equal("limit.exceeded", (await client.CallAsync("slow", new JsonObject { ["seconds"] = 0 })).Denial.GetProperty("code").GetString());
        Assert.Equal("approved", Text(await gate.ShowAsync(second), "state"));
    }

    [Fact]
    public async Task Answer_OfWhoMayNot_CountsForNothing()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern();
        await client.CallAsync("structured");
        var id = await gate.WaitingAsync();

        Assert.Equal(403, (await gate.ApiAsync(null, HttpMethod.Post, $"approvals/{id}/approve", new { })).Status);
        Assert.Equal(403, (await gate.ApproveAsync(id, "vic")).Status);
        Assert.Equal(JsonValueKind.Null, (await gate.ApiAsync("vic", HttpMethod.Get, "approvals/" + id)).Body.GetProperty("data").ValueKind);
        Assert.Equal(JsonValueKind.Object, (await gate.ApiAsync("ada", HttpMethod.Get, "approvals/" + id)).Body.GetProperty("data").ValueKind);
        Assert.Equal(403, (await gate.ApproveAsync(id, "laptop")).Status);
        Assert.Equal(404, (await gate.ApproveAsync("nothing")).Status);
        Assert.Equal(400, (await gate.DenyAsync(id, new string('x', 401))).Status);
        Assert.Equal("pending", Text((await gate.ApproveAsync(id, "ada")).Body, "state"));
        Assert.Equal(409, (await gate.ApproveAsync(id, "ada")).Status);
        Assert.True((await client.CallAsync("structured")).IsToolError);
        Assert.Equal("approved", Text((await gate.ApproveAsync(id, "bob")).Body, "state"));
        Assert.Equal(409, (await gate.DenyAsync(id, "too late", "ada")).Status);
        Assert.False((await client.CallAsync("structured")).IsToolError);
        Assert.Single(gate.Executions);
    }

    [Fact]
    public async Task Rule_OfAnOpenRequest_ExemptsExactlyThatCall()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern();
        await client.CallAsync("add", Copy(Sum));
        var id = await gate.WaitingAsync();

        Assert.Equal(403, (await gate.ApiAsync("ada", HttpMethod.Get, $"approvals/{id}/rule")).Status);
        var (status, proposal) = await gate.ApiAsync(null, HttpMethod.Get, $"approvals/{id}/rule");
        await gate.ApproveAsync(id);
        await client.CallAsync("add", Copy(Sum));
        Assert.Equal(409, (await gate.ApiAsync(null, HttpMethod.Get, $"approvals/{id}/rule")).Status);
        Assert.Equal(404, (await gate.ApiAsync(null, HttpMethod.Get, "approvals/nothing/rule")).Status);

        Assert.Equal(200, status);
        await gate.RestartAsync(policy: proposal.GetRawText());
        await using var later = gate.Modern();
        Assert.Equal("3", (await later.CallAsync("add", Copy(Sum))).FirstText);
        Assert.True((await later.CallAsync("add", new JsonObject { ["a"] = 2, ["b"] = 2 })).IsToolError);
    }

    [Fact]
    public async Task Approval_WhosePolicyChanges_IsVoidAndADescriptionChangesNothing()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern();
        await client.CallAsync("add", Copy(Sum));
        var id = await gate.WaitingAsync();
        await gate.ApproveAsync(id);

        await gate.RestartAsync(policy: ApprovalGate.Policy.Replace("\"default\"", "\"description\": \"now with words\", \"default\"", StringComparison.Ordinal));
        Assert.Equal("approved", Text(await gate.ShowAsync(id), "state"));
        await gate.RestartAsync(policy: ApprovalGate.Policy.Replace("serious", "grave", StringComparison.Ordinal));
        await using var later = gate.Modern();
        Assert.True((await later.CallAsync("add", Copy(Sum))).IsToolError);
        Assert.Equal("void", Text(await gate.ShowAsync(id), "state"));
        Assert.Empty(gate.Executions);
    }

    [Fact]
    public async Task Restart_BetweenAskingAndExecution_LosesNothing()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using (var client = gate.Modern())
        {
            await client.CallAsync("add", Copy(Sum));
        }

        var id = await gate.WaitingAsync();
        await gate.RestartAsync();
        Assert.Equal("""{"arguments":{"a":1,"b":2}}""", (await gate.ShowAsync(id)).GetProperty("data").GetRawText());
        Assert.Equal(200, (await gate.ApproveAsync(id)).Status);
        await gate.RestartAsync();
        await using var later = gate.Modern();
        Assert.Equal("3", (await later.CallAsync("add", Copy(Sum))).FirstText);
        await gate.RestartAsync();
        await using var last = gate.Modern();
        Assert.True((await last.CallAsync("add", Copy(Sum))).IsToolError);
        Assert.Single(gate.Executions);
    }

    [Fact]
    public async Task Approval_ThatNobodyAnswers_ExpiresAndIsAskedAnew()
    {
        var time = new OffsetTime();
        await using var gate = await ApprovalGate.StartAsync(time: time);
        await using var client = gate.Modern();
        await client.CallAsync("add", Copy(Sum));
        var id = await gate.WaitingAsync();

        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(409, (await gate.ApproveAsync(id)).Status);
        await client.CallAsync("add", Copy(Sum));
        while (Text(await gate.ShowAsync(id), "state") == "pending")
        {
            await Task.Delay(20);
        }

        Assert.NotEqual(id, await gate.WaitingAsync());
        Assert.Equal("expired", Text(await gate.ShowAsync(id), "state"));
    }

    private static JsonObject Bend(JsonObject shown, Random random)
    {
        while (true)
        {
            var text = shown.ToJsonString().ToCharArray();
            for (var i = random.Next(1, 3); i > 0; i--)
            {
                text[random.Next(text.Length)] = (char)random.Next(' ', '~');
            }

            try
            {
                if (JsonNode.Parse(new string(text), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is JsonObject bent && !JsonNode.DeepEquals(bent, shown))
                {
                    return bent;
                }
            }
            catch (JsonException)
            {
                // Not every bent text is JSON; the next one may be.
            }
        }
    }

    private static JsonObject Copy(JsonObject value) => value.DeepClone().AsObject();

    private static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();
}
