using Callgate.Gateway.Audit;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>Calls per minute: each counted once, in its minute, however often the journal is read.</summary>
public sealed class AuditActivityTests
{
    [Fact]
    public async Task Calls_OfThreeMinutes_AreCountedByWhatTheyWereAndHowTheyEnded()
    {
        await using var fixture = new AuditIndexFixture();
        for (var at = 0; at < 90; at++)
        {
            // One entry a second begins, and one ends, so that ninety calls lie in three minutes.
            var denied = at % 3 == 0;
            fixture.Call($"c{at}", ("decision", denied ? "deny" : "allow"), ("code", denied ? "policy.denied" : null), ("rule", denied ? "/tools/x" : null));
            fixture.Outcome($"c{at}", denied ? "refused" : "answered");
        }

        fixture.Call("o", ("method", "operator/stop"));
        var index = await fixture.OpenAsync();
        var seen = await index.ActivityAsync(AuditIndexFixture.Begin, 10);
        var later = await index.ActivityAsync(AuditIndexFixture.Begin.AddMinutes(2), 10);
        await index.ReindexAsync(null);
        var again = await index.ActivityAsync(AuditIndexFixture.Begin, 10);

        Assert.Equal((60, 30), (seen.Minutes.Where(static line => line.Decision == "allow").Sum(static line => line.Calls), seen.Minutes.Where(static line => line.Decision == "deny").Sum(static line => line.Calls)));
        Assert.All(seen.Minutes, static line => Assert.Equal(0, line.Minute.Second));
        Assert.Equal([new RankedCalls("dagster", "list_runs", 90)], seen.Tools);
        Assert.Equal([new RankedCalls("policy.denied", "/tools/x", 30)], seen.Refusals);
        Assert.Equal(seen.Minutes.Where(static line => line.Minute >= AuditIndexFixture.Begin.AddMinutes(2)), later.Minutes);
        Assert.Equivalent(seen, again);
    }

    [Fact]
    public async Task Ranking_OfManyTools_TakesThoseCalledMost()
    {
        await using var fixture = new AuditIndexFixture();
        for (var at = 0; at < 60; at++)
        {
            fixture.Call($"c{at}", ("tool", $"tool{at % 12 % 5}"));
        }

        var seen = await (await fixture.OpenAsync()).ActivityAsync(AuditIndexFixture.Begin, 2);

        Assert.Equal([("tool0", 15), ("tool1", 15)], seen.Tools.Select(static tool => (tool.Second, (int)tool.Calls)));
        Assert.Empty(seen.Refusals);
    }

    [Fact]
    public async Task Minutes_LongAgo_AreForgotten()
    {
        await using var fixture = new AuditIndexFixture();
        fixture.Call("old", ("time", AuditIndexFixture.Time(0)));
        fixture.Call("kept", ("time", AuditIndexFixture.Time(60)));
        fixture.Call("new", ("time", AuditIndexFixture.Time(60 * AuditActivity.Kept)));
        var index = await fixture.OpenAsync();

        var lines = (await index.ActivityAsync(AuditIndexFixture.Begin, 10)).Minutes;

        Assert.Equal([AuditIndexFixture.Begin.AddMinutes(1), AuditIndexFixture.Begin.AddMinutes(AuditActivity.Kept)], lines.Select(static line => line.Minute));
    }

    [Fact]
    public async Task LastUse_OfAGrant_IsItsNewestCallAndNoActOfAnOperator()
    {
        await using var fixture = new AuditIndexFixture();
        fixture.Call("a", ("time", AuditIndexFixture.Time(1)));
        fixture.Call("b", ("time", AuditIndexFixture.Time(2)), ("tool", "another"));
        fixture.Call("c", ("time", AuditIndexFixture.Time(3)), ("grant", "g2"));
        fixture.Call("d", ("time", AuditIndexFixture.Time(9)), ("method", "operator/grant-rotate"), ("tool", null));
        fixture.Call("e", ("time", AuditIndexFixture.Time(9)), ("grant", null));
        var index = await fixture.OpenAsync();

        var uses = await index.LastUsesAsync();

        Assert.Equal([("g1", AuditIndexFixture.Begin.AddSeconds(2)), ("g2", AuditIndexFixture.Begin.AddSeconds(3))], uses.Select(static use => (use.Key, use.Value)).OrderBy(static use => use.Key, StringComparer.Ordinal));
    }
}
