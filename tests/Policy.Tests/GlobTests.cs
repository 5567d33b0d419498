using Callgate.Policy.Binding;

namespace Callgate.Policy.Tests;

public sealed class GlobTests
{
    private const int Seed = 20_260_107;

    [Theory]
    [InlineData("a", "", false)]
    [InlineData("a", "A", false)]
    [InlineData("*", "a/b.c d", true)]
    [InlineData("list_*", "list_", true)]
    [InlineData("list_*", "list_a", true)]
    [InlineData("list_*", "xlist_a", false)]
    [InlineData("*_all", "drop_all", true)]
    [InlineData("*_all", "drop_all_", false)]
    [InlineData("a*b*c", "aXbXbXc", true)]
    [InlineData("a*b*c", "aXcXb", false)]
    [InlineData("**", "x", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?c", "a/c", true)]
    [InlineData("?", "😀", true)]
    [InlineData("??", "😀", false)]
    [InlineData("??", "😀é", true)]
    [InlineData("*?", "😀", true)]
    [InlineData("*??", "😀", false)]
    [InlineData("é", "e\u0301", false)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "a", false)]
    [InlineData("\\?x", "?x", true)]
    [InlineData("\\\\", "\\", true)]
    [InlineData("\\\\*", "\\abc", true)]
    [InlineData("\\a", "a", true)]
    [InlineData("*\\**", "a*b", true)]
    [InlineData("*\\**", "ab", false)]
    [InlineData("\\😀", "😀", true)]
    [InlineData("a\\", "a", false)]
    [InlineData("a\\", "a\\", false)]
    [InlineData("*\\", "a\\", false)]
    public void Matches_PatternAndName_FollowsTheLanguage(string pattern, string name, bool matches) =>
        Assert.Equal(matches, Glob.Matches(pattern, name));

    [Fact]
    public void Matches_LoneSurrogate_CountsAsOneCodePoint()
    {
        // Attributes are stored as UTF-8 and would replace them.
        Assert.True(Glob.Matches("?", "\ud83d"));
        Assert.True(Glob.Matches("??", "\ude00\ud83d"));
        Assert.False(Glob.Matches("?", "\ude00\ud83d"));
    }

    [Fact]
    public void Matches_RandomPatterns_AgreesWithTheNaiveMatcher()
    {
        var random = new Random(Seed);
        var matched = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var pattern = Pick(random, ["a", "b", "😀", "*", "?", "\\*", "\\?", "\\\\", "\\a"], 6);
            var name = Pick(random, ["a", "b", "😀", "*", "?", "\\"], 7);
            var expected = ReferenceEvaluator.Matches(pattern, name);
            matched += expected ? 1 : 0;
            Assert.True(expected == Glob.Matches(pattern, name), $"seed {Seed}: {pattern} on {name}");
        }

        Assert.InRange(matched, 1_000, 40_000);
    }

    [Fact]
    public void Matches_ManyStarsOnALongName_EndsSoon()
    {
        var pattern = string.Concat(Enumerable.Repeat("a*", 128)) + "b";
        var name = new string('a', 100_000);

        Assert.False(Glob.Matches(pattern, name));
    }

    [Theory]
    [InlineData("*", 0)]
    [InlineData("??", 0)]
    [InlineData("list_*", 5)]
    [InlineData("\\*\\?\\\\*", 3)]
    [InlineData("😀?é", 2)]
    public void LiteralCount_Pattern_CountsCodePoints(string pattern, int count) =>
        Assert.Equal(count, GlobPattern.Parse(pattern, out _)!.LiteralCount);

    [Theory]
    [InlineData("a\\*b", "a*b")]
    [InlineData("\\a\\b", "ab")]
    [InlineData("😀", "😀")]
    [InlineData("a*", null)]
    [InlineData("?", null)]
    public void ExactName_PatternWithoutWildcards_IsTheNameWithoutEscapes(string pattern, string? name) =>
        Assert.Equal(name, GlobPattern.Parse(pattern, out _)!.ExactName);

    [Fact]
    public void Intersects_RandomPairs_IsTrueExactlyWhenSomeNameMatchesBoth()
    {
        // With at most four tokens a side a shared name of at most eight letters exists, or none does.
        string[] names = [.. Enumerable.Range(0, 9).SelectMany(Words)];
        var random = new Random(Seed);
        var meeting = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var one = Pick(random, ["a", "b", "*", "?"], 4, least: 1);
            var other = Pick(random, ["a", "b", "*", "?"], 4, least: 1);
            var expected = names.Any(name => Glob.Matches(one, name) && Glob.Matches(other, name));
            meeting += expected ? 1 : 0;
            var actual = GlobPattern.Parse(one, out _)!.Intersects(GlobPattern.Parse(other, out _)!);
            Assert.True(expected == actual, $"seed {Seed}: {one} and {other}");
        }

        Assert.InRange(meeting, 300, 2_700);
    }

    [Theory]
    [InlineData("a\\**", "a**", true)]
    [InlineData("a\\*", "ab*", false)]
    [InlineData("?", "😀", true)]
    [InlineData("??", "😀", false)]
    [InlineData("a*z", "b*z", false)]
    [InlineData("*x*", "*y*", true)]
    [InlineData("a*", "*b", true)]
    [InlineData("a*", "b*", false)]
    [InlineData("*a", "*b", false)]
    [InlineData("ab*", "a*", true)]
    [InlineData("*ab", "*b", true)]
    [InlineData("ab*", "ac*", false)]
    [InlineData("*ba", "*ca", false)]
    [InlineData("a?*", "ab*", true)]
    [InlineData("*?a", "*ba", true)]
    [InlineData("a*bc", "a*cc", false)]
    [InlineData("ab*z", "ac*z", false)]
    [InlineData("*", "abc", true)]
    [InlineData("a*", "abc", true)]
    [InlineData("a*", "bcd", false)]
    [InlineData("*c", "abc", true)]
    [InlineData("*d", "abc", false)]
    [InlineData("a*c", "abbc", true)]
    [InlineData("a*c", "ac", true)]
    [InlineData("a*c", "abcd", false)]
    [InlineData("a*c", "a", false)]
    [InlineData("a*b*c", "axbxc", true)]
    [InlineData("a*b*c", "axxc", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?c", "??c", true)]
    [InlineData("a?c", "??d", false)]
    [InlineData("abc", "abc", true)]
    [InlineData("abc", "ab", false)]
    [InlineData("?*", "a", true)]
    [InlineData("*?", "a", true)]
    [InlineData("*??", "a", false)]
    public void Intersects_EscapesAndCodePoints_AreTakenAsTheMatcherTakesThem(string one, string other, bool meet)
    {
        var (left, right) = (GlobPattern.Parse(one, out _)!, GlobPattern.Parse(other, out _)!);

        Assert.Equal(meet, left.Intersects(right));
        Assert.Equal(meet, right.Intersects(left));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("a*b?c")]
    [InlineData("back\\slash")]
    [InlineData("*")]
    [InlineData("")]
    public void Exactly_AnyName_MatchesItAlone(string name)
    {
        var pattern = Glob.Exactly(name);

        Assert.True(Glob.Matches(pattern, name));
        Assert.False(Glob.Matches(pattern, name + "x"));
        Assert.False(Glob.Matches(pattern, name.Replace('*', 'x').Replace('?', 'x').Replace('\\', 'x') + "y"));
    }

    private static string Pick(Random random, string[] parts, int most, int least = 0) =>
        string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => parts[random.Next(parts.Length)]));

    private static IEnumerable<string> Words(int length) =>
        Enumerable.Range(0, 1 << length).Select(bits => string.Concat(Enumerable.Range(0, length).Select(at => ((bits >> at) & 1) == 0 ? 'a' : 'b')));
}
