using System.Collections.Immutable;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Quota;

/// <summary>Limits on calls in flight.</summary>
public sealed class PlaceTests
{
    private static readonly CounterOwner Alice = new("g1", "alice", "s1", "dagster");

    private readonly SettableTime time = new(new DateTimeOffset(2026, 3, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly Counters counters;

    public PlaceTests() => counters = new Counters(time);

    [Fact]
    public void Reserve_AsManyInFlightAsMayBe_RefusesWithoutAWaitUntilOneEnds()
    {
        var first = Reserve(Of(2));
        using var second = Reserve(Of(2)).Place;
        var refused = Reserve(Of(2));
        Assert.Equal((ReservationOutcome.Exceeded, TimeSpan.Zero, 0L), (refused.Outcome, refused.Wait, refused.WaitSeconds));
        Assert.Null(refused.Place);
        Assert.Empty(first.Charges);
        time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(ReservationOutcome.Exceeded, Reserve(Of(2)).Outcome);
        first.Place!.Free();
        Assert.NotNull(Reserve(Of(2)).Place);
    }

    [Fact]
    public void Free_Twice_FreesOnePlace()
    {
        var first = Reserve(Of(2)).Place!;
        Assert.NotNull(Reserve(Of(2)).Place);
        first.Free();
        first.Free();
        first.Dispose();
        Assert.NotNull(Reserve(Of(2)).Place);
        Assert.Null(Reserve(Of(2)).Place);
    }

    [Fact]
    public void Dispose_OfACallThatGoesOn_KeepsThePlaceUntilItEnds()
    {
        var place = Reserve(Of(1)).Place!;
        place.Leave();
        place.Dispose();
        Assert.Null(Reserve(Of(1)).Place);
        place.Free();
        Assert.NotNull(Reserve(Of(1)).Place);
    }

    [Fact]
    public void Reserve_AnotherLimitRefuses_TakesNoPlace()
    {
        var closed = new Limit("closed", LimitWindow.Minute, 0, LimitScope.Grant, "/1");
        var refused = counters.Reserve("p", [Of(1), closed], Alice);
        Assert.Equal(("closed", TimeSpan.FromMinutes(1)), (refused.Refusing?.Counter, refused.Wait));
        Assert.Empty(counters.List());
        using var place = Reserve(Of(1)).Place;
        refused = counters.Reserve("p", [closed with { Max = 9 }, Of(1)], Alice);
        Assert.Equal(("flights", TimeSpan.Zero), (refused.Refusing?.Counter, refused.Wait));
        Assert.Equal(1, Assert.Single(counters.List()).Used);
    }

    [Fact]
    public void Reserve_InFlight_CountsByScopeValueAndServer()
    {
        using var first = Reserve(Of(1)).Place;
        Assert.Null(Reserve(Of(1)).Place);
        Assert.NotNull(Reserve(Of(1) with { Per = "12" }).Place);
        Assert.NotNull(counters.Reserve("p", [Of(1)], Alice with { Grant = "g2" }).Place);
        Assert.NotNull(counters.Reserve("p", [Of(1)], Alice with { Server = "files" }).Place);
        Assert.NotNull(counters.Reserve("p", [Of(1)], Alice, shadow: true).Place);
        Assert.NotNull(counters.Reserve("p2", [Of(1)], Alice).Place);
        Assert.Equal(ReservationOutcome.Unjudgeable, counters.Reserve("p", [Of(1) with { Scope = LimitScope.Identity }], Alice with { Identity = null }).Outcome);
        Assert.All(counters.List(), static state => Assert.Equal((CounterKind.InFlight, 1), (state.Key.Kind, state.Used)));
    }

    [Fact]
    public void Reserve_MonthOfTheSameName_IsAnotherCounter()
    {
        var month = new Limit("flights", LimitWindow.Month, 1, LimitScope.Grant, "/1");
        using var place = counters.Reserve("p", [Of(1), month], Alice).Place;
        Assert.NotNull(place);
        Assert.Equal(2, counters.List().Count);
    }

    [Fact]
    public async Task Reserve_ManyThreads_NeverHaveMoreInFlightThanMayBe()
    {
        ImmutableArray<Limit> limits = [Of(3), new("calls", LimitWindow.Day, 1_000, LimitScope.Grant, "/1")];
        var (held, most, granted) = (0, 0, 0);
        var tasks = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 5_000; i++)
                {
                    using var place = counters.Reserve("p", limits, Alice).Place;
                    if (place is null)
                    {
                        continue;
                    }

                    Interlocked.Increment(ref granted);
                    var now = Interlocked.Increment(ref held);
                    InterlockedMax(ref most, now);
                    Interlocked.Decrement(ref held);
                }
            },
            TaskCreationOptions.LongRunning));
        await Task.WhenAll(tasks);

        Assert.InRange(most, 1, 3);
        Assert.Equal(1_000, granted);
        Assert.Equal(1_000, Assert.Single(counters.List()).Used);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private static Limit Of(int most) => new("flights", default, 0, LimitScope.Grant, "/0") { Concurrent = most };

    private Reservation Reserve(Limit limit) => counters.Reserve("p", [limit], Alice);
}
