using Callgate.Gateway.Catalogue;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>Sentences in which our words and those of a server are kept apart.</summary>
public sealed class ProseTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("put `hide` in", "put <hide> in")]
    [InlineData("`a``b`", "<a><b>")]
    [InlineData("one ` alone", "one ` alone")]
    [InlineData("`a` and ` alone", "<a> and ` alone")]
    [InlineData("", "")]
    public void OfText_Backticks_MarkCode(string text, string expected) => Assert.Equal(expected, Prose.OfText(text).Markdown(static code => $"<{code}>"));

    [Fact]
    public void Of_NameWithBackticks_IsOneName()
    {
        var prose = Prose.Of($"`x` of {Prose.Name("a`b` `c")}, {Prose.Quote("`")}{"!"}");

        Assert.Equal([ProseKind.Code, ProseKind.Text, ProseKind.Name, ProseKind.Text, ProseKind.Quote, ProseKind.Text], prose.Parts.Select(static part => part.Kind));
        Assert.Equal("x of a`b` `c, `!", prose.Plain);
    }

    [Fact]
    public void Name_OfTenKilobytes_IsCutAndSaysHowLongItIs() => Assert.Equal(new string('n', 159) + "… (10000 characters)", Prose.Name(new string('n', 10_000)).Text);
}
