using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>What a newcomer finds at the door, and that it is as it says.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class HouseFilesTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("ARCHITECTURE.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    [InlineData("CHANGELOG.md")]
    [InlineData("LICENSE")]
    [InlineData("global.json")]
    [InlineData("Directory.Packages.props")]
    public void Root_ExpectedFile_IsThere(string path) => Assert.True(SourceTree.Read(path).Length > 0);

    [Fact]
    public void Licence_Text_IsApache2()
    {
        var text = SourceTree.Read("LICENSE");
        Assert.Contains("Apache License", text, StringComparison.Ordinal);
        Assert.Contains("Version 2.0, January 2004", text, StringComparison.Ordinal);
        Assert.Contains("END OF TERMS AND CONDITIONS", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test")]
    [InlineData("run")]
    [InlineData(".ci/run")]
    public void Scripts_OfTheContract_AreScripts(string path) =>
        Assert.StartsWith("#!", SourceTree.Read(path), StringComparison.Ordinal);

    [Fact]
    public void Scripts_AllOfThem_CanBeExecuted() =>
        Offences.AssertNone(SourceTree.Files
            .Where(static path => !path.Contains('.', StringComparison.Ordinal) || path.StartsWith(".ci/", StringComparison.Ordinal))
            .Where(static path => SourceTree.Read(path).StartsWith("#!", StringComparison.Ordinal))
            .Where(static path => !File.GetUnixFileMode(Path.Combine(SourceTree.Root, path)).HasFlag(UnixFileMode.UserExecute))
            .Select(static path => $"{path} begins with #! and cannot be executed"));

    [Fact]
    public void Readme_FirstScreen_ShowsBothCommands()
    {
        var screen = string.Join('\n', SourceTree.Read("README.md").Split('\n').Take(40));
        Assert.Contains("./run", screen, StringComparison.Ordinal);
        Assert.Contains("./test", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_BetweenDocuments_LeadSomewhere() =>
        Offences.AssertNone(SourceTree.Files.Where(static path => path.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(static path => BrokenLinks(path, SourceTree.Read(path))));

    [Fact]
    public void BrokenLinks_PlantedLink_IsFound()
    {
        Assert.Single(BrokenLinks("docs/a.md", "see [b](nowhere.md)"));
        Assert.Empty(BrokenLinks("docs/a.md", "see [b](../README.md#part), [c](https://example.com) and [d](#here)"));
    }

    [Fact]
    public void Changelog_Form_IsKept()
    {
        var text = SourceTree.Read("CHANGELOG.md");
        Assert.Contains("## [Unreleased]", text, StringComparison.Ordinal);
        Assert.Contains("### Added", text, StringComparison.Ordinal);
    }

    private static IEnumerable<string> BrokenLinks(string path, string text) =>
        Link().Matches(text)
            .Select(static match => match.Groups[1].Value.Split('#')[0])
            .Where(static target => target.Length > 0 && !target.Contains(':', StringComparison.Ordinal))
            .Where(target => !SourceTree.Exists(Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, target)))
            .Select(target => $"{path} links to {target}, which is not there");

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
