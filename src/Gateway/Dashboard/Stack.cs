using Callgate.Catalogue;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Policies;

namespace Callgate.Gateway.Dashboard;

/// <summary>Some names of many: how many there are, and those that a page has room for.</summary>
public sealed record SomeNames(int Count, IReadOnlyList<string> First)
{
    public static SomeNames Of(IReadOnlyCollection<string> names, int most) => new(names.Count, [.. names.Take(most)]);
}

/// <summary>Tools of one kind, with their risk, the most dangerous first.</summary>
public sealed record StackTools(int Count, IReadOnlyList<(string Name, RiskLevel Risk)> First);

/// <summary>What a policy makes of the tools of a server, and for whom.</summary>
/// <param name="Name">Null for grants without a policy.</param>
/// <param name="WatchedUntil">Until then the policy only watches, and what it would refuse passes; null while it is enforced.</param>
/// <param name="Grants">Labels of the grants that call the server under it.</param>
public sealed record StackPolicy(string? Name, DateTimeOffset? WatchedUntil, SomeNames Grants, IReadOnlyList<(Opening Opening, StackTools Tools)> Openings);

/// <summary>A registered server: its tools by risk, and what each policy in use makes of them.</summary>
/// <param name="Pins">Null while the server was never reached.</param>
/// <param name="MorePolicies">Policies in use beyond those listed.</param>
public sealed record StackServer(string Name, bool IsStopped, PinState? Pins, IReadOnlyList<(RiskLevel Risk, StackTools Tools)> Levels, IReadOnlyList<StackPolicy> Policies, int MorePolicies)
{
    public int ToolCount => Levels.Sum(static level => level.Tools.Count);
}

/// <summary>A live grant: how many tools it may call, over all its servers.</summary>
/// <param name="Servers">Its servers, each with its policy, null where there is none.</param>
public sealed record StackGrant(string Id, string Label, string? Identity, DateTimeOffset? Expires, bool IsStopped, IReadOnlyList<(string Server, string? Policy, IReadOnlyDictionary<Opening, int> Counts)> Servers)
{
    public IEnumerable<(Opening Opening, int Count)> Counts =>
        Servers.SelectMany(static server => server.Counts).GroupBy(static pair => pair.Key, static pair => pair.Value).OrderBy(static group => group.Key).Select(static group => (group.Key, group.Sum()));
}

/// <summary>
/// Everything that agents can call through this gate, from one snapshot. What is asked of a policy is asked by the same code
/// that lists and calls go by.
/// </summary>
/// <param name="categories">Categories of tools that have none of an operator's, by server: what the catalogue takes them for.</param>
internal sealed class Stack(Snapshot now, DateTimeOffset at, IReadOnlyDictionary<string, Dictionary<string, RiskCategory>> categories)
{
    private const int MostPolicies = 20;
    private const int MostGrantNames = 20;

    private readonly Dictionary<(string Server, string? Policy), IReadOnlyList<ReachedTool>> asked = [];

    /// <summary>Names of registered servers behind <paramref name="after"/>, in order.</summary>
    public static List<string> ServerNames(Snapshot now, string after, int most) =>
        [.. now.Servers.Keys.Order(StringComparer.Ordinal).Where(name => string.CompareOrdinal(name, after) > 0).Take(most)];

    public int LiveGrants => Live().Count();

    /// <param name="name">A registered server.</param>
    /// <param name="mostNames">How many tools a list may name.</param>
    public StackServer Server(string name, int mostNames)
    {
        var tools = Asked(name, null);
        var levels = tools.GroupBy(tool => RiskOf(name, tool)).OrderByDescending(static level => level.Key).Select(level => (level.Key, Some(name, [.. level], mostNames)));
        var uses = Live().Where(grant => grant.Servers.ContainsKey(name)).GroupBy(grant => grant.Servers[name], StringComparer.Ordinal)
            .OrderByDescending(static use => use.Count()).ThenBy(static use => use.Key, StringComparer.Ordinal).ToList();
        var policies = uses.Take(MostPolicies).Select(use => Policy(name, use.Key, [.. use.Select(static grant => grant.Label).Order(StringComparer.Ordinal)], mostNames));
        return new StackServer(name, now.Stops.Contains("all") || now.Stops.Contains("server:" + name), PinState.Of(now, name), [.. levels], [.. policies], Math.Max(0, uses.Count - MostPolicies));
    }

    /// <summary>Live grants behind the one of this id, by label.</summary>
    public List<StackGrant> Grants(string after, int most)
    {
        var ordered = Live().OrderBy(static grant => grant.Label, StringComparer.Ordinal).ThenBy(static grant => grant.Id, StringComparer.Ordinal).ToList();
        var from = ordered.FindIndex(grant => grant.Id == after) + 1;
        return [.. ordered.Skip(from).Take(most).Select(grant => new StackGrant(
            grant.Id, grant.Label, grant.Identity, grant.Expires, now.Stops.Contains("all") || now.Stops.Contains("grant:" + grant.Id),
            [.. grant.Servers.Where(pair => now.Servers.ContainsKey(pair.Key)).Select(pair => (pair.Key, pair.Value, Counts(pair.Key, pair.Value)))]))];
    }

    private IEnumerable<Grant> Live() => now.GrantsByTokenHash.Values.Where(grant => grant.IsLive(at));

    private StackPolicy Policy(string server, string? name, List<string> grants, int mostNames)
    {
        var openings = Asked(server, name).GroupBy(static tool => tool.Opening).OrderBy(static group => group.Key).Select(group => (group.Key, Some(server, [.. group], mostNames)));
        var until = name is not null && now.Policies.TryGetValue(name, out var policy) ? now.WatchedUntil(policy, at) : null;
        return new StackPolicy(name, until, SomeNames.Of(grants, MostGrantNames), [.. openings]);
    }

    private Dictionary<Opening, int> Counts(string server, string? policy) =>
        Asked(server, policy).GroupBy(static tool => tool.Opening).ToDictionary(static group => group.Key, static group => group.Count());

    private IReadOnlyList<ReachedTool> Asked(string server, string? policy) =>
        asked.TryGetValue((server, policy), out var known) ? known
            : asked[(server, policy)] = Reach.Of(now, policy is null ? null : now.Policies.GetValueOrDefault(policy), server);

    private StackTools Some(string server, List<ReachedTool> tools, int most) =>
        new(tools.Count, [.. tools.Select(tool => (tool.Name, RiskOf(server, tool))).OrderByDescending(static tool => tool.Item2).Take(most)]);

    private RiskLevel RiskOf(string server, ReachedTool tool) => RiskLevels.Of(
        tool.Category is { } category ? Categories.ToRisk(category)
        : categories.GetValueOrDefault(server)?.TryGetValue(tool.Name, out var taken) == true ? taken
        : null);
}
