using Callgate.Gateway.Dashboard;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>Two texts side by side, line by line.</summary>
public sealed class LineDiffTests
{
    [Theory]
    [InlineData("a\nb\nc\n", "a\nb\nc\n", "")]
    [InlineData("", "a\nb\n", "+a +b")]
    [InlineData("a\nb\n", "", "-a -b")]
    [InlineData("a\nb\nc\n", "a\nx\nc\n", " a -b +x  c")]
    [InlineData("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\nx\n", "…6 lines  7  8  9 +x")]
    [InlineData("1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\nx\n", "…2 lines  3  4  5 +x")]
    [InlineData("1\n2\n3\n4\n", "1\n2\n3\n4\nx\n", " 1  2  3  4 +x")]
    [InlineData("a\nb\na\nb\n", "b\na\nb\na\n", "-a  b  a  b +a")]
    public void Of_TwoTexts_SaysWhatWentAndCame(string before, string after, string expected) =>
        Assert.Equal(expected, string.Join(' ', LineDiff.Of(before, after).Select(static line => Sign(line.Fate) + line.Text)));

    [Fact]
    public void Of_LongTextsWithoutACommonLine_TakesNoLongComparison()
    {
        var (before, after) = (string.Concat(Enumerable.Range(0, 50_000).Select(static line => $"a{line}\n")), string.Concat(Enumerable.Range(0, 50_000).Select(static line => $"b{line}\n")));

        Assert.Equal(100_000, LineDiff.Of(before, after).Count);
    }

    private static string Sign(LineFate fate) => fate switch
    {
        LineFate.Gone => "-",
        LineFate.Come => "+",
        LineFate.LeftOut => "…",
        _ => " ",
    };
}
