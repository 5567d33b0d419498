using System.Collections.Immutable;
using System.Numerics;
using Callgate.Fixtures;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Tests.Audit;
using Callgate.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Quota;

/// <summary>
/// Limits of all kinds over a real journal, against every charge in a list: the same calls are admitted, the same limit is
/// named, the same wait is given, whatever the clock does and however often the process ends.
/// </summary>
public sealed class CountersModelTests : IDisposable
{
    private static readonly decimal[] Amounts = [1, 1, 1, 0.1m, 2.5m, 7.25m, 0.000_000_1m, 0.000_000_000_000_000_000_000_000_000_1m, 30];
    private static readonly string[] Values = ["12", "\"a\"", "true", ""];

    private static readonly Limit[] Limits =
    [
        new("aligned", new LimitWindow(10, false), 3, LimitScope.Grant, "/0"),
        new("amounts", LimitWindow.Minute, 6.5m, LimitScope.Session, "/1"),
        new("sliding", new LimitWindow(10, false), 4, LimitScope.Grant, "/2") { Sliding = true },
        new("sliding amounts", new LimitWindow(30, false), 20.5m, LimitScope.Identity, "/3") { Sliding = true },
        new("sliding values", new LimitWindow(20, false), 3, LimitScope.Server, "/4") { Sliding = true },
        new("values", LimitWindow.Minute, 2, LimitScope.Global, "/5"),
        new("month", LimitWindow.Month, 900, LimitScope.Global, "/6"),
        new("in flight", default, 0, LimitScope.Grant, "/7") { Concurrent = 4 },
        new("values in flight", default, 0, LimitScope.Session, "/8") { Concurrent = 1 },
    ];

    private readonly JournalFolder folder = new();
    private readonly SettableTime time = new(new DateTimeOffset(2026, 2, 27, 23, 50, 0, TimeSpan.Zero));
    private readonly List<Open> open = [];
    private readonly Dictionary<ReservationOutcome, int> seen = [];
    private readonly NaiveCounters model = new();
    private string directory = "";
    private Journal journal = null!;
    private Counters counters = null!;
    private DateTimeOffset furthest;
    private int calls;
    private int restarts;

    private sealed record Open(string Id, ImmutableArray<Charge> Charges, Place? Place, NaiveAnswer Answer);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20261130)]
    [InlineData(null)]
    public async Task Reserve_AnyHistory_AdmitsExactlyWhatTheModelAdmits(int? fixedSeed)
    {
        var seed = new LongRun(nameof(CountersModelTests), fixedSeed).Seed;
        var random = new Random(seed);
        directory = Path.Combine(folder.Root, "0");
        await OpenAsync();
        for (var step = 0; step < 1_500; step++)
        {
            try
            {
                await StepAsync(random);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, step {step}: {failure.Message}", failure);
            }
        }

        await journal.DisposeAsync();
        Assert.True(JournalVerifier.Verify(directory).Ok);
        Assert.True(seen[ReservationOutcome.Granted] > 200 && seen[ReservationOutcome.Exceeded] > 100 && seen[ReservationOutcome.Unjudgeable] > 20, string.Join(' ', seen));
        Assert.True(restarts > 30);
        Assert.True(Directory.GetFiles(directory).Length > 20);
    }

    private async Task StepAsync(Random random)
    {
        switch (random.Next(100))
        {
            case < 62:
                await CallAsync(random);
                break;
            case < 80 when open.Count > 0:
                await EndAsync(random);
                break;
            case < 92:
                time.Advance(TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerMillisecond * (random.Next(20) == 0 ? 3_600_000 : 4_000))));
                break;
            case < 95:
                MoveToAnEdge(random);
                break;
            case < 97:
                time.Advance(-TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerSecond * 90)));
                break;
            case < 98:
                await journal.DisposeAsync();
                await OpenAsync();
                break;
            default:
                await CrashAsync(random);
                break;
        }

        furthest = time.GetUtcNow() > furthest ? time.GetUtcNow() : furthest;
    }

    /// <summary>To the tick at which a charge ends, or the one before.</summary>
    private void MoveToAnEdge(Random random)
    {
        var live = model.Live.Where(static charge => charge.Key.Kind == CounterKind.Sliding).ToList();
        if (live.Count > 0)
        {
            var charge = live[random.Next(live.Count)];
            var end = charge.At + TimeSpan.FromSeconds(charge.Key.Window.Seconds);
            time.Set(end - TimeSpan.FromTicks(random.Next(2)));
        }
    }

    private async Task CallAsync(Random random)
    {
        var owner = new CounterOwner(random.Next(3) == 0 ? "g2" : "g1", random.Next(12) == 0 ? null : "alice", random.Next(2) == 0 ? "s1" : null, random.Next(4) == 0 ? "files" : "dagster");
        var shadow = random.Next(6) == 0;
        ImmutableArray<Limit> limits = [.. Limits.Where(_ => random.Next(3) == 0).OrderBy(_ => random.Next()).Select(limit => AsMet(limit, random))];
        var expected = model.Reserve(limits, owner, shadow, time.GetUtcNow());
        var actual = counters.Reserve("p", limits, owner, shadow);

        Assert.Equal((expected.Outcome, expected.Refusing?.Counter, expected.Wait), (actual.Outcome, actual.Refusing?.Counter, actual.Wait));
        Assert.Equal(expected.Charges.Select(static charge => new Charge(charge.Key, charge.At, charge.Amount)), actual.Charges);
        Assert.Equal(expected.Held.Count > 0, actual.Place is not null);
        seen[actual.Outcome] = seen.GetValueOrDefault(actual.Outcome) + 1;
        CompareStates();
        if (actual.Outcome != ReservationOutcome.Granted)
        {
            return;
        }

        var id = $"c{++calls}";
        await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call(id, null, [.. actual.Charges]) with { Time = time.GetUtcNow(), Shadow = shadow }, Durability.Process, default));
        open.Add(new Open(id, actual.Charges, actual.Place, expected));
    }

    private static Limit AsMet(Limit limit, Random random) => limit with
    {
        Amount = limit.Counter.Contains("amounts", StringComparison.Ordinal) || limit.Counter == "month" ? Amounts[random.Next(Amounts.Length)] : 1,
        Per = limit.Counter.Contains("values", StringComparison.Ordinal) ? Values[random.Next(Values.Length)] : null,
        Max = random.Next(10) == 0 ? decimal.Floor(limit.Max / 2) : limit.Max,
    };

    private async Task EndAsync(Random random)
    {
        var at = random.Next(open.Count);
        var (id, charges, place, answer) = open[at];
        open.RemoveAt(at);
        place?.Free();
        model.Free(answer.Held);
        var isReleased = random.Next(2) == 0;
        await JournalFolder.AssertWritten(journal.CompleteAsync(JournalFolder.Outcome(id, isReleased) with { Time = time.GetUtcNow() }));
        if (!isReleased)
        {
            place?.Dispose();
            return;
        }

        counters.Release(charges);
        foreach (var charge in answer.Charges)
        {
            charge.IsBack = true;
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
        open.Clear();
        restarts++;

        // The journal's time is that of its entries: not before any charge, and not after what the clock has ever shown.
        Assert.InRange(journal.ReplayedUntil, model.Live.Select(static charge => charge.At).DefaultIfEmpty(DateTimeOffset.MinValue).Max(), furthest > time.GetUtcNow() ? furthest : time.GetUtcNow());
        model.Restart(journal.ReplayedUntil);
        CompareStates();
    }

    private void CompareStates()
    {
        var before = model.Latest;
        model.Latest = time.GetUtcNow() > before ? time.GetUtcNow() : before;
        var expected = model.Live.GroupBy(static charge => charge.Key, static charge => NaiveCounters.Exact(charge.Amount))
            .Concat(model.Places.GroupBy(static key => key, static _ => NaiveCounters.Exact(1)))
            .ToDictionary(static group => group.Key, static group => group.Aggregate(BigInteger.Add));
        model.Latest = before;
        var actual = counters.List().ToDictionary(static state => state.Key, static state => NaiveCounters.Exact(state.Used));
        Assert.Equal(expected.Keys.ToHashSet(), actual.Keys.ToHashSet());

        // What no decimal is exactly is shown as near as one comes.
        Assert.All(expected, pair => Assert.InRange(actual[pair.Key] - pair.Value, NaiveCounters.HasDecimal(pair.Value) ? 0 : -100, NaiveCounters.HasDecimal(pair.Value) ? 0 : 100));
    }
}
