using System.Collections.Immutable;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads a condition and makes its test.</summary>
internal static class ConditionBinder
{
    private static readonly ImmutableArray<string> Names =
    [
        "eq", "neq", "lt", "lte", "gt", "gte", "in", "not_in", "contains", "not_contains", "exists", "regex", "not_regex",
        "starts_with", "ends_with", "glob", "path_within", "host_in", "length_lte",
    ];

    /// <summary>What other languages call them.</summary>
    private static readonly ImmutableArray<(string Word, string Name)> Synonyms =
    [
        ("==", "eq"), ("equals", "eq"), ("!=", "neq"), ("not_equals", "neq"), ("ne", "neq"), ("<", "lt"), ("<=", "lte"), ("le", "lte"), (">", "gt"),
        (">=", "gte"), ("ge", "gte"), ("matches", "regex"), ("match", "regex"), ("prefix", "starts_with"), ("suffix", "ends_with"), ("includes", "contains"),
        ("max_length", "length_lte"), ("within", "path_within"),
    ];

    private const int LongestShown = 200;

    private static readonly ImmutableArray<(string, bool)> Missing = [("pass", true), ("refuse", false)];

    public static Condition? Condition(Node node, DiagnosticSink sink)
    {
        if (!Shape.Condition.Check(node, sink))
        {
            return null;
        }

        var path = FactPathBinder.Any(node.Find("path"), sink);
        var passes = Values.Choice(node.Find("missing"), Missing, sink) ?? false;
        if (node.Find("op") is not { } op || node.Find("value") is not { } value || !Values.Is(op, NodeKind.String, sink))
        {
            return null;
        }

        if (node.Find("schemes") is { } schemes && op.Text != "host_in")
        {
            sink.Error(schemes, "`schemes` says nothing beside this operator", "it belongs to `host_in`");
        }

        if (op.Text == "exists")
        {
            return Exists(node, path, value, sink);
        }

        var test = TestOf(op, value, node, sink);
        return path is null || test is null ? null : new Condition(path, test, passes)
        {
            Op = op.Text,
            Value = Quote.Bounded(value.ToElement().GetRawText(), LongestShown),
            RefersToArguments = Refs(value).Any(path => path.Root == FactRoot.Arguments),
        };
    }

    private static Condition? Exists(Node node, FactPath? path, Node value, DiagnosticSink sink)
    {
        if (node.Find("missing") is { } missing)
        {
            sink.Error(missing, "`missing` says nothing beside `exists`, which asks for just that", "remove it");
        }

        var expected = Values.Flag(value, sink);
        return path is not null && expected is { } asked ? Judging.Condition.Exists(path, asked) : null;
    }

    private static IEnumerable<FactPath> Refs(Node value) =>
        (value.Kind == NodeKind.Array ? value.Items : [value])
            .Select(node => node.Kind == NodeKind.Object ? node.Find("ref") : null)
            .OfType<Node>()
            .Select(node => FactPath.Parse(node.Text, out _))
            .OfType<FactPath>();

    private static Test? TestOf(Node op, Node value, Node condition, DiagnosticSink sink)
    {
        switch (op.Text)
        {
            case "eq":
                return OperandBinder.Scalar(value, sink) is { } same ? Operators.Equal(same) : null;
            case "neq":
                return OperandBinder.Scalar(value, sink) is { } other ? Operators.Not(Operators.Equal(other)) : null;
            case "lt":
                return Compare(value, order => order < 0, sink);
            case "lte":
                return Compare(value, order => order <= 0, sink);
            case "gt":
                return Compare(value, order => order > 0, sink);
            case "gte":
                return Compare(value, order => order >= 0, sink);
            case "in":
                return In(value, sink);
            case "not_in":
                return In(value, sink) is { } test ? Operators.Not(test) : null;
            case "contains":
                return OperandBinder.Scalar(value, sink) is { } part ? Operators.Contains(part) : null;
            case "not_contains":
                return OperandBinder.Scalar(value, sink) is { } without ? Operators.Not(Operators.Contains(without)) : null;
            case "length_lte":
                return OperandBinder.Length(value, sink) is { } most ? Operators.LengthAtMost(most) : null;
            default:
                return TextTestOf(op, value, condition, sink);
        }
    }

    private static Test? TextTestOf(Node op, Node value, Node condition, DiagnosticSink sink)
    {
        switch (op.Text)
        {
            case "regex":
                return Pattern(value, sink) is { } pattern ? Operators.Matches(pattern) : null;
            case "not_regex":
                return Pattern(value, sink) is { } banned ? Operators.Not(Operators.Matches(banned)) : null;
            case "starts_with":
                return OperandBinder.Text(value, sink) is { } start ? Operators.StartsWith(start) : null;
            case "ends_with":
                return OperandBinder.Text(value, sink) is { } end ? Operators.EndsWith(end) : null;
            case "glob":
                return Globbed(value, sink);
            case "path_within":
                return OperandBinder.Texts(value, OperandBinder.Folder, sink) is { } folders ? Operators.Within(folders) : null;
            case "host_in":
                return OperandBinder.Texts(value, OperandBinder.Host, sink) is { } hosts ? Operators.HostIn(hosts, OperandBinder.Schemes(condition.Find("schemes"), sink)) : null;
            default:
                var meant = Synonyms.FirstOrDefault(synonym => string.Equals(synonym.Word, op.Text, StringComparison.Ordinal)).Name;
                sink.Error(op, $"there is no operator {Quote.User(op.Text)}", meant is null ? Nearest.Suggest(op.Text, Names) ?? $"use one of {string.Join(", ", Names)}" : $"did you mean `{meant}`?");
                return null;
        }
    }

    private static Test? Compare(Node value, Func<int, bool> holds, DiagnosticSink sink) =>
        OperandBinder.Number(value, sink) is { } number ? Operators.Compare(number, holds) : null;

    private static Test? In(Node value, DiagnosticSink sink)
    {
        if (value.Kind == NodeKind.Object)
        {
            return OperandBinder.Reference(value, sink) is { } list ? Operators.InReferred(list) : null;
        }

        return OperandBinder.Scalars(value, sink) is { } values ? Operators.In(values) : null;
    }

    private static LinearPattern? Pattern(Node value, DiagnosticSink sink)
    {
        if (!Values.Is(value, NodeKind.String, sink))
        {
            return null;
        }

        var pattern = LinearPattern.Parse(value.Text, out var fault);
        if (pattern is null)
        {
            sink.Error(value, $"the pattern {Quote.User(value.Text)} cannot be used: {fault}");
        }
        else if (!sink.HasRoomFor(pattern.Words))
        {
            sink.Error(value, "the patterns of the document are too large together", "use fewer or shorter ones, or `in` with a list");
            return null;
        }

        return pattern;
    }

    private static Test? Globbed(Node value, DiagnosticSink sink)
    {
        if (!Values.Is(value, NodeKind.String, sink))
        {
            return null;
        }

        if (GlobPattern.Parse(value.Text, out var fault) is { } glob)
        {
            return Operators.MatchesGlob(glob.Text);
        }

        sink.Error(value, fault);
        return null;
    }
}
