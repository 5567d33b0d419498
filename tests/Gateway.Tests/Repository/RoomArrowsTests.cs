using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>Which room of Gateway may name which. Files at the root of Gateway compose the rooms and may name all.</summary>
public sealed partial class RoomArrowsTests
{
    /// <summary>A room, and the rooms it may name. Telemetry may be named by all.</summary>
    private static readonly Dictionary<string, string> MayName = new(StringComparer.Ordinal)
    {
        ["Wire"] = "",
        ["Telemetry"] = "",
        ["Quota"] = "",
        ["Clients"] = "",
        ["Policies"] = "Audit Configuration Discovery Operators Storage Wire",
        ["Grants"] = "Audit Configuration Operators Storage",
        ["Audit"] = "Quota Storage",
        ["Operators"] = "Audit Configuration Storage",
        ["Approvals"] = "Audit Operators Policies Storage",
        ["Webhooks"] = "Approvals Storage",
        ["Upstreams"] = "Wire",
        ["Discovery"] = "Audit Storage Upstreams Wire",
        ["Storage"] = "Approvals Discovery Grants Operators Policies Upstreams Webhooks",
        ["Sessions"] = "Grants Storage Upstreams Wire",
        ["Configuration"] = "Approvals Audit Discovery Grants Policies Storage Upstreams Webhooks",
        ["Proxy"] = "Approvals Audit Discovery Grants Policies Quota Sessions Storage Upstreams Wire",
        ["Endpoints"] = "Audit Discovery Grants Proxy Sessions Upstreams Wire",
        ["Catalogue"] = "Discovery Storage Upstreams",
        ["Dashboard"] = "Approvals Audit Catalogue Clients Configuration Discovery Grants Operators Policies Quota Upstreams",
        ["Admin"] = "Approvals Audit Catalogue Configuration Discovery Grants Operators Policies Quota Storage Upstreams Wire",
    };

    private static readonly Dictionary<string, HashSet<string>> TypesOf = SourceTree.Rooms.ToDictionary(
        static room => room,
        static room => SourceTree.CodeUnder($"src/Gateway/{room}/").SelectMany(static path => SourceTree.DeclaredTypes(SourceTree.Read(path))).ToHashSet(StringComparer.Ordinal),
        StringComparer.Ordinal);

    [Fact]
    public void Rooms_AllOfThem_NameOnlyWhatTheTableAllows() =>
        Offences.AssertNone(SourceTree.Rooms.SelectMany(static room =>
            SourceTree.CodeUnder($"src/Gateway/{room}/").Concat(SourceTree.MarkupUnder($"src/Gateway/{room}/")).SelectMany(path => Check(room, path, SourceTree.Read(path)))));

    [Fact]
    public void Table_ProxyAndAdmin_NeverNameEachOther()
    {
        Assert.DoesNotContain("Admin", Allowed("Proxy"));
        Assert.DoesNotContain("Proxy", Allowed("Admin"));
    }

    [Fact]
    public void Table_RoomsBehindTheProxy_DoNotNameWhatStandsInFront()
    {
        string[] front = ["Proxy", "Endpoints", "Admin", "Dashboard"];
        Assert.All(
            MayName.Keys.Except(front, StringComparer.Ordinal),
            room => Assert.Empty(Allowed(room).Intersect(front, StringComparer.Ordinal)));
    }

    [Fact]
    public void Source_GlobalUsing_IsNowhere() =>
        Offences.AssertNone(Offences.ByLine(SourceTree.CodeUnder("src/"), static line => GlobalUsing().IsMatch(line) ? "a global using hides arrows" : null));

    [Theory]
    [InlineData("using Callgate.Gateway.Upstreams;")]
    [InlineData("using Up = Callgate.Gateway.Upstreams.JudgedMessage;")]
    [InlineData("class A { Callgate.Gateway.Upstreams.JudgedMessage? x; }")]
    [InlineData("class A { Upstreams.JudgedMessage? x; }")]
    public void Check_PlantedArrow_IsFound(string source) => Assert.Single(Check("Wire", "planted.cs", source));

    [Theory]
    [InlineData("using Callgate.Gateway.Wire;")]
    [InlineData("// Upstreams.JudgedMessage")]
    [InlineData("class A { string x = \"Callgate.Gateway.Upstreams\"; int y = now.Upstreams.Count; }")]
    public void Check_NoArrow_IsQuiet(string source) => Assert.Empty(Check("Wire", "planted.cs", source));

    private static string[] Allowed(string room) => MayName[room].Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Check(string room, string path, string source)
    {
        if (!MayName.ContainsKey(room))
        {
            return [$"{path}: the room `{room}` is not in the table of this test"];
        }

        // Markup is no C#: its apostrophes begin no character.
        var masked = path.EndsWith(".razor", StringComparison.Ordinal) ? source : SourceText.Mask(source);
        var full = FullName().Matches(masked).Select(static match => match.Groups[1].Value).Where(TypesOf.ContainsKey);
        var partial = PartialName().Matches(masked)
            .Where(static match => TypesOf.TryGetValue(match.Groups[1].Value, out var types) && types.Contains(match.Groups[2].Value))
            .Select(static match => match.Groups[1].Value);
        return full.Concat(partial)
            .Distinct(StringComparer.Ordinal)
            .Except([room, "Telemetry", .. Allowed(room)], StringComparer.Ordinal)
            .Select(other => $"{path}: `{room}` names `{other}`");
    }

    [GeneratedRegex(@"\bCallgate\.Gateway\.([A-Z]\w*)")]
    private static partial Regex FullName();

    [GeneratedRegex(@"(?<![\w.])([A-Z]\w*)\.([A-Z]\w*)")]
    private static partial Regex PartialName();

    [GeneratedRegex(@"^\s*global\s+using\b")]
    private static partial Regex GlobalUsing();
}
