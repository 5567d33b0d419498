using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>INVARIANT: nothing a client asks for reaches an upstream unjudged. The type that may go up is made in few places.</summary>
public sealed class JudgedMessageCallersTests
{
    private static readonly (string Call, string[] Rooms)[] Makers =
    [
        ("JudgedMessage.Seal(", ["Proxy"]),
        ("JudgedMessage.SealAnswer(", ["Proxy"]),
        ("JudgedMessage.Own(", ["Discovery", "Proxy", "Upstreams"]),
    ];

    [Fact]
    public void JudgedMessage_MadeAnywhereInTheProduct_IsMadeWhereItIsJudged() =>
        Offences.AssertNone(SourceTree.CodeUnder("src/").SelectMany(static path => Check(path, SourceTree.Read(path))));

    [Fact]
    public void JudgedMessage_ImportedAsStatic_IsNowhere() =>
        Offences.AssertNone(Offences.ByLine(
            SourceTree.CodeUnder("src/"),
            static line => line.Contains("using static", StringComparison.Ordinal) && line.Contains("JudgedMessage", StringComparison.Ordinal)
                ? "a static import hides who seals" : null));

    [Theory]
    [InlineData("src/Gateway/Endpoints/A.cs", "JudgedMessage.Seal(kind)", 1)]
    [InlineData("src/Gateway/Endpoints/A.cs", "JudgedMessage\n    .Seal (kind)", 1)]
    [InlineData("src/Gateway/Upstreams/A.cs", "JudgedMessage.SealAnswer(id)", 1)]
    [InlineData("src/Cli/A.cs", "JudgedMessage.Own(kind)", 1)]
    [InlineData("src/Gateway/Proxy/A.cs", "JudgedMessage.Seal(kind)", 0)]
    [InlineData("src/Gateway/Admin/A.cs", "// JudgedMessage.Seal(kind)", 0)]
    public void Check_PlantedMaker_IsJudgedByItsRoom(string path, string source, int offences) =>
        Assert.Equal(offences, Check(path, source).Count());

    private static IEnumerable<string> Check(string path, string source)
    {
        var dense = string.Concat(SourceText.Mask(source).Where(static character => !char.IsWhiteSpace(character)));
        return Makers
            .Where(maker => dense.Contains(maker.Call, StringComparison.Ordinal))
            .Where(maker => !maker.Rooms.Any(room => path.StartsWith($"src/Gateway/{room}/", StringComparison.Ordinal)))
            .Select(maker => $"{path} calls {maker.Call}…), which only {string.Join(", ", maker.Rooms)} may");
    }
}
