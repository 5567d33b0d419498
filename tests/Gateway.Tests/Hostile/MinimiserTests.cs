using System.Text;
using Callgate.Gateway.Tests.Hostile.Fuzz;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

public sealed class MinimiserTests
{
    [Fact]
    public async Task Shrink_OfATextThatFailsByTwoPieces_LeavesThem()
    {
        var input = Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"Name\":\"add\"}}");
        var least = await Minimiser.ShrinkAsync(input, static text =>
        {
            var read = Encoding.UTF8.GetString(text);
            return Task.FromResult(read.Contains("\"Name\"", StringComparison.Ordinal) && read.Contains("add", StringComparison.Ordinal));
        });
        Assert.Equal("\"Name\"add", Encoding.UTF8.GetString(least));
    }

    [Fact]
    public async Task Shrink_OfWhatNeverFailsAgain_LeavesItWhole()
    {
        byte[] input = [1, 2, 3];
        Assert.Equal(input, await Minimiser.ShrinkAsync(input, static _ => Task.FromResult(false)));
    }
}
