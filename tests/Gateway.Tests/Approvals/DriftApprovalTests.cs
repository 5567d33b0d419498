using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Approvals;

/// <summary><c>on_drift: approve</c>: a person is asked about each call of a tool whose definition is not the reviewed one any more.</summary>
public sealed class DriftApprovalTests
{
    private const string Allow = """{ "version": "1", "default": "allow" }""";

    private static readonly JsonObject Tasks = new() { ["extensions"] = new JsonObject { ["io.modelcontextprotocol/tasks"] = new JsonObject() } };

    [Fact]
    public async Task Call_OfADriftedTool_ShowsPeopleWhatChangedAndIsMadeOnce()
    {
        await using var gate = await StartAsync();
        await using var client = gate.Modern();
        Assert.Equal("hi", (await EchoAsync(client)).FirstText);
        Describe(gate, "Says it anew.");
        Assert.Contains(await client.ListToolsAsync(), static tool => tool.GetProperty("description").GetString() == "Says the text again.");

        var pending = await EchoAsync(client);
        var id = await gate.WaitingAsync();
        var asked = await gate.ShowAsync(id);

        Assert.StartsWith("Approval pending: `echo` needs the approval of a person (its definition is not the reviewed one any more). Nothing was done.", pending.FirstText, StringComparison.Ordinal);
        Assert.Equal(("approval.required", "(drifted)"), (pending.Denial.GetProperty("code").GetString(), pending.Denial.GetProperty("rule").GetString()));
        Assert.Equal(("(drifted)", "its definition is not the reviewed one any more"), (asked.GetProperty("rule").GetString(), asked.GetProperty("reason").GetString()));
        var change = Assert.Single(asked.GetProperty("drift").GetProperty("changes").EnumerateArray());
        Assert.Equal(("/description", "Says the text again.", "Says it anew."), (change.GetProperty("place").GetString(), change.GetProperty("before").GetString(), change.GetProperty("after").GetString()));
        Assert.Equal(asked.GetProperty("shown_definition").GetString(), asked.GetProperty("drift").GetProperty("shown").GetString());
        var (conflict, why) = await gate.ApiAsync(null, HttpMethod.Get, $"approvals/{id}/rule");
        Assert.Equal(409, conflict);
        Assert.Contains("which no rule ends", why.GetRawText(), StringComparison.Ordinal);

        var page = await (await Browser.SignInAsync(gate, "vic")).GetAsync("approvals/" + id);
        Assert.Contains("<h2>What changed in the definition</h2>", page, StringComparison.Ordinal);
        Assert.Matches("~ /description:.*old: .*Says the text again.*new: .*Says it anew", page.Replace("\n", " ", StringComparison.Ordinal));

        Assert.Equal(200, (await gate.ApproveAsync(id)).Status);
        Assert.Equal("hi", (await EchoAsync(client)).FirstText);
        Assert.True((await EchoAsync(client)).IsToolError);
        Assert.Equal(2, gate.Executions.Count);
        Assert.NotEqual(id, await gate.WaitingAsync());
        Assert.Equal("spent", (await gate.ShowAsync(id)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Approval_OfOneChange_IsVoidWhenTheServerShowsAnother()
    {
        await using var gate = await StartAsync();
        await using var client = gate.Modern();
        await EchoAsync(client);
        Describe(gate, "Says it anew.");
        await client.ListToolsAsync();
        await EchoAsync(client);
        var id = await gate.WaitingAsync();
        Assert.Equal(200, (await gate.ApproveAsync(id)).Status);

        Describe(gate, "Says it otherwise.");
        await client.ListToolsAsync();

        Assert.Equal("void", (await gate.ShowAsync(id)).GetProperty("state").GetString());
        Assert.True((await EchoAsync(client)).IsToolError);
        Assert.Single(gate.Executions);
        var other = await gate.ShowAsync(await gate.WaitingAsync());
        Assert.Equal("Says it otherwise.", other.GetProperty("drift").GetProperty("changes")[0].GetProperty("after").GetString());

        // What is reviewed by now asks nobody, and what waits for an answer counts no more.
        await gate.ApiAsync(null, HttpMethod.Post, "servers/up/tools/accept", new { tools = new[] { "echo" } });
        Assert.Empty(await gate.OpenAsync());
        Assert.Equal("hi", (await EchoAsync(client)).FirstText);
    }

    [Fact]
    public async Task Tool_ThatShowsItsReviewedDefinitionAgain_IsAskedAboutAllTheSame()
    {
        await using var gate = await StartAsync();
        await using var client = gate.Modern();
        await EchoAsync(client);
        Describe(gate, "Says it anew.");
        await client.ListToolsAsync();
        Describe(gate, "Says the text again.");
        await client.ListToolsAsync();

        Assert.True((await EchoAsync(client)).IsToolError);
        Assert.Equal(0, (await gate.ShowAsync(await gate.WaitingAsync())).GetProperty("drift").GetProperty("changes").GetArrayLength());
    }

    [Theory]
    [InlineData("""{ "version": "1", "default": "allow", "tools": { "echo": { "action": "deny" } } }""", "policy.denied")]
    [InlineData("""{ "version": "1", "default": "allow", "categories": { "Destructive": { "action": "deny" } } }""", "policy.denied")]
    [InlineData("""{ "version": "1", "default": "allow", "categories": { "Destructive": { "action": "hide" } } }""", null)]
    public async Task Drift_ThatAPolicyRefusesUnderEitherCategory_AsksNobody(string policy, string? code)
    {
        await using var gate = await StartAsync(policy);
        await using var client = gate.Modern();
        await client.ListToolsAsync();
        Describe(gate, "Deletes all orders for good.", static tool => tool["annotations"] = new JsonObject { ["destructiveHint"] = true });
        var listed = await client.ListToolsAsync();

        var refused = await EchoAsync(client);

        Assert.Equal(code is not null, listed.Any(static tool => tool.GetProperty("name").GetString() == "echo"));
        Assert.Equal(code ?? "Unknown tool: echo", code is null ? refused.Error.GetProperty("message").GetString() : refused.Denial.GetProperty("code").GetString());
        Assert.Empty(await gate.OpenAsync());
        Assert.Empty(gate.Executions);
    }

    [Fact]
    public async Task Drift_ToAMoreDangerousCategory_IsAskedAboutAtItsRisk()
    {
        await using var gate = await StartAsync();
        await using var client = gate.Modern();
        await client.ListToolsAsync();
        Describe(gate, "Deletes all orders for good.", static tool => tool["annotations"] = new JsonObject { ["destructiveHint"] = true });
        await client.ListToolsAsync();
        await EchoAsync(client);

        var asked = await gate.ShowAsync(await gate.WaitingAsync());

        Assert.Equal("Critical", asked.GetProperty("risk").GetString());
        Assert.Equal("Destructive", asked.GetProperty("drift").GetProperty("shown_category").GetString());
    }

    [Fact]
    public async Task Name_ListedTwice_IsRefusedAndCannotBeAccepted()
    {
        await using var gate = await StartAsync();
        await using var client = gate.Modern();
        await EchoAsync(client);
        gate.Upstream.Profile.ChangeTools(static tools => tools.Add(Echo(tools).DeepClone()));
        await client.RequestAsync("tools/list");

        Assert.Equal("definition.drifted", (await EchoAsync(client)).Denial.GetProperty("code").GetString());
        await gate.ApiAsync(null, HttpMethod.Post, "servers/up/tools/accept", new { tools = new[] { "echo" } });
        Assert.Equal("definition.drifted", (await EchoAsync(client)).Denial.GetProperty("code").GetString());
        Assert.Empty(await gate.OpenAsync());
    }

    [Fact]
    public async Task Drift_UnderAPolicyThatOnlyWatches_IsRefused()
    {
        await using var gate = await StartAsync();
        Assert.Equal(200, (await gate.ApiAsync(null, HttpMethod.Put, "policies/q", JsonElement.Parse("""{ "version": "1", "default": "allow", "mode": "shadow" }"""))).Status);
        Assert.Equal(200, (await gate.ApiAsync(null, HttpMethod.Put, "policies/q/shadow", new { until = TimeProvider.System.GetUtcNow().AddHours(1) })).Status);
        var (_, grant) = await gate.ApiAsync(null, HttpMethod.Post, "grants", new { label = "agent", servers = new Dictionary<string, string> { ["up"] = "q" } });
        await using var client = gate.Modern(token: grant.GetProperty("token").GetString()!);
        Assert.Equal("hi", (await EchoAsync(client)).FirstText);
        Describe(gate, "Says it anew.");
        await client.ListToolsAsync();

        Assert.Equal("definition.drifted", (await EchoAsync(client)).Denial.GetProperty("code").GetString());
        Assert.Empty(await gate.OpenAsync());
    }

    [Fact]
    public async Task Drift_ForAClientThatTakesTasks_IsATaskThatFinishesWhenAPersonAnswers()
    {
        await using var gate = await StartAsync();
        await using var client = gate.Modern(Tasks);
        var discovered = (await client.RequestAsync("server/discover")).Result.GetProperty("capabilities");
        await client.ListToolsAsync();
        Describe(gate, "Says it anew.");
        await client.ListToolsAsync();

        var task = (await EchoAsync(client)).Result;
        await gate.ApproveAsync(await gate.WaitingAsync());

        Assert.Equal(JsonValueKind.Object, discovered.GetProperty("extensions").GetProperty("io.modelcontextprotocol/tasks").ValueKind);
        Assert.Equal("task", task.GetProperty("resultType").GetString());
        JsonElement told;
        do
        {
            told = (await client.RequestAsync("tasks/get", new JsonObject { ["taskId"] = task.GetProperty("taskId").GetString() })).Result;
        }
        while (told.GetProperty("status").GetString() == "working");
        Assert.Equal("hi", told.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Single(gate.Executions);
    }

    [Fact]
    public async Task Approval_OfAChange_HoldsAfterARestart()
    {
        await using var gate = await StartAsync();
        await using (var client = gate.Modern())
        {
            await EchoAsync(client);
            Describe(gate, "Says it anew.");
            await client.ListToolsAsync();
            await EchoAsync(client);
        }

        var id = await gate.WaitingAsync();
        await gate.RestartAsync(policy: Allow);
        Assert.Equal(200, (await gate.ApproveAsync(id)).Status);
        await using var later = gate.Modern();

        Assert.Equal("hi", (await EchoAsync(later)).FirstText);
        Assert.Equal("spent", (await gate.ShowAsync(id)).GetProperty("state").GetString());
    }

    private static Task<ApprovalGate> StartAsync(string policy = Allow) => ApprovalGate.StartAsync(policy: policy, server: ", on_drift: approve");

    private static Task<McpAnswer> EchoAsync(McpClient client) => client.CallAsync("echo", new JsonObject { ["text"] = "hi" });

    private static JsonObject Echo(JsonArray tools) => tools.First(static tool => tool!["name"]!.GetValue<string>() == "echo")!.AsObject();

    private static void Describe(ApprovalGate gate, string description, Action<JsonObject>? more = null) => gate.Upstream.Profile.ChangeTools(tools =>
    {
        Echo(tools)["description"] = description;
        more?.Invoke(Echo(tools));
    });
}
