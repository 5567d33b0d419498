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
        var lines = await index.ActivityAsync(AuditIndexFixture.Begin);
        var later = await index.ActivityAsync(AuditIndexFixture.Begin.AddMinutes(2));
        await index.ReindexAsync(null);
        var again = await index.ActivityAsync(AuditIndexFixture.Begin);

        Assert.Equal(90, lines.Sum(static line => line.Calls));
        Assert.Equal((60, 30), (lines.Where(static line => line.Decision == "allow").Sum(static line => line.Calls), lines.Where(static line => line is { Decision: "deny", Code: "policy.denied", Rule: "/tools/x" }).Sum(static line => line.Calls)));
        Assert.All(lines, static line => Assert.Equal(("dagster", "list_runs", 0), (line.Server, line.Tool, line.Minute.Second)));
        Assert.Equal(lines.Where(static line => line.Minute >= AuditIndexFixture.Begin.AddMinutes(2)), later);
        Assert.Equal(lines, again);
    }

    [Fact]
    public async Task Minutes_LongAgo_AreForgotten()
    {
        await using var fixture = new AuditIndexFixture();
        fixture.Call("old", ("time", AuditIndexFixture.Time(0)));
        fixture.Call("kept", ("time", AuditIndexFixture.Time(60)));
        fixture.Call("new", ("time", AuditIndexFixture.Time(60 * AuditActivity.Kept)));
        var index = await fixture.OpenAsync();

        var lines = await index.ActivityAsync(AuditIndexFixture.Begin);

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
