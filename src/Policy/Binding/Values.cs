using System.Collections.Immutable;
using System.Globalization;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads single values and says what is wrong with them.</summary>
internal static class Values
{
    /// <summary>In seconds: a leap year. The journal keeps what a live window needs, so a window has an end in sight.</summary>
    public const long LongestWindow = 366L * 86_400;

    private static readonly ImmutableArray<string> WindowNames = ["second", "minute", "hour", "day", "week", "month"];

    private static readonly ImmutableArray<(string, LimitScope)> Scopes =
    [
        ("grant", LimitScope.Grant), ("identity", LimitScope.Identity), ("session", LimitScope.Session),
        ("server", LimitScope.Server), ("global", LimitScope.Global),
    ];

    public static bool Is(Node node, NodeKind kind, DiagnosticSink sink)
    {
        if (node.Kind == kind)
        {
            return true;
        }

        var wanted = new Node(kind, 0, null, "").KindName;
        sink.Error(node, $"must be {wanted}, not {node.KindName}");
        return false;
    }

    /// <summary>One of some words; null when absent or reported.</summary>
    public static T? Choice<T>(Node? node, ImmutableArray<(string Word, T Value)> choices, DiagnosticSink sink)
        where T : struct
    {
        if (node is null || !Is(node, NodeKind.String, sink))
        {
            return null;
        }

        foreach (var (word, value) in choices)
        {
            if (string.Equals(word, node.Text, StringComparison.Ordinal))
            {
                return value;
            }
        }

        Unknown(node, choices.Select(choice => choice.Word), sink);
        return null;
    }

    public static void Unknown(Node node, IEnumerable<string> words, DiagnosticSink sink) =>
        sink.Error(
            node,
            $"{Quote.User(node.Text)} is none of {string.Join(", ", words.Select(word => $"`{word}`"))}",
            Nearest.Suggest(node.Text, words));

    public static string? Text(Node? node, DiagnosticSink sink) =>
        node is not null && Is(node, NodeKind.String, sink) ? node.Text : null;

    public static LimitScope? Scope(Node? node, DiagnosticSink sink) => Choice(node, Scopes, sink);

    public static LimitWindow? Window(Node? node, DiagnosticSink sink)
    {
        if (node is null)
        {
            return null;
        }

        if (node.Kind == NodeKind.Number)
        {
            return WholeSeconds(node, sink);
        }

        if (node.Kind != NodeKind.String)
        {
            sink.Error(node, $"must be the name of a window or a number of seconds, not {node.KindName}");
            return null;
        }

        // Seconds go as a number, so the text form that LimitWindow also reads is no spelling of the language.
        if (WindowNames.Contains(node.Text) && LimitWindow.TryParse(node.Text, out var window))
        {
            return window;
        }

        if (node.Text.Length > 0 && node.Text.All(char.IsAsciiDigit))
        {
            sink.Error(node, "must be a number when it counts seconds, not a string", "remove the quotes");
        }
        else
        {
            Unknown(node, WindowNames, sink);
        }

        return null;
    }

    public static decimal? Max(Node? node, DiagnosticSink sink)
    {
        if (node is null || !Is(node, NodeKind.Number, sink))
        {
            return null;
        }

        if (!ExactNumber.TryRead(node.Text, out var number) || !number.TryToDecimal(out var max))
        {
            sink.Error(node, $"{Quote.User(node.Text)} cannot be held exactly", "use at most 28 significant digits, 28 decimal places, and a value below 7.9e28");
            return null;
        }

        if (max < 0)
        {
            sink.Error(node, $"{Quote.User(node.Text)} is below 0", "0 refuses every call");
            return null;
        }

        return max;
    }

    public static bool? Flag(Node? node, DiagnosticSink sink) =>
        node is not null && Is(node, NodeKind.Boolean, sink) ? node.Text == "true" : null;

    public static int? WholeNumber(Node? node, int least, int most, string hint, DiagnosticSink sink)
    {
        if (node is null || !Is(node, NodeKind.Number, sink))
        {
            return null;
        }

        if (ExactNumber.TryRead(node.Text, out var number) && number.TryToDecimal(out var value) && value == decimal.Truncate(value) && value >= least && value <= most)
        {
            return (int)value;
        }

        sink.Error(node, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}"), hint);
        return null;
    }

    private static LimitWindow? WholeSeconds(Node node, DiagnosticSink sink)
    {
        var exact = ExactNumber.TryRead(node.Text, out var number) && number.IsInteger;
        if (exact && number.TryToDecimal(out var seconds) && seconds is >= 1 and <= LongestWindow)
        {
            return new LimitWindow((long)seconds, false);
        }

        var longest = LongestWindow.ToString(CultureInfo.InvariantCulture);
        sink.Error(node, $"{Quote.User(node.Text)} is no window", $"use whole seconds from 1 to {longest}, or a name such as `minute`");
        return null;
    }
}
