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
        OneShape(model, owners, sink);
        MeetOnce(model.AllLimits, [], sink);
        foreach (var entry in model.Entries)
        {
            MeetOnce(entry.Limits, model.AllLimits, sink);
            ImpliedMeetsOnce(entry, model, owners, sink);
        }
    }

    private static void OneShape(PolicyModel model, PatternIndex<ToolEntry> owners, DiagnosticSink sink)
    {
        var first = new Dictionary<string, BoundLimit>(StringComparer.Ordinal);
        var stated = model.Entries.SelectMany(entry => entry.Limits).Concat(model.AllLimits).OrderBy(limit => limit.Node.Offset);
        foreach (var limit in stated)
        {
            if (!first.TryAdd(limit.Counter!, limit))
            {
                Compare(limit, first[limit.Counter!], limit.Counter!, sink);
            }
        }

        foreach (var (counter, limit) in first)
        {
            if (OwnerOf(counter, owners)?.RateLimit is { } implied)
            {
                Compare(implied, limit, counter, sink);
            }
        }
    }

    private static void Compare(BoundLimit limit, BoundLimit other, string counter, DiagnosticSink sink)
    {
        if (limit.Window != other.Window || limit.Scope != other.Scope)
        {
            sink.Error(
                limit.Node,
                $"the counter {Quote.User(counter)} is here per `{limit.Window.Name}` and `{Word(limit.Scope)}`, "
                + $"but per `{other.Window.Name}` and `{Word(other.Scope)}` at {Quote.User(other.Node.Pointer)}",
                "give it one window and one scope, or two names");
        }
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

    /// <summary>A counter <c>x_rate</c> beside a <c>rate_limit</c> that counts the tool <c>x</c>.</summary>
    private static void ImpliedMeetsOnce(ToolEntry entry, PolicyModel model, PatternIndex<ToolEntry> owners, DiagnosticSink sink)
    {
        if (entry.RateLimit is null)
        {
            return;
        }

        foreach (var clash in model.AllLimits.Concat(entry.Limits).Where(limit => OwnerOf(limit.Counter!, owners) == entry))
        {
            Twice(entry.RateLimit, clash, clash.Counter!, sink);
        }
    }

    private static ToolEntry? OwnerOf(string counter, PatternIndex<ToolEntry> owners) =>
        counter.EndsWith(PolicyModel.RateSuffix, StringComparison.Ordinal) ? owners.Find(counter[..^PolicyModel.RateSuffix.Length]) : null;

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
