using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>The cases of <c>Cases/Diagnostics</c>: a document, and every finding with its place and text.</summary>
public sealed class DiagnosticTests
{
    public static TheoryData<string> Files => [.. Texts.CaseFiles("Diagnostics")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Compile_CaseFile_FindsAllAndNothingElse(string file)
    {
        var cases = Texts.CaseFile("Diagnostics", file).EnumerateArray().ToList();
        Assert.NotEmpty(cases);
        foreach (var expected in cases)
        {
            var compilation = PolicyCompiler.Compile(Bytes(expected), Syntax(expected));
            var name = expected.Text("name");
            Assert.Equal($"{name}\n{Expected(expected, "errors")}", $"{name}\n{Actual(compilation.Diagnostics)}");
            Assert.Equal($"{name}\n{Expected(expected, "warnings")}", $"{name}\n{Actual(compilation.Warnings)}");
            Assert.Equal(compilation.Diagnostics.IsEmpty, compilation.Policy is not null);
        }
    }

    [Fact]
    public void Compile_EveryCase_KeepsToTheHouseStyleOfMessages()
    {
        var messages = Texts.CaseFiles("Diagnostics")
            .SelectMany(file => Texts.CaseFile("Diagnostics", file).EnumerateArray())
            .SelectMany(one => one.GetProperty("errors").EnumerateArray().Concat(one.GetProperty("warnings").EnumerateArray()))
            .SelectMany(found => new[] { found.Text("message"), found.Text("suggestion") })
            .OfType<string>()
            .Distinct()
            .ToList();

        Assert.All(messages, message => Assert.False(char.IsUpper(message[0]) && !message.StartsWith("JSON", StringComparison.Ordinal), message));
        Assert.All(messages, message => Assert.False(message.EndsWith('.') || message.Contains('\n', StringComparison.Ordinal), message));
    }

    [Fact]
    public void Compile_LargerThanTheBound_IsRefusedWithoutReading()
    {
        var largest = """{"version":"1","default":"deny"}""".PadRight(1 << 20);

        Assert.Empty(Texts.Compile(largest).Diagnostics);
        Assert.Equal("the document is larger than 1 MiB", Assert.Single(Texts.Compile(largest + " ").Diagnostics).Message);
    }

    [Fact]
    public void Compile_ThousandsOfErrors_ShowsTheFirstThousandAndCountsTheRest()
    {
        var document = new StringBuilder("""{"version":"1","default":"deny","hide":[""").AppendJoin(',', Enumerable.Repeat("1", 5_000)).Append("]}");

        var errors = Texts.Compile(document.ToString()).Diagnostics;

        Assert.Equal(1_001, errors.Length);
        Assert.Equal("/hide/999", errors[999].Pointer);
        Assert.Equal("4000 more errors are not shown", errors[1_000].Message);
    }

    [Fact]
    public void Compile_MorePatternsThanCanBeCompared_IsRefused()
    {
        static string Document(int globs, int names) =>
            "{\"version\":\"1\",\"default\":\"deny\",\"tools\":{"
            + string.Join(',', Enumerable.Range(0, globs).Select(i => $"\"g{i:d5}*\":{{}}").Concat(Enumerable.Range(0, names).Select(i => $"\"n{i}\":{{}}")))
            + "}}";

        Assert.Empty(Texts.Compile(Document(1_000, 5_000)).Diagnostics);
        var error = Assert.Single(Texts.Compile(Document(1_001, 0)).Diagnostics);
        Assert.Equal(("/tools/g01000*", "there are more than 1000 patterns with wildcards here"), (error.Pointer, error.Message));
    }

    [Theory]
    [InlineData("{\"version\":\"1\",\"default\":\"deny\",\"hide\":[", "]}", "/hide/1000")]
    [InlineData("{\"version\":\"1\",\"default\":\"deny\",\"methods\":{\"allow\":[", "]}}", "/methods/allow/1000")]
    public void Compile_MorePatternsInAListThanAreTried_IsRefused(string before, string after, string place)
    {
        string Document(int globs) =>
            before + string.Join(',', Enumerable.Range(0, globs).Select(i => $"\"g{i}*\"")) + after;

        Assert.Empty(Texts.Compile(Document(1_000)).Diagnostics);
        Assert.Equal(place, Assert.Single(Texts.Compile(Document(1_001)).Diagnostics).Pointer);
    }

    [Theory]
    [InlineData("\"all_tools\":{\"require\":[", "{\"conditions\":[]}", 200, "/all_tools/require/200", "there are more than 200 rules here")]
    [InlineData("\"all_tools\":{\"approve_if\":[{\"conditions\":[", "{\"path\":\"args.x\",\"op\":\"eq\",\"value\":1}", 100, "/all_tools/approve_if/0/conditions/100", "there are more than 100 conditions here")]
    [InlineData("\"tests\":[", "{\"call\":{\"tool\":\"x\"},\"expect\":\"deny\"}", 1_000, "/tests/1000", "there are more than 1000 tests")]
    public void Compile_MoreThanAListHolds_IsRefused(string list, string element, int most, string place, string message)
    {
        string Document(int count) => "{\"version\":\"1\",\"default\":\"deny\"," + list + string.Join(',', Enumerable.Repeat(element, count)) + Closing(list) + "}";

        Assert.Empty(Texts.Compile(Document(most)).Diagnostics);
        var error = Assert.Single(Texts.Compile(Document(most + 1)).Diagnostics);
        Assert.Equal((place, message), (error.Pointer, error.Message));
    }

    /// <summary>The brackets that a beginning leaves open, from the inside out.</summary>
    private static string Closing(string beginning) =>
        string.Concat(beginning.Where(unit => unit is '{' or '[').Reverse().Select(unit => unit == '{' ? '}' : ']'));

    [Fact]
    public void Compile_LargestDocuments_TakeNoLongerThanTheirSizeAllows()
    {
        // 40,000 hidden names before 1,000 patterns, and as many entries: what is squared here shows as minutes.
        var names = Enumerable.Range(0, 40_000).Select(i => $"\"n{i}\"");
        var globs = Enumerable.Range(0, 1_000).Select(i => $"\"*{i:d4}x*\"");
        var document = "{\"version\":\"1\",\"default\":\"deny\",\"hide\":[" + string.Join(',', globs.Concat(names)) + "],\"tools\":{\"n39999\":{}}}";

        var compilation = Texts.Compile(document);

        Assert.Empty(compilation.Diagnostics);
        Assert.Equal("/hide/40999", compilation.Policy!.Decide("n39999").Rule);
        Assert.Equal("/hide/999", compilation.Policy!.Decide("a0999x").Rule);
    }

    [Fact]
    public void Compile_SameBytesTwice_GivesEqualFindingsInEqualOrder()
    {
        var cases = Texts.CaseFiles("Diagnostics").SelectMany(file => Texts.CaseFile("Diagnostics", file).EnumerateArray());
        foreach (var (bytes, syntax) in cases.Select(one => (Bytes(one), Syntax(one))))
        {
            var (one, other) = (PolicyCompiler.Compile(bytes, syntax), PolicyCompiler.Compile(bytes.ToArray(), syntax));

            Assert.Equal(one.Diagnostics.AsEnumerable(), other.Diagnostics);
            Assert.Equal(one.Warnings.AsEnumerable(), other.Warnings);
        }
    }

    private static PolicySyntax Syntax(JsonElement expected) => expected.Text("syntax") == "yaml" ? PolicySyntax.Yaml : PolicySyntax.Json;

    private static byte[] Bytes(JsonElement expected) => expected.Text("hex") is { } hex
        ? Convert.FromHexString(hex)
        : Encoding.UTF8.GetBytes(string.Join('\n', expected.GetProperty("document").EnumerateArray().Select(line => line.GetString())));

    private static string Expected(JsonElement expected, string list) => string.Join(
        '\n',
        expected.GetProperty(list).EnumerateArray().Select(found => Line(new PolicyDiagnostic(
            found.Text("pointer")!,
            found.GetProperty("line").GetInt32(),
            found.GetProperty("column").GetInt32(),
            found.Text("message")!,
            found.Text("suggestion")))));

    private static string Actual(IEnumerable<PolicyDiagnostic> found) => string.Join('\n', found.Select(Line));

    private static string Line(PolicyDiagnostic found) =>
        $"{found.Pointer} {found.Line}:{found.Column} {found.Message} | {found.Suggestion ?? "-"}";
}
