using Callgate.Gateway.Tests.Legacy;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Xunit;

namespace Callgate.Gateway.Tests.Upstreams;

/// <summary>What the gate makes of the answers of a real HTTP server, under a clock that a test moves.</summary>
public sealed class HttpExchangeTests
{
    private const string Progress = """{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}""";

    private static readonly UpstreamTimeouts Limits = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    [Fact]
    public async Task Stream_ReadLateByItsClient_IsNoTimeout()
    {
        var time = new ManualTime();
        var goOn = new TaskCompletionSource();
        await using var upstream = await ExactUpstream.StartAsync();
        upstream.Answer = async (http, message) =>
        {
            await ExactUpstream.FramesAsync(http, ExactUpstream.Frame(Progress));
            await goOn.Task;
            await ExactUpstream.FramesAsync(http, ExactUpstream.Frame(Response(message)));
            return true;
        };
        await using var conversation = Open(upstream, time);
        await using var exchange = await AskAsync(conversation);

        time.Advance(Limits.FirstByte * 2);
        Assert.Equal("notifications/message", (await NextAsync(exchange)).Message?.Method);
        time.Advance(Limits.Idle * 2);
        goOn.SetResult();
        var last = await NextAsync(exchange);

        Assert.Equal((null, RpcKind.Response), (last.Fault, last.Message?.Kind));
    }

    [Fact]
    public async Task Stream_SilentWhileItIsRead_EndsAfterItsTime()
    {
        var time = new ManualTime();
        await using var upstream = await ExactUpstream.StartAsync();
        upstream.Answer = async (http, _) =>
        {
            await ExactUpstream.FramesAsync(http, ExactUpstream.Frame(Progress));
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            return true;
        };
        await using var conversation = Open(upstream, time);
        await using var exchange = await AskAsync(conversation);
        await NextAsync(exchange);

        var silent = NextAsync(exchange);
        await time.ArmedAsync(Limits.Idle);
        time.Advance(Limits.Idle);

        Assert.Equal(UpstreamFaultKind.Timeout, (await silent).Fault?.Kind);
    }

    [Fact]
    public async Task Stream_BeyondItsWholeTime_EndsHoweverLongItsClientTook()
    {
        var time = new ManualTime();
        await using var upstream = await ExactUpstream.StartAsync();
        upstream.Answer = async (http, message) =>
        {
            await ExactUpstream.FramesAsync(http, ExactUpstream.Frame(Progress), ExactUpstream.Frame(Progress));
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            return true;
        };
        await using var conversation = Open(upstream, time);
        await using var exchange = await AskAsync(conversation);
        await NextAsync(exchange);

        time.Advance(Limits.Total);
        UpstreamEvent last;
        do
        {
            last = await NextAsync(exchange);
        }
        while (last.Fault is null);

        Assert.Equal(UpstreamFaultKind.Timeout, last.Fault.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_LargerThanTheGateCarries_IsCalledTooLarge(bool tellsItsLength)
    {
        const int Size = 18 * 1024 * 1024;
        await using var upstream = await ExactUpstream.StartAsync();
        upstream.Answer = async (http, message) =>
        {
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = tellsItsLength ? Size : null;
            var part = new byte[64 * 1024];
            part.AsSpan().Fill((byte)' ');
            for (var written = 0; written < Size && !http.RequestAborted.IsCancellationRequested; written += part.Length)
            {
                await http.Response.Body.WriteAsync(part);
            }

            return true;
        };
        await using var conversation = Open(upstream, TimeProvider.System);
        await using var exchange = await AskAsync(conversation);

        var answer = await NextAsync(exchange);

        Assert.Equal("the server's answer is larger than the gateway carries", answer.Fault?.Message);
    }

    private static string Response(ExactMessage request) => $$$"""{"jsonrpc":"2.0","id":{{{request.Id}}},"result":{}}""";

    private static HttpConversation Open(ExactUpstream upstream, TimeProvider time) => new(
        new HttpMessageInvoker(new SocketsHttpHandler()),
        new ServerDefinition { Name = "up", Transport = TransportKind.Http, Url = upstream.Url, Timeouts = Limits },
        "2025-11-25",
        "exact-session",
        time);

    private static async Task<Exchange> AskAsync(HttpConversation conversation) =>
        await conversation.RequestAsync(JudgedMessage.Own(RpcKind.Request, "tools/call", "{}"u8.ToArray()), TestContext.Current.CancellationToken);

    private static async Task<UpstreamEvent> NextAsync(Exchange exchange) =>
        Assert.IsType<UpstreamEvent>(await exchange.NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(LegacyRig.Patience));
}
