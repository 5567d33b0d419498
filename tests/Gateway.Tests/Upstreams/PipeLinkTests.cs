using System.Globalization;
using System.Text.Json;
using Callgate.Gateway.Upstreams;
using Xunit;

namespace Callgate.Gateway.Tests.Upstreams;

public sealed class PipeLinkTests
{
    private const string Done = """{"jsonrpc":"2.0","id":$ID,"result":{}}""";

    [Fact]
    public async Task Request_Judged_GoesUpAsItStandsUnderOurId()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();

        var result = await LinkedChild.AskAsync(conversation, LinkedChild.Request("echo", """{"b":1.50,"a":"\u00e9"}"""));

        Assert.Equal("""{"b":1.50,"a":"é"}""", result.GetProperty("params").GetRawText().Replace("\\u00E9", "é", StringComparison.Ordinal));
        Assert.Equal(JsonValueKind.Number, result.GetProperty("id").ValueKind);
    }

    [Fact]
    public async Task Answers_OutOfOrder_ReachTheirOwnRequests()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        var first = await conversation.RequestAsync(LinkedChild.Request("hold", """{"n":1}"""), default);
        var second = await conversation.RequestAsync(LinkedChild.Request("hold", """{"n":2}"""), default);
        await LinkedChild.AskAsync(conversation, LinkedChild.Request("release"));

        Assert.Equal(1, (await LinkedChild.ResultAsync(first)).GetProperty("params").GetProperty("n").GetInt32());
        Assert.Equal(2, (await LinkedChild.ResultAsync(second)).GetProperty("params").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task Requests_OfAHundredClientsAtOnce_NeverCross()
    {
        await using var child = await LinkedChild.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async client =>
        {
            await using var conversation = child.Link.Attach();
            var answer = await LinkedChild.AskAsync(conversation, LinkedChild.Request("echo", string.Create(CultureInfo.InvariantCulture, $$"""{"client":{{client}}}""")));
            return (client, answer.GetProperty("params").GetProperty("client").GetInt32());
        }));

        Assert.All(answers, answer => Assert.Equal(answer.client, answer.Item2));
        Assert.Equal(0, child.Link.Counts.Total);
    }

    [Fact]
    public async Task Responses_WithIdsThatAreNotTheirs_AreDroppedAndCounted()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();

        var result = await LinkedChild.AskAsync(conversation, LinkedChild.Emit(
            """{"jsonrpc":"2.0","id":99999,"result":{"wrong":true}}""",
            """{"jsonrpc":"2.0","id":"$ID","result":{"wrong":true}}""",
            """{"jsonrpc":"2.0","id":null,"result":{"wrong":true}}""",
            """{"jsonrpc":"2.0","id":1.0,"result":{"wrong":true}}""",
            """{"jsonrpc":"2.0","id":$ID,"id":$ID,"result":{"wrong":true}}""",
            """{"jsonrpc":"2.0","id":$ID,"result":{"right":true}}""",
            """{"jsonrpc":"2.0","id":$ID,"result":{"late":true}}"""));
        await LinkedChild.AskAsync(conversation, LinkedChild.Request("echo"));

        Assert.Equal("""{"right":true}""", result.GetRawText());
        Assert.Equal(3, child.Link.Counts.UnmatchedResponses);
        Assert.Equal(3, child.Link.Counts.Malformed);
    }

    [Fact]
    public async Task Response_BeforeItsRequest_IsDropped()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        var guess = await conversation.RequestAsync(LinkedChild.Emit(Done), default);
        await LinkedChild.ResultAsync(guess);
        var next = guess.UpstreamId + 2;

        await LinkedChild.AskAsync(conversation, LinkedChild.Emit(string.Create(CultureInfo.InvariantCulture, $$$"""{"jsonrpc":"2.0","id":{{{next}}},"result":{"early":true}}"""), Done));
        var result = await LinkedChild.AskAsync(conversation, LinkedChild.Request("echo"));

        Assert.Equal(next, result.GetProperty("id").GetInt64());
        Assert.Equal(1, child.Link.Counts.UnmatchedResponses);
    }

    [Fact]
    public async Task Request_LinkEndsWhileItGoesUp_IsNotClaimedUnsent()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        using var gone = new ManualResetEventSlim();
        child.Link.Ended.Register(gone.Set);
        var request = LinkedChild.Request("echo") with
        {
            Numbered = id =>
            {
                _ = child.Link.DisposeAsync().AsTask();
                Assert.True(gone.Wait(ScriptedServer.Patience));
            },
        };

        await using var exchange = await Task.Run(() => conversation.RequestAsync(request, default).AsTask()).WaitAsync(ScriptedServer.Patience);

        Assert.False((await LinkedChild.FaultAsync(exchange)).NothingSent);
    }

    [Fact]
    public async Task Request_BeforeTheHandshake_WaitsForIt()
    {
        await using var child = await LinkedChild.StartAsync(handshake: false);
        await using var conversation = child.Link.Attach();
        var request = conversation.RequestAsync(LinkedChild.Request("heard"), default).AsTask();
        Assert.False(request.IsCompleted);

        var one = await child.Link.InitializeAsync(LinkedChild.Initialize, default);
        var other = await child.Link.InitializeAsync(LinkedChild.Initialize, default);

        Assert.Same(one.Response, other.Response);
        var heard = (await LinkedChild.ResultAsync(await request)).GetProperty("notifications");
        Assert.Equal("notifications/initialized", Assert.Single(heard.EnumerateArray()).GetProperty("method").GetString());
    }

    [Fact]
    public async Task Handshake_NeverAnswered_FailsAtTheStartLimitAndEndsTheLink()
    {
        var time = new ManualTime();
        var server = new ServerDefinition { Name = "mute", Transport = TransportKind.Stdio, Command = ["sh", "-c", "echo 'no token given' >&2; echo '{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}'; exec sleep 3600"] };
        await using var child = await LinkedChild.StartAsync(time, server, handshake: false);
        await using var conversation = child.Link.Attach();
        var waiting = conversation.RequestAsync(LinkedChild.Request("echo"), default).AsTask();
        var handshake = child.Link.InitializeAsync(LinkedChild.Initialize, default).AsTask();

        await using var listener = await conversation.ListenAsync(null, default);

        // Its one message says that its last words have been written.
        Assert.Equal("notifications/message", await LinkedChild.MethodAsync(listener));
        time.Advance(PipeLink.DefaultStartLimit);

        var (_, fault) = await handshake.WaitAsync(ScriptedServer.Patience);
        Assert.Equal(UpstreamFaultKind.Timeout, fault!.Kind);
        Assert.Contains("no token given", fault.Detail, StringComparison.Ordinal);
        Assert.True((await LinkedChild.FaultAsync(await waiting)).NothingSent);
        await EndOf(child.Link);
    }

    [Fact]
    public async Task Progress_OfOneRequest_ReachesThatRequestAlone()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        var first = await conversation.RequestAsync(Tokened("hold", 71), default);
        var second = await conversation.RequestAsync(Tokened("hold", 72), default);
        await LinkedChild.AskAsync(conversation, LinkedChild.Emit(
            """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":71,"progress":1}}""",
            """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":73,"progress":1}}""",
            """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"72","progress":1}}""",
            Done));
        await LinkedChild.AskAsync(conversation, LinkedChild.Request("release"));

        Assert.Equal("notifications/progress", await LinkedChild.MethodAsync(first));
        await LinkedChild.ResultAsync(first);
        await LinkedChild.ResultAsync(second);
        Assert.Equal(2, child.Link.Counts.Unrouted);
    }

    [Fact]
    public async Task RequestOfTheUpstream_DuringACall_IsAnsweredOnce()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        await using var other = child.Link.Attach();
        await using var exchange = await conversation.RequestAsync(
            LinkedChild.Request("ask", """{"request":{"jsonrpc":"2.0","id":"q-1","method":"roots/list"}}"""), default);
        var asked = await LinkedChild.NextAsync(exchange);
        Assert.Equal("roots/list", asked!.Message!.Method);
        var answer = JudgedMessage.SealAnswer(asked.Message.RawId, """{"roots":[]}"""u8.ToArray(), isError: false);

        var stolen = await other.SendAsync(answer, default);
        var given = await conversation.SendAsync(answer, default);
        var repeated = await conversation.SendAsync(answer, default);

        Assert.Equal((UpstreamFaultKind.Invalid, true), (stolen!.Kind, stolen.NothingSent));
        Assert.Null(given);
        Assert.Equal((UpstreamFaultKind.Invalid, true), (repeated!.Kind, repeated.NothingSent));
        var result = await LinkedChild.ResultAsync(exchange);
        Assert.Equal("""{"jsonrpc":"2.0","id":"q-1","result":{"roots":[]}}""", result.GetRawText());
    }

    [Fact]
    public async Task Notifications_WithoutListener_WaitAndAreCoalesced()
    {
        const string changed = """{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""";
        const string updated = """{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:b"}}""";
        await using var child = await LinkedChild.StartAsync();
        await using var one = child.Link.Attach();
        await using var two = child.Link.Attach();
        await LinkedChild.AskAsync(one, LinkedChild.Emit(changed, changed, updated, changed, Done));

        foreach (var conversation in new[] { one, two })
        {
            await using var listener = await conversation.ListenAsync(null, default);
            Assert.Equal("notifications/tools/list_changed", await LinkedChild.MethodAsync(listener));
            Assert.Equal("notifications/resources/updated", await LinkedChild.MethodAsync(listener));
            Assert.False(listener.NextAsync(default).AsTask().IsCompleted);
        }
    }

    [Fact]
    public async Task Backlog_WithoutListener_IsBounded()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        var lines = Enumerable.Range(0, 300).Select(n => string.Create(CultureInfo.InvariantCulture, $$$"""{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:{{{n}}}"}}"""));
        await LinkedChild.AskAsync(conversation, LinkedChild.Emit([.. lines, Done]));

        await using var listener = await conversation.ListenAsync(null, default);

        Assert.Equal("a:44", (await LinkedChild.NextAsync(listener))!.Message!.Params.GetProperty("uri").GetString());
        Assert.Equal(44, child.Link.Counts.Overflowed);
    }

    [Fact]
    public async Task Reader_TooSlow_LosesTheExchangeAndNothingElse()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        var lines = Enumerable.Repeat("""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progress":1}}""", 1100);
        await using var slow = await conversation.RequestAsync(LinkedChild.Emit(7, [.. lines, Done]), default);
        await LinkedChild.AskAsync(conversation, LinkedChild.Request("echo"));

        var received = 0;
        UpstreamEvent? last = null;
        while (await LinkedChild.NextAsync(slow) is { } next)
        {
            received += next.Message is null ? 0 : 1;
            last = next;
        }

        Assert.Equal(1024, received);
        Assert.Equal("the answer was read too slowly", last!.Fault!.Message);
    }

    [Fact]
    public async Task Exchange_LeftUnfinished_CancelsUpstreamUnderOurId()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        var exchange = await conversation.RequestAsync(LinkedChild.Request("hold"), default);
        await exchange.DisposeAsync();
        await exchange.DisposeAsync();

        var heard = await LinkedChild.AskAsync(conversation, LinkedChild.Request("heard"));

        var cancelled = Assert.Single(heard.GetProperty("notifications").EnumerateArray(), notification => notification.GetProperty("method").ValueEquals("notifications/cancelled"));
        Assert.Equal(exchange.UpstreamId, cancelled.GetProperty("params").GetProperty("requestId").GetInt64());
    }

    [Fact]
    public async Task Cancellation_OfAnotherConversationsRequest_IsRefused()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        await using var other = child.Link.Attach();
        await using var exchange = await conversation.RequestAsync(LinkedChild.Request("hold"), default);
        var cancel = LinkedChild.Notification("notifications/cancelled", string.Create(CultureInfo.InvariantCulture, $$"""{"requestId":{{exchange.UpstreamId}}}"""));

        var stolen = await other.SendAsync(cancel, default);
        var own = await conversation.SendAsync(cancel, default);
        await exchange.DisposeAsync();

        Assert.Equal(UpstreamFaultKind.Invalid, stolen!.Kind);
        Assert.Null(own);
        var heard = await LinkedChild.AskAsync(conversation, LinkedChild.Request("heard"));
        Assert.Single(heard.GetProperty("notifications").EnumerateArray(), notification => notification.GetProperty("method").ValueEquals("notifications/cancelled"));
    }

    [Theory]
    [InlineData(60, "first_byte limit reached")]
    public async Task Request_NeverAnswered_TimesOutAndIsCancelled(int seconds, string detail)
    {
        var time = new ManualTime();
        await using var child = await LinkedChild.StartAsync(time);
        await using var conversation = child.Link.Attach();
        await using var exchange = await conversation.RequestAsync(LinkedChild.Request("hold"), default);

        time.Advance(TimeSpan.FromSeconds(seconds));

        var fault = await LinkedChild.FaultAsync(exchange);
        Assert.Equal((UpstreamFaultKind.Timeout, detail), (fault.Kind, fault.Detail));
        Assert.False(fault.NothingSent);
        var heard = await LinkedChild.AskAsync(conversation, LinkedChild.Request("heard"));
        Assert.Equal(2, heard.GetProperty("notifications").GetArrayLength());
    }

    [Fact]
    public async Task Request_WithProgressOnly_EndsAtTheTotalLimit()
    {
        var time = new ManualTime();
        await using var child = await LinkedChild.StartAsync(time);
        await using var conversation = child.Link.Attach();
        await using var exchange = await conversation.RequestAsync(Tokened("hold", 5), default);
        UpstreamEvent? last = null;
        for (var spent = TimeSpan.Zero; spent < UpstreamTimeouts.Default.Total && last?.Fault is null; spent += TimeSpan.FromSeconds(50))
        {
            await LinkedChild.AskAsync(conversation, LinkedChild.Emit("""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":5,"progress":1}}""", Done));
            last = await LinkedChild.NextAsync(exchange);
            time.Advance(TimeSpan.FromSeconds(50));
        }

        Assert.Equal("total limit reached", (await LinkedChild.FaultAsync(exchange)).Detail);
    }

    [Fact]
    public async Task Request_SilentAfterItsFirstWord_EndsAtTheIdleLimit_UnlessItWaitsForAnAnswer()
    {
        var time = new ManualTime();
        await using var child = await LinkedChild.StartAsync(time);
        await using var conversation = child.Link.Attach();
        await using var exchange = await conversation.RequestAsync(
            LinkedChild.Emit("""{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{}}"""), default);
        var asked = await LinkedChild.NextAsync(exchange);

        time.Advance(TimeSpan.FromSeconds(200));
        var waits = exchange.NextAsync(default).AsTask();
        Assert.False(waits.IsCompleted);
        Assert.Null(await conversation.SendAsync(JudgedMessage.SealAnswer(asked!.Message!.RawId, "{}"u8.ToArray(), false), default));
        time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("idle limit reached", (await waits)!.Fault!.Detail);
    }

    [Fact]
    public async Task Exit_InTheMiddleOfACall_IsAFaultForAll()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();
        await using var other = child.Link.Attach();
        await using var held = await other.RequestAsync(LinkedChild.Request("hold"), default);
        await using var listener = await other.ListenAsync(null, default);
        await using var exit = await conversation.RequestAsync(LinkedChild.Request("exit", """{"code":9}"""), default);

        foreach (var exchange in new[] { exit, held, listener })
        {
            var fault = await LinkedChild.FaultAsync(exchange);
            Assert.Equal(UpstreamFaultKind.Unavailable, fault.Kind);
            Assert.Contains("exit code 9", fault.Detail, StringComparison.Ordinal);
        }

        await EndOf(child.Link);
        Assert.True(conversation.Ended.IsCancellationRequested);
        var after = await conversation.RequestAsync(LinkedChild.Request("echo"), default);
        Assert.True((await LinkedChild.FaultAsync(after)).NothingSent);
    }

    [Fact]
    public async Task Subscription_OfTheNewestEra_IsRoutedByItsIdAndMayBeSilent()
    {
        var time = new ManualTime();
        await using var child = await LinkedChild.StartAsync(time, handshake: false);
        child.Link.SkipHandshake();
        await using var conversation = child.Link.Attach();
        await using var subscription = await conversation.RequestAsync(LinkedChild.Request("subscriptions/listen"), default);
        var id = subscription.UpstreamId.ToString(CultureInfo.InvariantCulture);
        await LinkedChild.AskAsync(conversation, LinkedChild.Emit(
            """{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{}}""",
            """{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":""" + id + "}}}",
            Done));
        time.Advance(TimeSpan.FromHours(3));
        await LinkedChild.AskAsync(conversation, LinkedChild.Emit("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":""" + id + "}}", Done));

        Assert.Equal("notifications/subscriptions/acknowledged", await LinkedChild.MethodAsync(subscription));
        Assert.Equal("notifications/tools/list_changed", await LinkedChild.MethodAsync(subscription));
        Assert.Equal("notifications/cancelled", await LinkedChild.MethodAsync(subscription));
    }

    [Fact]
    public async Task Ping_OfTheUpstreamWhenNobodyListens_IsAnsweredHere()
    {
        await using var child = await LinkedChild.StartAsync();
        await using var conversation = child.Link.Attach();

        // A subscription is nobody who could be asked; its result is the answer that the child got to its ping.
        await using var open = await conversation.RequestAsync(LinkedChild.Request("subscriptions/listen", """{"ask":{"jsonrpc":"2.0","id":5,"method":"ping"}}"""), default);

        Assert.Equal("""{"jsonrpc":"2.0","id":5,"result":{}}""", (await LinkedChild.ResultAsync(open)).GetRawText());
    }

    private static JudgedMessage Tokened(string method, long token) => LinkedChild.Request(method, "{}", token);

    private static async Task EndOf(PipeLink link)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = link.Ended.Register(() => ended.TrySetResult());
        await ended.Task.WaitAsync(ScriptedServer.Patience);
    }
}
