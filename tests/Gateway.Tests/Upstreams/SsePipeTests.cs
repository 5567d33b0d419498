using System.Text;
using Callgate.Gateway.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Upstreams;

public sealed class SsePipeTests
{
    private const string Endpoint = "event: endpoint\ndata: /messages/?session_id=s1\n\n";

    [Fact]
    public async Task Message_Posted_GoesToTheNamedPlaceAndIsAnsweredOnTheStream()
    {
        await using var server = await SseServer.StartAsync();
        server.Write(": hello\n\nretry: 100\n\n" + Endpoint);
        server.Answer = body => body.Replace("\"method\":\"echo\"", "\"result\":{}", StringComparison.Ordinal);
        await using var pipe = await OpenAsync(server);

        Assert.Null(await pipe.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"echo"}"""u8.ToArray(), default));

        Assert.Equal("""{"jsonrpc":"2.0","id":1,"result":{}}""", await ReceiveAsync(pipe));
        var post = Assert.Single(server.Posts);
        Assert.Equal("/messages/?session_id=s1", post.Path);
        Assert.Equal("application/json", post.Headers.ContentType);
    }

    [Fact]
    public async Task Headers_Sent_AreTheServersOwn()
    {
        await using var server = await SseServer.StartAsync();
        server.Write(Endpoint);
        await using var pipe = await OpenAsync(server);
        await pipe.SendAsync("{}"u8.ToArray(), default);

        Assert.Equal(["Accept", "Authorization", "Host"], Assert.Single(server.Streams).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["Authorization", "Content-Length", "Content-Type", "Host"], Assert.Single(server.Posts).Headers.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Events_ThatAreNoMessage_AreSkippedAndCounted()
    {
        await using var server = await SseServer.StartAsync();
        server.Write(Endpoint);
        await using var pipe = await OpenAsync(server);

        server.Write("event: ping\ndata: {\"a\":1}\n\ndata: hello\n\nid: 5\n\ndata: {\"b\":\rdata: 2}\r\n\r\n");

        Assert.Equal("{\"b\":\n2}", await ReceiveAsync(pipe));
        Assert.Equal(3, pipe.SkippedEvents);
    }

    [Theory]
    [InlineData("event: endpoint\ndata: http://127.0.0.1:1/messages\n\n")]
    [InlineData("event: endpoint\ndata: //example.test/messages\n\n")]
    [InlineData("event: endpoint\ndata: https://127.0.0.1/messages\n\n")]
    [InlineData("event: endpoint\ndata: file:///etc/passwd\n\n")]
    [InlineData("event: endpoint\ndata: http://user@$HOST/messages\n\n")]
    [InlineData("event: message\ndata: {}\n\n")]
    public async Task Endpoint_OfAnotherOriginOrMissing_IsRefused(string first)
    {
        await using var server = await SseServer.StartAsync();
        server.Write(first.Replace("$HOST", new Uri(server.Url).Authority, StringComparison.Ordinal));

        var (pipe, fault) = await SsePipe.OpenAsync(server.Definition(), TimeProvider.System).WaitAsync(ScriptedServer.Patience);

        Assert.Null(pipe);
        Assert.Equal((UpstreamFaultKind.Invalid, true), (fault!.Kind, fault.NothingSent));
        Assert.Empty(server.Posts);
    }

    [Theory]
    [InlineData(307)]
    [InlineData(401)]
    [InlineData(500)]
    public async Task Stream_WithAnotherStatus_IsAFaultAndNotFollowed(int status)
    {
        await using var server = await SseServer.StartAsync();
        server.StreamStatus = status;

        var (_, fault) = await SsePipe.OpenAsync(server.Definition(), TimeProvider.System).WaitAsync(ScriptedServer.Patience);

        Assert.Equal((UpstreamFaultKind.Status, status), (fault!.Kind, fault.Status));
        Assert.Single(server.Streams);
    }

    [Theory]
    [InlineData(307)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Post_WithAnotherStatus_IsAFaultAndNotFollowed(int status)
    {
        await using var server = await SseServer.StartAsync();
        server.Write(Endpoint);
        await using var pipe = await OpenAsync(server);
        server.PostStatus = status;

        var fault = await pipe.SendAsync("{}"u8.ToArray(), default);

        Assert.Equal((UpstreamFaultKind.Status, status), (fault!.Kind, fault.Status));
        Assert.False(fault.NothingSent);
        Assert.Single(server.Posts);
    }

    [Fact]
    public async Task Stream_WithAnEncoding_IsRefused()
    {
        await using var server = await SseServer.StartAsync();
        server.ContentEncoding = "gzip";

        var (_, fault) = await SsePipe.OpenAsync(server.Definition(), TimeProvider.System).WaitAsync(ScriptedServer.Patience);

        Assert.Equal(UpstreamFaultKind.Invalid, fault!.Kind);
    }

    [Fact]
    public async Task Endpoint_NeverNamed_TimesOut()
    {
        var time = new ManualTime();
        await using var server = await SseServer.StartAsync();
        var open = SsePipe.OpenAsync(server.Definition(), time);
        while (!open.IsCompleted)
        {
            await time.ArmedAsync(UpstreamTimeouts.Default.FirstByte);
            time.Advance(UpstreamTimeouts.Default.FirstByte);
            await Task.WhenAny(open, time.ArmedAsync(UpstreamTimeouts.Default.FirstByte)).WaitAsync(ScriptedServer.Patience);
        }

        Assert.Equal(UpstreamFaultKind.Timeout, (await open).Fault!.Kind);
    }

    [Fact]
    public async Task Server_NotThere_IsUnreachableWithNothingSent()
    {
        var server = await SseServer.StartAsync();
        var definition = server.Definition();
        await server.DisposeAsync();

        var (_, fault) = await SsePipe.OpenAsync(definition, TimeProvider.System).WaitAsync(ScriptedServer.Patience);

        Assert.Equal((UpstreamFaultKind.Unavailable, true), (fault!.Kind, fault.NothingSent));
    }

    [Fact]
    public async Task Event_OverTheBound_EndsThePipeAsInvalid()
    {
        await using var server = await SseServer.StartAsync();
        server.Write(Endpoint);
        await using var pipe = await OpenAsync(server, maxMessageBytes: 1000);

        server.Write("data: " + new string('x', 2000));

        Assert.Null(await pipe.ReceiveAsync(default).AsTask().WaitAsync(ScriptedServer.Patience));
        Assert.Equal(UpstreamFaultKind.Invalid, pipe.EndKind);
    }

    [Fact]
    public async Task Stream_Ended_IsAFaultForWhoeverWaits()
    {
        await using var server = await SseServer.StartAsync();
        server.Write(Endpoint);
        var pipe = await OpenAsync(server);
        await using var link = PipeLink.Start(pipe, server.Definition(), TimeProvider.System, NullLogger.Instance);
        link.SkipHandshake();
        await using var conversation = link.Attach();
        await using var exchange = await conversation.RequestAsync(LinkedChild.Request("echo"), default);

        server.End();

        var fault = await LinkedChild.FaultAsync(exchange);
        Assert.Equal((UpstreamFaultKind.Unavailable, "the server ended its stream"), (fault.Kind, fault.Detail));
    }

    private static async Task<SsePipe> OpenAsync(SseServer server, int maxMessageBytes = 1_000_000)
    {
        var (pipe, fault) = await SsePipe.OpenAsync(server.Definition(), TimeProvider.System, maxMessageBytes).WaitAsync(ScriptedServer.Patience);
        Assert.Null(fault);
        return (SsePipe)pipe!;
    }

    private static async Task<string> ReceiveAsync(SsePipe pipe)
    {
        var message = await pipe.ReceiveAsync(default).AsTask().WaitAsync(ScriptedServer.Patience);
        Assert.True(message.HasValue, pipe.EndDetail);
        return Encoding.UTF8.GetString(message.Value.Span);
    }
}
