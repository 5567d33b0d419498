using Callgate.Gateway.Proxy;
using Callgate.Gateway.Tests.Legacy;
using Callgate.Gateway.Tests.Upstreams;
using Callgate.Gateway.Upstreams;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Callgate.Gateway.Tests.Proxy;

public sealed class KeepAliveTests
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Until_EventComesAsACommentIsDue_IsTheEvent()
    {
        for (var round = 0; round < 100; round++)
        {
            var time = new ManualTime();
            var reading = new TaskCompletionSource<UpstreamEvent?>();
            using var reply = new ReplyStream(new DefaultHttpContext(), 0, batch: false);
            var waiting = KeepAlive.UntilAsync(reading.Task, reply, time).AsTask();
            var happened = new UpstreamEvent(null, "1");

            FireApart(time);
            reading.SetResult(happened);

            Assert.Same(happened, await waiting.WaitAsync(LegacyRig.Patience));
        }
    }

    [Fact]
    public async Task Until_ReadingEndsInATimeoutOfItsOwn_IsThatTimeout()
    {
        var own = new TimeoutException("its own");
        using var reply = new ReplyStream(new DefaultHttpContext(), 0, batch: false);

        Assert.Same(own, await Assert.ThrowsAsync<TimeoutException>(async () => await KeepAlive.UntilAsync(Task.FromException<UpstreamEvent?>(own), reply, new ManualTime())));
    }

    [Fact]
    public async Task Until_NothingComes_SendsACommentEachTime()
    {
        var time = new ManualTime();
        var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        var reading = new TaskCompletionSource<UpstreamEvent?>();
        using var reply = new ReplyStream(http, 0, batch: false);
        var waiting = KeepAlive.UntilAsync(reading.Task, reply, time).AsTask();

        for (var comment = 0; comment < 3; comment++)
        {
            await time.ArmedAsync(Every);
            time.Advance(Every);
        }

        await time.ArmedAsync(Every);
        reading.SetResult(null);

        Assert.Null(await waiting.WaitAsync(LegacyRig.Patience));
        Assert.Equal(": keep-alive\n\n: keep-alive\n\n: keep-alive\n\n", System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }

    /// <summary>Lets the timer fire where nothing goes on on its thread: what waits for it is still to be resumed when this returns.</summary>
    private static void FireApart(ManualTime time)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Elsewhere());
        try
        {
            time.Advance(Every);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class Elsewhere : SynchronizationContext;
}
