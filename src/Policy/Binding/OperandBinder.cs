using System.Collections.Immutable;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads the values of conditions: stated, or facts of the call by <c>{"ref": …}</c>.</summary>
internal static class OperandBinder
{
    private const int LongestLength = 65_536;

    private static readonly ImmutableArray<string> AlwaysScheme = ["https"];

    public static FactPath? Reference(Node node, DiagnosticSink sink) =>
        Shape.Reference.Check(node, sink) ? FactPathBinder.Single(node.Find("ref"), sink) : null;

    public static Operand? Scalar(Node node, DiagnosticSink sink)
    {
        switch (node.Kind)
        {
            case NodeKind.Object:
                return Reference(node, sink) is { } path ? new Operand(default, path) : null;
            case NodeKind.Array:
                sink.Error(node, "must be one value, not a list", "use `in` for a list of values");
                return null;
            case NodeKind.Null:
                return new Operand(Fact.LiteralNull, null);
            case NodeKind.Boolean:
                return new Operand(Fact.OfBoolean(node.Text == "true"), null);
            case NodeKind.Number:
                return ExactNumber.TryRead(node.Text, out var number) ? new Operand(new Fact(number), null) : Inexact(node, sink);
            default:
                return new Operand(Fact.OfLiteral(node.Text), null);
        }
    }

    public static Operand? Number(Node node, DiagnosticSink sink) => OfKind(node, NodeKind.Number, sink);

    public static Operand? Text(Node node, DiagnosticSink sink) => OfKind(node, NodeKind.String, sink);

    public static Operand? Length(Node node, DiagnosticSink sink)
    {
        if (node.Kind == NodeKind.Object)
        {
            return Scalar(node, sink);
        }

        return Values.WholeNumber(node, 0, LongestLength, "a text is counted in characters, a list in elements", sink) is { } length
            ? new Operand(new Fact(ExactNumber.FromInt64(length)), null)
            : null;
    }

    /// <summary>A list of scalars of one type; facts may stand between them.</summary>
    public static ImmutableArray<Operand>? Scalars(Node list, DiagnosticSink sink)
    {
        if (!Values.Is(list, NodeKind.Array, sink))
        {
            return null;
        }

        var first = list.Items.FirstOrDefault(item => item.Kind != NodeKind.Object);
        var values = ImmutableArray.CreateBuilder<Operand>();
        foreach (var item in list.Items)
        {
            if (item.Kind == NodeKind.Null)
            {
                sink.Error(item, "null is in no list of values", "ask for null by `eq`, or for its absence by `exists`");
            }
            else if (item.Kind != NodeKind.Object && item.Kind != first!.Kind)
            {
                sink.Error(item, $"a list holds one type: this is {item.KindName}, and the first value is {first.KindName}");
            }
            else if (Scalar(item, sink) is { } value)
            {
                values.Add(value);
            }
        }

        return values.ToImmutable();
    }

    /// <summary>A list of texts that a check of their own accepts.</summary>
    public static ImmutableArray<Operand>? Texts(Node list, Func<string, string?> faultOf, DiagnosticSink sink)
    {
        if (list.Kind == NodeKind.String)
        {
            sink.Error(list, "must be a list", "put the text in brackets");
            return null;
        }

        if (!Values.Is(list, NodeKind.Array, sink))
        {
            return null;
        }

        var values = ImmutableArray.CreateBuilder<Operand>();
        foreach (var item in list.Items)
        {
            if (item.Kind == NodeKind.String && faultOf(item.Text) is { } fault)
            {
                sink.Error(item, $"{Quote.User(item.Text)} {fault}");
            }
            else if (Text(item, sink) is { } value)
            {
                values.Add(value);
            }
        }

        return values.ToImmutable();
    }

    public static string? Folder(string text) =>
        PosixPath.Parse(text) is null ? "is no absolute folder: begin with `/`, without backslash and `%` codes" : null;

    public static string? Host(string text) =>
        HostPattern.Parse(text) is null ? "is no host: write `example.com`, `*.example.com`, or an address, without scheme, port and path" : null;

    /// <summary><c>https</c>, and those named beside it.</summary>
    public static ImmutableArray<string> Schemes(Node? node, DiagnosticSink sink)
    {
        if (node is null || !Values.Is(node, NodeKind.Array, sink))
        {
            return AlwaysScheme;
        }

        var schemes = AlwaysScheme.ToBuilder();
        foreach (var item in node.Items.Where(item => Values.Is(item, NodeKind.String, sink)))
        {
            if (item.Text.Length > 0 && char.IsAsciiLetterLower(item.Text[0]) && item.Text.All(unit => char.IsAsciiLetterLower(unit) || char.IsAsciiDigit(unit) || unit is '+' or '-' or '.'))
            {
                schemes.Add(item.Text);
            }
            else
            {
                sink.Error(item, $"{Quote.User(item.Text)} is no scheme", "write it in lower case without `:`, such as `https`");
            }
        }

        return schemes.ToImmutable();
    }

    private static Operand? OfKind(Node node, NodeKind kind, DiagnosticSink sink) =>
        node.Kind == NodeKind.Object || Values.Is(node, kind, sink) ? Scalar(node, sink) : null;

    private static Operand? Inexact(Node node, DiagnosticSink sink)
    {
        sink.Error(node, $"{Quote.User(node.Text)} cannot be held exactly", "use at most 28 significant digits and an exponent of at most 28");
        return null;
    }
}
