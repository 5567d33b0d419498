using System.Collections.Immutable;
using Callgate.Policy.Binding;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy;

/// <summary>
/// A file of cases: a policy, calls, and what each must meet. Read once, run as often as wanted; it needs no gate and no clock.
/// </summary>
public sealed class CaseFile
{
    internal CaseFile(CompiledPolicy? policy, ImmutableArray<BoundCase> cases) => (Policy, Cases) = (policy, cases);

    /// <summary>How many cases it has, at least one.</summary>
    public int Count => Cases.Length;

    /// <summary>Null for <c>policy: null</c>, which is a grant without one.</summary>
    internal CompiledPolicy? Policy { get; }

    internal ImmutableArray<BoundCase> Cases { get; }

    /// <summary>Reads a file of cases and compiles its policy. Never throws, whatever the bytes.</summary>
    /// <param name="utf8Text">The file; not kept.</param>
    /// <param name="syntax">How it is spelled; <see cref="PolicySyntax.OfFileName"/> tells by its name.</param>
    /// <param name="policyFile">Gives the bytes of a policy that the file names by a path relative to itself; null where there is none to read.</param>
    public static CaseReading Read(ReadOnlyMemory<byte> utf8Text, PolicySyntax syntax, Func<string, byte[]?> policyFile)
    {
        var sink = new DiagnosticSink(new SourceText(utf8Text));
        return syntax.Read(sink) is { } root ? CaseBinder.Bind(root, policyFile, sink) : new CaseReading(null, sink.Errors, null, []);
    }

    /// <summary>Judges every case, in the order of the file.</summary>
    public ImmutableArray<CaseResult> Run() => [.. Cases.Select(one => CaseRun.Run(one, Policy))];
}

/// <summary>What became of a file of cases.</summary>
/// <param name="Cases">Ready to run; null exactly when there is a finding in one of the two lists.</param>
/// <param name="Diagnostics">What is wrong in the file of cases, and in the policy that stands in it, in document order.</param>
/// <param name="PolicyPath">The path by which it names its policy, as written; null where the policy stands in it.</param>
/// <param name="PolicyDiagnostics">What is wrong in the policy at that path.</param>
public sealed record CaseReading(
    CaseFile? Cases, ImmutableArray<PolicyDiagnostic> Diagnostics, string? PolicyPath, ImmutableArray<PolicyDiagnostic> PolicyDiagnostics);

/// <summary>How one case went.</summary>
/// <param name="Name">The case's <c>name</c>; names stand in it as they are: escape it before a terminal sees it.</param>
/// <param name="Line">Where it begins in the file, from 1.</param>
/// <param name="Decision">What the call met.</param>
/// <param name="Differences">What was expected and did not come, a sentence each; empty when the case holds.</param>
public sealed record CaseResult(string Name, int Line, Decision Decision, ImmutableArray<string> Differences)
{
    /// <summary>Everything the case expects came.</summary>
    public bool Passed => Differences.IsEmpty;
}
