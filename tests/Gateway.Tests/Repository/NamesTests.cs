using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>A folder is a noun of the field and a type is named for what it is; a drawer has no name.</summary>
public sealed partial class NamesTests
{
    private static readonly HashSet<string> Drawers = new(StringComparer.OrdinalIgnoreCase)
    {
        "Common", "Shared", "Util", "Utils", "Utilities", "Helpers", "Core", "Abstractions", "Infrastructure", "Models", "Services", "Interfaces", "Misc",
    };

    [Fact]
    public void Folders_AllOfThem_AreNoDrawers() =>
        Offences.AssertNone(SourceTree.Files.Where(static path => path.EndsWith(".cs", StringComparison.Ordinal)).SelectMany(CheckFolders));

    [Fact]
    public void Types_AllOfThem_AreNamedWithoutDecoration() =>
        Offences.AssertNone(SourceTree.CodeUnder("src/").Concat(SourceTree.CodeUnder("demo/"))
            .SelectMany(static path => CheckTypes(path, SourceTree.Read(path))));

    [Fact]
    public void Interfaces_PerHundredClasses_AreAtMostEight()
    {
        var types = SourceTree.CodeUnder("src/").SelectMany(static path => SourceTree.DeclaredTypes(SourceTree.Read(path))).ToList();
        var interfaces = types.Count(static name => InterfaceName().IsMatch(name));
        Assert.True(interfaces * 100 <= (types.Count - interfaces) * 8, $"{interfaces} interfaces beside {types.Count - interfaces} other types");
    }

    [Fact]
    public void Check_PlantedName_IsFound()
    {
        Assert.Single(CheckFolders("src/Gateway/Helpers/A.cs"));
        Assert.Single(CheckTypes("a.cs", "class GrantManager { }"));
        Assert.Single(CheckTypes("a.cs", "record ServerInfo(int A);"));
        Assert.Single(CheckTypes("a.cs", "class GrantService { }"));
        Assert.Empty(CheckTypes("a.cs", "class SyncService : BackgroundService { } class Grants { }"));
    }

    private static IEnumerable<string> CheckFolders(string path) =>
        path.Split('/')[..^1].Where(Drawers.Contains).Select(folder => $"{path}: `{folder}` says nothing about what is in it");

    private static IEnumerable<string> CheckTypes(string path, string source) =>
        SourceTree.DeclaredTypes(source)
            .Where(static name => Decorated().IsMatch(name))
            .Concat(Service().Matches(SourceText.Mask(source)).Select(static match => match.Groups[1].Value))
            .Select(name => $"{path}: `{name}` is decorated; name it for what it is");

    [GeneratedRegex("(?:Manager|Helper|Helpers|Util|Utils|Utilities|Processor|Impl|Info|Data|Wrapper)$")]
    private static partial Regex Decorated();

    [GeneratedRegex(@"\bclass\s+([A-Z]\w*Service)\b(?!(?:\([^)]*\))?\s*:\s*[^{]*\b(?:BackgroundService|IHostedService))")]
    private static partial Regex Service();

    [GeneratedRegex("^I[A-Z][a-z]")]
    private static partial Regex InterfaceName();
}
