using System.Text;
using Callgate.Policy.Binding;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Tests;

/// <summary>The last value on either side of a bound, in each part of the language that has one.</summary>
public sealed class EdgeTests
{
    [Theory]
    [InlineData("1s", true)]
    [InlineData("2592000s", true)]
    [InlineData("2592001s", false)]
    [InlineData("43200m", true)]
    [InlineData("43201m", false)]
    [InlineData("720h", true)]
    [InlineData("721h", false)]
    [InlineData("30d", true)]
    [InlineData("31d", false)]
    [InlineData("00000001s", true)]
    [InlineData("000000001s", false)]
    [InlineData("99999999d", false)]
    [InlineData("0s", false)]
    [InlineData("s", false)]
    [InlineData("", false)]
    [InlineData("10", false)]
    [InlineData("-1s", false)]
    [InlineData("1.5h", false)]
    [InlineData("1w", false)]
    [InlineData("1S", false)]
    public void Timeout_OfAnApproval_IsAWholeNumberUpToThirtyDays(string text, bool loads) =>
        Assert.Equal(loads, Entry($$"""  "approval": { "timeout": "{{text}}" }  """).Policy is not null);

    [Theory]
    [InlineData(1, true)]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(0, false)]
    public void Approvers_OfAnApproval_AreCounted(int count, bool loads) =>
        Assert.Equal(loads, Entry($$"""  "approval": { "approvers": {{count}} }  """).Policy is not null);

    [Theory]
    [InlineData("/a/%41", false)]
    [InlineData("/a/%", true)]
    [InlineData("/a/%4", true)]
    [InlineData("/a/%4g", true)]
    [InlineData("/a/%g4", true)]
    [InlineData("/a/%%41", false)]
    [InlineData("/a/%zz%fF", false)]
    [InlineData("%2f/a", false)]
    [InlineData("/a/b%2e", false)]
    [InlineData("/a\\b", false)]
    [InlineData("/a\0", false)]
    [InlineData("/..", false)]
    [InlineData("/a/../..", false)]
    [InlineData("/a/..", true)]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData("/", true)]
    public void PosixPath_Text_IsKnownOrNot(string text, bool known) => Assert.Equal(known, PosixPath.Parse(text) is not null);

    [Theory]
    [InlineData("\\u", "write the code point")]
    [InlineData("\\U", "write the code point")]
    [InlineData("\\c", "write the code point")]
    [InlineData("\\e", "write the code point")]
    [InlineData("\\b", "there are no word boundaries")]
    [InlineData("\\B", "there are no word boundaries")]
    [InlineData("\\1", "is a back-reference")]
    [InlineData("\\9", "is a back-reference")]
    [InlineData("\\k", "is a back-reference")]
    [InlineData("\\0", "write `\\x00`")]
    [InlineData("\\p", "there are no Unicode properties")]
    [InlineData("\\P", "there are no Unicode properties")]
    [InlineData("\\Z", "`\\z` for the end")]
    [InlineData("\\G", "`\\A` for the start")]
    [InlineData("\\Q", "before each character")]
    [InlineData("\\E", "before each character")]
    [InlineData("\\y", "is no escape")]
    [InlineData("\\x{000000041}", "hexadecimal")]
    public void Pattern_EscapeOutsideTheSubset_SaysWhatToWrite(string pattern, string says)
    {
        Assert.Null(LinearPattern.Parse(pattern, out var fault));
        Assert.Contains(says, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("^\\x{00000041}$", "A")]
    [InlineData("^\\x41$", "A")]
    [InlineData("^[a-a]$", "a")]
    [InlineData("^[\\x00-\\x01]$", "\0")]
    [InlineData("^[-a]$", "-")]
    [InlineData("^[a-]$", "-")]
    [InlineData("^[[:]$", ":")]
    [InlineData("^[:a]$", ":")]
    [InlineData("^[[a]$", "[")]
    [InlineData("^[[:^alpha:]]$", "1")]
    public void Pattern_ClassOrCodePoint_TakesItsCharacter(string pattern, string text)
    {
        Assert.True(LinearPattern.Parse(pattern, out var fault)?.Matches(text) ?? false, fault);
        Assert.False(LinearPattern.Parse(pattern, out _)!.Matches("z"));
    }

    [Theory]
    [InlineData("[b-a]", "the range at character 3 of the pattern is reversed")]
    [InlineData("[xx\\d]", null)]
    [InlineData("[a-\\w]", "the range at character 3 of the pattern ends in a class")]
    [InlineData("[a-\\x00]", "the range at character 3 of the pattern is reversed")]
    public void Pattern_RangeThatIsNone_SaysWhere(string pattern, string? says)
    {
        Assert.Equal(says is null, LinearPattern.Parse(pattern, out var fault) is not null);
        Assert.Contains(says ?? "", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0x10", "16")]
    [InlineData("0o17", "15")]
    [InlineData("+5", "5")]
    [InlineData("007", "7")]
    [InlineData("-007", "-7")]
    [InlineData(".5", "0.5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("5.", "5")]
    [InlineData("5.e3", "5e3")]
    [InlineData("00", "0")]
    [InlineData("0xfffffffffffffffffffffffffff", "324518553658426726783156020576255")]
    [InlineData("0xffffffffffffffffffffffffffff", "5192296858534827628530496329220095")]
    [InlineData("0xfffffffffffffffffffffffffffff", null)]
    [InlineData(".inf", null)]
    [InlineData("-.INF", null)]
    [InlineData(".nan", null)]
    public void Yaml_NumberThatJsonCannotWrite_SaysHowItDoes(string written, string? meant)
    {
        var sink = new DiagnosticSink(new SourceText(Encoding.UTF8.GetBytes($"a: {written}\n")));
        PolicySyntax.Yaml.Read(sink);

        var found = Assert.Single(sink.Errors);
        Assert.Equal($"`{written}` is a number that JSON cannot write", found.Message);
        Assert.Equal(meant is null ? "put it in quotes where it is a text" : $"write `{meant}`, or put it in quotes where it is a text", found.Suggestion);
    }

    [Theory]
    [InlineData("a: \u0800 &b c\nd: *b\n", 2, 4)]
    [InlineData("\u0800: [1, *b]\n", 1, 8)]
    [InlineData("\u00ff: [1, *b]\n", 1, 7)]
    [InlineData("\u07ff: [1, *b]\n", 1, 7)]
    [InlineData("😀: [1, *b]\n", 1, 9)]
    [InlineData("a: [1, *b]\n", 1, 8)]
    public void Yaml_FindingBehindOtherCharacters_StandsAtItsBytes(string text, int line, int least)
    {
        var sink = new DiagnosticSink(new SourceText(Encoding.UTF8.GetBytes(text)));
        PolicySyntax.Yaml.Read(sink);

        var found = Assert.Single(sink.Errors);
        Assert.Equal(line, found.Line);
        Assert.InRange(found.Column, Math.Min(least, 4), least + 3);
        Assert.Contains("`*b` is an alias", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%YAML 1.2\n---\na: 1\n", null)]
    [InlineData("%YAML 1.1\n---\na: 1\n", "directives are not read")]
    [InlineData("a: 1\n%TAG ! x\n", "directives are not read")]
    [InlineData("a: 1\n\tb: 2\n", "a tab cannot indent")]
    [InlineData("a:\n  \tb: 2\n", "a tab cannot indent")]
    [InlineData("a: 1\rb: 2\n", "the character U+000D cannot stand here")]
    [InlineData("a: 1\r\nb: 2\r\n", null)]
    [InlineData("a: 1\r", "the character U+000D cannot stand here")]
    [InlineData("a: x\u0007\n", "the character U+0007 cannot stand here")]
    [InlineData("a: x\u007f\n", "the character U+007F cannot stand here")]
    [InlineData("a: x\u0085\n", "the character U+0085 cannot stand here")]
    [InlineData("a: x\u009f\n", "the character U+009F cannot stand here")]
    [InlineData("a: x\u00a0\n", null)]
    [InlineData("a: x\u2028\n", "the character U+2028 cannot stand here")]
    [InlineData("a: x\u2029\n", "the character U+2029 cannot stand here")]
    [InlineData("a: x\ufeff\n", "the character U+FEFF cannot stand here")]
    [InlineData("a: x\ufffe\n", "the character U+FFFE cannot stand here")]
    [InlineData("a: x\tb\n", null)]
    [InlineData("a: x%b\n", null)]
    [InlineData("a: @x\n", "a text that begins with this character needs quotes")]
    [InlineData("a: [@x]\n", "a text that begins with this character needs quotes")]
    [InlineData("a: [`x]\n", "a text that begins with this character needs quotes")]
    [InlineData("a: \"\\ud800\"\n", "the string holds half a surrogate pair, which is no character")]
    [InlineData("a: \"x", "the document ends too early")]
    [InlineData("a: b: c\n", "`: ` cannot stand inside a text without quotes")]
    [InlineData("a: 1\n--- \nb: 1\n", "a second document begins here")]
    [InlineData("? [a]\n: 1\n", "a list or mapping cannot be the name of a member")]
    [InlineData("<<: {}\n", "`<<` merges another mapping, and merges are not read")]
    [InlineData("\"<<\": {}\n", null)]
    [InlineData("&x a: 1\n", "`&x` is an anchor, and anchors are not read")]
    [InlineData("a: !t 1\n", "this value has a tag, and tags are not read")]
    [InlineData("1: a\n", "the name of a member must be a string, and `1` without quotes is none")]
    [InlineData("true: a\n", "the name of a member must be a string, and `true` without quotes is none")]
    public void Yaml_Text_IsReadOrSaysWhyNot(string text, string? message)
    {
        var sink = new DiagnosticSink(new SourceText(Encoding.UTF8.GetBytes(text)));
        PolicySyntax.Yaml.Read(sink);

        Assert.Equal(message is null ? [] : [message], sink.Errors.Select(found => found.Message));
    }

    [Theory]
    [InlineData(1_000, 1_000, null)]
    [InlineData(1_001, 1_001, "1 more errors are not shown")]
    [InlineData(1_234, 1_001, "234 more errors are not shown")]
    public void Errors_MoreThanAreShown_AreCounted(int count, int shown, string? last)
    {
        var members = string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"z{i}\": 1"));
        var found = Texts.Compile($$"""{ "version": "1", "default": "deny", "tools": { "a": { {{members}} } } }""").Diagnostics;

        Assert.Equal(shown, found.Length);
        Assert.Equal(last is null ? 0 : 1, found.Count(one => one.Message == last && one.Pointer.Length == 0));
    }

    [Theory]
    [InlineData("\"version\": \"1\"", "`version` belongs to the top of the document")]
    [InlineData("\"window\": 1", "`window` belongs to an element of `limits`")]
    [InlineData("\"on_deny\": \"x\"", "did you mean `reason`?")]
    [InlineData("\"reasn\": \"x\"", "did you mean `reason`?")]
    [InlineData("\"zzzzzz\": 1", null)]
    public void Suggestion_ForAMemberOfAnEntry_SaysWhereItBelongs(string member, string? suggestion) =>
        Assert.Equal(suggestion, Assert.Single(Entry(member).Diagnostics).Suggestion);

    [Theory]
    [InlineData("\"validation\": \"off\"", "`validation` belongs to an entry under `tools`")]
    [InlineData("\"require\": []", "`require` belongs to an entry under `tools` or to `all_tools`")]
    public void Suggestion_AtTheTop_SaysWhereItBelongs(string member, string suggestion) =>
        Assert.Equal(suggestion, Assert.Single(Texts.Compile($$"""{ "version": "1", "default": "deny", {{member}} }""").Diagnostics).Suggestion);

    [Theory]
    [InlineData("\"90\"", "must be a number when it counts seconds, not a string")]
    [InlineData("\"\"", null)]
    [InlineData("\"9x\"", null)]
    [InlineData("\"minute\"", "")]
    public void Window_AsText_IsANameOrSaysWhatItShouldBe(string window, string? message)
    {
        var found = Entry($$"""  "limits": [ { "counter": "c", "window": {{window}}, "max": 1 } ]  """).Diagnostics;

        Assert.Equal(message == "" ? 0 : 1, found.Length);
        Assert.True(message is null or "" ? found.All(one => !one.Message.StartsWith("must be a number when", StringComparison.Ordinal)) : found[0].Message == message);
    }

    [Theory]
    [InlineData("{}", "allow")]
    [InlineData("{ \"server\": { \"name\": \"b\" } }", "deny")]
    [InlineData("{ \"server\": { \"name\": \"a\" } }", "allow")]
    public void Test_ServerOfTheFacts_GoesBeforeThatOfTheTest(string facts, string expect) => Assert.Empty(Texts.Compile($$"""
        { "version": "1", "default": "deny",
          "tools": { "t": { "require": [ { "conditions": [ { "path": "server.name", "op": "eq", "value": "a" } ] } ] } },
          "tests": [ { "call": { "tool": "t", "args": {} }, "server": "a", "facts": {{facts}}, "expect": "{{expect}}" } ] }
        """).Diagnostics);

    [Theory]
    [InlineData("\"a*\", \"ab\"", "/hide/0")]
    [InlineData("\"ab\", \"a*\"", "/hide/0")]
    [InlineData("\"z\", \"ab\", \"a*\", \"*b\"", "/hide/1")]
    [InlineData("\"z\", \"*b\", \"ab\", \"a*\"", "/hide/1")]
    public void Hide_SeveralElementsThatMatch_TheFirstCounts(string hide, string rule)
    {
        var found = Texts.Compile($$"""{ "version": "1", "default": "deny", "hide": [{{hide}}], "tools": { "ab": {} } }""");

        Assert.Equal(rule, found.Policy!.Decide("ab").Rule);
        Assert.Equal($"`ab` is hidden by `{rule}`, so this entry is never read", Assert.Single(found.Warnings).Message);
    }

    [Theory]
    [InlineData("grant")]
    [InlineData("identity")]
    [InlineData("session")]
    [InlineData("server")]
    [InlineData("global")]
    public void Counter_CountedInTwoWays_NamesBoth(string scope)
    {
        var other = scope == "grant" ? "server" : "grant";
        var found = Texts.Compile($$"""
            { "version": "1", "default": "deny", "tools": { "a": { "limits": [ { "counter": "c", "window": "day", "max": 1, "scope": "{{other}}" } ] },
              "b": { "limits": [ { "counter": "c", "window": "day", "max": 1, "scope": "{{scope}}" } ] } } }
            """);

        Assert.Contains($"counts here per `day` and `{scope}`, but per `day` and `{other}`", Assert.Single(found.Diagnostics).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wss", true)]
    [InlineData("a+b", true)]
    [InlineData("a-b", true)]
    [InlineData("a.b9", true)]
    [InlineData("Wss", false)]
    [InlineData("9a", false)]
    [InlineData("+a", false)]
    [InlineData("a_b", false)]
    [InlineData("a:", false)]
    [InlineData("", false)]
    public void Scheme_OfHosts_IsPlain(string scheme, bool loads) => Assert.Equal(
        loads,
        Entry($$"""  "require": [ { "conditions": [ { "path": "args.x", "op": "host_in", "value": ["a.test"], "schemes": ["{{scheme}}"] } ] } ]  """).Policy is not null);

    [Theory]
    [InlineData(GlobPattern.MostInAList, true)]
    [InlineData(GlobPattern.MostInAList + 1, false)]
    public void Patterns_InOneList_AreCounted(int count, bool loads)
    {
        var globs = string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"a{i:d5}*\""));
        var entries = string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"a{i:d5}*\": {{}}"));

        Assert.Equal(loads, Texts.Compile($$"""{ "version": "1", "default": "deny", "hide": [ {{globs}} ] }""").Policy is not null);
        Assert.Equal(loads, Texts.Compile($$"""{ "version": "1", "default": "deny", "tools": { {{entries}} } }""").Policy is not null);
    }

    [Theory]
    // What is nothing to compare is unknown, also where there is nothing to compare it with.
    [InlineData("\"op\": \"in\", \"value\": []", "{ \"x\": 1e400 }")]
    [InlineData("\"op\": \"not_in\", \"value\": []", "{ \"x\": 1e400 }")]
    [InlineData("\"op\": \"in\", \"value\": { \"ref\": \"args.list\" }", "{ \"x\": 1e400, \"list\": [] }")]
    [InlineData("\"op\": \"in\", \"value\": { \"ref\": \"args.list\" }", "{ \"x\": 1, \"list\": {} }")]
    [InlineData("\"op\": \"contains\", \"value\": { \"ref\": \"args.part\" }", "{ \"x\": [], \"part\": null }")]
    [InlineData("\"op\": \"contains\", \"value\": { \"ref\": \"args.part\" }", "{ \"x\": [], \"part\": {} }")]
    [InlineData("\"op\": \"contains\", \"value\": { \"ref\": \"args.part\" }", "{ \"x\": [], \"part\": 1e400 }")]
    [InlineData("\"op\": \"contains\", \"value\": { \"ref\": \"args.part\" }", "{ \"x\": [] }")]
    public void Condition_OnWhatCannotBeCompared_IsUnknown(string condition, string arguments)
    {
        var policy = Entry($$"""  "require": [ { "conditions": [ { "path": "args.x", {{condition}} } ] } ]  """).Policy!;

        Assert.Equal(DecisionCodes.Unjudgeable, policy.Decide(new CallFacts("a", ToolStanding.Reviewed) { Arguments = System.Text.Json.JsonElement.Parse(arguments) }).Code);
    }

    [Theory]
    [InlineData("known", "{ \"n\": 1 }", "{}", "allow")]
    [InlineData("known", "{ \"n\": \"x\" }", "{}", "deny")] // by the tool's schema
    [InlineData("writer", "{}", "{}", "deny")] // by the tool's category
    [InlineData("writer", "{}", "{ \"tool\": { \"category\": \"Read\" } }", "allow")] // what the test states goes first
    [InlineData("drifted", "{}", "{}", "deny")]
    [InlineData("unlisted", "{}", "{}", "hide")]
    public void Test_WithAServer_IsJudgedByTheToolsItHas(string tool, string arguments, string facts, string expect)
    {
        var document = $$"""
            { "version": "1", "default": "allow", "categories": { "Write": { "action": "deny" } },
              "tests": [ { "call": { "tool": "{{tool}}", "args": {{arguments}} }, "server": "s", "facts": {{facts}}, "expect": "{{expect}}" } ] }
            """;
        var schema = InputSchema.Compile(System.Text.Json.JsonElement.Parse("""{ "properties": { "n": { "type": "integer" } } }"""));
        var found = PolicyCompiler.Compile(Encoding.UTF8.GetBytes(document), (server, name) => server != "s" ? null : name switch
        {
            "known" => new KnownTool(ToolStanding.Reviewed, null, schema),
            "writer" => new KnownTool(ToolStanding.Reviewed, ToolCategory.Write, null),
            "drifted" => new KnownTool(ToolStanding.Drifted, null, null),
            _ => null,
        });

        Assert.Empty(found.Diagnostics);
    }

    [Fact]
    public void Nearest_Misspelling_IsTheFirstOfThoseAsNear()
    {
        Assert.Equal("did you mean `alpha`?", Nearest.Suggest("alpho", ["beta", "alpha", "alphx"]));
        Assert.Null(Nearest.Suggest("zzzzz", ["beta", "alpha"]));
    }

    private static PolicyCompilation Entry(string members) =>
        Texts.Compile($$"""{ "version": "1", "default": "deny", "tools": { "a": { {{members}} } } }""");
}
