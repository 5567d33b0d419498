using System.Buffers;
using System.Text;
using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Tests.Quota;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>How charges are spelled in the journal, and that they outlast segments and retention.</summary>
public sealed class JournalChargesTests : IDisposable
{
    private static readonly CounterKey Key = new("p", "c", LimitScope.Grant, "g1", "dagster", LimitWindow.Minute);

    private readonly JournalFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_EveryKind_HasThisSpelling()
    {
        var sliding = Key with { Kind = CounterKind.Sliding, Per = "12" };
        Assert.Equal(
            """[{"policy":"p","counter":"c","scope":"grant","scope_id":"g1","server":"dagster","per":"\u0022\u00E9\u0022","shadow":true,"window":"minute","window_start":"2026-03-04T12:00:00.000Z","amount":2.50}]""",
            Spelled(new Charge(Key with { Per = "\"é\"", Shadow = true }, JournalFolder.Start, 2.50m)));
        Assert.Equal(
            """[{"policy":"p","counter":"c","scope":"grant","scope_id":"g1","server":"dagster","per":"12","window":"minute","sliding":true,"at":"2026-03-04T12:00:00.0000001Z","amount":1}]""",
            Spelled(new Charge(sliding, JournalFolder.Start.AddTicks(1), 1)));
        Assert.Equal(
            """[{"policy":"p","counter":"c","scope":"grant","scope_id":"g1","server":"dagster","per":"12","window":"minute","sliding":true,"at":"2026-03-04T12:00:00.000Z","amount":1,"then":[0,1,35,0.5]}]""",
            Spelled(new Charge(sliding, JournalFolder.Start, 1), new Charge(sliding, JournalFolder.Start, 1), new Charge(sliding, JournalFolder.Start.AddTicks(35), 0.5m)));
    }

    [Fact]
    public void Read_ASpellingOfBefore_IsACounterOfTheNewKind()
    {
        const string Old = """[{"policy":"p","counter":"c","scope":"grant","scope_id":"g1","server":"dagster","window":"minute","window_start":"2026-03-04T12:00:00.000Z","amount":1.50}]""";
        Assert.Equal([new Charge(Key, JournalFolder.Start, 1.5m)], JournalCharges.Read(JsonElement.Parse(Old)));
        Assert.Equal(Old, Spelled(new Charge(Key, JournalFolder.Start, 1.50m)));
    }

    [Fact]
    public async Task Open_AJournalOfBefore_CountsOn()
    {
        const string Charge = """{"policy":"p","counter":"c","scope":"grant","scope_id":"g1","server":"dagster","window":"minute","window_start":"2026-03-04T12:00:00.000Z","amount":AMOUNT}""";
        const string Time = "\"time\":\"2026-03-04T12:00:30.000Z\"";
        string[] payloads =
        [
            $$"""{"kind":"segment","version":1,"first_seq":1,{{Time}},"latest":"2026-03-04T12:00:30.000Z","retired":0,"more":1,"counters":[{{Charge.Replace("AMOUNT", "3", StringComparison.Ordinal)}}],"open":[]}""",
            $$"""{"kind":"counters",{{Time}},"counters":[],"open":[{"id":"c1","charges":[{{Charge.Replace("AMOUNT", "1", StringComparison.Ordinal)}}]}]}""",
            $$"""{"kind":"outcome","of":"c1",{{Time}},"outcome":"failed","upstream_status":null,"duration_ms":1,"released":true,"code":null,"detail":null}""",
            $$"""{"kind":"call","id":"c2",{{Time}},"outcome":null,"charges":[{{Charge.Replace("AMOUNT", "2.5", StringComparison.Ordinal)}}]}""",
        ];
        var (lines, prev) = (new List<string>(), new string('0', 64));
        foreach (var payload in payloads)
        {
            lines.Add($$"""{"seq":{{lines.Count + 1}},"prev":"{{prev}}",{{payload[1..]}}""");
            prev = JournalLine.HashText(Encoding.ASCII.GetBytes(lines[^1]));
        }

        Directory.CreateDirectory(folder.Root);
        await File.WriteAllTextAsync(JournalSegments.PathOf(folder.Root, 1), string.Concat(lines.Select(static line => line + "\n")));
        await using var journal = await folder.OpenAsync(new SettableTime(JournalFolder.Start.AddSeconds(40)));
        Assert.Equal([new Charge(Key, JournalFolder.Start, 4.5m)], journal.ReplayedCharges);
        Assert.Equal(JournalFolder.Start.AddSeconds(30), journal.ReplayedUntil);
    }

    [Theory]
    [InlineData("79228162514264337593543950335")]
    [InlineData("7.9228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001")]
    [InlineData("4951760157141521099596496896.5")]
    [InlineData("1234567890123456789.0123456789")]
    public void Read_AmountOfManyDigits_IsThatAmount(string text)
    {
        var amount = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        var charge = new Charge(Key with { Kind = CounterKind.Sliding }, JournalFolder.Start, amount);
        Assert.Equal([charge, charge], Reread(charge, charge));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(null)]
    public void Read_WhatWasWritten_IsEqual(int? fixedSeed)
    {
        var random = new Random(new LongRun(nameof(JournalChargesTests), fixedSeed).Seed);
        string[] texts = ["p", "c", "", "12", "\"a\"", "a\",\"per\":\"b", "\u0000\ud83d\ude00é", "null"];
        LimitWindow[] windows = [LimitWindow.Second, LimitWindow.IsoWeek, LimitWindow.Month, new(90, false), new(604_800, false)];
        for (var round = 0; round < 300; round++)
        {
            var key = Key;
            var charges = new List<Charge>();
            for (var i = random.Next(12); i >= 0; i--)
            {
                key = random.Next(2) == 0 ? key with { } : new CounterKey(texts[random.Next(8)], texts[random.Next(8)], (LimitScope)random.Next(5), texts[random.Next(8)], random.Next(3) == 0 ? null : texts[random.Next(8)], windows[random.Next(5)])
                {
                    Kind = (CounterKind)random.Next(2),
                    Per = random.Next(2) == 0 ? null : texts[random.Next(8)],
                    Shadow = random.Next(2) == 0,
                };
                var at = JournalFolder.Start.AddTicks(key.Kind == CounterKind.Sliding ? random.NextInt64(-1_000_000, 1_000_000) : random.Next(100) * TimeSpan.TicksPerSecond);
                charges.Add(new Charge(key, at, new decimal(random.Next(), random.Next(), random.Next(), false, (byte)random.Next(29))));
            }

            Assert.Equal(charges, Reread([.. charges]));
        }
    }

    [Fact]
    public async Task Replay_SegmentsThatRotateAndRetireInsideASlidingWindow_LosesNoLiveCharge()
    {
        var time = new SettableTime(JournalFolder.Start);
        var window = new LimitWindow(600, false);
        var limit = new Limit("c", window, 100_000, LimitScope.Grant, "/1") { Sliding = true };
        var owner = new CounterOwner("g1", null, null, "dagster");
        var options = folder.Options with { SegmentBytes = 2_000, Retention = new JournalRetention(Bytes: 1) };
        var kept = new List<Charge>();
        await using (var journal = await folder.OpenAsync(time, options))
        {
            var counters = new Counters(time);
            for (var i = 0; i < 900; i++)
            {
                time.Advance(TimeSpan.FromTicks(10_000_001));
                var charges = counters.Reserve("p", [limit with { Amount = 1 + (i * 0.001m) }], owner).Charges;
                var id = $"c{i}";
                await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call(id, null, [.. charges]) with { Time = time.GetUtcNow() }, Durability.Process, default));
                await JournalFolder.AssertWritten(journal.CompleteAsync(JournalFolder.Outcome(id, released: i % 3 == 0) with { Time = time.GetUtcNow() }));
                kept.AddRange(i % 3 == 0 ? [] : charges);
            }
        }

        var first = folder.AssertVerifies().FirstSeq;
        Assert.True(folder.Segments().Length <= 2 && first > 1_000, $"{folder.Segments().Length} segments from {first}");
        await using var again = await folder.OpenAsync(time, options);
        var live = kept.Where(charge => charge.WindowStart > time.GetUtcNow().AddSeconds(-600));
        Assert.Equal(live, again.ReplayedCharges);

        var after = new Counters(time);
        after.Restore(again.ReplayedCharges, again.ReplayedUntil);
        Assert.Equal(live.Sum(static charge => charge.Amount), Assert.Single(after.List()).Used);
    }

    [Fact]
    public async Task Replay_AHundredThousandCharges_StandInLinesOfABoundedLength()
    {
        var time = new SettableTime(JournalFolder.Start);
        var key = Key with { Kind = CounterKind.Sliding, Window = LimitWindow.Day };
        var charges = Enumerable.Range(0, 100_000).Select(i => new Charge(key, JournalFolder.Start.AddTicks(i * 7_001L), 1)).ToArray();
        await using (var journal = await folder.OpenAsync(time, folder.Options with { SegmentBytes = 256 << 10 }))
        {
            foreach (var some in charges.Chunk(1_000))
            {
                await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call($"c{some[0].WindowStart.Ticks}", "answered", some), Durability.Process, default));
            }

            await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("last", "answered"), Durability.Process, default));
        }

        Assert.True(folder.Segments().Length > 1);
        Assert.All(File.ReadLines(folder.Segments()[^1]), static line => Assert.InRange(line.Length, 1, 64 * 1024));
        await using var again = await folder.OpenAsync(time);
        Assert.Equal(charges, again.ReplayedCharges);
    }

    [Fact]
    public async Task Replay_SumThatNoDecimalHolds_IsThatSum()
    {
        var time = new SettableTime(JournalFolder.Start);
        var halves = JournalFolder.ChargeOf("c", 0.5m);
        var huge = JournalFolder.ChargeOf("c", 70_000_000_000_000_000_000_000_000_000m);
        await using (var journal = await folder.OpenAsync(time, folder.Options with { SegmentBytes = 1_000 }))
        {
            // Two of these at once are more than a decimal holds: what gives one back may be written after the next.
            await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("a", null, huge), Durability.Process, default));
            await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("b", null, huge, halves), Durability.Process, default));
            await JournalFolder.AssertWritten(journal.CompleteAsync(JournalFolder.Outcome("a", released: true)));
        }

        Assert.True(folder.Segments().Length > 1);
        await using var again = await folder.OpenAsync(time);
        Assert.Equal([huge, halves], again.ReplayedCharges);
    }

    private static Charge[] Reread(params Charge[] charges) => JournalCharges.Read(JsonElement.Parse(Spelled(charges)));

    private static string Spelled(params Charge[] charges)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            JournalCharges.Write(json, charges);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
