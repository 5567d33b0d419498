using System.Collections.Immutable;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Tests.Audit;
using Callgate.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Quota;

/// <summary>Counters that were replayed from the journal admit what counters admit that never stopped.</summary>
public sealed class ReplayTests : IDisposable
{
    private static readonly ImmutableArray<Limit> Limits =
    [
        new("seconds", new LimitWindow(10, false), 3, LimitScope.Grant, "/1"),
        new("minutes", LimitWindow.Minute, 6, LimitScope.Session, "/2"),
        new("days", LimitWindow.Day, 60, LimitScope.Identity, "/3"),
        new("months", LimitWindow.Month, 90, LimitScope.Global, "/4"),
    ];

    private readonly JournalFolder folder = new();
    private readonly SettableTime time = new(new DateTimeOffset(2026, 2, 27, 23, 50, 0, TimeSpan.Zero));
    private readonly Dictionary<(CounterKey, DateTimeOffset), decimal> model = [];
    private readonly List<(string Id, ImmutableArray<Charge> Charges)> open = [];
    private string directory = "";
    private Journal journal = null!;
    private Counters counters = null!;
    private int calls;
    private int admitted;
    private int restarts;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20261121)]
    public async Task Replay_AnyHistoryOfCallsReleasesRotationsAndCrashes_AdmitsWhatTheModelAdmits(int seed)
    {
        var random = new Random(seed);
        directory = Path.Combine(folder.Root, "0");
        await OpenAsync();
        for (var step = 0; step < 1_500; step++)
        {
            await StepAsync(random);
        }

        await journal.DisposeAsync();
        Assert.True(JournalVerifier.Verify(directory).Ok);
        Assert.True(admitted > 200, $"{admitted} of {calls} admitted");
        Assert.True(calls - admitted > 100);
        Assert.True(restarts > 20);
        Assert.True(Directory.GetFiles(directory).Length > 20);
    }

    [Fact]
    public async Task Replay_ClockSetBackBeforeASegmentAndARestart_OpensNoEndedWindow()
    {
        directory = folder.Root;
        await OpenAsync();
        await CallOnceAsync("early", JournalFolder.ChargeOf("c", 1, LimitWindow.Minute, time.GetUtcNow()));
        time.Advance(TimeSpan.FromHours(1));
        await CallOnceAsync("late", JournalFolder.ChargeOf("other", 1, LimitWindow.Second, time.GetUtcNow()));
        time.Advance(TimeSpan.FromHours(-1));
        for (var i = 0; i < 20; i++)
        {
            await CallOnceAsync($"c{i}");
        }

        await journal.DisposeAsync();
        Assert.True(Directory.GetFiles(directory).Length > 1);
        journal = await Journal.OpenAsync(new JournalOptions(directory), time, NullLogger.Instance);
        counters = new Counters(time);
        counters.Restore(journal.ReplayedCharges, journal.ReplayedUntil);
        var limit = new Limit("c", LimitWindow.Minute, 1, LimitScope.Grant, "/1");
        var owner = new CounterOwner("g1", null, null, "dagster");
        var reservation = counters.Reserve("careful", [limit], owner);
        Assert.Equal(time.GetUtcNow().AddHours(1), reservation.Charges.Single().WindowStart);
        await journal.DisposeAsync();
    }

    private async Task CallOnceAsync(string id, params Charge[] charges) =>
        await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call(id, "answered", charges) with { Time = time.GetUtcNow() }, Durability.Process, default));

    private async Task StepAsync(Random random)
    {
        switch (random.Next(100))
        {
            case < 60:
                await CallAsync(random);
                break;
            case < 80 when open.Count > 0:
                await CompleteAsync(random);
                break;
            case < 95:
                time.Advance(TimeSpan.FromMilliseconds(random.Next(random.Next(10) == 0 ? 3_600_000 : 8_000)));
                break;
            case < 98:
                await journal.DisposeAsync();
                await OpenAsync();
                break;
            default:
                await CrashAsync(random);
                break;
        }
    }

    private async Task CallAsync(Random random)
    {
        calls++;
        var owner = new CounterOwner("g", "alice", random.Next(2) == 0 ? "s1" : "s2", "dagster");
        ImmutableArray<Limit> limits = [.. Limits.Where(_ => random.Next(3) > 0)];
        var reservation = counters.Reserve("p", limits, owner);
        var expected = limits.Select(limit => ChargeOf(limit, owner)).ToList();
        var hasRoom = expected.Zip(limits).All(pair => model.GetValueOrDefault((pair.First.Key, pair.First.WindowStart)) + 1 <= pair.Second.Max);
        Assert.Equal(hasRoom, reservation.Outcome == ReservationOutcome.Granted);
        if (!hasRoom)
        {
            return;
        }

        Assert.Equal(expected, reservation.Charges);
        Add(reservation.Charges, 1);
        var isOver = random.Next(4) == 0;
        var id = $"c{calls}";
        var record = JournalFolder.Call(id, isOver ? "answered" : null, [.. reservation.Charges]) with { Time = time.GetUtcNow() };
        await JournalFolder.AssertWritten(journal.AppendAsync(record, Durability.Process, default));
        admitted++;
        if (!isOver)
        {
            open.Add((id, reservation.Charges));
        }
    }

    private async Task CompleteAsync(Random random)
    {
        var at = random.Next(open.Count);
        var (id, charges) = open[at];
        open.RemoveAt(at);
        var isReleased = random.Next(2) == 0;
        await JournalFolder.AssertWritten(journal.CompleteAsync(JournalFolder.Outcome(id, isReleased) with { Time = time.GetUtcNow() }));
        if (isReleased)
        {
            counters.Release(charges);
            Add(charges, -1);
        }
    }

    /// <summary>What a kill leaves: the files as they are at this moment, and perhaps the begin of a line.</summary>
    private async Task CrashAsync(Random random)
    {
        var next = Path.Combine(folder.Root, $"{calls}-{restarts}");
        Directory.CreateDirectory(next);
        foreach (var file in Directory.GetFiles(directory))
        {
            File.Copy(file, Path.Combine(next, Path.GetFileName(file)));
        }

        await journal.DisposeAsync();
        directory = next;
        if (random.Next(2) == 0)
        {
            await File.AppendAllTextAsync(Directory.GetFiles(next).Order(StringComparer.Ordinal).Last(), """{"seq":7,"pre""");
        }

        await OpenAsync();
    }

    private async Task OpenAsync()
    {
        journal = await Journal.OpenAsync(new JournalOptions(directory, SegmentBytes: 3_000, ReserveBytes: 0), time, NullLogger.Instance);
        counters = new Counters(time);
        counters.Restore(journal.ReplayedCharges, journal.ReplayedUntil);
        var live = model.Where(pair => pair.Value > 0 && pair.Key.Item1.Window.EndOf(pair.Key.Item2) > time.GetUtcNow());
        var restored = counters.List().Where(state => state.Used > 0).Select(state => KeyValuePair.Create((state.Key, state.WindowStart), state.Used));
        Assert.Equal(live.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal), restored.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal));
        open.Clear();
        restarts++;
    }

    private Charge ChargeOf(Limit limit, CounterOwner owner)
    {
        var scopeId = limit.Scope switch
        {
            LimitScope.Session => owner.Session!,
            LimitScope.Identity => owner.Identity!,
            LimitScope.Global => "",
            _ => owner.Grant,
        };
        var key = new CounterKey("p", limit.Counter, limit.Scope, scopeId, limit.Scope == LimitScope.Global ? null : owner.Server, limit.Window);
        return new Charge(key, limit.Window.StartOf(time.GetUtcNow()), 1);
    }

    private void Add(ImmutableArray<Charge> charges, decimal amount)
    {
        foreach (var charge in charges)
        {
            var key = (charge.Key, charge.WindowStart);
            model[key] = model.GetValueOrDefault(key) + amount;
        }
    }
}
