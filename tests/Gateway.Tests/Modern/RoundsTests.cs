using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Modern;

/// <summary>
/// Calls that take several rounds. What the client carries between them is sealed to the grant and to exactly what was
/// called; each leg is judged, charged and recorded like a call of its own (attack A55).
/// </summary>
public sealed class RoundsTests
{
    private const string Opened = """{"version":"1","default":"allow","methods":{"allow":["elicitation/create","prompts/*"]}}""";
    private static readonly JsonObject Askable = new() { ["elicitation"] = new JsonObject { ["form"] = new JsonObject() } };

    [Fact]
    public async Task Call_OfTwoQuestions_IsCarriedToItsEnd()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions(), Opened);
        await using var client = gate.Client(capabilities: Askable);
        var first = await client.CallAsync("ask_input");
        Assert.Equal("input_required", first.Result.GetProperty("resultType").GetString());
        Assert.Equal("elicitation/create", first.Result.GetProperty("inputRequests").GetProperty("name").GetProperty("method").GetString());
        var second = await AnswerAsync(client, first, "name", "Ada");
        Assert.NotEqual(StateOf(first), StateOf(second));
        var last = await AnswerAsync(client, second, "colour", "green");
        Assert.Equal("Ada likes green", last.FirstText);
        var legs = gate.Upstream.Recording.Calls;
        Assert.Equal(3, legs.Count);
        Assert.DoesNotContain(legs.Skip(1), leg => leg.Text.Contains(StateOf(first), StringComparison.Ordinal) || leg.Text.Contains(StateOf(second), StringComparison.Ordinal));
        Assert.All(legs.Skip(1), leg => Assert.Matches(@"^[A-Za-z0-9+/=]+\.[0-9A-F]{64}$", leg.Json.GetProperty("params").GetProperty("requestState").GetString()));
        Assert.Equal(3, gate.Decisions().Count(static entry => entry.TryGetProperty("tool", out var tool) && tool.GetString() == "ask_input"));
    }

    [Fact]
    public async Task Prompt_OfAQuestion_IsCarriedToItsEnd()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions(), Opened);
        await using var client = gate.Client(capabilities: Askable);
        var first = await client.RequestAsync("prompts/get", new JsonObject { ["name"] = "asks" });
        Assert.Equal("input_required", first.Result.GetProperty("resultType").GetString());
        var last = await client.RequestAsync("prompts/get", Retry("asks", null, StateOf(first), "subject", "rain"));
        Assert.Equal("Write about rain.", last.Result.GetProperty("messages")[0].GetProperty("content").GetProperty("text").GetString());
    }

    [Fact]
    public async Task State_UnderAnotherCallOrGrant_IsRefusedAndNothingGoesUp()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions(), Opened);
        await using var client = gate.Client(capabilities: Askable);
        await using var other = gate.Client(ModernGate.OtherToken, Askable);
        var first = await client.RequestAsync("tools/call", new JsonObject { ["name"] = "ask_input", ["arguments"] = new JsonObject { ["amount"] = 5, ["to"] = "a" } });
        var state = StateOf(first);
        var before = gate.Upstream.Recording.Requests.Count;
        var own = new JsonObject { ["amount"] = 5, ["to"] = "a" };
        await AssertRefusedAsync(client, "tools/call", Retry("ask_input", new JsonObject { ["amount"] = 6, ["to"] = "a" }, state, "name", "Ada"));
        await AssertRefusedAsync(client, "tools/call", Retry("ask_input", new JsonObject { ["amount"] = 5 }, state, "name", "Ada"));
        await AssertRefusedAsync(client, "tools/call", Retry("ask_input", null, state, "name", "Ada"));
        await AssertRefusedAsync(client, "tools/call", Retry("ask_input", new JsonObject { ["amount"] = 5.0, ["to"] = "a", ["more"] = 1 }, state, "name", "Ada"));
        await AssertRefusedAsync(client, "tools/call", Retry("ask_elicitation", own, state, "name", "Ada"));
        await AssertRefusedAsync(client, "prompts/get", Retry("ask_input", own, state, "name", "Ada"));
        await AssertRefusedAsync(other, "tools/call", Retry("ask_input", own, state, "name", "Ada"));
        Assert.Equal(before, gate.Upstream.Recording.Requests.Count);
        Assert.Equal("input_required", (await client.RequestAsync("tools/call", Retry("ask_input", own, state, "name", "Ada"))).Result.GetProperty("resultType").GetString());
    }

    [Fact]
    public async Task State_TamperedWith_IsRefused()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions(), Opened);
        await using var client = gate.Client(capabilities: Askable);
        var state = StateOf(await client.CallAsync("ask_input"));
        var before = gate.Upstream.Recording.Requests.Count;
        JsonNode?[] bent =
        [
            .. Enumerable.Range(0, 16).Select(step => step * (state.Length / 16)).Select(at => (JsonNode)(state[..at] + (state[at] == 'A' ? 'B' : 'A') + state[(at + 1)..])),
            state[..^1], state + "A", state + "=", " " + state, state.ToUpperInvariant(), "", "x", "e30.00", new string('A', 100_000), 1, true, null, new JsonObject(), new JsonArray(state),
        ];
        foreach (var value in bent)
        {
            await AssertRefusedAsync(client, "tools/call", new JsonObject { ["name"] = "ask_input", ["arguments"] = new JsonObject(), ["requestState"] = value, ["inputResponses"] = new JsonObject() });
        }

        Assert.Equal(before, gate.Upstream.Recording.Requests.Count);
    }

    [Fact]
    public async Task State_OlderThanAnHour_IsRefused()
    {
        var time = new OffsetTime();
        await using var gate = await ModernGate.StartAsync(new FixtureOptions(), Opened, time);
        await using var client = gate.Client(capabilities: Askable);
        var first = await client.CallAsync("ask_input");
        time.Advance(TimeSpan.FromMinutes(59));
        var second = await AnswerAsync(client, first, "name", "Ada");
        Assert.Equal("input_required", second.Result.GetProperty("resultType").GetString());
        time.Advance(TimeSpan.FromMinutes(61));
        var before = gate.Upstream.Recording.Requests.Count;
        await AssertRefusedAsync(client, "tools/call", Retry("ask_input", [], StateOf(second), "colour", "green"));
        Assert.Equal(before, gate.Upstream.Recording.Requests.Count);
    }

    [Fact]
    public async Task Rounds_WithoutAnEnd_AreCutAfterFive()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions { OnCall = static turn => ValueTask.FromResult<JsonNode?>(Asking("elicitation/create")) }, Opened);
        await using var client = gate.Client(capabilities: Askable);
        var answer = await client.CallAsync("ask_input");
        for (var round = 2; round <= 5; round++)
        {
            answer = await AnswerAsync(client, answer, "name", "Ada");
            Assert.Equal("input_required", answer.Result.GetProperty("resultType").GetString());
        }

        await AssertRefusedAsync(client, "tools/call", Retry("ask_input", [], StateOf(answer), "name", "Ada"));
        Assert.Equal(5, gate.Upstream.Recording.Calls.Count);
    }

    [Fact]
    public async Task EachLeg_IsChargedAndRecorded()
    {
        const string policy = """{"version":"1","default":"allow","tools":{"ask_input":{"limits":[{"counter":"asks","window":"month","max":3}]}},"methods":{"allow":["elicitation/create"]}}""";
        await using var gate = await ModernGate.StartAsync(new FixtureOptions { OnCall = static turn => ValueTask.FromResult<JsonNode?>(Asking("elicitation/create")) }, policy);
        await using var client = gate.Client(capabilities: Askable);
        var answer = await client.CallAsync("ask_input");
        answer = await AnswerAsync(client, answer, "name", "Ada");
        answer = await AnswerAsync(client, answer, "name", "Ada");
        var exceeded = await AnswerAsync(client, answer, "name", "Ada");
        Assert.Equal("limit.exceeded", exceeded.Denial.GetProperty("code").GetString());
        Assert.Equal(3, gate.Upstream.Recording.Calls.Count);
        var legs = gate.Decisions().Where(static entry => entry.TryGetProperty("tool", out var tool) && tool.GetString() == "ask_input").ToList();
        Assert.Equal(["allow", "allow", "allow", "deny"], legs.Select(static leg => leg.GetProperty("decision").GetString()!));
        Assert.All(legs.Take(3), leg => Assert.Equal(1, leg.GetProperty("charges").GetArrayLength()));
    }

    [Fact]
    public async Task OneState_UsedByManyAtOnce_IsChargedEachTime()
    {
        const string policy = """{"version":"1","default":"allow","tools":{"ask_input":{"limits":[{"counter":"asks","window":"month","max":10}]}},"methods":{"allow":["elicitation/create"]}}""";
        await using var gate = await ModernGate.StartAsync(new FixtureOptions { OnCall = static turn => ValueTask.FromResult<JsonNode?>(Asking("elicitation/create")) }, policy);
        await using var client = gate.Client(capabilities: Askable);
        var first = await client.CallAsync("ask_input");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AnswerAsync(client, first, "name", "Ada")));
        Assert.Equal(9, answers.Count(static answer => !answer.IsToolError));
        Assert.Equal(10, gate.Upstream.Recording.Calls.Count);
    }

    [Theory]
    [InlineData("sampling/createMessage")]
    [InlineData("roots/list")]
    [InlineData("ping")]
    [InlineData("vendor/ask")]
    [InlineData("Elicitation/Create")]
    [InlineData(null)]
    public async Task Question_ThatThePolicyDoesNotOpen_IsRefusedAndRecorded(string? method)
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions { OnCall = turn => ValueTask.FromResult<JsonNode?>(Asking(method)) }, Opened);
        await using var client = gate.Client(capabilities: Askable);
        var answer = await client.CallAsync("ask_input");
        Assert.Equal("method.denied", answer.Denial.GetProperty("code").GetString());
        Assert.DoesNotContain("secret question", answer.Text, StringComparison.Ordinal);
        Assert.False(answer.Result.TryGetProperty("requestState", out _));

        // The outcome follows the answer; once the gate has stopped, everything stands in the record.
        await gate.Gate.StopAsync();
        var reference = answer.Denial.GetProperty("ref").GetString();
        var outcome = Assert.Single(JournalText.Entries(gate.Gate, "outcome"), entry => entry.GetProperty("of").GetString() == reference);
        Assert.Equal("refused", outcome.GetProperty("outcome").GetString());
        Assert.Equal("method.denied", outcome.GetProperty("code").GetString());
    }

    /// <summary>Attacks B13, B14 and B22: a question in the form of another generation is a question all the same.</summary>
    [Theory]
    [InlineData("sampling/createMessage")]
    [InlineData("roots/list")]
    [InlineData(null)]
    public async Task Question_InAResultWithinASession_IsRefusedLikeElsewhere(string? method)
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions { OnCall = turn => ValueTask.FromResult<JsonNode?>(Asking(method)) }, Opened);
        await using var client = new McpClient(gate.Gate.Mcp("up"), RunningGate.Token);
        await client.InitializeAsync();
        var answer = await client.CallAsync("ask_input");
        Assert.Equal("method.denied", answer.Denial.GetProperty("code").GetString());
        Assert.DoesNotContain("secret question", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("""{"a":null}""")]
    [InlineData("""{"a":[]}""")]
    public async Task Questions_OfAnOddShape_AreRefused(string questions)
    {
        JsonObject odd() => new() { ["resultType"] = "input_required", ["inputRequests"] = JsonNode.Parse(questions), ["requestState"] = "s" };
        await using var gate = await ModernGate.StartAsync(new FixtureOptions { OnCall = turn => ValueTask.FromResult<JsonNode?>(odd()) }, Opened);
        await using var client = gate.Client(capabilities: Askable);
        Assert.Equal("method.denied", (await client.CallAsync("ask_input")).Denial.GetProperty("code").GetString());
    }

    private static JsonObject Asking(string? method)
    {
        var question = new JsonObject { ["params"] = new JsonObject { ["message"] = "secret question" } };
        if (method is not null)
        {
            question["method"] = method;
        }

        return new JsonObject { ["resultType"] = "input_required", ["inputRequests"] = new JsonObject { ["name"] = question }, ["requestState"] = "upstream-state" };
    }

    private static string StateOf(McpAnswer answer) => answer.Result.GetProperty("requestState").GetString()!;

    private static Task<McpAnswer> AnswerAsync(McpClient client, McpAnswer asked, string key, string value) =>
        client.RequestAsync("tools/call", Retry("ask_input", [], StateOf(asked), key, value));

    private static JsonObject Retry(string name, JsonObject? arguments, string state, string key, string value)
    {
        var parameters = new JsonObject
        {
            ["name"] = name,
            ["requestState"] = state,
            ["inputResponses"] = new JsonObject { [key] = new JsonObject { ["action"] = "accept", ["content"] = new JsonObject { [key] = value } } },
        };
        if (arguments is not null)
        {
            parameters["arguments"] = arguments.DeepClone();
        }

        return parameters;
    }

    private static async Task AssertRefusedAsync(McpClient client, string method, JsonObject parameters)
    {
        var answer = await client.RequestAsync(method, parameters);
        Assert.Equal(400, answer.Status);
        Assert.Equal(-32602, answer.Error.GetProperty("code").GetInt32());
    }
}
