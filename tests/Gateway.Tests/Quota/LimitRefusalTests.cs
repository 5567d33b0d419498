using Callgate.Gateway.Proxy;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Quota;

/// <summary>What a refused caller reads about a limit of each kind.</summary>
public sealed class LimitRefusalTests
{
    private static readonly Limit Daily = new("c", LimitWindow.Day, 5, LimitScope.Grant, "/0");

    [Fact]
    public void Exceeded_OverTime_SaysWhenToTryAgain()
    {
        Reads("`refund` has reached its limit of 5 a day; try again in 90 s", 90, Daily);
        Reads("`refund` has reached its limit of 5 in any 86400 s; try again in 90 s", 90, Daily with { Sliding = true });
        Reads("`refund` has reached its limit of 5 a day for this value; try again in 90 s", 90, Daily with { Per = "12" });
        Reads("`refund` has reached its limit of 5 a day; try again in 90 s", 90, Daily with { Amount = 5 });
    }

    [Fact]
    public void Exceeded_ByOneCallAlone_SaysThatNoWaitHelps()
    {
        Reads("one call of `refund` counts 5.5, which is more than its limit of 5 a day", null, Daily with { Amount = 5.5m });
        Reads("one call of `refund` counts 1, which is more than its limit of 0 a day", null, Daily with { Max = 0 });
    }

    [Fact]
    public void Exceeded_InFlight_NamesATimeOnlyForAnotherLimit()
    {
        var flights = Daily with { Concurrent = 3 };
        var refusal = Reads("as many calls of `refund` as its limit of 3 allows are under way; wait until one has ended", null, flights, wait: TimeSpan.Zero);
        Assert.True(refusal.IsPassing);
        Reads("as many calls of `refund` as its limit of 3 for this value allows are under way; try again in 90 s", 90, flights with { Per = "12" });
    }

    [Fact]
    public void Full_HasTheCodeAndTheRuleOfItsLimit() =>
        Reads("a limit on `refund` counts apart as many values or calls as it can; try again in 90 s", 90, Daily with { Per = "12" }, ReservationOutcome.Full);

    [Fact]
    public void Unjudgeable_NamesItsRule()
    {
        var refusal = Refusal.Of(new Reservation(ReservationOutcome.Unjudgeable, [], Daily, TimeSpan.Zero), "refund");
        Assert.Equal((RefusalCode.Unjudgeable, "/0"), (refusal.Code, refusal.Rule));
    }

    private static Refusal Reads(string text, int? seconds, Limit limit, ReservationOutcome outcome = ReservationOutcome.Exceeded, TimeSpan? wait = null)
    {
        var refusal = Refusal.Of(new Reservation(outcome, [], limit, wait ?? TimeSpan.FromSeconds(89.5)), "refund");
        Assert.Equal((RefusalCode.LimitExceeded, "/0", text, seconds), (refusal.Code, refusal.Rule, refusal.Text, refusal.RetryAfterSeconds));
        return refusal;
    }
}
