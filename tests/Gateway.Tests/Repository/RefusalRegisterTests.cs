using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>Codes are a contract: the register in the source and the page for readers list the same ones.</summary>
public sealed partial class RefusalRegisterTests
{
    private static readonly string[] Register = ["src/Gateway/Proxy/RefusalCode.cs", "src/Policy/Decision.cs"];

    [Fact]
    public void Codes_InSourceAndDocument_AreTheSame() =>
        Assert.Equal(
            Register.SelectMany(static path => InSource(SourceTree.Read(path))).Distinct().Order(StringComparer.Ordinal),
            InDocument(SourceTree.Read("docs/refusals.md")).Order(StringComparer.Ordinal));

    [Fact]
    public void Codes_OfTheRegister_AreWrittenNowhereElseWithOtherWords()
    {
        var known = Register.SelectMany(static path => InSource(SourceTree.Read(path))).ToHashSet(StringComparer.Ordinal);
        var families = known.Select(static code => code.Split('.')[0]).ToHashSet(StringComparer.Ordinal);
        Offences.AssertNone(SourceTree.CodeUnder("src/Gateway/Proxy/")
            .Concat(SourceTree.CodeUnder("src/Gateway/Endpoints/"))
            .Concat(SourceTree.CodeUnder("src/Gateway/Grants/"))
            .SelectMany(path => Literal().Matches(SourceTree.Read(path))
                .Select(static match => match.Groups[1].Value)
                .Where(code => families.Contains(code.Split('.')[0]) && !known.Contains(code))
                .Select(code => $"{path}: `{code}` is not in the register")));
    }

    [Fact]
    public void InSource_ConstantsAndRows_AreFound()
    {
        Assert.Equal(["a.b_c"], InSource("public const string X = \"a.b_c\"; // \"not.this\"\n var y = \"a.b.c\";"));
        Assert.Equal(["a.b_c"], InDocument("| `a.b_c` | meaning |\n| not | `x.y` |"));
    }

    private static IEnumerable<string> InSource(string source) => Constant().Matches(source).Select(static match => match.Groups[1].Value);

    private static IEnumerable<string> InDocument(string text) => Row().Matches(text).Select(static match => match.Groups[1].Value);

    [GeneratedRegex("const string \\w+ = \"([a-z]+\\.[a-z_]+)\"")]
    private static partial Regex Constant();

    [GeneratedRegex("\"([a-z]+\\.[a-z_]+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex("^\\| `([a-z]+\\.[a-z_]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
