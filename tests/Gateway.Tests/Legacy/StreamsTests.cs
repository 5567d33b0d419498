using System.Net;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.Gateway.Tests.Legacy;

/// <summary>The listening stream, and how what was missed is fetched by <c>Last-Event-ID</c>.</summary>
public sealed class StreamsTests
{
    private const string Notice = """{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}""";

    [Fact]
    public async Task Stream_SecondOne_IsRefusedAndTheFirstGoesOn()
    {
        await using var rig = await LegacyRig.StartAsync();
        await using var client = await rig.OpenAsync();
        await using var tap = await EventTap.OpenAsync(client);

        Assert.Equal(409, await rig.StatusAsync(HttpMethod.Get, client.SessionId));
        await rig.Fixture.BroadcastAsync("notifications/tools/list_changed", [], "toolsListChanged");
        Assert.Equal("notifications/tools/list_changed", (await tap.MessageAsync()).Message.Text("method"));
    }

    [Fact]
    public async Task Stream_WithoutSessionOrServerThatHasNone_IsNotAllowed()
    {
        await using var rig = await LegacyRig.StartAsync(new FixtureOptions { Stateless = true });
        await using var client = await rig.OpenAsync();

        var echoed = await client.CallAsync("echo", new() { ["text"] = "no session upstream" });

        Assert.Equal("no session upstream", echoed.FirstText);
        Assert.Equal(405, await rig.StatusAsync(HttpMethod.Get, null));
        Assert.Equal(405, await rig.StatusAsync(HttpMethod.Get, client.SessionId));
    }

    [Fact]
    public async Task Stream_ServerEndsIt_EndsAndMayBeOpenedAgain()
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        upstream.Answer = static async (context, message) =>
        {
            if (message.Http != "GET")
            {
                return false;
            }

            await ExactUpstream.FramesAsync(context, "retry: 10\n\n", ExactUpstream.Frame(Notice));
            return true;
        };
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();

        for (var round = 0; round < 2; round++)
        {
            await using var tap = await EventTap.OpenAsync(client);
            Assert.Equal(Notice, (await tap.MessageAsync()).Frame.Data);
            await tap.EndAsync();
        }
    }

    /// <summary>
    /// Client and server end the stream at once. Its connection must not go back to the others while somebody still reads
    /// from it: that reader would take the first bytes of the next answer, and the next request would wait for ever.
    /// </summary>
    [Fact]
    public async Task Stream_EndedFromBothSidesAtOnce_TakesNothingOfTheNextAnswer()
    {
        await using var rig = await LegacyRig.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            for (var round = 0; round < 100; round++)
            {
                await using var client = await rig.OpenAsync().WaitAsync(LegacyRig.Patience);
                await using var tap = await EventTap.OpenAsync(client);

                // 200 is the gate's own answer, where the server's was lost with its connection.
                Assert.Contains(await client.DeleteAsync(), new[] { 200, 204 });
            }
        }));
    }

    [Fact]
    public async Task Resumption_OfTheListeningStream_BringsWhatWasMissed()
    {
        await using var rig = await LegacyRig.StartAsync(new FixtureOptions { PrimeEvents = true });
        await using var client = await rig.OpenAsync();
        string seen;
        await using (var tap = await EventTap.OpenAsync(client))
        {
            var prime = await tap.EventAsync();
            Assert.Equal("", prime.Data);
            Assert.NotNull(prime.Id);
            await rig.Fixture.BroadcastAsync("notifications/resources/list_changed", [], "resourcesListChanged");
            seen = (await tap.MessageAsync()).Frame.Id!;
        }

        await rig.Fixture.BroadcastAsync("notifications/prompts/list_changed", [], "promptsListChanged");
        await using var again = await EventTap.OpenAsync(client, seen);

        Assert.Equal("notifications/prompts/list_changed", (await again.MessageAsync()).Message.Text("method"));
        Assert.Contains(rig.Fixture.Recording.Requests, request => request.Method == "GET" && request.Header("Last-Event-ID") == seen);
    }

    [Fact]
    public async Task Resumption_OfACallWhoseStreamTheServerClosed_BringsItsResponseBesideTheListeningStream()
    {
        await using var rig = await LegacyRig.StartAsync(new FixtureOptions { PrimeEvents = true });
        await using var client = await rig.OpenAsync();
        await using var listening = await EventTap.OpenAsync(client);

        using var response = await rig.PostAsync(client, """{"jsonrpc":"2.0","id":"poll\u002d1","method":"tools/call","params":{"name":"drop_connection","arguments":{}}}""");
        var events = Events(await response.Content.ReadAsStringAsync());
        await using var resumed = await EventTap.OpenAsync(client, events[^1].Id);
        var (frame, answer) = await resumed.MessageAsync();
        await resumed.EndAsync();

        Assert.Equal(["", "notifications/message"], events.Select(static sent => Lenient.TryParse(System.Text.Encoding.UTF8.GetBytes(sent.Data)).Text("method") ?? ""));
        Assert.StartsWith("""{"jsonrpc":"2.0","id":"poll\u002d1","result":""", frame.Data, StringComparison.Ordinal);
        Assert.Equal("finished after the connection", answer.Member("result").Member("content")[0].Text("text"));
        Assert.Equal(400, await ResumeStatusAsync(client, "nonsense"));
    }

    [Fact]
    public async Task Resumption_OfACallThatWaits_RestoresItsTokenAndLetsItBeCancelled()
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        var call = new TaskCompletionSource<ExactMessage>();
        upstream.Answer = async (context, message) =>
        {
            if (message.Method == "tools/call")
            {
                call.SetResult(message);
                await ExactUpstream.FramesAsync(context, "id: e-1\ndata:\n\n");
                return true;
            }

            if (message.LastEventId is null)
            {
                return false;
            }

            var parked = await call.Task;
            var token = parked.Json.Member("params").Member("_meta").Member("progressToken").GetRawText();
            await ExactUpstream.FramesAsync(context,
                $$$$"""id: e-2{{{{"\n"}}}}data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{{{token}}}},"progress":1}}{{{{"\n\n"}}}}""",
                $$$$"""id: e-3{{{{"\n"}}}}data: {"jsonrpc":"2.0","id":{{{{parked.Id}}}},"result":{"late":1.0}}{{{{"\n\n"}}}}""");
            return true;
        };
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();

        using var response = await LegacyRig.PostAsync(gate.Mcp(LegacyRig.Open), client, """{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"t","_meta":{"progressToken":"mine"}}}""");
        var first = await response.Content.ReadAsStringAsync();
        await client.NotifyAsync("notifications/cancelled", new() { ["requestId"] = 5 });
        await using var resumed = await EventTap.OpenAsync(client, "e-1");
        var progress = (await resumed.MessageAsync()).Message;
        var answer = (await resumed.MessageAsync()).Frame;
        await client.NotifyAsync("notifications/cancelled", new() { ["requestId"] = 5 });

        Assert.Equal("id: e-1\ndata: \n\n", first);
        Assert.Equal("mine", progress.Member("params").Text("progressToken"));
        Assert.Equal("""{"jsonrpc":"2.0","id":5,"result":{"late":1.0}}""", answer.Data);
        var cancelled = Assert.Single(upstream.Received, static message => message.Method == "notifications/cancelled");
        Assert.Equal((await call.Task).Id, cancelled.Json.Member("params").Member("requestId").GetRawText());
    }

    [Fact]
    public async Task Resumption_AfterTheClientHungUp_BringsTheResponseUnderItsId()
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        var release = new TaskCompletionSource();
        var id = "";
        upstream.Answer = async (context, message) =>
        {
            if (message.Method == "tools/call")
            {
                id = message.Id;
                await ExactUpstream.FramesAsync(context, $"id: e-1\ndata: {Notice}\n\n");
                await release.Task.WaitAsync(LegacyRig.Patience);
            }
            else if (message.LastEventId is null)
            {
                return false;
            }

            await ExactUpstream.FramesAsync(context, $$$$"""id: e-2{{{{"\n"}}}}data: {"jsonrpc":"2.0","id":{{{{id}}}},"result":{"done":true}}{{{{"\n\n"}}}}""");
            return true;
        };
        await using var client = LegacyRig.Client(gate);
        await client.InitializeAsync();

        var raw = await RawClient.ConnectAsync(gate.Address);
        await using (raw)
        {
            await raw.SendAsync(RawClient.Request("POST", gate.Mcp(LegacyRig.Open), """{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"t"}}"""u8.ToArray(),
                ("Content-Type", "application/json"), ("Authorization", "Bearer " + Hosting.RunningGate.Token), ("Mcp-Session-Id", client.SessionId!)));
            var head = await raw.ReadHeadAsync();
            await using var events = raw.ReadEventsAsync(head).GetAsyncEnumerator();
            Assert.True(await events.MoveNextAsync());
            Assert.Equal("e-1", events.Current.Id);
        }

        release.SetResult();
        var answered = await client.RequestAsync("ping");
        await using var resumed = await EventTap.OpenAsync(client, "e-1");

        Assert.Equal(-32601, answered.Error.Number("code", 0));
        Assert.Equal("""{"jsonrpc":"2.0","id":5,"result":{"done":true}}""", (await resumed.MessageAsync()).Frame.Data);
    }

    [Fact]
    public async Task Resumption_ResponseToAnotherSession_IsNotBrought()
    {
        await using var upstream = await ExactUpstream.StartAsync();
        await using var gate = await LegacyRig.GateAsync(upstream.Url);
        var id = "";
        upstream.Answer = async (context, message) =>
        {
            if (message.Method == "tools/call")
            {
                id = message.Id;
                await ExactUpstream.FramesAsync(context, "id: e-1\ndata:\n\n");
                return true;
            }

            if (message.LastEventId is null)
            {
                return false;
            }

            await ExactUpstream.FramesAsync(context, ExactUpstream.Frame($$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"result":{"secret":true}}"""), ExactUpstream.Frame(Notice));
            return true;
        };
        await using var owner = LegacyRig.Client(gate);
        await owner.InitializeAsync();
        await using var other = LegacyRig.Client(gate, token: LegacyRig.OtherToken);
        await other.InitializeAsync();
        await owner.CallAsync("t");

        await using var resumed = await EventTap.OpenAsync(other, "e-1");

        Assert.Equal(Notice, (await resumed.MessageAsync()).Frame.Data);
    }

    private static async Task<int> ResumeStatusAsync(McpClient client, string lastEventId)
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => EventTap.OpenAsync(client, lastEventId));
        return (int)(refused.StatusCode ?? HttpStatusCode.OK);
    }

    private static RawEvent[] Events(string text) =>
    [
        .. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static block =>
        {
            var lines = block.Split('\n');
            return new RawEvent(
                lines.FirstOrDefault(static line => line.StartsWith("id: ", StringComparison.Ordinal))?[4..],
                null,
                lines.FirstOrDefault(static line => line.StartsWith("data: ", StringComparison.Ordinal))?[6..] ?? "");
        }),
    ];
}
