using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Audit;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>However a request of a session ends, the journal tells it once.</summary>
public sealed class RecordsTests
{
    [Fact]
    public async Task Journal_EveryWayARequestEnds_HasOneOutcomeForEachAllowedCall()
    {
        await using var rig = await LegacyRig.StartAsync(new FixtureOptions { PrimeEvents = true });
        await using var client = await rig.OpenAsync(capabilities: """{"elicitation":{}}""", onAsked: static _ => Lenient.Parse("""{"action":"decline"}"""));
        await FetchedLaterAsync(rig, client, "fetched");
        await FetchedLaterAsync(rig, client, null);
        await CancelledAsync(rig, client);
        await PostAsync(client, """{"jsonrpc":"2.0","id":"asks","method":"tools/call","params":{"name":"ask_elicitation"}}""");
        rig.Fixture.Inject(new Fault(FaultKind.InvalidJson, Tool: "echo") { Times = 1 });
        await PostAsync(client, """{"jsonrpc":"2.0","id":"broken","method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}""");
        await PostAsync(client, """{"jsonrpc":"2.0","id":"forged","result":{}}""");
        await PostAsync(client, """{"jsonrpc":"2.0","id":"unknown","method":"no/such"}""");
        await PostAsync(client, """{"jsonrpc":"2.0","method":"notifications/vendor/x"}""");
        await client.DeleteAsync();
        await PostAsync(client, """{"jsonrpc":"2.0","id":"gone","method":"ping"}""");

        await rig.Gate.StopAsync();
        var entries = JournalReader.Read(Path.Combine(rig.Gate.DataDirectory, "journal")).ToList();
        var calls = entries.Where(static entry => entry.Kind == "call").Select(static entry => entry.Entry).ToList();
        var outcomes = entries.Where(static entry => entry.Kind == "outcome").ToLookup(static entry => entry.Entry.Text("of")!, static entry => entry.Entry);

        Assert.All(calls, call => Assert.Equal(call.Text("outcome") is null ? 1 : 0, outcomes[call.Text("id")!].Count()));
        Assert.Equal("answered", OutcomeOf("\"fetched\"").Text("outcome"));
        Assert.Equal("abandoned", OutcomeOf("\"left\"").Text("outcome"));
        Assert.Equal("abandoned", OutcomeOf("\"cancelled\"").Text("outcome"));
        Assert.Equal("answered", OutcomeOf("\"asks\"").Text("outcome"));
        Assert.Equal("failed", OutcomeOf("\"broken\"").Text("outcome"));
        Assert.Equal("upstream.invalid", OutcomeOf("\"broken\"").Text("code"));
        Assert.Equal("method.denied", Assert.Single(calls, static call => call.Text("method") == "no/such").Text("code"));
        Assert.Equal("method.denied", Assert.Single(calls, static call => call.Text("method") == "notifications/vendor/x").Text("code"));
        Assert.Equal("request.malformed", Assert.Single(calls, static call => call.Text("method") == "response").Text("code"));
        Assert.Equal("allow", Assert.Single(calls, static call => call.Text("method") == "elicitation/create").Text("decision"));
        Assert.Equal("deny", Assert.Single(calls, static call => call.Text("method") == "ping").Text("decision"));

        JsonElement OutcomeOf(string requestId) => Assert.Single(outcomes[Assert.Single(calls, call => call.Text("request_id") == requestId).Text("id")!]);
    }

    /// <summary>
    /// Whoever is told to cancel may end the stream before it confirms that it was told. The call is cancelled all the same:
    /// neither failed nor waiting to be resumed.
    /// </summary>
    [Theory]
    [InlineData("id: e-1\ndata:\n\n")]
    [InlineData(": nothing that could be resumed\n\n")]
    public async Task Journal_ServerEndsTheStreamOfACancelledCallFirst_SaysThatItWasCancelled(string first)
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        var (told, over) = (new TaskCompletionSource(), new TaskCompletionSource());
        upstream.Answer = async (context, message) =>
        {
            if (message.Method == "notifications/cancelled")
            {
                told.SetResult();
                await over.Task.WaitAsync(LegacyRig.Patience);
                return false;
            }

            if (message.Method != "tools/call")
            {
                return false;
            }

            await ExactUpstream.FramesAsync(context, first);
            await told.Task.WaitAsync(LegacyRig.Patience);
            return true;
        };
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();

        using var response = await LegacyRig.PostAsync(gate.Mcp(LegacyRig.Open), client, """{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"t"}}""");
        var cancelling = client.NotifyAsync("notifications/cancelled", new() { ["requestId"] = 5 });
        var answer = await response.Content.ReadAsStringAsync().WaitAsync(LegacyRig.Patience);
        over.SetResult();
        await cancelling;
        await gate.StopAsync();

        Assert.DoesNotContain("jsonrpc", answer, StringComparison.Ordinal);
        var entries = JournalReader.Read(Path.Combine(gate.DataDirectory, "journal")).ToList();
        var call = Assert.Single(entries, static entry => entry.Kind == "call" && entry.Entry.Text("method") == "tools/call").Entry.Text("id");
        var outcome = Assert.Single(entries, entry => entry.Kind == "outcome" && entry.Entry.Text("of") == call).Entry;
        Assert.Equal(("abandoned", "the client cancelled it"), (outcome.Text("outcome"), outcome.Text("detail")));
    }

    /// <summary>A call whose stream the server closes; its response is fetched, or left where it is.</summary>
    private static async Task FetchedLaterAsync(LegacyRig rig, McpClient client, string? fetched)
    {
        using var response = await rig.PostAsync(client, $$$$"""{"jsonrpc":"2.0","id":"{{{{fetched ?? "left"}}}}","method":"tools/call","params":{"name":"drop_connection"}}""");
        var text = await response.Content.ReadAsStringAsync();
        if (fetched is not null)
        {
            var last = text.Split('\n').Last(static line => line.StartsWith("id: ", StringComparison.Ordinal))[4..];
            await using var resumed = await EventTap.OpenAsync(client, last);
            Assert.Contains(fetched, (await resumed.MessageAsync()).Frame.Data, StringComparison.Ordinal);
            await resumed.EndAsync();
        }
    }

    private static async Task CancelledAsync(LegacyRig rig, McpClient client)
    {
        using var response = await rig.PostAsync(client, """{"jsonrpc":"2.0","id":"cancelled","method":"tools/call","params":{"name":"slow","arguments":{"steps":1000,"ms":50}}}""");
        await client.NotifyAsync("notifications/cancelled", new() { ["requestId"] = "cancelled" });
        await response.Content.ReadAsStringAsync().WaitAsync(LegacyRig.Patience);
    }

    private static async Task PostAsync(McpClient client, string body) => await client.SendAsync(System.Text.Encoding.UTF8.GetBytes(body));
}
