using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>Files and methods small enough to be read whole. An exception stands in the list with its reason.</summary>
public sealed class SizesTests
{
    private const int ProductLines = 400;
    private const int TestLines = 600;
    private const int BodyLines = 60;

    /// <summary>Path, or path and the beginning of a header, and why it may be longer.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal);

    [Fact]
    public void Files_AllOfThem_AreWithinTheirCeiling() =>
        Offences.AssertNone(Code().Concat(SourceTree.MarkupUnder("src/")).SelectMany(static path => CheckFile(path, SourceTree.Read(path))));

    [Fact]
    public void Bodies_AllOfThem_AreWithinTheirCeiling() =>
        Offences.AssertNone(Code().SelectMany(static path => CheckBodies(path, SourceTree.Read(path))));

    [Fact]
    public void Check_PlantedLength_IsFound()
    {
        var lines = string.Concat(Enumerable.Repeat("x();\n", BodyLines));
        Assert.Empty(CheckBodies("src/a.cs", $"class A\n{{\n void B()\n{{\n{lines}}}\n}}\n"));
        Assert.Single(CheckBodies("src/a.cs", $"class A\n{{\n void B()\n{{\n{lines}x();\n}}\n}}\n"));
        Assert.Single(CheckFile("src/a.cs", new string('\n', ProductLines + 1)));
        Assert.Empty(CheckFile("src/a.cs", new string('\n', ProductLines)));
        Assert.Single(CheckFile("tests/a.cs", new string('\n', TestLines + 1)));
    }

    [Fact]
    public void Bodies_OfThisTree_AreFoundAtAll() =>
        Assert.True(SourceTree.CodeUnder("src/").Sum(static path => MemberBodies.Of(SourceTree.Read(path)).Count) > 50);

    private static IEnumerable<string> Code() =>
        SourceTree.CodeUnder("src/").Concat(SourceTree.CodeUnder("demo/")).Concat(SourceTree.CodeUnder("tests/"));

    private static IEnumerable<string> CheckFile(string path, string source)
    {
        var ceiling = path.StartsWith("tests/", StringComparison.Ordinal) ? TestLines : ProductLines;
        var lines = source.AsSpan().Count('\n');
        return lines > ceiling && !Exceptions.ContainsKey(path) ? [$"{path} has {lines} lines; the ceiling is {ceiling}"] : [];
    }

    private static IEnumerable<string> CheckBodies(string path, string source) =>
        MemberBodies.Of(source)
            .Where(static body => body.Lines > BodyLines)
            .Where(body => !Exceptions.Keys.Any(key => $"{path} {body.Header}".StartsWith(key, StringComparison.Ordinal)))
            .Select(body => $"{path}:{body.Line}: `{body.Header}` has {body.Lines} lines; the ceiling is {BodyLines}");
}
