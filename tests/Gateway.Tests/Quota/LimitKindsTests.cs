using System.Collections.Immutable;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Quota;

/// <summary>What <c>amount</c>, <c>per</c>, <c>sliding</c> and shadow mode change in a counter.</summary>
public sealed class LimitKindsTests
{
    private const decimal Tiny = 0.000_000_000_000_000_000_000_000_000_1m;
    private const decimal Huge = 70_000_000_000_000_000_000_000_000_000m;

    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly CounterOwner Alice = new("g1", "alice", "s1", "dagster");

    private readonly SettableTime time = new(Noon);
    private readonly Counters counters;

    public LimitKindsTests() => counters = new Counters(time);

    [Fact]
    public void Reserve_AmountBeyondWhatIsLeft_TakesNothingOfAnyLimit()
    {
        var refunds = Of("refunds", 5_000) with { Amount = 3_000.5m };
        Granted(refunds);
        var refused = Reserve(Of("calls", 9), refunds, Of("others", 9) with { Amount = 10 });
        Assert.Equal((ReservationOutcome.Exceeded, "refunds", TimeSpan.FromMinutes(1)), (refused.Outcome, refused.Refusing?.Counter, refused.Wait));
        Assert.Equal(3_000.5m, Assert.Single(counters.List()).Used);
        Granted(refunds with { Amount = 1_999.5m });
        Refused(refunds with { Amount = Tiny });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reserve_SumThatNoDecimalHolds_IsRefusedNotRounded(bool sliding)
    {
        var limit = Of("c", decimal.MaxValue) with { Sliding = sliding };
        Granted(limit with { Amount = Tiny });
        Assert.Equal(ReservationOutcome.Unjudgeable, Reserve(limit with { Amount = Huge }).Outcome);
        Assert.Equal(Tiny, Assert.Single(counters.List()).Used);
        Granted(limit with { Amount = 1 });
        Assert.Equal(1 + Tiny, Assert.Single(counters.List()).Used);
        Assert.Equal(ReservationOutcome.Exceeded, Reserve(limit with { Amount = Huge, Max = Huge }).Outcome);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Release_LeavingASumThatNoDecimalHolds_LosesNothing(bool sliding)
    {
        var limit = Of("c", Huge + 1) with { Sliding = sliding };
        var half = counters.Reserve("p", [limit with { Amount = 0.5m }], Alice);
        Granted(limit with { Amount = 0.5m });
        Granted(limit with { Amount = Huge });
        counters.Release(half.Charges);
        Refused(limit with { Amount = 0.6m });
        Granted(limit with { Amount = 0.5m });
        Refused(limit with { Amount = Tiny });
    }

    [Fact]
    public void Reserve_LargestAmounts_AreCounted()
    {
        var limit = Of("c", decimal.MaxValue) with { Amount = decimal.MaxValue };
        var first = counters.Reserve("p", [limit], Alice);
        Refused(limit);
        Refused(limit with { Amount = Tiny });
        counters.Release(first.Charges);
        Assert.Empty(counters.List());
        Granted(limit);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Reserve_AmountThatIsNone_CannotBeJudged(int amount) =>
        Assert.Equal(ReservationOutcome.Unjudgeable, Reserve(Of("c", 5) with { Amount = amount }).Outcome);

    [Fact]
    public void Reserve_PerValue_CountsEachApart()
    {
        var limit = Of("c", 1);
        Granted(limit with { Per = "12" });
        Granted(limit with { Per = "\"12\"" });
        Granted(limit with { Per = "" });
        Granted(limit);
        Refused(limit with { Per = "12" });
        Refused(limit with { Per = "" });
        Refused(limit);
    }

    [Fact]
    public void Reserve_ValueThatTheRecordCannotHold_CannotBeJudged()
    {
        var limit = Of("c", 1);
        Granted(limit with { Per = new string('x', CounterKey.LongestPart) });
        Assert.Equal(ReservationOutcome.Unjudgeable, Reserve(limit with { Per = new string('y', CounterKey.LongestPart + 1) }).Outcome);
        Assert.Equal(ReservationOutcome.Unjudgeable, Reserve(limit with { Per = "\ud800" }).Outcome);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reserve_MoreThanTenThousandValues_AreRefusedUntilOneEnds(bool sliding)
    {
        var limit = Of("c", 2) with { Sliding = sliding };
        for (var i = 0; i < Counters.ValuesOfALimit; i++)
        {
            time.Set(Noon.AddMilliseconds(i));
            Granted(limit with { Per = $"{i}" });
        }

        var refused = Reserve(limit with { Per = "more" });
        var end = Noon.AddMinutes(1);
        Assert.Equal((ReservationOutcome.Full, end - time.GetUtcNow()), (refused.Outcome, refused.Wait));
        Granted(limit with { Per = "0" });
        Assert.Equal(ReservationOutcome.Exceeded, Reserve(limit with { Per = "0" }).Outcome);
        Assert.Equal(ReservationOutcome.Granted, counters.Reserve("p", [limit with { Per = "more" }], Alice with { Grant = "g2" }).Outcome);
        Assert.Equal(ReservationOutcome.Granted, counters.Reserve("p", [limit with { Per = "more" }], Alice with { Server = "files" }).Outcome);
        Assert.Equal(ReservationOutcome.Granted, counters.Reserve("p", [limit with { Per = "more" }], Alice, shadow: true).Outcome);

        time.Set(end - TimeSpan.FromTicks(1));
        Assert.Equal(ReservationOutcome.Full, Reserve(limit with { Per = "more" }).Outcome);
        time.Set(end.AddMilliseconds(1));
        Granted(limit with { Per = "more" });
        if (sliding)
        {
            // Of the first value a second charge counts on; the second value has ended, and no other has.
            Assert.Equal(ReservationOutcome.Full, Reserve(limit with { Per = "one more" }).Outcome);
            Granted(limit with { Per = "2" });
        }
    }

    [Fact]
    public void Reserve_CallsThatAreRefusedOrGivenBack_LeaveNoValueBehind()
    {
        var limit = Of("c", 2);
        for (var i = 0; i < Counters.ValuesOfALimit + 1; i++)
        {
            Assert.Equal(ReservationOutcome.Exceeded, Reserve(limit with { Per = $"{i}" }, Of("closed", 0)).Outcome);
            counters.Release(Reserve(limit with { Per = $"{i}", Sliding = i % 2 == 0 }).Charges);
        }

        Assert.Empty(counters.List());
        Assert.Equal((0, 0), (counters.Count, counters.Kept));
        Granted(limit with { Per = "more" });
    }

    [Fact]
    public void Reserve_ValuesTooLongTogether_AreRefused()
    {
        var limit = Of("c", 2);
        var length = CounterKey.LongestPart;
        for (var i = 0; i < Counters.ValueLengthInAll / length; i++)
        {
            Assert.Equal(ReservationOutcome.Granted, counters.Reserve("p", [limit with { Per = $"{i}".PadLeft(length) }], Alice with { Grant = $"g{i % 4}" }).Outcome);
        }

        Assert.Equal(ReservationOutcome.Unavailable, Reserve(limit with { Per = "x" }).Outcome);
        Granted(limit);
        time.Advance(TimeSpan.FromMinutes(1));
        Granted(limit with { Per = "x" });
    }

    [Fact]
    public void Reserve_Sliding_CountsWhatIsYoungerThanTheWindow()
    {
        var limit = Of("c", 2) with { Sliding = true };
        Granted(limit);
        time.Set(Noon.AddSeconds(30));
        Granted(limit);
        time.Set(Noon.AddSeconds(60) - TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromTicks(1), Refused(limit).Wait);

        // A charge at s counts while s > t − W.
        time.Set(Noon.AddSeconds(60));
        Granted(limit);
        Assert.Equal(TimeSpan.FromSeconds(30), Refused(limit).Wait);
    }

    [Fact]
    public void Reserve_SlidingAmounts_WaitsUntilEnoughHasLeft()
    {
        var limit = Of("c", 10) with { Sliding = true };
        for (var i = 1; i <= 4; i++)
        {
            Granted(limit with { Amount = i });
            time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(TimeSpan.FromSeconds(20), Refused(limit).Wait);
        Assert.Equal(TimeSpan.FromSeconds(40), Refused(limit with { Amount = 4 }).Wait);
        Assert.Equal(TimeSpan.FromSeconds(50), Refused(limit with { Amount = 10 }).Wait);
        Assert.Equal(TimeSpan.FromSeconds(60), Refused(limit with { Amount = 11 }).Wait);
        Assert.Equal(TimeSpan.FromSeconds(40), Refused(limit with { Max = 5 }).Wait);
    }

    [Fact]
    public void Reserve_SlidingWithTheClockSetBack_AdmitsNothingUntilItHasCaughtUp()
    {
        var limit = Of("c", 1) with { Sliding = true };
        Granted(limit);
        time.Set(Noon.AddHours(-1));
        Assert.Equal(TimeSpan.FromMinutes(61), Refused(limit).Wait);
        time.Set(Noon.AddMinutes(1));
        Granted(limit);
    }

    [Fact]
    public void Release_Sliding_GivesBackThatChargeAndNoOther()
    {
        var limit = Of("c", 2) with { Sliding = true };
        Granted(limit);
        time.Advance(TimeSpan.FromSeconds(10));
        var second = counters.Reserve("p", [limit], Alice);
        counters.Release(second.Charges);
        counters.Release(second.Charges);
        time.Advance(TimeSpan.FromSeconds(1));
        Granted(limit);
        Assert.Equal(TimeSpan.FromSeconds(49), Refused(limit).Wait);
    }

    [Fact]
    public void Reserve_LimitThatBecomesSliding_StartsBesideTheOldCounter()
    {
        Granted(Of("c", 1));
        Granted(Of("c", 1) with { Sliding = true });
        Refused(Of("c", 1));
        Refused(Of("c", 1) with { Sliding = true });
        Assert.Equal(2, counters.List().Count);
    }

    [Fact]
    public void Reserve_SlidingMonth_CannotBeJudged() =>
        Assert.Equal(ReservationOutcome.Unjudgeable, Reserve(Of("c", 5) with { Window = LimitWindow.Month, Sliding = true }).Outcome);

    [Fact]
    public void Reserve_SlidingWindowLongerThanTheCalendar_StillCounts()
    {
        var limit = Of("c", 1) with { Window = new LimitWindow(long.MaxValue / 2, false), Sliding = true };
        Granted(limit);
        Refused(limit);
    }

    [Fact]
    public void Reserve_MoreChargesThanASlidingCounterKeeps_WaitForTheFirstToEnd()
    {
        var limit = Of("c", 100_000) with { Sliding = true, Amount = 0.01m };
        for (var i = 0; i < Counters.ChargesOfACounter; i++)
        {
            Granted(limit);
            time.Advance(TimeSpan.FromTicks(1));
        }

        var refused = Reserve(Of("other", 5), limit);
        Assert.Equal((ReservationOutcome.Full, "c"), (refused.Outcome, refused.Refusing?.Counter));
        Assert.Equal(Noon.AddMinutes(1) - time.GetUtcNow(), refused.Wait);
        time.Set(Noon.AddMinutes(1));
        Granted(limit);
        Assert.Equal(ReservationOutcome.Full, Reserve(limit).Outcome);
        Assert.Equal(Counters.ChargesOfACounter, counters.Kept);
    }

    [Fact]
    public void Reserve_MoreChargesThanAllSlidingCountersKeep_AreRefusedUntilOneEnds()
    {
        var limit = Of("c", 100_000) with { Sliding = true };
        Fill(limit, Counters.ChargesInAll, perGrant: Counters.ChargesOfACounter);
        Assert.Equal(ReservationOutcome.Unavailable, Reserve(limit).Outcome);
        Granted(Of("c", 5));
        time.Set(Noon.AddMinutes(1));
        Granted(limit);
        Assert.Equal(1, counters.Kept);
    }

    [Fact]
    public void Reserve_ShadowMode_CountsApart()
    {
        Granted(Of("c", 1));
        Assert.Equal(ReservationOutcome.Granted, counters.Reserve("p", [Of("c", 1)], Alice, shadow: true).Outcome);
        Assert.Equal(ReservationOutcome.Exceeded, counters.Reserve("p", [Of("c", 1)], Alice, shadow: true).Outcome);
        Refused(Of("c", 1));
        Assert.Equal([false, true], counters.List().Select(static state => state.Key.Shadow).Order());
    }

    [Fact]
    public async Task Reserve_ManyThreadsOnASlidingLimit_GrantsExactlyMax()
    {
        ImmutableArray<Limit> limits = [Of("c", 1_000.5m) with { Sliding = true, Amount = 0.5m }, Of("d", 100_000)];
        var tasks = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () => Enumerable.Range(0, 1_000).Count(_ => counters.Reserve("p", limits, Alice).Outcome == ReservationOutcome.Granted),
            TaskCreationOptions.LongRunning));
        Assert.Equal(2_001, (await Task.WhenAll(tasks)).Sum());
        Assert.Equal([1_000.5m, 2_001], counters.List().Select(static state => state.Used).Order());
    }

    private void Fill(Limit limit, int charges, int perGrant)
    {
        for (var i = 0; i < charges / perGrant; i++)
        {
            var key = new CounterKey("p", limit.Counter, limit.Scope, $"full{i}", Alice.Server, limit.Window) { Kind = CounterKind.Sliding };
            counters.Restore([.. Enumerable.Repeat(new Charge(key, Noon, 1), perGrant)], Noon);
        }
    }

    private static Limit Of(string counter, decimal max) => new(counter, LimitWindow.Minute, max, LimitScope.Grant, $"/all_tools/limits/{counter}");

    private Reservation Reserve(params Limit[] limits) => counters.Reserve("p", [.. limits], Alice);

    private void Granted(Limit limit) => Assert.Equal(ReservationOutcome.Granted, Reserve(limit).Outcome);

    private Reservation Refused(Limit limit)
    {
        var refused = Reserve(limit);
        Assert.Equal(ReservationOutcome.Exceeded, refused.Outcome);
        return refused;
    }
}
