using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Callgate.Policy.Tests;

/// <summary>What operators copy works as it stands: the policies in <c>examples/policies</c>, and those in <c>docs/policy.md</c>.</summary>
public sealed class ExamplesTests
{
    private static string Folder => Texts.Path(System.IO.Path.Combine("examples", "policies"));

    public static TheoryData<string> Policies => [.. Names(cases: false)];

    public static TheoryData<string> Cases => [.. Names(cases: true)];

    public static TheoryData<string, string> Blocks =>
        [.. Regex.Matches(File.ReadAllText(Texts.Path("docs/policy.md")), "^```(json|yaml)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)
            .Select(block => (block.Groups[1].Value, block.Groups[2].Value))];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Compile_Example_HasTestsThatHoldAndNoFinding(string file)
    {
        var syntax = PolicySyntax.OfFileName(file);
        var bytes = File.ReadAllBytes(System.IO.Path.Combine(Folder, file));
        var compilation = PolicyCompiler.Compile(bytes, syntax);

        Assert.Equal([], Lines(compilation));
        Assert.True(JsonElement.Parse(syntax.ToJson(bytes, out _)!).GetProperty("tests").GetArrayLength() >= 4);
        Assert.NotNull(compilation.Policy!.Description);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_CasesOfAnExample_AllHold(string file) => Assert.Equal([], Run(File.ReadAllBytes(System.IO.Path.Combine(Folder, file)), PolicySyntax.OfFileName(file)));

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Compile_ExampleOfTheDocumentation_HasNoFinding(string language, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var syntax = PolicySyntax.OfFileName("x." + language);
        var root = JsonElement.Parse(syntax.ToJson(bytes, out var unread) ?? throw new InvalidOperationException(unread[0].Message));
        if (root.TryGetProperty("cases", out _))
        {
            Assert.Equal([], Run(bytes, syntax));
            return;
        }

        // A part of a policy is tried where it belongs.
        var document = root switch
        {
            _ when root.TryGetProperty("path", out _) => Within("\"require\":[{\"conditions\":[", root, "]}]"),
            _ when root.TryGetProperty("conditions", out _) => Within(root.TryGetProperty("reason", out _) ? "\"approve_if\":[" : "\"deny_if\":[", root, "]"),
            _ when root.TryGetProperty("counter", out _) => Within("\"limits\":[", root, "]"),
            _ => root.GetRawText(),
        };
        Assert.Equal([], Lines(Texts.Compile(document)));
    }

    [Fact]
    public void Documentation_Examples_AreInBothSyntaxes() => Assert.Equal(["json", "yaml"], Blocks.Select(row => row.Data.Item1).Distinct().Order(StringComparer.Ordinal));

    private static IEnumerable<string> Names(bool cases)
    {
        var names = Directory.GetFiles(Folder).Select(file => System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal);
        return names.Where(name => name.Contains(".cases.", StringComparison.Ordinal) == cases);
    }

    private static IEnumerable<string> Run(byte[] bytes, PolicySyntax syntax)
    {
        var reading = CaseFile.Read(bytes, syntax, path => File.ReadAllBytes(System.IO.Path.Combine(Folder, path)));
        Assert.Empty(reading.Diagnostics.Concat(reading.PolicyDiagnostics));
        return reading.Cases!.Run().SelectMany(result => result.Differences.Select(difference => $"{result.Name}: {difference}"));
    }

    private static string Within(string before, JsonElement part, string after) =>
        "{\"version\":\"1\",\"default\":\"deny\",\"tools\":{\"x\":{" + before + part.GetRawText() + after + "}}}";

    private static IEnumerable<string> Lines(PolicyCompilation compilation) =>
        compilation.Diagnostics.Concat(compilation.Warnings).Select(found => $"{found.Line}:{found.Column}: {found.Pointer} {found.Message}");
}
