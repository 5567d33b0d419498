using Callgate.Gateway.Policies;
using Callgate.Gateway.Quota;
using Callgate.Policy;

namespace Callgate.Gateway.Dashboard;

/// <summary>A counter, and the limit it is held against.</summary>
/// <param name="Max">Null where the policy in force has no such limit any more.</param>
public sealed record UsedLimit(CounterKey Key, decimal Used, decimal? Max)
{
    /// <summary>How much of it is used, 0 to 1; 0 without a limit.</summary>
    public decimal Share => Max is > 0 and var max ? Used / max : Max is 0 ? 1 : 0;

    /// <summary>What is counted, after the number.</summary>
    public string Unit => Key.Kind == CounterKind.InFlight ? "in flight" : $"a {Key.Window.Name}{(Key.Kind == CounterKind.Sliding ? ", sliding" : "")}";
}

/// <summary>
/// Counters beside their limits. A counter does not know its limit, which may be another with each revision: it is asked of
/// the policies in force, for the tools that are reviewed.
/// </summary>
internal sealed class LimitUse(Snapshot now, Counters counters)
{
    private readonly Dictionary<string, Dictionary<(string Counter, CounterKind Kind, string Window), decimal>> known = new(StringComparer.Ordinal);

    /// <summary>Those that count for one grant alone, fullest first.</summary>
    public IReadOnlyList<UsedLimit> OfGrant(string grant) => Of(key => key.Scope == LimitScope.Grant && key.ScopeId == grant, int.MaxValue);

    /// <summary>The fullest of all that are enforced.</summary>
    public IReadOnlyList<UsedLimit> Fullest(int most) => Of(static key => !key.Shadow, most);

    private List<UsedLimit> Of(Func<CounterKey, bool> wanted, int most) =>
        [.. counters.List().Where(state => wanted(state.Key)).Select(state => new UsedLimit(state.Key, state.Used, MaxOf(state.Key)))
            .OrderByDescending(static limit => limit.Share).ThenBy(static limit => limit.Key.Counter, StringComparer.Ordinal).Take(most)];

    private decimal? MaxOf(CounterKey key)
    {
        if (!known.TryGetValue(key.Policy, out var limits))
        {
            known[key.Policy] = limits = LimitsOf(key.Policy);
        }

        return limits.TryGetValue((key.Counter, key.Kind, key.Kind == CounterKind.InFlight ? "" : key.Window.Name), out var max) ? max : null;
    }

    private Dictionary<(string, CounterKind, string), decimal> LimitsOf(string name)
    {
        var found = new Dictionary<(string, CounterKind, string), decimal>();
        if (!now.Policies.TryGetValue(name, out var policy))
        {
            return found;
        }

        foreach (var server in now.GrantsByTokenHash.Values.SelectMany(static grant => grant.Servers).Where(pair => pair.Value == name).Select(static pair => pair.Key).Distinct(StringComparer.Ordinal))
        {
            foreach (var limit in ReviewedTools.Of(now, server).SelectMany(tool => policy.Policy.Explain(tool.Name, tool.Category).Decision.Limits))
            {
                var kind = limit.Concurrent is not null ? CounterKind.InFlight : limit.Sliding ? CounterKind.Sliding : CounterKind.Aligned;
                var key = (limit.Counter, kind, kind == CounterKind.InFlight ? "" : limit.Window.Name);
                var max = limit.Concurrent ?? limit.Max;
                found[key] = found.TryGetValue(key, out var other) ? Math.Min(other, max) : max;
            }
        }

        return found;
    }
}
