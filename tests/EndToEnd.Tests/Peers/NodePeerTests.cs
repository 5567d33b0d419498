using Xunit;

namespace Callgate.EndToEnd.Tests.Peers;

public sealed class NodePeerTests
{
    [Fact]
    public async Task Node_OfTheLockFile_Runs()
    {
        var run = await NodePeer.RunAsync("--version", []);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.StartsWith("v22.", run.Output, StringComparison.Ordinal);
    }
}
