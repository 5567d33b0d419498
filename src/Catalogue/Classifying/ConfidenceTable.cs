using System.Collections.Frozen;
using System.Globalization;

namespace Callgate.Catalogue.Classifying;

/// <summary>
/// How often the rules are right, in hundredths, by what they found: counted on the labelled tools, small groups drawn
/// towards the larger ones they belong to. A test compares <see cref="Text"/> with the labels; <c>eng/classifier-figures</c> writes it anew.
/// </summary>
internal sealed class ConfidenceTable
{
    /// <summary>Stands for every category, or for every support.</summary>
    public const string Any = "*";

    /// <summary>What no labelled tool can teach, for the labels hold no schemas and no annotations: as much as a usual verb of the name.</summary>
    private const int Raised = 70;

    private readonly FrozenDictionary<string, int> hundredths;

    private ConfidenceTable(FrozenDictionary<string, int> hundredths) => this.hundredths = hundredths;

    public static ConfidenceTable Shipped { get; } = Read(Text);

    /// <summary>Lines of category, strength, support and hundredths.</summary>
    public static ConfidenceTable Read(string text) =>
        new(text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static line => (line, at: line.LastIndexOf(' ')))
            .ToFrozenDictionary(static entry => entry.line[..entry.at], static entry => int.Parse(entry.line.AsSpan(entry.at + 1), CultureInfo.InvariantCulture), StringComparer.Ordinal));

    public double Of(RuleReading rules)
    {
        if (rules.Support == Support.Raised)
        {
            return Raised / 100.0;
        }

        foreach (var key in KeysOf(rules.Category, rules.Strength, rules.Support))
        {
            if (hundredths.TryGetValue(key, out var found))
            {
                return found / 100.0;
            }
        }

        return 0;
    }

    /// <summary>The groups a reading belongs to, the smallest first.</summary>
    public static string[] KeysOf(RiskCategory category, int strength, Support support) =>
        [$"{category} {strength} {support}", $"{Any} {strength} {support}", $"{Any} {strength} {Any}"];

    /// <summary>Written by <c>eng/classifier-figures</c>.</summary>
    public const string Text = """
        * 0 * 20
        * 1 * 50
        * 2 * 70
        * 3 * 85
        * 4 * 95
        """;
}

/// <summary>What in a definition carries what the rules found.</summary>
internal enum Support
{
    /// <summary>Nothing does.</summary>
    Nothing,

    /// <summary>Name and description say the same.</summary>
    Both,

    /// <summary>The name; the description says nothing, or there is none.</summary>
    Name,

    /// <summary>One of the two, and the other says something else.</summary>
    Contested,

    /// <summary>The description, or a title, or a phrase of it; the name says nothing.</summary>
    Description,

    /// <summary>Arguments or annotations.</summary>
    Raised,
}
