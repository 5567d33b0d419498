using Callgate.Policy.Judging;

namespace Callgate.Policy.Tests;

/// <summary>Repetitions, groups and long patterns: how often, and in how many places, something must stand.</summary>
public sealed class PatternCountTests
{
    [Theory]
    [InlineData("^a{2}$", "aa", "a|aaa|a{2}")]
    [InlineData("^a{2,}$", "aa|aaa|aaaaaaaa", "a|")]
    [InlineData("^a{0,2}$", "|a|aa", "aaa")]
    [InlineData("^a{0}$", "", "a")]
    [InlineData("^a{02}$", "aa", "a")]
    [InlineData("^a{2,3}?$", "aa|aaa", "a|aaaa")]
    [InlineData("^a+?$", "a|aa", "")]
    [InlineData("^a*?$", "|aa", "b")]
    [InlineData("^a??$", "|a", "aa")]
    // A brace that counts nothing is a character like others.
    [InlineData("^{$", "{", "")]
    [InlineData("^a{$", "a{", "a")]
    [InlineData("^a{}$", "a{}", "a")]
    [InlineData("^a{2$", "a{2", "aa")]
    [InlineData("^a{2,$", "a{2,", "aa")]
    [InlineData("^a{x}$", "a{x}", "a")]
    [InlineData("^a{1,2,3}$", "a{1,2,3}", "a|aa")]
    [InlineData("^a{1,,2}$", "a{1,,2}", "a|aa")]
    [InlineData("^a{ 2}$", "a{ 2}", "aa")]
    [InlineData("^a}$", "a}", "a")]
    [InlineData("^a{+$", "a{|a{{", "a")]
    [InlineData("^{a}$", "{a}", "a")]
    // Groups, with a name and without, hold together what is repeated or offered.
    [InlineData("^(?:ab)+$", "ab|abab", "abb|")]
    [InlineData("^(?P<x>ab)?c$", "abc|c", "bc")]
    [InlineData("^(?<x_1>a)(?<y>b)$", "ab", "a")]
    [InlineData("^(a|b|)c$", "ac|bc|c", "abc")]
    [InlineData("^(?:|a)$", "|a", "b")]
    [InlineData("^(a)(b)(c)$", "abc", "ab")]
    [InlineData("^a|b$", "ax|xb", "xa|bx")]
    [InlineData("^()$", "", "a")]
    public void Matches_RepetitionsAndGroups_TakeWhatTheySay(string pattern, string taken, string refused)
    {
        var read = LinearPattern.Parse(pattern, out var fault);

        Assert.Equal("", fault);
        Assert.All(taken.Split('|'), text => Assert.True(read!.Matches(text), text));
        Assert.All(refused.Split('|'), text => Assert.False(read!.Matches(text), text));
    }

    [Fact]
    public void Parse_GroupsBesideEachOther_AreNotWithinEachOther() =>
        Assert.NotNull(LinearPattern.Parse(string.Concat(Enumerable.Repeat("(a)", 150)), out _));

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(130)]
    [InlineData(256)]
    [InlineData(300)]
    public void Matches_PatternOfManyPlaces_TakesEachOfThem(int places)
    {
        var text = string.Concat(Enumerable.Range(0, places).Select(i => (char)('a' + (i % 26))));
        var whole = LinearPattern.Parse($"^{text}$", out _)!;
        var part = LinearPattern.Parse(text, out _)!;

        Assert.True(whole.Matches(text));
        Assert.False(whole.Matches("x" + text));
        Assert.False(whole.Matches(text + "x"));
        Assert.False(whole.Matches(text.AsSpan(1)));
        Assert.False(whole.Matches(text.AsSpan(0, text.Length - 1)));
        Assert.False(whole.Matches(text[..(places / 2)] + "-" + text[((places / 2) + 1)..]));
        Assert.True(part.Matches("a" + text));
        Assert.True(part.Matches(text + "x"));
        Assert.True(part.Matches(text[..^1] + text));
        Assert.False(part.Matches(text[..^1] + "-"));
        Assert.False(part.Matches(""));
    }

    [Fact]
    public void Matches_WorkOfATextThatIsEmptyOrTaken_IsNone()
    {
        var work = 0L;

        Assert.False(LinearPattern.Parse("a", out _)!.Matches("", ref work));
        Assert.True(LinearPattern.Parse("^", out _)!.Matches("abc", ref work));
        Assert.True(LinearPattern.Parse("$", out _)!.Matches("abc", ref work));
        Assert.Equal(0, work);
    }
}
