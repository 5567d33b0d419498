using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>
/// What may stand in no file: paths of one machine, addresses of package registries, promises instead of code, tests
/// that do not run. The patterns are put together from pieces, so that this file passes its own test.
/// </summary>
public sealed partial class ForbiddenTextTests
{
    private const string Promise = "TO" + "DO|FIX" + "ME";

    /// <summary>Tool lists of real servers are quoted as they are, whatever they say.</summary>
    private static readonly string[] Quoted = ["tests/Fixtures/"];

    private static readonly (Regex Pattern, string What)[] Everywhere =
    [
        (new Regex(@"(?<![\w.\-/])/(?:work|root|tmp/cg)/"), "a path of one machine"),
        (new Regex(@"\b(?:api\.nuget|registry\.npmjs|pypi|files\.pythonhosted|crates|docker|ghcr|deb\.debian|proxy\.golang)\.(?:org|io)\b|\bmcr\.microsoft\.com\b"), "the address of a package registry"),
        (new Regex($@"\b(?:{Promise})\b"), "a promise instead of code"),
        (new Regex("(?i)AI-" + "generated|generated (?:by|with) (?:claude|copilot|chatgpt|codex|cursor|gemini)|co-authored" + "-by:|as an AI (?:model|assistant)"), "a word about who typed it"),
        (new Regex("^(?:<{7}|>{7}|={7})(?: |$)"), "a merge left open"),
    ];

    private static readonly (Regex Pattern, string What)[] InCode =
    [
        (new Regex("NotImplemented" + "Exception"), "a stub"),
        (new Regex(@"\bSkip(?:Unless|When|Exceptions)?\s*=\s|\bAssert\.Skip"), "a test that does not run"),
    ];

    [Fact]
    public void Files_AllOfThem_AreFreeOfIt() =>
        Offences.AssertNone(Texts().SelectMany(static path => Check(path, SourceTree.Read(path))));

    [Fact]
    public void LockFiles_AllOfThem_NameNoHost() =>
        Offences.AssertNone(Offences.ByLine(
            SourceTree.Files.Where(static path => Path.GetFileName(path) is "packages.lock.json" or "package-lock.json"),
            static line => line.Contains("://", StringComparison.Ordinal) && !line.Contains("\"url\":", StringComparison.Ordinal) ? "a lock file names a host" : null));

    [Theory]
    [InlineData("cp /wo" + "rk/main/a b")]
    [InlineData("ls \"/ro" + "ot/x\"")]
    [InlineData("https://api.nuget" + ".org/v3")]
    [InlineData("// TO" + "DO later")]
    [InlineData("throw new NotImplemented" + "Exception();")]
    [InlineData("[Fact(Sk" + "ip = \"later\")]")]
    [InlineData("Co-Authored" + "-By: X")]
    [InlineData("AI-" + "generated code")]
    [InlineData("<<<<<<" + "< HEAD")]
    public void Check_PlantedText_IsFound(string line) => Assert.Single(Check("src/a.cs", line));

    [Theory]
    [InlineData("return list.Skip(1);")]
    [InlineData("docs/work/a.md")]
    [InlineData("var skipped = 1;")]
    public void Check_HarmlessText_Passes(string line) => Assert.Empty(Check("src/a.cs", line));

    private static IEnumerable<string> Texts() =>
        SourceTree.Files.Where(static path => TextName().IsMatch(path) && !Quoted.Any(folder => path.StartsWith(folder, StringComparison.Ordinal) && path.EndsWith(".json", StringComparison.Ordinal)));

    private static IEnumerable<string> Check(string path, string text)
    {
        var patterns = path.EndsWith(".cs", StringComparison.Ordinal) ? Everywhere.Concat(InCode) : Everywhere;
        return Offences.InText(path, text, line => patterns.FirstOrDefault(entry => entry.Pattern.IsMatch(line)).What);
    }

    /// <summary>Names with the endings of text, and names without an ending, which are scripts.</summary>
    [GeneratedRegex(@"(?:\.(?:cs|csproj|props|targets|slnx|json|ya?ml|md|txt|sql|sh|mjs|js|ts|css|html|razor|svg|editorconfig|gitattributes|gitignore)|(?:^|/)[\w-]+)$")]
    private static partial Regex TextName();
}
