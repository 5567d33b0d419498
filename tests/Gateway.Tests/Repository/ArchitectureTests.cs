using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>ARCHITECTURE.md is a map; a map that names what is not there is worse than none.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Text = SourceTree.Read("ARCHITECTURE.md");

    private static readonly HashSet<string> Types =
    [
        .. SourceTree.CodeUnder("src/").Concat(SourceTree.CodeUnder("tests/")).SelectMany(static path => SourceTree.DeclaredTypes(SourceTree.Read(path))),
    ];

    [Fact]
    public void Rooms_OnTheMapAndInTheTree_AreTheSame() =>
        Assert.Equal(SourceTree.Rooms.Order(StringComparer.Ordinal), RoomsOf(Text).Select(static row => row.Room).Order(StringComparer.Ordinal));

    [Fact]
    public void Rooms_AllOfThem_HaveTheirSentence() =>
        Offences.AssertNone(RoomsOf(Text).Where(static row => row.Sentence.Length < 20).Select(static row => $"`{row.Room}` has no sentence"));

    [Fact]
    public void Types_NamedInTheText_Exist() => Offences.AssertNone(Missing(Text));

    [Fact]
    public void Steps_OfTheCall_AreTenInOrder()
    {
        var steps = Step().Matches(Text).Select(static match => match.Groups[1].Value);
        Assert.Equal(Enumerable.Range(1, 10).Select(static number => $"{number}"), steps);
    }

    [Fact]
    public void Missing_PlantedName_IsFound()
    {
        Assert.Single(Missing("the type `NobodyWroteThis` does it"));
        Assert.Single(Missing("the member `SourceTree.NobodyWroteThis` does it"));
        Assert.Empty(Missing("the member `SourceTree.Root`, the folder `Wire`, the file `a.json`, the verb `serve`"));
        Assert.Single(RoomsOf("| `Wire` | Reads and writes messages. |\n| `serve` | no room |\n"));
    }

    private static IEnumerable<string> Missing(string text) =>
        Quoted().Matches(text)
            .Select(static match => match.Groups[1].Value.Split('.'))
            .Where(static name => !SourceTree.Exists("src/" + name[0]) && !SourceTree.Exists("src/Gateway/" + name[0]))
            .Where(static name => !Types.Contains(name[0]) || (name.Length > 1 && !IsMember(name[0], name[1])))
            .Select(static name => $"ARCHITECTURE.md names `{string.Join('.', name)}`, which does not exist");

    private static bool IsMember(string type, string member) =>
        SourceTree.CodeUnder("src/").Concat(SourceTree.CodeUnder("tests/"))
            .Select(SourceTree.Read)
            .Any(source => SourceTree.DeclaredTypes(source).Contains(type) && Regex.IsMatch(source, $@"\b{member}\b[^""]"));

    private static IEnumerable<(string Room, string Sentence)> RoomsOf(string text) =>
        Row().Matches(text).Select(static match => (match.Groups[1].Value, match.Groups[2].Value.Trim()));

    /// <summary>Names in backticks that are written as C# writes types, alone or with one member.</summary>
    [GeneratedRegex(@"`([A-Z][a-z]+[A-Za-z0-9]*(?:\.[A-Z][A-Za-z0-9]*)?)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\| `([A-Z]\w*)` \|(.*)\|\s*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^(\d+)\. ", RegexOptions.Multiline)]
    private static partial Regex Step();
}
