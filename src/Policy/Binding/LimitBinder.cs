using System.Text;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads <c>limits</c> and <c>rate_limit</c>.</summary>
internal static class LimitBinder
{
    /// <summary>In code points.</summary>
    private const int LongestCounter = 128;

    public static List<BoundLimit> Limits(Node? list, DiagnosticSink sink)
    {
        var limits = new List<BoundLimit>();
        if (list is null || !Values.Is(list, NodeKind.Array, sink))
        {
            return limits;
        }

        foreach (var item in list.Items.Where(item => Shape.Limit.Check(item, sink)))
        {
            var counter = Counter(item.Find("counter"), sink);
            var window = Values.Window(item.Find("window"), sink);
            var max = Values.Max(item.Find("max"), sink);
            var scope = item.Find("scope") is { } named ? Values.Scope(named, sink) : LimitScope.Grant;
            if (counter is not null && window is { } time && max is { } most && scope is { } whose)
            {
                limits.Add(new BoundLimit(counter, time, most, whose, item));
            }
        }

        return limits;
    }

    public static BoundLimit? RateLimit(Node? node, DiagnosticSink sink)
    {
        if (node is null || !Shape.RateLimit.Check(node, sink))
        {
            return null;
        }

        var window = Values.Window(node.Find("window"), sink);
        var max = Values.Max(node.Find("max"), sink);
        return window is { } time && max is { } most ? new BoundLimit(null, time, most, LimitScope.Grant, node) : null;
    }

    private static string? Counter(Node? node, DiagnosticSink sink)
    {
        if (node is null || !Values.Is(node, NodeKind.String, sink))
        {
            return null;
        }

        var length = 0;
        var plain = true;
        foreach (var rune in node.Text.EnumerateRunes())
        {
            length++;
            plain &= !Rune.IsControl(rune);
        }

        if (length is >= 1 and <= LongestCounter && plain)
        {
            return node.Text;
        }

        sink.Error(node, $"{Quote.User(node.Text)} is no name for a counter", $"use 1 to {LongestCounter} characters without control characters");
        return null;
    }
}
