using System.Text;
using System.Text.RegularExpressions;
using Callgate.Policy.Judging;

namespace Callgate.Policy.Tests;

public sealed class LinearPatternTests
{
    private const int Seed = 271_828;

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "x", true)]
    [InlineData("b", "abc", true)]
    [InlineData("b", "ac", false)]
    [InlineData("b", "", false)]
    [InlineData("B", "b", false)]
    [InlineData("^b", "abc", false)]
    [InlineData("^a", "abc", true)]
    [InlineData("c$", "abc", true)]
    [InlineData("b$", "abc", false)]
    [InlineData("^abc$", "abc", true)]
    [InlineData("^abc$", "abc\n", false)]
    [InlineData("^b", "a\nb", false)]
    [InlineData("a$", "a\nb", false)]
    [InlineData("\\Aabc\\z", "abc", true)]
    [InlineData("\\Aabc\\z", "abc\n", false)]
    [InlineData("^$", "", true)]
    [InlineData("^$", "a", false)]
    [InlineData("$", "abc", true)]
    [InlineData("$^", "", true)]
    [InlineData("$^", "a", false)]
    [InlineData("a^b", "ab", false)]
    [InlineData("a$b", "ab", false)]
    [InlineData("(?:^|,)b(?:,|$)", "a,b", true)]
    [InlineData("(?:^|,)b(?:,|$)", "ab", false)]
    [InlineData("(^a|b$)", "xb", true)]
    [InlineData("(^a|b$)", "xa", false)]
    [InlineData("^*a", "ba", true)]
    [InlineData("(?:$)+", "x", true)]
    [InlineData(".", "\n", false)]
    [InlineData(".", "\r", true)]
    [InlineData("^.$", "\u2028", true)]
    [InlineData("^.$", "😀", true)]
    [InlineData("^..$", "😀", false)]
    [InlineData("^.{2}$", "😀é", true)]
    [InlineData("^[^a]$", "😀", true)]
    [InlineData("^[^a]$", "\n", true)]
    [InlineData("^[^a]$", "a", false)]
    [InlineData("^[^😀]$", "😀", false)]
    [InlineData("^[^😀]$", "😁", true)]
    [InlineData("^[^\\x{1F600}-\\x{1F64F}]+$", "ab😀", false)]
    [InlineData("^[😀-😏]+$", "😀😅😏", true)]
    [InlineData("^[😀-😏]+$", "😐", false)]
    [InlineData("^[a-😏]$", "é", true)]
    [InlineData("^😀{2}$", "😀😀", true)]
    [InlineData("^😀{2}$", "😀", false)]
    [InlineData("^[\\x{10000}-\\x{10FFFF}]$", "\U0010ffff", true)]
    [InlineData("^\\D$", "😀", true)]
    [InlineData("\\d", "7", true)]
    [InlineData("\\d", "٣", false)]
    [InlineData("\\D", "٣", true)]
    [InlineData("\\D", "7", false)]
    [InlineData("^\\w+$", "aZ_09", true)]
    [InlineData("\\w", "é", false)]
    [InlineData("\\W", "é", true)]
    [InlineData("\\W", "_", false)]
    [InlineData("^\\s+$", "\t\n\f\r ", true)]
    [InlineData("\\s", "\v", false)]
    [InlineData("\\s", "\u00a0", false)]
    [InlineData("\\S", "\v", true)]
    [InlineData("\\S", " ", false)]
    [InlineData("^\\t\\n\\r\\f\\v\\a$", "\t\n\r\f\v\a", true)]
    [InlineData("^\\x41\\x{42}\\x{1F600}$", "AB😀", true)]
    [InlineData("^\\x{000041}$", "A", true)]
    [InlineData("^\\x4g$", "x4g", null)]
    [InlineData("^\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\^\\$\\\\$", ".*+?()[]{}|^$\\", true)]
    [InlineData("^\\/\\-\\_\\@\\ \\~$", "/-_@ ~", true)]
    [InlineData("\\.", "a", false)]
    [InlineData("[a-c]", "b", true)]
    [InlineData("[a-c]", "d", false)]
    [InlineData("^[a-c-e]+$", "abc-e", true)]
    [InlineData("[a-c-e]", "d", false)]
    [InlineData("^[-a]+$", "-a", true)]
    [InlineData("^[a-]+$", "-a", true)]
    [InlineData("^[\\w-]+$", "a-b", true)]
    [InlineData("^[\\w-.]+$", "a-.", true)]
    [InlineData("^[^\\d\\s]+$", "ab", true)]
    [InlineData("[^\\d\\s]", "1 2", false)]
    [InlineData("^[\\]\\[\\-\\\\^]+$", "][-\\^", true)]
    [InlineData("[a^]", "^", true)]
    [InlineData("[.$*+?(){|}]", "x", false)]
    [InlineData("^[.$*+?(){|}]+$", "(.*)$+?{|}", true)]
    [InlineData("[[]", "[", true)]
    [InlineData("[[:x]", ":", true)]
    [InlineData("[\\x00-\\x1f]", "\u001f", true)]
    [InlineData("[\\x00-\\x1f]", " ", false)]
    [InlineData("^[^\\x00-\\x{10FFFF}]$", "a", false)]
    [InlineData("^[[:alpha:]]+$", "aZ", true)]
    [InlineData("[[:alpha:]]", "1é", false)]
    [InlineData("^[[:alnum:]]+$", "aZ9", true)]
    [InlineData("[[:alnum:]]", "_", false)]
    [InlineData("^[[:digit:][:space:]]+$", "1 \v2", true)]
    [InlineData("[[:^digit:]]", "12", false)]
    [InlineData("[[:^digit:]]", "1a", true)]
    [InlineData("^[[:upper:]][[:lower:]]$", "Ab", true)]
    [InlineData("^[[:upper:]][[:lower:]]$", "aB", false)]
    [InlineData("^[[:xdigit:]]+$", "09afAF", true)]
    [InlineData("[[:xdigit:]]", "gG", false)]
    [InlineData("^[[:punct:]]+$", "!/:@[`{~", true)]
    [InlineData("[[:punct:]]", "a 1", false)]
    [InlineData("^[[:blank:]]+$", " \t", true)]
    [InlineData("[[:blank:]]", "\n", false)]
    [InlineData("[[:cntrl:]]", "\u007f", true)]
    [InlineData("[[:cntrl:]]", " ", false)]
    [InlineData("[[:graph:]]", " ", false)]
    [InlineData("^[[:graph:]]+$", "!~", true)]
    [InlineData("^[[:print:]]+$", " ~", true)]
    [InlineData("[[:print:]]", "\u007f", false)]
    [InlineData("^[[:ascii:]]+$", "\u0000\u007f", true)]
    [InlineData("[[:ascii:]]", "\u0080", false)]
    [InlineData("^[[:word:]]+$", "a_1Z", true)]
    [InlineData("[[:word:]]", "-", false)]
    [InlineData("^(ab|cd)$", "cd", true)]
    [InlineData("^(ab|cd)$", "ad", false)]
    [InlineData("^(?:ab|)$", "", true)]
    [InlineData("^(|ab)$", "ab", true)]
    [InlineData("^()$", "", true)]
    [InlineData("a||b", "x", true)]
    [InlineData("^(?P<year>\\d{4})-(?<month>\\d{2})$", "2026-01", true)]
    [InlineData("^(?P<year>\\d{4})-(?<month>\\d{2})$", "2026-1", false)]
    [InlineData("^a*$", "", true)]
    [InlineData("^a*$", "aaa", true)]
    [InlineData("^a*$", "aab", false)]
    [InlineData("^a+$", "", false)]
    [InlineData("^a+$", "aa", true)]
    [InlineData("^a?$", "", true)]
    [InlineData("^a?$", "a", true)]
    [InlineData("^a?$", "aa", false)]
    [InlineData("^a{2}$", "a", false)]
    [InlineData("^a{2}$", "aa", true)]
    [InlineData("^a{2}$", "aaa", false)]
    [InlineData("^a{2,}$", "a", false)]
    [InlineData("^a{2,}$", "aaaa", true)]
    [InlineData("^a{0}$", "a", false)]
    [InlineData("^a{0}$", "", true)]
    [InlineData("^a{0,}$", "aa", true)]
    [InlineData("^a{1,3}$", "", false)]
    [InlineData("^a{1,3}$", "aaa", true)]
    [InlineData("^a{1,3}$", "aaaa", false)]
    [InlineData("^(?:ab){2,3}$", "abab", true)]
    [InlineData("^(?:ab){2,3}$", "aba", false)]
    [InlineData("^(?:a*)*$", "aaa", true)]
    [InlineData("^(?:a*)*$", "ab", false)]
    [InlineData("^(?:(?:a+)+b)+$", "aabab", true)]
    [InlineData("^(?:){1000}a$", "a", true)]
    [InlineData("^a*?b+?c??d{1,2}?$", "aabbd", true)]
    [InlineData("^a*?b+?c??d{1,2}?$", "acd", false)]
    [InlineData("^{{a}}$", "{{a}}", true)]
    [InlineData("^a{$", "a{", true)]
    [InlineData("^a{}$", "a{}", true)]
    [InlineData("^a{x}$", "a{x}", true)]
    [InlineData("^a{1$", "a{1", true)]
    [InlineData("^}]$", "}]", true)]
    public void Matches_PatternAndText_FollowsTheLanguage(string pattern, string text, bool? matches)
    {
        var read = LinearPattern.Parse(pattern, out var fault);

        Assert.Equal(matches, read?.Matches(text));
        Assert.Equal(read is null, fault.Length > 0);
    }

    [Theory]
    [InlineData("(?=a)", "second condition")]
    [InlineData("(?!a)", "second condition")]
    [InlineData("(?<=a)", "second condition")]
    [InlineData("(?<!a)", "second condition")]
    [InlineData("(?>a)", "atomic")]
    [InlineData("(?i)a", "`[Aa]`")]
    [InlineData("(?i:a)", "`[Aa]`")]
    [InlineData("(?#x)", "no group of the subset")]
    [InlineData("(?P=x)", "no group of the subset")]
    [InlineData("(?", "no group of the subset")]
    [InlineData("(?<a", "no group of the subset")]
    [InlineData("(?<>a)", "a name of its own")]
    [InlineData("(?<1a>a)", "a name of its own")]
    [InlineData("(?<a-b>a)", "a name of its own")]
    [InlineData("(?<a>a)(?P<a>b)", "a name of its own")]
    [InlineData("(a)\\1", "back-reference")]
    [InlineData("\\9", "back-reference")]
    [InlineData("\\k<a>", "back-reference")]
    [InlineData("\\ba", "word boundaries")]
    [InlineData("\\Ba", "word boundaries")]
    [InlineData("[\\b]", "word boundaries")]
    [InlineData("\\0", "`\\x00`")]
    [InlineData("\\p{L}", "Unicode properties")]
    [InlineData("[\\P{L}]", "Unicode properties")]
    [InlineData("\\u00e9", "`\\x{E9}`")]
    [InlineData("\\cA", "`\\x{E9}`")]
    [InlineData("\\Qa\\E", "before each character")]
    [InlineData("\\E", "before each character")]
    [InlineData("a\\Z", "`\\z` for the end")]
    [InlineData("\\G", "`\\A` for the start")]
    [InlineData("\\C", "no escape")]
    [InlineData("\\é", "no escape")]
    [InlineData("\\😀", "`\\😀` is no escape")]
    [InlineData("[\\A]", "no meaning in a class")]
    [InlineData("[\\z]", "no meaning in a class")]
    [InlineData("a\\", "ends in `\\`")]
    [InlineData("[\\", "ends in `\\`")]
    [InlineData("\\x", "hexadecimal")]
    [InlineData("\\x1", "hexadecimal")]
    [InlineData("\\x{}", "hexadecimal")]
    [InlineData("\\x{12", "hexadecimal")]
    [InlineData("\\x{110000}", "hexadecimal")]
    [InlineData("\\x{D800}", "hexadecimal")]
    [InlineData("\\x{000000041}", "hexadecimal")]
    [InlineData("\\x{+1}", "hexadecimal")]
    [InlineData("(a", "opened at character 1 is not closed")]
    [InlineData("x(a(b)", "opened at character 2 is not closed")]
    [InlineData("a)", "closes no group")]
    [InlineData("[a", "opened at character 1 is not closed")]
    [InlineData("[", "opened at character 1 is not closed")]
    [InlineData("[^", "is not closed")]
    [InlineData("[a-", "is not closed")]
    [InlineData("[]", "read in two ways")]
    [InlineData("[^]a]", "read in two ways")]
    [InlineData("[z-a]", "reversed")]
    [InlineData("[😏-😀]", "reversed")]
    [InlineData("[a-\\d]", "ends in a class")]
    [InlineData("[[:alphq:]]", "`[:alphq:]`")]
    [InlineData("[[:^:]]", "no class of the subset")]
    [InlineData("*a", "nothing before it")]
    [InlineData("+", "nothing before it")]
    [InlineData("(?:?)", "nothing before it")]
    [InlineData("a|*", "nothing before it")]
    [InlineData("{2}", "nothing before it")]
    [InlineData("a**", "a repetition already")]
    [InlineData("a+*", "a repetition already")]
    [InlineData("a*+", "a repetition already")]
    [InlineData("a++", "a repetition already")]
    [InlineData("a???", "a repetition already")]
    [InlineData("a{2}{3}", "a repetition already")]
    [InlineData("a{2}?+", "a repetition already")]
    [InlineData("a{,2}", "no lower number")]
    [InlineData("{2,}", "`{` has nothing before it")]
    [InlineData("a{1001,2}", "more than 1,000 times")]
    [InlineData("a{5,3}b{3,5}", "`{5,3}` has its numbers the wrong way round")]
    [InlineData("(?P<a>b)(?P<a>c)", "needs a name of its own")]
    [InlineData("(?<a>b)(?<a>c)", "needs a name of its own")]
    [InlineData("(?<>b)", "needs a name of its own")]
    [InlineData("(?<9a>b)", "needs a name of its own")]
    [InlineData("(?<a-b>c)", "needs a name of its own")]
    [InlineData("(?<é>c)", "needs a name of its own")]
    [InlineData("(?<a", "is no group of the subset")]
    [InlineData("(?P<a", "is no group of the subset")]
    [InlineData("(?P=a)", "is no group of the subset")]
    [InlineData("(?Pa>b)", "is no group of the subset")]
    [InlineData("(?a>b)", "is no group of the subset")]
    [InlineData("(?i)a", "`(?i)` at character 1 is no group")]
    [InlineData("ab(?i:c)", "`(?i:` at character 3 is no group")]
    [InlineData("(?", "`(?` at character 1 is no group")]
    [InlineData("(?#", "`(?#` at character 1 is no group")]
    [InlineData("a(?<!b)", "`(?<!` at character 2 looks around")]
    [InlineData("a(?<=b)", "looks around")]
    [InlineData("(?!b)", "looks around")]
    [InlineData("(?>b)", "is an atomic group")]
    [InlineData("a|(b|c", "opened at character 3 is not closed")]
    [InlineData("a)(", "closes no group")]
    [InlineData("*)", "`*` has nothing before it to repeat; write `\\*`")]
    [InlineData("a{2}*", "`*` at character 5 repeats what is a repetition already")]
    [InlineData("a*{2}", "`{` at character 3 repeats what is a repetition already")]
    [InlineData("a{,}", "no lower number")]
    [InlineData("a{3,2}", "wrong way round")]
    [InlineData("a{1001}", "more than 1,000 times")]
    [InlineData("a{1,1001}", "more than 1,000 times")]
    [InlineData("a{99999999999999999999}", "more than 1,000 times")]
    [InlineData("(?:a{1000}){2}", "too large")]
    [InlineData("(?:(?:(?:){1000}){1000}){1000}", "too large")]
    [InlineData("(?:(?:(?:){0,1000}){0,1000}){0,1000}", "too large")]
    public void Parse_OutsideTheSubset_SaysWhatToWrite(string pattern, string says)
    {
        Assert.Null(LinearPattern.Parse(pattern, out var fault));
        Assert.Contains(says, fault, StringComparison.Ordinal);
        Assert.False(char.IsUpper(fault[0]) || fault.EndsWith('.'));
    }

    [Fact]
    public void Parse_HalfASurrogatePair_IsRefused()
    {
        // Attributes are stored as UTF-8 and would replace it.
        foreach (var pattern in new[] { "\ud800", "[\udc00]", "[a-\ud800]", "\\\ud800" })
        {
            Assert.Null(LinearPattern.Parse(pattern, out var fault));
            Assert.NotEmpty(fault);
        }
    }

    [Fact]
    public void Parse_Sizes_EndWhereTheyShould()
    {
        Assert.NotNull(LinearPattern.Parse(new string('a', 1_000), out _));
        Assert.Null(LinearPattern.Parse(new string('a', 1_001), out var longer));
        Assert.Contains("longer than 1,000", longer, StringComparison.Ordinal);
        Assert.True(LinearPattern.Parse("^a{1000}b{24}$", out _)!.Matches(new string('a', 1_000) + new string('b', 24)));
        Assert.False(LinearPattern.Parse("^a{1000}b{24}$", out _)!.Matches(new string('a', 1_000) + new string('b', 23)));
        Assert.Null(LinearPattern.Parse("^a{1000}b{25}$", out _));
        Assert.NotNull(LinearPattern.Parse(new string('(', 100) + "a" + new string(')', 100), out _));
        Assert.Null(LinearPattern.Parse(new string('(', 101) + "a" + new string(')', 101), out var deeper));
        Assert.Contains("deeper than 100", deeper, StringComparison.Ordinal);
        Assert.NotNull(LinearPattern.Parse("(((((((((((a+)+)+)+)+)+)+)+)+)+)+)+", out _));
    }

    [Fact]
    public void Matches_LoneSurrogate_IsACodePoint()
    {
        var any = LinearPattern.Parse("^.$", out _)!;
        Assert.True(any.Matches("\ud83d"));
        Assert.True(any.Matches("\ude00"));
        Assert.False(any.Matches("\ude00\ud83d"));
        Assert.True(LinearPattern.Parse("^[^a]{2}$", out _)!.Matches("\ud83d\ud83d"));
    }

    [Theory]
    [InlineData("(?:a|b)*a(?:a|b){20}c|(?:b|a)*b(?:a|b){20}d")]
    [InlineData("(?:(?:a?b?){10}){10}c")]
    [InlineData("(?:(?:(?:a|b)*c*)*d?){200}e")]
    [InlineData("(?:a?){500}a{500}c")]
    [InlineData("^(?:a+)+$")]
    public void Matches_WhatOtherEnginesDoNotEnd_Ends(string pattern)
    {
        var text = string.Concat(Enumerable.Range(0, 16_384).Select(i => i % 3 == 0 || i % 7 == 0 ? 'a' : 'b'));

        Assert.False(LinearPattern.Parse(pattern, out _)!.Matches(text));
    }

    [Fact]
    public void Matches_WorkRunsOut_SaysSo()
    {
        foreach (var pattern in new[] { "a*b", "(?:a?){100}b" })
        {
            var read = LinearPattern.Parse(pattern, out _)!;
            var (enough, few) = (10_000_000L, 50L);
            Assert.False(read.Matches(new string('a', 1_000), ref enough));
            Assert.InRange(enough, 1, 9_999_000);
            Assert.False(read.Matches(new string('a', 1_000), ref few));
            Assert.True(few < 0);
        }
    }

    [Fact]
    public void Matches_RandomPatterns_AgreesWithTheNaiveMatcher()
    {
        var random = new Random(Seed);
        var (matched, wide) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var (pattern, naive) = RandomPattern(random, 4);
            var read = LinearPattern.Parse(pattern, out var fault);
            if (read is null)
            {
                Assert.True(fault.Contains("too large", StringComparison.Ordinal) || pattern.Length > 1_000, $"seed {Seed}: {pattern}: {fault}");
                continue;
            }

            wide += pattern.Contains('{', StringComparison.Ordinal) ? 1 : 0;
            for (var j = 0; j < 6; j++)
            {
                var text = RandomText(random);
                int[] points = [.. text.EnumerateRunes().Select(rune => rune.Value)];
                var expected = Enumerable.Range(0, points.Length + 1).Any(at => naive(points, at).Any());
                matched += expected ? 1 : 0;
                Assert.True(expected == read.Matches(text), $"seed {Seed}: {pattern} on {text}");
            }
        }

        Assert.InRange(matched, 10_000, 50_000);
        Assert.True(wide > 500);
    }

    [Fact]
    public void Matches_RandomAsciiPatterns_AgreesWithTheFramework()
    {
        var random = new Random(Seed);
        var compared = 0;
        while (compared < 3_000)
        {
            var pattern = RandomPattern(random, 3).Pattern;
            if (!Ascii.IsValid(pattern) || pattern.Contains("\\x", StringComparison.Ordinal) || LinearPattern.Parse(pattern, out _) is not { } read)
            {
                continue;
            }

            compared++;
            var other = new Regex(pattern.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.ECMAScript | RegexOptions.CultureInvariant);
            for (var j = 0; j < 5; j++)
            {
                var text = string.Concat(RandomText(random).Where(char.IsAscii));
                Assert.True(other.IsMatch(text) == read.Matches(text), $"seed {Seed}: {pattern} on {text}");
            }
        }
    }

    private static string RandomText(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(0, 9)).Select(_ => Pick(random, "a", "a", "b", "b", "c", "1", "_", "\n", " ", "é", "😀", "😁")));

    private static string Pick(Random random, params ReadOnlySpan<string> words) => words[random.Next(words.Length)];

    /// <summary>A pattern and, made beside it and not from its text, the places where a match from a place can end.</summary>
    private static (string Pattern, Func<int[], int, IEnumerable<int>> Ends) RandomPattern(Random random, int depth)
    {
        switch (depth == 0 ? random.Next(6) : random.Next(14))
        {
            case 0:
                return ("^", (_, at) => at == 0 ? [at] : []);
            case 1:
                return ("$", (text, at) => at == text.Length ? [at] : []);
            case 2 or 3 or 4 or 5:
                return RandomSet(random);
            case 6 or 7 or 8 or 9:
                var (first, second) = (RandomPattern(random, depth - 1), RandomPattern(random, depth - 1));
                return (first.Pattern + second.Pattern, (text, at) => first.Ends(text, at).Distinct().SelectMany(next => second.Ends(text, next)).Distinct());
            case 10:
                var (left, right) = (RandomPattern(random, depth - 1), RandomPattern(random, depth - 1));
                return ($"({left.Pattern}|{right.Pattern})", (text, at) => left.Ends(text, at).Concat(right.Ends(text, at)).Distinct());
            default:
                var body = RandomPattern(random, depth - 1);
                var least = random.Next(3);
                var (sign, low, high) = random.Next(5) switch
                {
                    0 => ("*", 0, int.MaxValue),
                    1 => ("+", 1, int.MaxValue),
                    2 => ("?", 0, 1),
                    3 => (FormattableString.Invariant($"{{{least},}}"), least, int.MaxValue),
                    _ => (FormattableString.Invariant($"{{{least},{least + 1}}}"), least, least + 1),
                };
                return ($"(?:{body.Pattern}){sign}{(random.Next(4) == 0 ? "?" : "")}", (text, at) => Repeated(body.Ends, text, at, low, high));
        }
    }

    private static HashSet<int> Repeated(Func<int[], int, IEnumerable<int>> body, int[] text, int at, int least, int most)
    {
        HashSet<int> now = [at];
        for (var i = 0; i < least; i++)
        {
            now = [.. now.SelectMany(place => body(text, place))];
        }

        HashSet<int> all = [.. now];
        for (var i = least; i < most && now.Count > 0; i++)
        {
            now = [.. now.SelectMany(place => body(text, place)).Where(place => !all.Contains(place))];
            all.UnionWith(now);
        }

        return all;
    }

    private static (string Pattern, Func<int[], int, IEnumerable<int>> Ends) RandomSet(Random random)
    {
        (string Pattern, Func<int, bool> Has) set = random.Next(12) switch
        {
            0 => (".", one => one != '\n'),
            1 => ("\\d", one => one is >= '0' and <= '9'),
            2 => ("\\W", one => one > 'z' || !char.IsAsciiLetterOrDigit((char)one) && one != '_'),
            3 => ("\\s", one => one is ' ' or '\n'),
            4 => ("[^ab]", one => one is not ('a' or 'b')),
            5 => ("[a-c1]", one => one is >= 'a' and <= 'c' or '1'),
            6 => ("[^\\w😀]", one => one != 0x1F600 && (one > 'z' || !char.IsAsciiLetterOrDigit((char)one) && one != '_')),
            7 => ("[é-\\x{1F600}]", one => one is >= 'é' and <= 0x1F600),
            8 => ("😀", one => one == 0x1F600),
            9 => ("\\x61", one => one == 'a'),
            10 => ("b", one => one == 'b'),
            _ => ("a", one => one == 'a'),
        };
        return (set.Pattern, (text, at) => at < text.Length && set.Has(text[at]) ? [at + 1] : []);
    }
}
