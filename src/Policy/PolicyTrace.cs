using System.Collections.Immutable;

namespace Callgate.Policy;

/// <summary>How a policy came to its decision about one call. All text in it is on one line, bounded, and safe to print.</summary>
/// <param name="Decision">The decision; the same that <see cref="CompiledPolicy.Decide(in CallFacts)"/> gives.</param>
/// <param name="Listed">Whether <c>tools/list</c> shows the tool.</param>
/// <param name="Steps">What was looked at, in order, up to what decided. What comes after it was not looked at.</param>
public sealed record PolicyTrace(Decision Decision, bool Listed, ImmutableArray<TraceStep> Steps);

/// <summary>One thing that was looked at.</summary>
/// <param name="Step"><c>standing</c>, <c>hide</c>, <c>entry</c>, <c>action</c>, <c>schema</c>, <c>deny_if</c>, <c>require</c>, <c>approve_if</c> or <c>limit</c>.</param>
/// <param name="Rule">JSON Pointer into the document; null where no part of it plays a role.</param>
/// <param name="Says">What came of it, in words.</param>
/// <param name="Conditions">The conditions of a rule, all of them, even those that no longer mattered.</param>
public sealed record TraceStep(string Step, string? Rule, string Says, ImmutableArray<TraceCondition> Conditions);

/// <summary>A condition with the value that it met.</summary>
/// <param name="Rule">JSON Pointer into the document.</param>
/// <param name="Path">The path as written.</param>
/// <param name="Op">The operator.</param>
/// <param name="Value">What the document compares with.</param>
/// <param name="Actual">What the path led to; of a path with <c>[*]</c> the list.</param>
/// <param name="Truth"><c>true</c>, <c>false</c> or <c>unknown</c>.</param>
public sealed record TraceCondition(string Rule, string Path, string Op, string Value, string Actual, string Truth);
