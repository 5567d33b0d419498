using System.Globalization;
using System.Text;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Xunit;

namespace Callgate.Gateway.Tests.Upstreams;

public sealed class PipeRouterTests
{
    private readonly PipeRouter router = new(static exchange => Assert.Fail($"request {exchange.UpstreamId} is read too slowly"));
    private readonly PipeConversation conversation = new(null!); // only its name counts here

    [Fact]
    public void Questions_NeverAnswered_DoNotCloseTheWayForLaterOnes()
    {
        router.Attach(conversation);
        for (var call = 1; call <= 3; call++)
        {
            Begin(call);
            for (var n = 0; n < 500; n++)
            {
                Say(string.Create(CultureInfo.InvariantCulture, $$$"""{"jsonrpc":"2.0","id":"{{{call}}}-{{{n}}}","method":"roots/list"}"""));
            }

            Say(string.Create(CultureInfo.InvariantCulture, $$$"""{"jsonrpc":"2.0","id":{{{call}}},"result":{}}"""));
        }

        Begin(4);
        Say("""{"jsonrpc":"2.0","id":"last","method":"roots/list"}""");

        Assert.Equal(0, router.Counts.Total);
        Assert.True(router.TryAnswer(conversation, "\"last\""u8.ToArray()));
        Assert.False(router.TryAnswer(conversation, "\"1-0\""u8.ToArray()));
    }

    [Fact]
    public void Question_AnsweredAfterTheRequestItCameWith_IsStillItsOwn()
    {
        router.Attach(conversation);
        Begin(1);
        Say("""{"jsonrpc":"2.0","id":"q","method":"roots/list"}""");
        Say("""{"jsonrpc":"2.0","id":1,"result":{}}""");

        Assert.True(router.TryAnswer(conversation, "\"q\""u8.ToArray()));
    }

    private void Begin(long id) =>
        Assert.True(router.TryBegin(new PipeExchange(id, LinkedChild.Request("tools/call"), conversation, static _ => { }) { Sent = true }));

    private void Say(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        Assert.True(router.Route(StrictJson.ParseMessage(bytes, out _)!, bytes.Length));
    }
}
