using System.Xml.Linq;
using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>Which project may reference which. A new reference is a decision, so it is made here as well.</summary>
public sealed class ProjectArrowsTests
{
    private static readonly Dictionary<string, string[]> MayReference = new(StringComparer.Ordinal)
    {
        ["src/Policy/Callgate.Policy.csproj"] = [],
        ["src/Catalogue/Callgate.Catalogue.csproj"] = [],
        ["src/Attacks/Callgate.Attacks.csproj"] = [],
        ["src/Gateway/Callgate.Gateway.csproj"] = ["Callgate.Policy", "Callgate.Catalogue"],
        ["src/Cli/Callgate.Cli.csproj"] = ["Callgate.Attacks", "Callgate.Gateway", "Callgate.Policy", "Callgate.Catalogue"],
        ["demo/Callgate.Demo.csproj"] = [],
        ["bench/Catalogue/Callgate.Bench.Catalogue.csproj"] = ["Callgate.Catalogue", "Callgate.Gateway", "Callgate.Policy"],
        ["bench/Classifier/Callgate.Bench.Classifier.csproj"] = ["Callgate.Catalogue"],
        ["bench/Decision/Callgate.Bench.Decision.csproj"] = ["Callgate.Policy"],
        ["bench/Hidden/Callgate.Bench.Hidden.csproj"] = ["Callgate.Attacks"],
        ["bench/Proxy/Callgate.Bench.csproj"] = [],
        ["bench/Record/Callgate.Bench.Record.csproj"] = ["Callgate.Gateway", "Callgate.Policy"],
    };

    [Fact]
    public void Projects_AllOfThem_ReferenceOnlyWhatTheTableAllows()
    {
        var projects = SourceTree.Files.Where(static path =>
            path.EndsWith(".csproj", StringComparison.Ordinal) && !path.StartsWith("tests/", StringComparison.Ordinal));
        Offences.AssertNone(projects.SelectMany(static path => Check(path, SourceTree.Read(path))));
    }

    [Fact]
    public void Projects_OfTests_AreReferencedByTestsAlone() =>
        Offences.AssertNone(SourceTree.Files
            .Where(static path => path.EndsWith(".csproj", StringComparison.Ordinal) && !path.StartsWith("tests/", StringComparison.Ordinal))
            .Where(static path => References(SourceTree.Read(path)).Any(static name => name.EndsWith("Tests", StringComparison.Ordinal) || name == "Fixtures"))
            .Select(static path => $"{path} references a test project"));

    [Fact]
    public void Check_PlantedReference_IsFound()
    {
        const string Planted = """<Project><ItemGroup><ProjectReference Include="../Gateway/Callgate.Gateway.csproj" /></ItemGroup></Project>""";
        Assert.Single(Check("src/Policy/Callgate.Policy.csproj", Planted));
        Assert.Single(Check("src/New/Callgate.New.csproj", "<Project />"));
        Assert.Single(Check("src/Policy/Callgate.Policy.csproj", """<Project><ItemGroup><Using Include="System.IO" /></ItemGroup></Project>"""));
    }

    private static IEnumerable<string> Check(string path, string project)
    {
        if (!MayReference.TryGetValue(path, out var allowed))
        {
            return [$"{path} is not in the table of this test"];
        }

        var usings = XDocument.Parse(project).Descendants("Using").Select(_ => $"{path} has a global using, which hides arrows");
        return References(project).Except(allowed, StringComparer.Ordinal).Select(name => $"{path} references {name}").Concat(usings);
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Parse(project).Descendants("ProjectReference")
            .Select(static element => Path.GetFileNameWithoutExtension((string?)element.Attribute("Include") ?? string.Empty));
}
