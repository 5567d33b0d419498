using System.Collections.Immutable;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Quota;

public sealed class CountersTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly CounterOwner Alice = new("g1", "alice", "s1", "dagster");

    private readonly SettableTime time = new(Noon);
    private readonly Counters counters;

    public CountersTests() => counters = new Counters(time);

    [Fact]
    public async Task Reserve_TwoHundredAtOnceOverTen_GrantsTenInEachRound()
    {
        for (var round = 0; round < 200; round++)
        {
            using var start = new ManualResetEventSlim();
            var limits = Limits(Of("c", 10));
            var tasks = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.Wait();
                    return Enumerable.Range(0, 50).Count(_ => Granted(limits, Alice));
                },
                TaskCreationOptions.LongRunning)).ToArray();
            start.Set();
            Assert.Equal(10, (await Task.WhenAll(tasks)).Sum());
            time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task Reserve_ReservedAndReleasedInParallel_NeverHoldsMoreThanMax()
    {
        var limits = Limits(Of("a", 3), Of("b", 5));
        var held = 0;
        var most = 0;
        var tasks = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 5_000; i++)
                {
                    var reservation = counters.Reserve("p", limits, Alice);
                    if (reservation.Outcome != ReservationOutcome.Granted)
                    {
                        continue;
                    }

                    var now = Interlocked.Increment(ref held);
                    InterlockedMax(ref most, now);
                    Interlocked.Decrement(ref held);
                    counters.Release(reservation.Charges);
                }
            },
            TaskCreationOptions.LongRunning));
        await Task.WhenAll(tasks);

        Assert.InRange(most, 1, 3);
        Assert.All(counters.List(), state => Assert.Equal(0, state.Used));
    }

    [Theory]
    [InlineData("second", "2026-03-04T12:00:00Z", "2026-03-04T12:00:01Z")]
    [InlineData("minute", "2026-03-04T12:00:00Z", "2026-03-04T12:01:00Z")]
    [InlineData("hour", "2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z")]
    [InlineData("day", "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z")]
    [InlineData("week", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")]
    [InlineData("month", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData("7", "2026-03-04T11:59:56Z", "2026-03-04T12:00:03Z")]
    public void Reserve_AtBothEdgesOfAWindow_CountsHalfOpen(string window, string from, string to)
    {
        var (start, end) = (Instant(from), Instant(to));
        var limits = Limits(new Limit("c", Window(window), 2, LimitScope.Grant, "/all_tools/limits/0"));
        time.Set(start);
        Assert.True(Granted(limits, Alice));
        time.Set(end - TimeSpan.FromTicks(1));
        Assert.True(Granted(limits, Alice));
        var refused = counters.Reserve("p", limits, Alice);
        Assert.Equal(ReservationOutcome.Exceeded, refused.Outcome);
        Assert.Equal(TimeSpan.FromTicks(1), refused.Wait);
        Assert.Equal(1, refused.WaitSeconds);

        time.Set(end);
        Assert.True(Granted(limits, Alice));
        Assert.True(Granted(limits, Alice));
        Assert.False(Granted(limits, Alice));
    }

    [Fact]
    public void Reserve_ClockSetBackAnHour_AdmitsNothingExtraAndWaitsLonger()
    {
        var limits = Limits(Of("c", 1));
        Assert.True(Granted(limits, Alice));
        time.Set(Noon.AddHours(-1));
        var refused = counters.Reserve("p", limits, Alice);
        Assert.Equal(ReservationOutcome.Exceeded, refused.Outcome);
        Assert.Equal(TimeSpan.FromMinutes(61), refused.Wait);

        // A counter that had nothing in it does not get the earlier windows either.
        var bob = Alice with { Grant = "g2" };
        Assert.True(Granted(limits, bob));
        time.Set(Noon.AddMinutes(-30));
        Assert.False(Granted(limits, bob));
        time.Set(Noon.AddMinutes(1));
        Assert.True(Granted(limits, bob));
    }

    [Fact]
    public void Reserve_ClockJumpedAheadAndBack_DoesNotOpenTheOldWindowAgain()
    {
        var limits = Limits(Of("c", 1));
        Assert.True(Granted(limits, Alice));
        time.Set(Noon.AddHours(1));
        Assert.True(Granted(limits, Alice));
        time.Set(Noon);
        Assert.False(Granted(limits, Alice));
        Assert.False(Granted(Limits(Of("c", 1), Of("other", 5)), Alice));
    }

    [Fact]
    public void Reserve_OneOfThreeExceeded_TakesNothing()
    {
        Assert.True(Granted(Limits(Of("b", 1)), Alice));
        var refused = counters.Reserve("p", Limits(Of("a", 5), Of("b", 1), Of("c", 5)), Alice);
        Assert.Equal("b", refused.Exceeded?.Counter);
        Assert.Empty(refused.Charges);
        Assert.Equal(1, counters.List().Sum(state => state.Used));
    }

    [Fact]
    public void Reserve_SeveralExceeded_NamesTheFirstAndWaitsForTheLongest()
    {
        var limits = Limits(
            new Limit("m", LimitWindow.Minute, 0, LimitScope.Grant, "/1"),
            new Limit("d", LimitWindow.Day, 0, LimitScope.Grant, "/2"),
            new Limit("h", LimitWindow.Hour, 0, LimitScope.Grant, "/3"));
        var refused = counters.Reserve("p", limits, Alice);
        Assert.Equal("/1", refused.Exceeded?.Rule);
        Assert.Equal(TimeSpan.FromHours(12), refused.Wait);
    }

    [Fact]
    public void Reserve_MaxLoweredBelowWhatIsUsed_Refuses()
    {
        Assert.True(Granted(Limits(Of("c", 5)), Alice));
        Assert.True(Granted(Limits(Of("c", 5)), Alice));
        Assert.False(Granted(Limits(Of("c", 1)), Alice));
        Assert.True(Granted(Limits(Of("c", 3)), Alice));
    }

    [Fact]
    public void Reserve_IdentityMissing_IsUnjudgeableAndNamesTheLimit()
    {
        var limits = Limits(Of("a", 5), new Limit("i", LimitWindow.Day, 5, LimitScope.Identity, "/all_tools/limits/1"));
        var refused = counters.Reserve("p", limits, Alice with { Identity = null });
        Assert.Equal(ReservationOutcome.Unjudgeable, refused.Outcome);
        Assert.Equal("i", refused.Refusing?.Counter);
        Assert.Null(refused.Exceeded);
        Assert.All(counters.List(), state => Assert.Equal(0, state.Used));
    }

    [Theory]
    [InlineData(LimitScope.Grant, true, true)]
    [InlineData(LimitScope.Identity, false, true)]
    [InlineData(LimitScope.Session, true, true)]
    [InlineData(LimitScope.Server, false, true)]
    [InlineData(LimitScope.Global, false, false)]
    public void Reserve_AnotherOwner_SharesACounterByScopeOnly(LimitScope scope, bool grant, bool server)
    {
        var limits = Limits(new Limit("c", LimitWindow.Day, 1, scope, "/1"));
        var bySession = scope == LimitScope.Session;
        Assert.True(Granted(limits, Alice));
        Assert.False(Granted(limits, Alice));
        Assert.Equal(grant, Granted(limits, Alice with { Grant = "g2", Session = bySession ? "s9" : "s1" }));
        Assert.Equal(scope is LimitScope.Session, Granted(limits, Alice with { Session = "s2" }));
        Assert.Equal(server, Granted(limits, Alice with { Server = "files" }));
        Assert.Equal(scope is LimitScope.Identity, Granted(limits, Alice with { Identity = "bob" }));
    }

    [Fact]
    public void Reserve_SessionScopeWithoutSession_CountsByGrant()
    {
        var limits = Limits(new Limit("c", LimitWindow.Day, 1, LimitScope.Session, "/1"));
        Assert.True(Granted(limits, Alice with { Session = null }));
        Assert.False(Granted(limits, Alice with { Session = null }));
        Assert.True(Granted(limits, Alice with { Session = null, Grant = "g2" }));
    }

    [Fact]
    public void Reserve_PartsThatJoinToTheSameText_AreDifferentCounters()
    {
        var limits = Limits(Of("b.c", 1));
        Assert.Equal(ReservationOutcome.Granted, counters.Reserve("a", limits, Alice).Outcome);
        Assert.Equal(ReservationOutcome.Granted, counters.Reserve("a.b", Limits(Of("c", 1)), Alice).Outcome);
    }

    [Fact]
    public void Release_IntoTheWindowItCameFrom_GivesBack()
    {
        var limits = Limits(Of("c", 1));
        var reservation = counters.Reserve("p", limits, Alice);
        counters.Release(reservation.Charges);
        Assert.True(Granted(limits, Alice));
        Assert.False(Granted(limits, Alice));
    }

    [Fact]
    public void Release_AfterTheWindowEnded_AddsNothingToTheNewOne()
    {
        var limits = Limits(Of("c", 2));
        var old = counters.Reserve("p", limits, Alice);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Granted(limits, Alice));
        Assert.True(Granted(limits, Alice));
        counters.Release(old.Charges);
        Assert.False(Granted(limits, Alice));
    }

    [Fact]
    public void Restore_ChargesOfALiveWindow_CountAgain()
    {
        var limits = Limits(Of("c", 3));
        var first = counters.Reserve("p", limits, Alice);
        var second = counters.Reserve("p", limits, Alice);
        var after = new Counters(time);
        after.Restore([.. first.Charges, .. second.Charges]);
        Assert.Equal(ReservationOutcome.Granted, after.Reserve("p", limits, Alice).Outcome);
        Assert.Equal(ReservationOutcome.Exceeded, after.Reserve("p", limits, Alice).Outcome);
    }

    [Fact]
    public void Restore_ClockBehindTheJournal_StaysAtTheJournalsTime()
    {
        var limits = Limits(Of("c", 1));
        var spent = counters.Reserve("p", limits, Alice);
        time.Set(Noon.AddHours(-1));
        var after = new Counters(time);
        after.Restore(spent.Charges, Noon);
        Assert.Equal(ReservationOutcome.Exceeded, after.Reserve("p", limits, Alice).Outcome);
    }

    [Fact]
    public void Reserve_MoreCountersThanFit_RefusesUntilOnesEnd()
    {
        var few = new Counters(time, capacity: 3);
        var limits = Limits(Of("c", 5));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(ReservationOutcome.Granted, few.Reserve("p", limits, Alice with { Grant = $"g{i}" }).Outcome);
        }

        var refused = few.Reserve("p", limits, Alice with { Grant = "g9" });
        Assert.Equal(ReservationOutcome.Unavailable, refused.Outcome);
        Assert.Equal(ReservationOutcome.Granted, few.Reserve("p", limits, Alice with { Grant = "g0" }).Outcome);

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(ReservationOutcome.Granted, few.Reserve("p", limits, Alice with { Grant = "g9" }).Outcome);
        Assert.Single(few.List());
    }

    [Fact]
    public void Reserve_OneGrantOpensSessionsWithoutEnd_LeavesRoomForOthers()
    {
        var limits = Limits(new Limit("c", LimitWindow.Minute, 5, LimitScope.Session, "/1"));
        for (var i = 0; i < Counters.SessionsOfAGrant; i++)
        {
            Assert.True(Granted(limits, Alice with { Session = $"s{i}" }));
        }

        Assert.Equal(ReservationOutcome.Unavailable, counters.Reserve("p", limits, Alice with { Session = "one more" }).Outcome);
        Assert.True(Granted(limits, Alice with { Grant = "g2", Session = "of another" }));
        Assert.True(Granted(limits, Alice with { Session = "s0" }));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Granted(limits, Alice with { Session = "one more" }));
    }

    [Fact]
    public void Reserve_SessionsOfOneGrantSlide_LeaveRoomForOthers()
    {
        var limits = Limits(new Limit("c", LimitWindow.Minute, Counters.ChargesOfACounter, LimitScope.Session, "/1") { Sliding = true });
        for (var i = 0; i < Counters.ChargesOfALimit; i++)
        {
            Assert.True(Granted(limits, Alice with { Session = $"s{i % 4}" }));
        }

        Assert.Equal(ReservationOutcome.Unavailable, counters.Reserve("p", limits, Alice with { Session = "s0" }).Outcome);
        Assert.True(Granted(limits, Alice with { Grant = "g2", Session = "of another" }));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Granted(limits, Alice with { Session = "s0" }));
    }

    [Fact]
    public void Reserve_SessionsFromBeforeARestart_CountAmongThoseOfTheirGrant()
    {
        var limits = Limits(new Limit("c", LimitWindow.Minute, 5, LimitScope.Session, "/1"));
        var charges = Enumerable.Range(0, Counters.SessionsOfAGrant).SelectMany(i => counters.Reserve("p", limits, Alice with { Session = $"s{i}" }).Charges).ToList();
        var restarted = new Counters(time);
        restarted.Restore(charges);
        for (var i = 0; i < Counters.SessionsOfAGrant; i++)
        {
            Assert.Equal(ReservationOutcome.Granted, restarted.Reserve("p", limits, Alice with { Session = $"s{i}" }).Outcome);
        }

        Assert.Equal(ReservationOutcome.Unavailable, restarted.Reserve("p", limits, Alice with { Session = "one more" }).Outcome);
    }

    [Fact]
    public void Probe_WhateverItAnswers_ChargesNothing()
    {
        var limits = Limits(new Limit("c", LimitWindow.Minute, 1, LimitScope.Grant, "/1"), new Limit("d", default, 0, LimitScope.Grant, "/2") { Concurrent = 1 });
        Assert.Equal(ReservationOutcome.Granted, counters.Probe("p", limits, Alice, shadow: false).Outcome);
        Assert.Equal(ReservationOutcome.Granted, counters.Probe("p", limits, Alice, shadow: false).Outcome);
        Assert.Empty(counters.List());

        Assert.True(Granted(limits, Alice));
        Assert.Equal((ReservationOutcome.Exceeded, "/1"), (counters.Probe("p", limits, Alice, shadow: false).Outcome, counters.Probe("p", limits, Alice, shadow: false).Refusing!.Rule));
    }

    [Fact]
    public void Reserve_ManyEndedCounters_AreForgotten()
    {
        var few = new Counters(time, capacity: 1_000);
        var limits = Limits(new Limit("c", LimitWindow.Second, 1, LimitScope.Grant, "/1"));
        for (var i = 0; i < 20_000; i++)
        {
            Assert.Equal(ReservationOutcome.Granted, few.Reserve("p", limits, Alice with { Grant = $"g{i}" }).Outcome);
            time.Advance(TimeSpan.FromMilliseconds(2));
        }
    }

    [Fact]
    public void Reserve_WindowLongerThanTheCalendar_StillCounts()
    {
        var limits = Limits(new Limit("c", new LimitWindow(long.MaxValue / 2, false), 1, LimitScope.Grant, "/1"));
        Assert.True(Granted(limits, Alice));
        Assert.False(Granted(limits, Alice));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private static Limit Of(string counter, decimal max) => new(counter, LimitWindow.Minute, max, LimitScope.Grant, $"/all_tools/limits/{counter}");

    private static ImmutableArray<Limit> Limits(params Limit[] limits) => [.. limits];

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static LimitWindow Window(string name) => name switch
    {
        "second" => LimitWindow.Second,
        "minute" => LimitWindow.Minute,
        "hour" => LimitWindow.Hour,
        "day" => LimitWindow.Day,
        "week" => LimitWindow.IsoWeek,
        "month" => LimitWindow.Month,
        _ => new LimitWindow(long.Parse(name, System.Globalization.CultureInfo.InvariantCulture), false),
    };

    private bool Granted(ImmutableArray<Limit> limits, CounterOwner owner) =>
        counters.Reserve("p", limits, owner).Outcome == ReservationOutcome.Granted;
}
