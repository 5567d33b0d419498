using Callgate.Catalogue.Attacks;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Tests.Repository;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>The attack database as it stands in <c>attacks</c>.</summary>
public sealed class AttackPackTests
{
    private const string Scenarios = "attacks/scenarios/";

    private static AttackDatabase Database { get; } = AttackPack.Read(Files());

    [Fact]
    public void Database_OfTheRepository_HasNoFault() => Assert.Equal([], Database.Faults);

    /// <summary>An entry without the file that proves it is only a claim; and what is not stopped yet has to be breached there, not hidden.</summary>
    [Fact]
    public void Scenarios_EachEntry_HasItsFileAndAgreesWithIt()
    {
        var scenarios = SourceTree.Files.Where(static path => path.StartsWith(Scenarios, StringComparison.Ordinal)).ToDictionary(static path => Path.GetFileNameWithoutExtension(path), SourceTree.Read, StringComparer.Ordinal);

        Assert.Equal([], AttackPack.Read(Files(), scenarios.Keys.ToHashSet(StringComparer.Ordinal)).Faults);
        Assert.Equal(
            Database.Entries.Where(static entry => entry.Stops == AttackStop.NotYet).Select(static entry => entry.Id),
            Database.Entries.Where(entry => scenarios[entry.Scenario].Split('\n').Contains("expect: breached")).Select(static entry => entry.Id));
    }

    [Fact]
    public void Shipped_WhatIsBuiltIn_IsWhatTheFilesSay() =>
        Assert.Equal(Database.Entries.Select(static entry => (entry.Id, entry.Slug, entry.Summary)), AttackPack.Database.Entries.Select(static entry => (entry.Id, entry.Slug, entry.Summary)));

    [Fact]
    public void Entries_AllOfTheStudy_AreThere() =>
        Assert.Equal(
            [.. Ids('A', 55), .. Ids('B', 34), .. Ids('O', 5), .. Ids('T', 6)],
            Database.Entries.Select(static entry => entry.Id));

    [Fact]
    public void Properties_EachOfThem_IsAttacked() =>
        Assert.DoesNotContain(Database.Terms.Properties, static property => !Database.Entries.Any(entry => entry.Properties.Contains(property.Id)));

    [Fact]
    public void Words_EachOfThem_IsUsed()
    {
        Assert.DoesNotContain(Database.Terms.Categories, static one => !Database.Entries.Any(entry => entry.Category == one.Id));
        Assert.DoesNotContain(Database.Terms.Guards, static one => !Database.Entries.Any(entry => entry.Guards.Contains(one.Id)));
        Assert.DoesNotContain(Database.Terms.Limits, static one => !Database.Entries.Any(entry => entry.Limit == one.Id));
        Assert.DoesNotContain(Database.Cases, static one => !Database.Entries.Any(entry => entry.Cases.Contains(one.Id)));
        Assert.DoesNotContain(Database.Terms.Frameworks.SelectMany(static framework => framework.Ids), static one => !Database.Entries.Any(entry => entry.Taxonomy.Contains(one.Id)));
    }

    /// <summary>Names under which others list the same attacks.</summary>
    [Theory]
    [InlineData("tool-poisoning", "B01")]
    [InlineData("mcp-rug-pull", "B03")]
    [InlineData("token-mis-redemption", "A29")]
    [InlineData("confused-deputy", "T06")]
    [InlineData("runaway-tool-loops", "A16")]
    [InlineData("destructive-action-autonomy", "A15")]
    [InlineData("mcp-typosquatting", "B33")]
    [InlineData("compromised-mcp-package", "B27")]
    [InlineData("indirect-prompt-injection", "B09")]
    [InlineData("prompt-injection-via-tool-results", "B09")]
    [InlineData("data-exfiltration-via-tool-chaining", "B10")]
    [InlineData("credential-leak-via-errors", "B26")]
    [InlineData("session-hijacking", "A27")]
    public void Find_AKnownName_LeadsToTheEntry(string slug, string id) => Assert.Equal(id, Database.Find(slug)?.Id);

    [Theory]
    [InlineData("B09")]
    [InlineData("B10")]
    [InlineData("B11")]
    [InlineData("B12")]
    [InlineData("B30")]
    [InlineData("B32")]
    [InlineData("A50")]
    public void Stops_WhatTheLanguageCannot_SaysNotYet(string id) => Assert.Equal(AttackStop.NotYet, Database.FindById(id)?.Stops);

    /// <summary>Hosts and names on the wire are reserved ones, so that no sample does anything.</summary>
    [Fact]
    public void Wire_EachHost_IsAReservedOne() =>
        Assert.DoesNotContain(
            Database.Entries.SelectMany(static entry => System.Text.RegularExpressions.Regex.Matches(entry.Wire, @"[a-z][a-z.-]*\.(?:com|org|net|io|dev)\b").Select(match => (entry.Id, match.Value))),
            static found => !found.Value.EndsWith("example.com", StringComparison.Ordinal) && !found.Value.EndsWith("example.org", StringComparison.Ordinal));

    /// <summary>A policy on a page is meant to be pasted: it compiles, and the linter has nothing to say of it.</summary>
    [Fact]
    public void Policies_EachOfThem_AreWithoutWarning() =>
        Assert.Empty(Database.Entries.Where(static entry => entry.Policy.ValueKind != System.Text.Json.JsonValueKind.Undefined)
            .SelectMany(static entry => PolicyCompiler.Compile(System.Text.Encoding.UTF8.GetBytes(entry.Policy.GetRawText())).Warnings.Select(warning => $"{entry.Id}: {warning.Message}")));

    [Fact]
    public void PolicyFault_ADocumentThatIsNone_IsNamed()
    {
        Assert.Null(AttackPack.PolicyFault(System.Text.Json.JsonElement.Parse("""{ "version": "1", "default": "deny" }""")));
        Assert.Contains("/defualt", AttackPack.PolicyFault(System.Text.Json.JsonElement.Parse("""{ "version": "1", "default": "deny", "defualt": "deny" }""")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attacks/entries/A01", "id: [", "attacks/entries/A01, line 1: ")]
    [InlineData("attacks/terms", "a: &x 1", "attacks/terms, line 1: ")]
    public void Read_AFileThatIsNoYaml_IsNamed(string name, string yaml, string fault) =>
        Assert.StartsWith(fault, Assert.Throws<FormatException>(() => AttackPack.Read([(name, System.Text.Encoding.UTF8.GetBytes(yaml))])).Message, StringComparison.Ordinal);

    /// <summary>What no gateway can stop is told once in the documentation, with the entries that run into it.</summary>
    [Fact]
    public void Limits_InTheDocumentation_AreThoseOfTheEntries()
    {
        var text = SourceTree.Read("docs/limits.md");
        var told = text.Split("\n## ")[1..].ToDictionary(
            static part => part.Split('\n')[0],
            static part => System.Text.RegularExpressions.Regex.Matches(part, @"^- \[([A-Z]\d\d)\]\(\.\./attacks/entries/\1\.yaml\) (.+)$", System.Text.RegularExpressions.RegexOptions.Multiline).Select(static match => (match.Groups[1].Value, match.Groups[2].Value)));

        Assert.Equal(Database.Terms.Limits.Select(static limit => limit.Name), told.Keys);
        Assert.All(Database.Terms.Limits, limit =>
        {
            Assert.Contains(limit.Says, text, StringComparison.Ordinal);
            Assert.Equal(Database.Entries.Where(entry => entry.Limit == limit.Id).Select(static entry => (entry.Id, entry.Title)), told[limit.Name]);
        });
    }

    /// <summary>The documentation lists every member that an entry may have, and no other.</summary>
    [Fact]
    public void Members_InTheDocumentation_AreThoseThatAreRead()
    {
        var text = SourceTree.Read("docs/attacks.md");
        var table = text[text.IndexOf("## An entry", StringComparison.Ordinal)..text.IndexOf("`applies_to` is `any tool`", StringComparison.Ordinal)];
        var told = System.Text.RegularExpressions.Regex.Matches(table, @"^\| (`[^|]*`) \|", System.Text.RegularExpressions.RegexOptions.Multiline).SelectMany(static row => row.Groups[1].Value.Split(", ")).Select(static name => name.Trim('`'));
        var read = System.Text.RegularExpressions.Regex.Matches(SourceTree.Read("src/Catalogue/Attacks/AttackReading.cs"), @"reading\.(?:Text|Texts|SomeTexts|Optional|Member)\(""(\w+)""|One\(""(\w+)""").Select(static match => match.Groups[1].Value + match.Groups[2].Value);

        Assert.Equal(read.Distinct().Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Ids(char letter, int count) => Enumerable.Range(1, count).Select(number => $"{letter}{number:00}");

    private static IEnumerable<(string Name, byte[] Yaml)> Files() =>
        SourceTree.Files
            .Where(static path => path.StartsWith("attacks/", StringComparison.Ordinal) && path.EndsWith(".yaml", StringComparison.Ordinal) && !path.StartsWith(Scenarios, StringComparison.Ordinal))
            .Select(static path => (path[..^".yaml".Length], File.ReadAllBytes(Path.Combine(SourceTree.Root, path))));
}
