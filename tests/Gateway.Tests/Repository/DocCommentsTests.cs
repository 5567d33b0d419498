using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>What others build on is explained where it stands; in Gateway each type says in a sentence what it is.</summary>
public sealed partial class DocCommentsTests
{
    [Fact]
    public void PublicTypes_OfTheProduct_HaveADocComment() =>
        Offences.AssertNone(SourceTree.CodeUnder("src/").SelectMany(static path => Check(path, SourceTree.Read(path))));

    [Fact]
    public void Check_PlantedType_IsFound()
    {
        Assert.Single(Check("a.cs", "public sealed class A\n{\n}\n"));
        Assert.Single(Check("a.cs", "// not a doc comment\n[Some]\npublic record A(int B);\n"));
        Assert.Empty(Check("a.cs", "/// <summary>Something.</summary>\n[Some]\npublic sealed record A(int B);\n"));
        Assert.Empty(Check("a.cs", "internal sealed class A\n{\n}\n"));
    }

    private static IEnumerable<string> Check(string path, string source)
    {
        var lines = source.Split('\n');
        var masked = SourceText.Mask(source).Split('\n');
        return Enumerable.Range(0, lines.Length)
            .Where(index => PublicType().IsMatch(masked[index]) && !IsDocumented(lines, index))
            .Select(index => $"{path}:{index + 1}: `{lines[index].Trim()}` has no doc comment");
    }

    private static bool IsDocumented(string[] lines, int declaration)
    {
        var index = declaration - 1;
        while (index >= 0 && lines[index].TrimStart().StartsWith('['))
        {
            index--;
        }

        return index >= 0 && lines[index].TrimStart().StartsWith("///", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\s*public\s+(?:(?:static|sealed|abstract|readonly|ref|partial|unsafe)\s+)*(?:class|struct|interface|enum|record|delegate)\b")]
    private static partial Regex PublicType();
}
