using System.Collections.Immutable;
using System.Net;
using Callgate.Gateway.Configuration;
using Xunit;

namespace Callgate.Gateway.Tests.Operations;

public sealed class ListenersTests
{
    private static readonly ListenAddress Exposed = ListenAddress.Parse("http://0.0.0.0:80")!;

    [Theory]
    [InlineData("10.0.0.5", true)]
    [InlineData("::ffff:10.0.0.5", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.0.0.6", false)]
    [InlineData("fe80::1", false)]
    public void MayConnect_PlainBeyondLoopback_OnlyTheNamedProxyAndThisMachine(string peer, bool may)
    {
        var settings = new ListenSettings() with { TrustedProxies = [IPAddress.Parse("10.0.0.5")] };

        Assert.Equal(may, Listeners.MayConnect(Exposed, settings, new IPEndPoint(IPAddress.Parse(peer), 4000)));
        Assert.True(Listeners.MayConnect(Exposed, settings with { InsecureHttp = true }, new IPEndPoint(IPAddress.Parse(peer), 4000)));
        Assert.True(Listeners.MayConnect(ListenAddress.Parse("https://0.0.0.0:443")!, settings with { TrustedProxies = ImmutableArray<IPAddress>.Empty }, new IPEndPoint(IPAddress.Parse(peer), 4000)));
        Assert.False(Listeners.MayConnect(Exposed, settings, null));
    }

    [Theory]
    [InlineData("10.0.12", true)]
    [InlineData("10.0.13", false)]
    [InlineData("10.1.0", false)]
    [InlineData("9.0.99", true)]
    public void RuntimeFloor_OfAVersion_WarnsBelowIt(string version, bool warns) =>
        Assert.Equal(warns, RuntimeFloor.Fault(Version.Parse(version)) is not null);
}
