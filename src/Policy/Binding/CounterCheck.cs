using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>
/// Holds the two rules about counters (policy language, Limits, <c>counter</c>): one name is one counter with one window
/// and scope, and one call meets a counter only once. The name that <c>rate_limit</c> implies takes part in both.
/// </summary>
internal static class CounterCheck
{
    public static void Run(PolicyModel model, DiagnosticSink sink)
    {
        var owners = new PatternIndex<ToolEntry>([.. model.Entries.Select(entry => (entry.Pattern, entry))]);
        ToolEntry[] entries = [.. model.Entries, .. model.Categories.Select(category => category.Entry)];
        var implied = entries.Where(entry => entry.RateLimit is not null).ToList();
        bool MayCount(ToolEntry entry, string counter) => ToolOf(counter) is { } tool && MayTreat(entry, tool, owners, model);

        OneShape([.. entries.SelectMany(entry => entry.Limits), .. model.AllLimits], (counter, limit) =>
        {
            foreach (var entry in implied.Where(entry => MayCount(entry, counter)))
            {
                Compare(entry.RateLimit!, limit, counter, sink);
            }
        }, sink);
        MeetOnce(model.AllLimits, [], sink);
        foreach (var entry in entries)
        {
            MeetOnce(entry.Limits, model.AllLimits, sink);
        }

        // A counter `x_rate` beside a `rate_limit` that counts the tool `x`.
        foreach (var entry in implied)
        {
            foreach (var clash in model.AllLimits.Concat(entry.Limits).Where(limit => MayCount(entry, limit.Counter!)))
            {
                Twice(entry.RateLimit!, clash, clash.Counter!, sink);
            }
        }
    }

    private static void OneShape(IReadOnlyList<BoundLimit> stated, Action<string, BoundLimit> compareImplied, DiagnosticSink sink)
    {
        var first = new Dictionary<string, BoundLimit>(StringComparer.Ordinal);
        foreach (var limit in stated.OrderBy(limit => limit.Node.Offset))
        {
            if (!first.TryAdd(limit.Counter!, limit))
            {
                Compare(limit, first[limit.Counter!], limit.Counter!, sink);
            }
        }

        foreach (var (counter, limit) in first)
        {
            compareImplied(counter, limit);
        }
    }

    private static string? ToolOf(string counter) =>
        counter.EndsWith(PolicyModel.RateSuffix, StringComparison.Ordinal) ? counter[..^PolicyModel.RateSuffix.Length] : null;

    /// <summary>An exact name treats its tool alone; without one, the best pattern may, and so may every category.</summary>
    private static bool MayTreat(ToolEntry entry, string tool, PatternIndex<ToolEntry> owners, PolicyModel model) =>
        owners.FindExact(tool) is { } exact
            ? exact == entry
            : owners.FindGlob(tool) == entry || model.Categories.Any(category => category.Entry == entry);

    private static void Compare(BoundLimit limit, BoundLimit other, string counter, DiagnosticSink sink)
    {
        if (!IsOneShape(limit, other))
        {
            sink.Error(
                limit.Node,
                $"the counter {Quote.User(counter)} counts here {ShapeOf(limit)}, but {ShapeOf(other)} at {Quote.User(other.Node.Pointer)}",
                "let it count one way, or use two names");
        }
    }

    /// <summary>Everything but <c>max</c>. A path is the same in any spelling.</summary>
    private static bool IsOneShape(BoundLimit one, BoundLimit other) =>
        (one.Concurrent is null, one.Window, one.Sliding, one.Scope) == (other.Concurrent is null, other.Window, other.Sliding, other.Scope)
        && Equals(one.Per, other.Per) && Equals(one.Amount, other.Amount);

    /// <summary>The same in words.</summary>
    private static string ShapeOf(BoundLimit limit)
    {
        var over = limit.Concurrent is not null ? "calls in flight" : $"per {(limit.Sliding ? "sliding " : "")}`{limit.Window.Name}`";
        var per = limit.Per is null ? "" : $", apart by `{limit.Per.Text}`";
        var amount = limit.Amount is null ? "" : $", by `{limit.Amount.Text}`";
        return $"{over} and `{Word(limit.Scope)}`{per}{amount}";
    }

    /// <summary>Whatever the entry's action: changing it to <c>allow</c> must not break a document.</summary>
    private static void MeetOnce(IReadOnlyList<BoundLimit> limits, IReadOnlyList<BoundLimit> before, DiagnosticSink sink)
    {
        var met = new Dictionary<string, BoundLimit>(StringComparer.Ordinal);
        foreach (var limit in before)
        {
            met.TryAdd(limit.Counter!, limit);
        }

        foreach (var limit in limits)
        {
            if (!met.TryAdd(limit.Counter!, limit))
            {
                Twice(limit, met[limit.Counter!], limit.Counter!, sink);
            }
        }
    }

    private static void Twice(BoundLimit limit, BoundLimit other, string counter, DiagnosticSink sink) =>
        sink.Error(
            limit.Node,
            $"one call would meet the counter {Quote.User(counter)} here and at {Quote.User(other.Node.Pointer)}",
            "keep one of the two, or give them two names");

    private static string Word(LimitScope scope) => scope switch
    {
        LimitScope.Grant => "grant",
        LimitScope.Identity => "identity",
        LimitScope.Session => "session",
        LimitScope.Server => "server",
        _ => "global",
    };
}
