using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Tests.Upstreams;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

public sealed class JournalTests : IDisposable
{
    private readonly JournalFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Append_OneCallAndItsOutcome_StandInTheChainBetweenStartAndStop()
    {
        await using (var journal = await folder.OpenAsync())
        {
            await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("c1", null, JournalFolder.ChargeOf("runs")), Durability.Process, default));
            await JournalFolder.AssertWritten(journal.CompleteAsync(JournalFolder.Outcome("c1")));
            Assert.Equal(4, journal.LastSeq);
        }

        var entries = folder.Entries();
        Assert.Equal(["segment", "start", "call", "outcome", "stop"], entries.Select(entry => entry.Kind));
        Assert.Equal([1, 2, 3, 4, 5], entries.Select(entry => entry.Seq));
        Assert.Equal(new string('0', 64), entries[0].Prev);
        for (var i = 1; i < entries.Count; i++)
        {
            Assert.Equal(entries[i - 1].Hash, entries[i].Prev);
        }

        Assert.Equal(entries[^1].Hash, folder.AssertVerifies().Head.Hash);
    }

    [Fact]
    public async Task Append_EveryMember_StandsInTheOrderOfTheContract()
    {
        var record = JournalFolder.Call("c1", "refused", new Charge(new CounterKey("p", "c", LimitScope.Global, "", null, new LimitWindow(90, false)), JournalFolder.Start, 1.50m)) with
        {
            ArgumentNames = ["a", "b"],
            Revision = 7,
            RequestId = "\"x\"",
            Detail = "why",
        };
        await using (var journal = await folder.OpenAsync())
        {
            await JournalFolder.AssertWritten(journal.AppendAsync(record, Durability.Power, default));
        }

        var entry = folder.Entries().Single(entry => entry.Kind == "call").Entry;
        Assert.Equal(
            "seq prev kind id time grant identity server method tool decision code rule policy revision outcome argument_names arguments_digest client request_id shadow approval charges detail",
            string.Join(' ', entry.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(
            """[{"policy":"p","counter":"c","scope":"global","scope_id":"","server":null,"window":90,"window_start":"2026-03-04T12:00:00.000Z","amount":1.50}]""",
            entry.GetProperty("charges").GetRawText());
        Assert.Equal("2026-03-04T12:00:00.000Z", entry.GetProperty("time").GetString());
        Assert.Equal(7, entry.GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task Append_NaughtyAndHugeTexts_MakeOneBoundedAsciiLine()
    {
        var naughty = "\r\n\u001b[2J{\"seq\":1}\0\u202e\ud800" + new string('é', 100_000);
        var record = JournalFolder.Call("c1", "refused") with
        {
            Tool = naughty,
            Client = naughty,
            RequestId = naughty,
            Detail = naughty,
            ArgumentNames = [.. Enumerable.Repeat(naughty, 1_000)],
        };
        await using (var journal = await folder.OpenAsync())
        {
            await JournalFolder.AssertWritten(journal.AppendAsync(record, Durability.Process, default));
        }

        var entry = folder.Entries().Single(entry => entry.Kind == "call");
        Assert.InRange(entry.End - entry.Offset, 1, 70_000);
        Assert.Equal(64, entry.Entry.GetProperty("argument_names").GetArrayLength());
        Assert.Equal(128, entry.Entry.GetProperty("tool").GetString()!.Length);
        Assert.Equal(512, entry.Entry.GetProperty("detail").GetString()!.Length);
        Assert.All(File.ReadAllBytes(folder.Segments().Single()), octet => Assert.True(octet is (byte)'\n' or (>= 0x20 and < 0x7f)));
    }

    [Fact]
    public async Task Append_ManyAtOnce_AreAllThereOnceAndChained()
    {
        const int Callers = 64;
        await using (var journal = await folder.OpenAsync(folder.Options with { SegmentBytes = 100_000 }))
        {
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
            {
                for (var i = 0; i < 50; i++)
                {
                    var durability = i % 10 == 0 ? Durability.Power : Durability.Process;
                    await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call($"{caller}-{i}"), durability, default));
                }
            }));
        }

        folder.AssertVerifies();
        var ids = folder.Entries().Where(entry => entry.Kind == "call").Select(entry => entry.Entry.GetProperty("id").GetString()).ToList();
        Assert.Equal(Callers * 50, ids.Count);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.True(folder.Segments().Length > 5);
    }

    [Fact]
    public async Task Open_SecondLife_GoesOnWithTheChainInTheSameSegment()
    {
        await folder.FillAsync(3, segmentBytes: 1 << 20);
        await folder.FillAsync(3, segmentBytes: 1 << 20);
        Assert.Single(folder.Segments());
        Assert.Equal(2, folder.Entries().Count(entry => entry.Kind == "start"));
        Assert.Equal(17, folder.AssertVerifies().Entries);
    }

    [Fact]
    public async Task Open_LastLineIncomplete_CutsItAndSaysSo()
    {
        await folder.FillAsync(3);
        await File.AppendAllTextAsync(folder.Segments()[^1], """{"seq":99,"prev":"00""");
        Assert.Equal(20, folder.AssertVerifies().TailBytes);
        await using (await folder.OpenAsync())
        {
        }

        folder.AssertVerifies();
        var recovered = Assert.Single(folder.Entries(), entry => entry.Kind == "recovered");
        Assert.Equal(20, recovered.Entry.GetProperty("bytes").GetInt64());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"seq\":")]
    public async Task Open_LastSegmentHardlyBegun_GoesOnWithTheOneBefore(string content)
    {
        var head = await folder.FillAsync(3);
        await File.WriteAllTextAsync(Path.Combine(folder.Root, $"{head.Seq + 1:D20}.jsonl"), content);
        await folder.FillAsync(2);
        folder.AssertVerifies();
    }

    [Theory]
    [InlineData("not json at all\n")]
    [InlineData("{\"seq\":1}\n")]
    [InlineData("\n")]
    [InlineData("\0\0\0\0\n")]
    public async Task Open_LastSegmentEndsInAForeignLine_RefusesAndNamesTheFile(string line)
    {
        await folder.FillAsync(3);
        var last = folder.Segments()[^1];
        await File.AppendAllTextAsync(last, line);
        var before = await File.ReadAllBytesAsync(last);
        var damage = await Assert.ThrowsAsync<JournalDamagedException>(async () => await folder.OpenAsync());
        Assert.Equal(last, damage.File);
        Assert.Equal(before, await File.ReadAllBytesAsync(last));
    }

    [Fact]
    public async Task Open_AnyByteOfTheLastSegmentChanged_Refuses()
    {
        await folder.FillAsync(3, segmentBytes: 1 << 20);
        var path = folder.Segments().Single();
        var good = await File.ReadAllBytesAsync(path);
        var lastLine = Array.LastIndexOf(good, (byte)'\n', good.Length - 2) + 1;
        for (var i = 0; i < lastLine; i += 7)
        {
            var bad = good.ToArray();
            bad[i] ^= 1;
            await File.WriteAllBytesAsync(path, bad);
            await Assert.ThrowsAsync<JournalDamagedException>(async () => await folder.OpenAsync());
        }
    }

    [Fact]
    public async Task Open_AnySegmentButTheLastMissing_Refuses()
    {
        await folder.FillAsync(12);
        var segments = folder.Segments();
        Assert.True(segments.Length > 3);
        foreach (var segment in segments[..^1])
        {
            File.Move(segment, segment + ".away");
            await Assert.ThrowsAsync<JournalDamagedException>(async () => await folder.OpenAsync());
            Assert.False(JournalVerifier.Verify(folder.Root).Ok);
            File.Move(segment + ".away", segment);
        }

        await using var journal = await folder.OpenAsync();
        Assert.True(journal.Healthy);
    }

    [Fact]
    public async Task Open_ForeignFileAmongTheSegments_Refuses()
    {
        await folder.FillAsync(1);
        await File.WriteAllTextAsync(Path.Combine(folder.Root, "notes.jsonl"), "{}\n");
        await Assert.ThrowsAsync<JournalDamagedException>(async () => await folder.OpenAsync());
    }

    [Fact]
    public async Task Retention_TooManyBytes_RemovesTheOldestAndTheChainStillVerifies()
    {
        var options = folder.Options with { SegmentBytes = 2_000, Retention = new JournalRetention(Bytes: 8_000) };
        await using (var journal = await folder.OpenAsync(options))
        {
            for (var i = 0; i < 100; i++)
            {
                await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call($"c{i}", "answered", JournalFolder.ChargeOf("runs")), Durability.Process, default));
            }
        }

        var report = folder.AssertVerifies();
        Assert.True(report.FirstSeq > 1);
        Assert.InRange(folder.Segments().Sum(segment => new FileInfo(segment).Length), 1, 14_000);
        await using (var journal = await folder.OpenAsync(options))
        {
            Assert.Equal(100, Assert.Single(journal.ReplayedCharges).Amount);
        }

        File.Delete(folder.Segments()[0]);
        Assert.False(JournalVerifier.Verify(folder.Root).Ok);
        await Assert.ThrowsAsync<JournalDamagedException>(async () => await folder.OpenAsync(options));
    }

    [Fact]
    public async Task Append_ManyThreadsAtOnce_WritesEachEntryAndEachEndOnce()
    {
        const int Threads = 8;
        const int Calls = 2_000;
        await using (var journal = await folder.OpenAsync())
        {
            var refused = 0;
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
            {
                for (var i = 0; i < Calls; i++)
                {
                    var id = $"t{thread}-{i}";
                    refused += (await journal.AppendAsync(JournalFolder.Call(id), Durability.Process, default)).Written ? 0 : 1;
                    journal.Complete(JournalFolder.Outcome(id));
                }
            })));
            Assert.Equal(0, refused);
        }

        folder.AssertVerifies();
        var entries = folder.Entries();
        var calls = entries.Where(static entry => entry.Kind == "call").Select(static entry => entry.Entry.GetProperty("id").GetString()!).ToList();
        var ends = entries.Where(static entry => entry.Kind == "outcome").Select(static entry => entry.Entry.GetProperty("of").GetString()!).ToList();
        Assert.Equal(Threads * Calls, calls.Count);
        Assert.Equal(Threads * Calls, calls.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(calls.Order(StringComparer.Ordinal), ends.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Subscribe_EntriesWritten_IsCalledAndCanReadThem()
    {
        await using var journal = await folder.OpenAsync();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        journal.Subscribe(() =>
        {
            if (folder.Entries().Exists(entry => entry.Kind == "call"))
            {
                seen.TrySetResult();
            }
        });
        await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("c1"), Durability.Process, default));
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Read_FromAPlace_GoesOnBehindItAcrossSegments()
    {
        await folder.FillAsync(10);
        var all = folder.Entries();
        foreach (var entry in all)
        {
            var rest = JournalReader.Read(folder.Root, new JournalPosition(entry.File, entry.End)).Select(next => next.Seq);
            Assert.Equal(all.Where(next => next.Seq > entry.Seq).Select(next => next.Seq), rest);
        }
    }

    [Fact]
    public async Task Append_ChargeKeyThatCannotBeReadBack_IsRefused()
    {
        await using var journal = await folder.OpenAsync();
        var charge = JournalFolder.ChargeOf("runs");
        var result = await journal.AppendAsync(JournalFolder.Call("c1", null, charge with { Key = charge.Key with { ScopeId = "\ud800" } }), Durability.Process, default);
        Assert.False(result.Written);
        Assert.Contains("`runs`", result.Detail, StringComparison.Ordinal);
    }

    /// <summary>As when the machine was put to sleep between a call and the next: the disk was never asked.</summary>
    [Fact]
    public async Task Complete_TimePassesBeforeItIsWritten_TheJournalStaysOpen()
    {
        var time = new ManualTime();
        await using var journal = await folder.OpenAsync(time, folder.Options with { SyncEvery = TimeSpan.FromHours(1) });
        await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("c1"), Durability.Process, default));
        journal.Complete(JournalFolder.Outcome("c1"));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(journal.FaultDetail);
        await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("c2"), Durability.Process, default));
        Assert.Equal(["call", "outcome", "call"], folder.Entries().Select(entry => entry.Kind).Where(kind => kind is "call" or "outcome"));
    }

    [Fact]
    public async Task Append_AfterDispose_IsRefused()
    {
        var journal = await folder.OpenAsync();
        await journal.DisposeAsync();
        Assert.False((await journal.AppendAsync(JournalFolder.Call("c1"), Durability.Process, default)).Written);
    }
}
