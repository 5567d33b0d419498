using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hostile;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Modern;

/// <summary><c>subscriptions/listen</c>: reduced to what the policy opens, under the client's own id, ended by either side.</summary>
public sealed class SubscriptionTests
{
    private const string All = """ "notifications":{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["test://watched-resource"],"taskIds":["t"]} """;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("\"sub-1\"")]
    [InlineData("7")]
    public async Task Listen_UnderAPolicy_CarriesWhatItOpens(string id)
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions(), """{"version":"1","default":"allow","methods":{"allow":["resources/*"]}}""");
        await using var raw = await OpenAsync(gate.Gate, id);
        var stream = raw.ReadEventsAsync(await raw.ReadHeadAsync()).GetAsyncEnumerator();
        await using (stream)
        {
            var acknowledged = await NextAsync(stream);
            Assert.Equal("notifications/subscriptions/acknowledged", acknowledged.GetProperty("method").GetString());
            Assert.Equal(id, SubscriptionOf(acknowledged));
            Assert.Equal("""{"toolsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["test://watched-resource"]}""", Wanted(gate).GetRawText());
            await gate.Upstream.BroadcastAsync("notifications/prompts/list_changed", [], "promptsListChanged");
            await gate.Upstream.BroadcastAsync("notifications/resources/updated", new JsonObject { ["uri"] = "test://watched-resource" }, "resourceSubscriptions");
            await gate.Upstream.BroadcastAsync("notifications/tools/list_changed", [], "toolsListChanged");
            foreach (var method in new[] { "notifications/resources/updated", "notifications/tools/list_changed" })
            {
                var message = await NextAsync(stream);
                Assert.Equal(method, message.GetProperty("method").GetString());
                Assert.Equal(id, SubscriptionOf(message));
            }
        }
    }

    [Fact]
    public async Task Listen_UnderAPolicyThatOpensNothing_AsksForToolsOnly()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions());
        await using var raw = await OpenAsync(gate.Gate, "1");
        var stream = raw.ReadEventsAsync(await raw.ReadHeadAsync()).GetAsyncEnumerator();
        await using (stream)
        {
            await NextAsync(stream);
            Assert.Equal("""{"toolsListChanged":true}""", Wanted(gate).GetRawText());
        }
    }

    [Fact]
    public async Task Client_ThatHangsUp_EndsTheUpstreamsStream()
    {
        await using var gate = await ModernGate.StartAsync(new FixtureOptions());
        var disconnects = gate.Upstream.Recording.Disconnects;
        await using (var raw = await OpenAsync(gate.Gate, "1"))
        {
            var stream = raw.ReadEventsAsync(await raw.ReadHeadAsync()).GetAsyncEnumerator();
            await NextAsync(stream);
            await stream.DisposeAsync();
        }

        await gate.Upstream.Recording.WaitForAsync(_ => gate.Upstream.Recording.Disconnects > disconnects, Bound);
    }

    [Fact]
    public async Task Stream_OfAnUpstreamThatSendsMore_IsReducedAndEndsWithTheResult()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        string[] sent =
        [
            """{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{},"_meta":{"io.modelcontextprotocol/subscriptionId":ID}}}""",
            """{"jsonrpc":"2.0","method":"notifications/prompts/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":ID}}}""",
            """{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x","_meta":{"io.modelcontextprotocol/subscriptionId":ID}}}""",
            """{"jsonrpc":"2.0","method":"notifications/vendor","params":{}}""",
            """{"jsonrpc":"2.0","method":"notifications/tasks","params":{"taskId":"t"}}""",
            """{"jsonrpc":"2.0","id":5,"method":"sampling/createMessage","params":{}}""",
            """{"jsonrpc":"2.0","id":99,"result":{}}""",
            """{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":ID}}}""",
            """{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":ID}}}""",
        ];
        upstream.Script["subscriptions/listen"] = ScriptedUpstream.Stream(string.Concat(sent.Select(static message => $"data: {message}\n\n")));
        await using var gate = await upstream.GateAsync();
        await using var raw = await OpenAsync(gate, "\"mine\"");
        var got = new List<JsonElement>();
        await foreach (var received in raw.ReadEventsAsync(await raw.ReadHeadAsync()))
        {
            got.Add(JsonElement.Parse(Encoding.UTF8.GetBytes(received.Data)));
        }

        Assert.Equal(3, got.Count);
        Assert.Equal("notifications/tools/list_changed", got[1].GetProperty("method").GetString());
        Assert.Equal("\"mine\"", got[2].GetProperty("id").GetRawText());
        Assert.Equal("\"mine\"", got[2].GetProperty("result").GetProperty("_meta").GetProperty("io.modelcontextprotocol/subscriptionId").GetRawText());
        Assert.All(got.Take(2), message => Assert.Equal("\"mine\"", SubscriptionOf(message)));
    }

    [Fact]
    public async Task Stream_SilentForLongerThanAnAnswerMayBe_StaysOpen()
    {
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Faults = [new Fault(FaultKind.NeverAnswer, Tool: "mixed")] });
        var limits = "timeouts: { first_byte: 3s, idle: 3s, total: 3s }";
        await using var gate = await RunningGate.StartAsync(RunningGate.OneServer(upstream.Url, limits), ("p.json", """{"version":"1","default":"allow"}"""));
        await using var raw = await OpenAsync(gate, "1");
        var stream = raw.ReadEventsAsync(await raw.ReadHeadAsync()).GetAsyncEnumerator();
        await using (stream)
        {
            await NextAsync(stream);

            // A call that began after the stream meets every bound before the stream is looked at again.
            await using var client = ScriptedUpstream.Client(gate);
            Assert.Equal("upstream.timeout", (await client.CallAsync("mixed")).Denial.Text("code"));
            await upstream.BroadcastAsync("notifications/tools/list_changed", [], "toolsListChanged");
            Assert.Equal("notifications/tools/list_changed", (await NextAsync(stream)).GetProperty("method").GetString());
        }
    }

    private static async Task<RawClient> OpenAsync(RunningGate gate, string id)
    {
        var raw = await RawClient.ConnectAsync(gate.Address);
        await raw.SendAsync(RawClient.Request("POST", gate.Mcp("up"), Encoding.UTF8.GetBytes(Bodies.Request(true, "subscriptions/listen", All, id)), ModernGate.Headers("subscriptions/listen")));
        return raw;
    }

    private static async Task<JsonElement> NextAsync(IAsyncEnumerator<RawEvent> stream)
    {
        Assert.True(await stream.MoveNextAsync());
        return JsonElement.Parse(Encoding.UTF8.GetBytes(stream.Current.Data));
    }

    private static string SubscriptionOf(JsonElement message) =>
        message.GetProperty("params").GetProperty("_meta").GetProperty("io.modelcontextprotocol/subscriptionId").GetRawText();

    private static JsonElement Wanted(ModernGate gate) =>
        gate.Upstream.Recording.Requests.Last(static request => request.RpcMethod == "subscriptions/listen").Json.GetProperty("params").GetProperty("notifications");
}
