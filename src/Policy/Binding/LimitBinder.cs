using System.Collections.Immutable;
using System.Text;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads <c>limits</c> and <c>rate_limit</c>.</summary>
internal static class LimitBinder
{
    /// <summary>In code points.</summary>
    private const int LongestCounter = 128;

    /// <summary>Each charge of a sliding window is remembered by itself.</summary>
    private const int MostSliding = 100_000;

    /// <summary>More than the gate has connections.</summary>
    private const int MostInFlight = 100_000;

    private static readonly ImmutableArray<string> BesideWindow = ["window", "max", "sliding", "amount"];

    public static List<BoundLimit> Limits(Node? list, DiagnosticSink sink)
    {
        var limits = new List<BoundLimit>();
        if (list is null || !Values.Is(list, NodeKind.Array, sink))
        {
            return limits;
        }

        foreach (var item in list.Items)
        {
            if (Limit(item, sink) is { } limit)
            {
                limits.Add(limit);
            }
        }

        return limits;
    }

    private static BoundLimit? Limit(Node item, DiagnosticSink sink)
    {
        var inFlight = item.Kind == NodeKind.Object ? item.Find("concurrent") : null;
        if (!(inFlight is null ? Shape.Limit : Shape.Concurrent).Check(item, sink))
        {
            return null;
        }

        var counter = Counter(item.Find("counter"), sink);
        var scope = item.Find("scope") is { } named ? Values.Scope(named, sink) : LimitScope.Grant;
        var per = FactPathBinder.Single(item.Find("per"), sink);
        if (inFlight is not null)
        {
            var most = InFlight(inFlight, item, sink);
            return counter is not null && scope is { } who && most is { } calls
                ? new BoundLimit(counter, LimitWindow.Second, calls, who, item) { Per = per, Concurrent = calls }
                : null;
        }

        var window = Values.Window(item.Find("window"), sink);
        var max = Values.Max(item.Find("max"), sink);
        var sliding = Sliding(item, window, max, sink);
        var amount = FactPathBinder.Single(item.Find("amount"), sink);
        return counter is not null && window is { } time && max is { } sum && scope is { } whose
            ? new BoundLimit(counter, time, sum, whose, item) { Sliding = sliding, Per = per, Amount = amount }
            : null;
    }

    private static int? InFlight(Node node, Node limit, DiagnosticSink sink)
    {
        foreach (var name in BesideWindow)
        {
            if (limit.Find(name) is { } beside)
            {
                sink.Error(beside, $"`{name}` says nothing beside `concurrent`, which counts calls in flight", $"remove `{name}`, or make two limits of it");
            }
        }

        return Values.WholeNumber(node, 0, MostInFlight, "0 refuses every call", sink);
    }

    private static bool Sliding(Node limit, LimitWindow? window, decimal? max, DiagnosticSink sink)
    {
        if (Values.Flag(limit.Find("sliding"), sink) is not true)
        {
            return false;
        }

        if (window == LimitWindow.Month)
        {
            sink.Error(limit.Find("sliding")!, "a month has no length, so no window of it can slide", "use `day` or whole seconds");
        }

        if (max > MostSliding)
        {
            sink.Error(limit.Find("max")!, $"must be at most {MostSliding} where the window slides: each call is remembered", "use a window that does not slide");
        }

        return true;
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
