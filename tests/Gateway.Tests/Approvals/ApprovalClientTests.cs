using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Approvals;

/// <summary>What a client gets while people are asked, by what its request says it can do.</summary>
public sealed class ApprovalClientTests
{
    private static readonly JsonObject Pages = new() { ["elicitation"] = new JsonObject { ["url"] = new JsonObject() } };

    private static readonly JsonObject Tasks = new() { ["extensions"] = new JsonObject { ["io.modelcontextprotocol/tasks"] = new JsonObject() } };

    [Fact]
    public async Task Tasks_OfAClientThatTakesThem_FinishWhenAPersonAnswers()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern(Tasks);
        await using var other = gate.Modern(Tasks, ApprovalGate.OtherToken);

        var task = (await CallAsync(client, 1)).Result;
        var id = task.GetProperty("taskId").GetString()!;
        var working = await GetAsync(client, id);
        var foreign = await GetAsync(other, id);
        await gate.ApproveAsync(await gate.WaitingAsync());
        var done = await SettledAsync(client, id);

        Assert.Equal(("task", "working"), (task.GetProperty("resultType").GetString(), task.GetProperty("status").GetString()));
        Assert.Equal(("complete", "working"), (working.Result.GetProperty("resultType").GetString(), working.Result.GetProperty("status").GetString()));
        Assert.Equal(-32602, foreign.Error.GetProperty("code").GetInt32());
        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal("1", done.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Single(gate.Executions);
        Assert.DoesNotContain("io.modelcontextprotocol/tasks", gate.Executions[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tasks_RefusedOrCancelled_ExecuteNothing()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern(Tasks);

        var refused = (await CallAsync(client, 1)).Result.GetProperty("taskId").GetString()!;
        await gate.DenyAsync(await gate.WaitingAsync(), "no");
        var done = await SettledAsync(client, refused);
        var cancelled = (await CallAsync(client, 2)).Result.GetProperty("taskId").GetString()!;
        var waiting = await gate.WaitingAsync();
        Assert.Equal("complete", (await client.RequestAsync("tasks/cancel", new JsonObject { ["taskId"] = cancelled })).Result.GetProperty("resultType").GetString());
        await gate.ApproveAsync(waiting);

        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal("approval.denied", done.GetProperty("result").GetProperty("_meta").GetProperty("callgate/denial").GetProperty("code").GetString());
        Assert.Equal("cancelled", (await SettledAsync(client, cancelled)).GetProperty("status").GetString());
        Assert.Empty(gate.Executions);
    }

    [Fact]
    public async Task Discover_UnderAPolicyThatAsks_OffersTasks()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern();
        var asks = (await client.RequestAsync("server/discover")).Result.GetProperty("capabilities");
        await gate.RestartAsync(policy: """{"version":"1","default":"allow"}""");
        await using var later = gate.Modern(Tasks);
        var never = (await later.RequestAsync("server/discover")).Result.GetProperty("capabilities");

        Assert.Equal(JsonValueKind.Object, asks.GetProperty("extensions").GetProperty("io.modelcontextprotocol/tasks").ValueKind);
        Assert.False(never.TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("io.modelcontextprotocol/tasks", out _));
        Assert.Equal(-32601, (await later.RequestAsync("tasks/get", new JsonObject { ["taskId"] = "x" })).Error.GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Page_OfAModernClient_IsNamedAndTheCallComesBackToItsApproval()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "10s");
        await using var client = gate.Modern(Pages);

        var first = await CallAsync(client, 1);
        var question = first.Result.GetProperty("inputRequests").GetProperty("callgate.approval");
        var id = await gate.WaitingAsync();
        var other = await client.RequestAsync("tools/call", Retry(2, StateOf(first), "accept"));
        await gate.ApproveAsync(id);
        var last = await client.RequestAsync("tools/call", Retry(1, StateOf(first), "accept"));

        Assert.Equal("input_required", first.Result.GetProperty("resultType").GetString());
        Assert.Equal(("elicitation/create", "url"), (question.GetProperty("method").GetString(), question.GetProperty("params").GetProperty("mode").GetString()));
        Assert.Equal($"{gate.Gate.Address}approvals/{id}", question.GetProperty("params").GetProperty("url").GetString());
        Assert.Equal(-32602, other.Error.GetProperty("code").GetInt32());
        Assert.Equal("1", last.FirstText);
        var sent = Assert.Single(gate.Executions).Json.GetProperty("params");
        Assert.False(sent.TryGetProperty("requestState", out _) || sent.TryGetProperty("inputResponses", out _));
    }

    [Fact]
    public async Task Page_ThatAModernClientDoesNotOpen_EndsTheCall()
    {
        await using var gate = await ApprovalGate.StartAsync();
        await using var client = gate.Modern(Pages);

        var first = await CallAsync(client, 1);
        var declined = await client.RequestAsync("tools/call", Retry(1, StateOf(first), "cancel"));
        var waits = await client.RequestAsync("tools/call", Retry(1, StateOf(first), "accept"));

        Assert.Equal("approval.required", declined.Denial.GetProperty("code").GetString());
        Assert.Contains("the page for it was not opened", declined.FirstText, StringComparison.Ordinal);
        Assert.Equal("input_required", waits.Result.GetProperty("resultType").GetString());
        Assert.Empty(gate.Executions);
    }

    [Fact]
    public async Task Page_OfALegacyClient_IsAskedForOnTheStreamOfTheCall()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "60s");
        var asked = new TaskCompletionSource<JsonElement>();
        await using var client = await gate.LegacyAsync(Pages, question =>
        {
            asked.TrySetResult(question);
            return new JsonObject { ["action"] = "accept" };
        });

        var call = CallAsync(client, 1);
        var question = (await asked.Task.WaitAsync(TimeSpan.FromSeconds(30))).GetProperty("params");
        var id = await gate.WaitingAsync();
        await gate.ApproveAsync(id);
        var answer = await call;

        Assert.Equal(("url", id, $"{gate.Gate.Address}approvals/{id}"), (question.GetProperty("mode").GetString(), question.GetProperty("elicitationId").GetString(), question.GetProperty("url").GetString()));
        Assert.Equal("1", answer.FirstText);
        Assert.Contains(answer.Before, static message => message.GetProperty("method").GetString() == "notifications/elicitation/complete");
        Assert.Single(gate.Executions);
        Assert.DoesNotContain(gate.Upstream.Recording.Requests, static request => request.Text.Contains("\"accept\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_ThatALegacyClientDeclines_EndsTheCall()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "60s");
        await using var client = await gate.LegacyAsync(Pages, static _ => new JsonObject { ["action"] = "decline" });

        var answer = await CallAsync(client, 1);

        Assert.Contains("the page for it was not opened", answer.FirstText, StringComparison.Ordinal);
        Assert.Empty(gate.Executions);
    }

    private static Task<McpAnswer> CallAsync(McpClient client, int a) => client.CallAsync("add", new JsonObject { ["a"] = a, ["b"] = 0 });

    private static JsonObject Retry(int a, string state, string action) => new()
    {
        ["name"] = "add",
        ["arguments"] = new JsonObject { ["a"] = a, ["b"] = 0 },
        ["requestState"] = state,
        ["inputResponses"] = new JsonObject { ["callgate.approval"] = new JsonObject { ["action"] = action } },
    };

    private static string StateOf(McpAnswer answer) => answer.Result.GetProperty("requestState").GetString()!;

    private static Task<McpAnswer> GetAsync(McpClient client, string id) => client.RequestAsync("tasks/get", new JsonObject { ["taskId"] = id });

    private static async Task<JsonElement> SettledAsync(McpClient client, string id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var task = (await GetAsync(client, id)).Result;
            if (task.GetProperty("status").GetString() != "working")
            {
                return task;
            }

            await Task.Delay(20, patience.Token);
        }
    }
}
