using System.Collections.Immutable;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads a file of cases.</summary>
internal static class CaseBinder
{
    private static readonly ImmutableArray<(string, ToolStanding)> Standings =
    [
        ("reviewed", ToolStanding.Reviewed), ("unknown", ToolStanding.Unknown), ("drifted", ToolStanding.Drifted),
        ("asked", ToolStanding.DriftedAsked), ("unavailable", ToolStanding.ListUnavailable),
    ];

    private static readonly ImmutableArray<string> Codes =
    [
        DecisionCodes.NoPolicy, DecisionCodes.ToolUnknown, DecisionCodes.ToolHidden, DecisionCodes.Denied, DecisionCodes.DefaultDeny,
        DecisionCodes.ArgumentsInvalid, DecisionCodes.Condition, DecisionCodes.ApprovalRequired, DecisionCodes.Unjudgeable,
        DecisionCodes.Drifted, DecisionCodes.UpstreamUnavailable,
    ];

    public static CaseReading Bind(Node root, Func<string, byte[]?> policyFile, DiagnosticSink sink)
    {
        if (!Shape.CaseFile.Check(root, sink))
        {
            return new CaseReading(null, sink.Errors, null, []);
        }

        Values.Text(root.Find("description"), sink);
        var (policy, path, faults) = Policy(root.Find("policy"), policyFile, sink);
        var cases = Cases(root.Find("cases"), TestBinder.Facts(root.Find("facts"), null, sink), sink);
        return new CaseReading(sink.HasErrors || !faults.IsEmpty ? null : new CaseFile(policy, cases), sink.Errors, path, faults);
    }

    private static (CompiledPolicy? Policy, string? Path, ImmutableArray<PolicyDiagnostic> Faults) Policy(
        Node? node, Func<string, byte[]?> policyFile, DiagnosticSink sink)
    {
        switch (node?.Kind)
        {
            case null or NodeKind.Null:
                return (null, null, []);
            case NodeKind.Object:
                return (Inline(node, sink), null, []);
            case NodeKind.String when policyFile(node.Text) is { } bytes:
                var compilation = PolicyCompiler.Compile(bytes, PolicySyntax.OfFileName(node.Text));
                return (compilation.Policy, node.Text, compilation.Diagnostics);
            case NodeKind.String:
                sink.Error(node, $"there is no file {Quote.User(node.Text)} to read", "a path is relative to this file");
                return (null, node.Text, []);
            default:
                sink.Error(node, $"must be a policy, the path of one, or null, not {node.KindName}");
                return (null, null, []);
        }
    }

    /// <summary>Its rules are named by pointers that begin at the policy.</summary>
    private static CompiledPolicy? Inline(Node node, DiagnosticSink sink)
    {
        var own = new DiagnosticSink(sink.Source);
        var compilation = PolicyCompiler.Compile(node.AsRoot(), own);
        sink.Adopt(compilation.Diagnostics, node);
        return compilation.Policy;
    }

    private static ImmutableArray<BoundCase> Cases(Node? list, StatedFacts facts, DiagnosticSink sink)
    {
        if (list is null || !Values.Is(list, NodeKind.Array, sink))
        {
            return [];
        }

        if (list.Items.Count == 0)
        {
            sink.Error(list, "there is no case here", "a file without cases would always pass");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var cases = ImmutableArray.CreateBuilder<BoundCase>();
        foreach (var item in list.Items.Where(item => Shape.Case.Check(item, sink)))
        {
            if (Case(item, facts, sink) is not { } bound)
            {
                continue;
            }

            if (!names.Add(bound.Name))
            {
                sink.Error(item.Find("name")!, $"two cases have the name {Quote.User(bound.Name)}", "name what makes them different");
            }

            cases.Add(bound);
        }

        return cases.ToImmutable();
    }

    private static BoundCase? Case(Node node, StatedFacts facts, DiagnosticSink sink)
    {
        var name = Values.Text(node.Find("name"), sink);
        var call = TestBinder.Call(node, node.Find("facts") is { } own ? TestBinder.Facts(own, null, sink) : facts, sink);
        var expected = TestBinder.Expected(node, sink);
        var standing = Values.Choice(node.Find("standing"), Standings, sink) ?? ToolStanding.Reviewed;
        var bound = new BoundCase(name ?? "", sink.Source.PositionOf(node.Offset).Line, (call ?? default) with { Standing = standing, Schema = Schema(node), ShownCategory = TestBinder.Category(node.Find("shown"), sink) }, expected ?? Effect.Deny)
        {
            Code = Code(node.Find("code"), expected, sink),
            Rule = Values.Text(node.Find("rule"), sink),
            Reason = node.Find("reason") is { Kind: not NodeKind.Null } reason && !Values.Is(reason, NodeKind.String, sink) ? null : node.Find("reason"),
            Limits = Limits(node.Find("limits"), sink),
            Listed = Values.Flag(node.Find("listed"), sink),
            PowerDurable = EntryBinder.PowerDurable(node, sink),
            Approval = node.Find("approval") is { } approval ? ApprovalBinder.Terms(approval, sink) : null,
        };
        return name is null || call is null || expected is null ? null : bound;
    }

    /// <summary>A schema that cannot be judged is none to complain of: it refuses every call, and a case may expect that.</summary>
    private static InputSchema? Schema(Node node) => node.Find("schema") is { } schema ? InputSchema.Compile(schema.ToElement()) : null;

    private static string? Code(Node? node, Effect? expected, DiagnosticSink sink)
    {
        var code = Values.Text(node, sink);
        if (code is null)
        {
            return null;
        }

        if (!Codes.Contains(code))
        {
            Values.Unknown(node!, Codes, sink);
        }
        else if (expected == Effect.Allow)
        {
            sink.Error(node!, "a call that is allowed has no code", "remove it, or expect a refusal");
        }

        return code;
    }

    private static ImmutableArray<string>? Limits(Node? list, DiagnosticSink sink) =>
        list is not null && Values.Is(list, NodeKind.Array, sink)
            ? [.. list.Items.Where(item => Values.Is(item, NodeKind.String, sink)).Select(item => item.Text)]
            : null;
}
