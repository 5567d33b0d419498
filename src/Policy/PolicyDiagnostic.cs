using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Callgate.Policy.Binding;

namespace Callgate.Policy;

/// <summary>One finding about a policy document, placed where an editor can jump to it.</summary>
/// <param name="Pointer">RFC 6901 pointer of the value it is about; empty for the document as a whole. Names stand in it as they are: escape it before a terminal sees it.</param>
/// <param name="Line">From 1; a line ends with a line feed.</param>
/// <param name="Column">From 1, in UTF-16 units, as editors count; a tab is one.</param>
/// <param name="Message">What is wrong; text of the document stands in backticks.</param>
/// <param name="Suggestion">What to write instead; null where nothing is close.</param>
[SuppressMessage("Naming", "CA1720", Justification = "JSON Pointer is the name RFC 6901 gives it")]
public sealed record PolicyDiagnostic(string Pointer, int Line, int Column, string Message, string? Suggestion);

/// <summary>What became of a document: a policy, or every reason why there is none.</summary>
/// <param name="Policy">Ready to judge; null exactly when <paramref name="Diagnostics"/> is not empty.</param>
/// <param name="Diagnostics">The errors in document order. A document with one of them is never activated (policy language, Members).</param>
/// <param name="Warnings">What is allowed but likely not meant, in document order; never a reason to refuse. Empty while there are errors.</param>
public sealed record PolicyCompilation(
    CompiledPolicy? Policy, ImmutableArray<PolicyDiagnostic> Diagnostics, ImmutableArray<PolicyDiagnostic> Warnings)
{
    /// <summary>What is meant as it stands, most likely, and has a consequence worth knowing. Nothing fails on a note.</summary>
    public ImmutableArray<PolicyDiagnostic> Notes { get; init; } = [];

    /// <summary>What the document says; null while there are errors. Kept here and not in the policy, so that one in force holds no text.</summary>
    internal PolicyModel? Model { get; init; }
}
