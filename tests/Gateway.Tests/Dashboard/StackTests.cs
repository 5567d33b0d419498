using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Dashboard;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Upstreams;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>What the page of the stack is made of: right for every grant, and readable whatever the numbers are.</summary>
public sealed class StackTests
{
    private const int Tools = 10_000;

    private static readonly DateTimeOffset Now = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, Dictionary<string, RiskCategory>> Taken = new(StringComparer.Ordinal)
    {
        ["up"] = new(StringComparer.Ordinal) { ["t09999"] = RiskCategory.Destructive, ["t00000"] = RiskCategory.Read, ["t00001"] = RiskCategory.Read },
    };

    [Fact]
    public void Server_WithManyToolsAndGrants_IsCountedWholeAndNamedInPart()
    {
        var stack = new Stack(Of(Enumerable.Range(0, 500).Select(static at => Grant(at, at < 25 ? $"q{at}" : "p"))), Now, Taken);

        var server = stack.Server("up", 50);

        Assert.Equal(Tools, server.ToolCount);
        Assert.All(server.Levels, static level => Assert.InRange(level.Tools.First.Count, 1, 50));
        Assert.Equal([RiskLevel.Critical, RiskLevel.Low], server.Levels.Select(static level => level.Risk));
        Assert.Equal((20, 6), (server.Policies.Count, server.MorePolicies));
        Assert.Equal(("p", 475, 20), (server.Policies[0].Name, server.Policies[0].Grants.Count, server.Policies[0].Grants.First.Count));
        Assert.Equal([(Opening.Allowed, 1), (Opening.DeniedByDefault, Tools - 1)], server.Policies[0].Openings.Select(static one => (one.Opening, one.Tools.Count)));

        // A policy that is not there lets nothing pass, whatever its name promises.
        Assert.Equal([(Opening.DeniedByDefault, Tools)], server.Policies[1].Openings.Select(static one => (one.Opening, one.Tools.Count)));
    }

    [Fact]
    public void Grants_PageByPage_AreTheLiveOnesOnce()
    {
        var stack = new Stack(Of([Grant(1, "p"), Grant(2, null), Grant(3, "p") with { Revoked = Now }, Grant(4, "p") with { Expires = Now }, Grant(5, "p") with { Expires = Now.AddSeconds(1) }]), Now, Taken);

        var first = stack.Grants("", 2);
        var rest = stack.Grants(first[^1].Id, 2);

        Assert.Equal(3, stack.LiveGrants);
        Assert.Equal(["g1", "g2", "g5"], first.Concat(rest).Select(static grant => grant.Id));
        Assert.Equal([(Opening.Allowed, 1), (Opening.DeniedByDefault, Tools - 1)], first[0].Counts);
        Assert.Equal([(Opening.DeniedByDefault, Tools)], first[1].Counts);
    }

    [Theory]
    [InlineData("""{"version":"1","default":"allow"}""", Opening.AllowedByDefault)]
    [InlineData("""{"version":"1","default":"deny"}""", Opening.DeniedByDefault)]
    [InlineData("""{"version":"1","default":"deny","hide":["t*"]}""", Opening.Hidden)]
    [InlineData("""{"version":"1","default":"deny","tools":{"t*":{"action":"deny"}}}""", Opening.Denied)]
    [InlineData("""{"version":"1","default":"deny","tools":{"t*":{"action":"require_approval"}}}""", Opening.Asked)]
    [InlineData("""{"version":"1","default":"deny","tools":{"t*":{"approve_if":[{"conditions":[{"path":"args.a","op":"eq","value":1}]}]}}}""", Opening.AllowedUnderRules)]
    [InlineData("""{"version":"1","default":"deny","tools":{"t*":{}}}""", Opening.Allowed)]
    public void Reach_OfAPolicy_IsWhatItMakesOfTheTool(string policy, Opening expected) =>
        Assert.All(Reach.Of(Of([]), Revision(policy), "up"), tool => Assert.Equal(expected, tool.Opening));

    private static PolicyRevision Revision(string policy) => new("p", 1, "", PolicyCompiler.Compile(System.Text.Encoding.UTF8.GetBytes(policy)).Policy!, default, Declared: false);

    private static Grant Grant(int at, string? policy) => new()
    {
        Id = $"g{at}",
        Label = at.ToString("000", CultureInfo.InvariantCulture),
        TokenHash = $"{at}",
        Servers = ImmutableSortedDictionary<string, string?>.Empty.Add("up", policy).Add("removed", "p"),
    };

    private static Snapshot Of(IEnumerable<Grant> grants)
    {
        var tools = Enumerable.Range(0, Tools).Select(static at => JsonElement.Parse($$"""{ "name": "t{{at:00000}}", "inputSchema": { "type": "object" } }"""));
        var pins = PinComparison.First("up", new Showing([.. tools], null, "2025-11-25", "server"), Now);
        return Snapshot.Empty with
        {
            Servers = new[] { new ServerDefinition { Name = "up", Transport = TransportKind.Http } }.ToFrozenDictionary(static server => server.Name),
            Pins = new[] { pins }.ToFrozenDictionary(static one => one.Server),
            Policies = new[] { Revision("""{"version":"1","default":"deny","tools":{"t00000":{}}}""") }.ToFrozenDictionary(static one => one.Name),
            GrantsByTokenHash = grants.ToFrozenDictionary(static grant => grant.TokenHash),
        };
    }
}
