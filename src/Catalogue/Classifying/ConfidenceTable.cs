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
        var (category, strength, support) = rules.Counted;
        var counted = support == Support.Raised ? Raised : Find(category, strength, support);
        return (rules.IsOnlyHinted ? Math.Min(counted, Raised) : counted) / 100.0;
    }

    private int Find(RiskCategory category, int strength, Support support)
    {
        foreach (var key in KeysOf(category, strength, support))
        {
            if (hundredths.TryGetValue(key, out var found))
            {
                return found;
            }
        }

        return 0;
    }

    /// <summary>The groups a reading belongs to, the smallest first.</summary>
    public static string[] KeysOf(RiskCategory category, int strength, Support support) =>
        [$"{category} {strength} {support}", $"{Any} {strength} {support}", $"{Any} {strength} {Any}"];

    /// <summary>Written by <c>eng/classifier-figures</c>.</summary>
    public const string Text = """
        * 0 * 40
        * 0 Nothing 32
        * 1 * 70
        * 1 Description 80
        * 1 Name 73
        * 2 * 72
        * 2 Both 58
        * 2 Contested 59
        * 2 Description 43
        * 2 Name 87
        * 3 * 77
        * 3 Both 63
        * 3 Contested 67
        * 3 Description 59
        * 3 Name 87
        * 3 Raised 62
        * 4 * 89
        * 4 Both 90
        Destructive 1 Name 78
        Destructive 2 Contested 67
        Destructive 2 Name 90
        Destructive 3 Contested 52
        Destructive 3 Description 67
        Destructive 3 Name 95
        Destructive 4 Both 89
        Execute 1 Name 78
        Execute 2 Contested 55
        Execute 2 Description 29
        Execute 2 Name 90
        Execute 3 Both 74
        Execute 3 Contested 85
        Execute 3 Description 77
        Execute 3 Name 91
        Execute 3 Raised 50
        Execute 4 Both 97
        Financial 2 Contested 77
        Financial 2 Name 91
        Financial 3 Both 32
        Financial 3 Contested 65
        Financial 3 Name 71
        Financial 4 Both 78
        Other 0 Nothing 26
        Other 3 Contested 46
        Other 3 Description 73
        Other 4 Both 77
        Read 1 Description 87
        Read 1 Name 78
        Read 2 Both 46
        Read 2 Contested 55
        Read 2 Description 34
        Read 2 Name 79
        Read 3 Both 68
        Read 3 Contested 74
        Read 3 Description 56
        Read 3 Name 80
        Read 4 Both 94
        Write 1 Name 58
        Write 2 Contested 42
        Write 2 Description 45
        Write 2 Name 92
        Write 3 Both 62
        Write 3 Contested 74
        Write 3 Description 26
        Write 3 Name 92
        Write 4 Both 90
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

    /// <summary>Arguments, or an annotation that speaks of destroying.</summary>
    Raised,
}
