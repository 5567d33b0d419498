using System.Collections.Immutable;
using System.Globalization;

namespace Callgate.Policy.Reading;

/// <summary>Collects every finding and puts them in document order.</summary>
internal sealed class DiagnosticSink(SourceText source)
{
    /// <summary>Far more than a person reads; the bound keeps a hostile document from costing its size squared.</summary>
    public const int Most = 1_000;

    private readonly Findings errors = new();
    private readonly Findings warnings = new();
    private readonly Findings notes = new();

    /// <summary>In words of 64 bits: 2 MiB.</summary>
    private const int MostPatternWords = 1 << 18;

    private int patternWords;

    public SourceText Source => source;

    /// <summary>Keeps account of the patterns of the document; false when they are too large together.</summary>
    public bool HasRoomFor(int words) => (patternWords += words) <= MostPatternWords;

    public bool HasErrors => errors.Count > 0;

    public void Error(Node at, string message, string? suggestion = null) => Add(errors, at, at.Offset, message, suggestion);

    /// <summary>For a finding about the member's name instead of its value.</summary>
    public void Error(Member at, string message, string? suggestion = null) => Add(errors, at.Value, at.Offset, message, suggestion);

    /// <summary>For a finding that ends the reading: there is no value to point at.</summary>
    public void Fatal(int offset, string message, string? suggestion = null) => Add(errors, null, offset, message, suggestion);

    public void Warn(Node at, string message, string? suggestion = null) => Add(warnings, at, at.Offset, message, suggestion);

    public void Note(Node at, string message, string? suggestion = null) => Add(notes, at, at.Offset, message, suggestion);

    /// <summary>Takes over findings about a part of this document that was read as a document of its own.</summary>
    public void Adopt(IEnumerable<PolicyDiagnostic> found, Node part)
    {
        foreach (var finding in found)
        {
            errors.Count++;
            if (errors.Count <= Most)
            {
                errors.Kept.Add(finding with { Pointer = part.Pointer + finding.Pointer });
            }
        }
    }

    public ImmutableArray<PolicyDiagnostic> Errors => errors.InOrder("errors");

    public ImmutableArray<PolicyDiagnostic> Warnings => warnings.InOrder("warnings");

    public ImmutableArray<PolicyDiagnostic> Notes => notes.InOrder("notes");

    private void Add(Findings to, Node? at, int offset, string message, string? suggestion)
    {
        to.Count++;
        if (to.Count > Most)
        {
            return;
        }

        var (line, column) = source.PositionOf(offset);
        to.Kept.Add(new PolicyDiagnostic(at?.Pointer ?? "", line, column, message, suggestion));
    }

    private sealed class Findings
    {
        public int Count { get; set; }

        public List<PolicyDiagnostic> Kept { get; } = [];

        public ImmutableArray<PolicyDiagnostic> InOrder(string what)
        {
            var ordered = Kept.OrderBy(found => found.Line).ThenBy(found => found.Column).ToList();
            if (Count > Most)
            {
                var more = (Count - Most).ToString(CultureInfo.InvariantCulture);
                ordered.Add(new PolicyDiagnostic("", 1, 1, $"{more} more {what} are not shown", "mend these first"));
            }

            return [.. ordered];
        }
    }
}
