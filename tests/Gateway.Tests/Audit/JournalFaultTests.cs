using Callgate.Gateway.Audit;
using Callgate.Gateway.Tests.Quota;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

public sealed class JournalFaultTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly JournalFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>One call's life, its restart included, with each of its disk operations failing once.</summary>
    [Fact]
    public async Task Append_NthOperationFails_LosesNothingAcknowledgedAndRecovers()
    {
        var failed = 0;
        for (var n = 1; failed == n - 1; n++)
        {
            using var here = new JournalFolder();
            var operations = 0;
            var options = here.Options with
            {
                SegmentBytes = 600,
                RetryEvery = TimeSpan.FromMilliseconds(5),
                SyncEvery = TimeSpan.FromMilliseconds(1),
                Disk = new JournalDisk
                {
                    Fault = (operation, file, bytes, offset) =>
                    {
                        if (Interlocked.Increment(ref operations) == n)
                        {
                            failed = n;
                            Fail(operation, file, bytes, offset, writesHalf: true);
                        }
                    },
                },
            };
            await LiveAsync(here, options, n);
            Assert.True(n < 200);
        }

        Assert.True(failed > 15, $"only {failed} operations were reached");
    }

    [Fact]
    public async Task Append_DiskFull_RefusesAtOnceAndRecoversAlone()
    {
        var isFull = false;
        var options = folder.Options with { RetryEvery = TimeSpan.FromMilliseconds(5), Disk = Broken(() => Volatile.Read(ref isFull), "write") };
        await using (var journal = await folder.OpenAsync(options))
        {
            await JournalFolder.AssertWritten(Append(journal, "before"));
            Volatile.Write(ref isFull, true);
            Assert.False((await Append(journal, "during")).Written);
            Assert.False(journal.Healthy);
            Assert.Contains("No space left", journal.FaultDetail, StringComparison.Ordinal);
            var at = Append(journal, "again");
            Assert.True(at.IsCompleted);
            Assert.False((await at).Written);
            Assert.False((await journal.CompleteAsync(JournalFolder.Outcome("before"))).Written);

            Volatile.Write(ref isFull, false);
            await UntilWrittenAsync(journal, "after");
        }

        folder.AssertVerifies();
        var entries = folder.Entries();
        Assert.Equal(["before"], Ids(entries, "call").Where(id => id != "after" && !id.StartsWith("probe", StringComparison.Ordinal)));
        Assert.Equal(["before"], entries.Where(entry => entry.Kind == "outcome").Select(entry => entry.Entry.GetProperty("of").GetString()));
    }

    /// <summary>The outcome is in the very batch that fails, while everything still seems well.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Complete_InTheBatchThatFails_IsWrittenAfterwards(bool recoversBeforeTheEnd)
    {
        var isFull = false;
        var retry = recoversBeforeTheEnd ? TimeSpan.FromMilliseconds(5) : TimeSpan.FromHours(1);
        var options = folder.Options with { RetryEvery = retry, Disk = Broken(() => Volatile.Read(ref isFull), "write") };
        await using (var journal = await folder.OpenAsync(options))
        {
            await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("before", null, JournalFolder.ChargeOf("runs")), Durability.Process, default));
            Volatile.Write(ref isFull, true);
            Assert.False((await journal.CompleteAsync(JournalFolder.Outcome("before", released: true))).Written);
            Volatile.Write(ref isFull, false);
            if (recoversBeforeTheEnd)
            {
                await UntilWrittenAsync(journal, "after");
            }
        }

        folder.AssertVerifies();
        await using var next = await folder.OpenAsync();
        Assert.Empty(next.ReplayedCharges);
    }

    [Fact]
    public async Task Append_WriteAndCutBackFail_CutsTheRestOffWhenItOpensAgain()
    {
        var isBroken = false;
        var disk = Broken(() => Volatile.Read(ref isBroken), "write", "truncate", "sync");
        await using (var journal = await folder.OpenAsync(folder.Options with { RetryEvery = TimeSpan.FromMilliseconds(5), Disk = disk }))
        {
            await JournalFolder.AssertWritten(Append(journal, "before"));
            Volatile.Write(ref isBroken, true);
            Assert.False((await Append(journal, "during")).Written);
            Assert.True(folder.AssertVerifies().TailBytes > 0);
            Volatile.Write(ref isBroken, false);
            await UntilWrittenAsync(journal, "after");
        }

        folder.AssertVerifies();
        Assert.Equal(["before", "after"], Ids(folder.Entries(), "call"));
    }

    [Fact]
    public async Task Append_SyncFails_RefusesThePowerEntryAndRecordsThatItWasAbandoned()
    {
        var isBroken = false;
        var options = folder.Options with { RetryEvery = TimeSpan.FromMilliseconds(5), SyncEvery = TimeSpan.FromHours(1), Disk = Broken(() => Volatile.Read(ref isBroken), "sync") };
        await using (var journal = await folder.OpenAsync(options))
        {
            Volatile.Write(ref isBroken, true);
            var result = await journal.AppendAsync(JournalFolder.Call("c1", null, JournalFolder.ChargeOf("runs")), Durability.Power, default);
            Assert.False(result.Written);
            Volatile.Write(ref isBroken, false);
            await UntilWrittenAsync(journal, "after");
        }

        folder.AssertVerifies();
        var outcome = Assert.Single(folder.Entries(), entry => entry.Kind == "outcome").Entry;
        Assert.Equal("c1", outcome.GetProperty("of").GetString());
        Assert.Equal("abandoned", outcome.GetProperty("outcome").GetString());
        await using var next = await folder.OpenAsync();
        Assert.Empty(next.ReplayedCharges);
    }

    [Fact]
    public async Task Append_DiskHangs_RefusesAtTheLimitAndAbandonsWhatIsWrittenLate()
    {
        var time = new SettableTime(JournalFolder.Start);
        using var hang = new ManualResetEventSlim(true);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disk = new JournalDisk
        {
            Fault = (operation, _, _, _) =>
            {
                if (operation == "write" && !hang.IsSet)
                {
                    entered.TrySetResult();
                    hang.Wait();
                }
            },
        };
        await using (var journal = await folder.OpenAsync(time, folder.Options with { Disk = disk }))
        {
            hang.Reset();
            var first = Task.Run(() => Append(journal, "first").AsTask());
            await entered.Task.WaitAsync(Soon);
            var second = Append(journal, "second").AsTask();
            time.Advance(TimeSpan.FromSeconds(6));
            Assert.False((await second.WaitAsync(Soon)).Written);
            Assert.False((await Append(journal, "third")).Written);
            Assert.False(first.IsCompleted);
            hang.Set();
            Assert.False((await first.WaitAsync(Soon)).Written);
            await UntilWrittenAsync(journal, "after");
        }

        folder.AssertVerifies();
        var entries = folder.Entries();
        Assert.Contains("first", Ids(entries, "call"));
        Assert.DoesNotContain("second", Ids(entries, "call"));
        Assert.DoesNotContain("third", Ids(entries, "call"));
        var outcome = Assert.Single(entries, entry => entry.Kind == "outcome").Entry;
        Assert.Equal("first", outcome.GetProperty("of").GetString());
        Assert.Equal("abandoned", outcome.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Append_QueueFull_RefusesAtOnce()
    {
        using var hang = new ManualResetEventSlim(true);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disk = new JournalDisk
        {
            Fault = (operation, _, _, _) =>
            {
                if (operation == "write" && !hang.IsSet)
                {
                    entered.TrySetResult();
                    hang.Wait();
                }
            },
        };
        await using var journal = await folder.OpenAsync(folder.Options with { Disk = disk, QueueLength = 10 });
        hang.Reset();
        var all = new List<Task<AppendResult>> { Task.Run(() => Append(journal, "first").AsTask()) };
        await entered.Task.WaitAsync(Soon);
        all.AddRange(Enumerable.Range(0, 15).Select(i => Append(journal, $"c{i}").AsTask()));
        Assert.Equal(5, all.Count(append => append.IsCompleted));
        hang.Set();
        var results = await Task.WhenAll(all).WaitAsync(Soon);
        Assert.Equal(11, results.Count(result => result.Written));
    }

    [Fact]
    public async Task Append_Cancelled_IsNotWritten()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await using (var journal = await folder.OpenAsync())
        {
            Assert.False((await journal.AppendAsync(JournalFolder.Call("c1"), Durability.Process, cancelled.Token)).Written);
        }

        Assert.Empty(Ids(folder.Entries(), "call"));
    }

    [Fact]
    public async Task Append_CurrentSegmentDeleted_WritesItAgainAndGoesOn()
    {
        await using (var journal = await folder.OpenAsync(folder.Options with { RetryEvery = TimeSpan.FromMilliseconds(5), SyncEvery = TimeSpan.Zero }))
        {
            await JournalFolder.AssertWritten(Append(journal, "before"));
            File.Delete(folder.Segments().Single());
            for (var tries = 0; folder.Segments().Length < 2; tries++)
            {
                // Only the journal's thread looks at the file's name, when it syncs; it gets its turn.
                Assert.True(tries < 1_000_000);
                await Append(journal, "probe");
            }

            await UntilWrittenAsync(journal, "after");
        }

        folder.AssertVerifies();
        Assert.Contains("before", Ids(folder.Entries(), "call"));
    }

    [Fact]
    public async Task Append_FolderTakenAwayAndBroughtBack_RefusesMeanwhile()
    {
        var away = folder.Root + "-away";
        await using (var journal = await folder.OpenAsync(folder.Options with { RetryEvery = TimeSpan.FromMilliseconds(5), SyncEvery = TimeSpan.Zero }))
        {
            await JournalFolder.AssertWritten(Append(journal, "before"));
            Directory.Move(folder.Root, away);
            var tries = 0;
            while ((await Append(journal, $"probe-{tries}")).Written)
            {
                // Only the journal's thread looks at the folder, when it syncs; it gets its turn.
                Assert.True(++tries < 1_000_000);
                await Task.Yield();
            }

            Assert.False(journal.Healthy);
            Directory.Move(away, folder.Root);
            await UntilWrittenAsync(journal, "after");
        }

        folder.AssertVerifies();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task Append_LengthOfTheSegmentChangedFromOutside_RefusesTheNextEntry(int length)
    {
        await using var journal = await folder.OpenAsync(folder.Options with { SyncEvery = TimeSpan.FromHours(1) });
        await JournalFolder.AssertWritten(Append(journal, "before"));
        await using (var file = new FileStream(folder.Segments().Single(), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(length);
        }

        Assert.False((await Append(journal, "after")).Written);
        Assert.False(journal.Healthy);
        Assert.Contains("from outside", journal.FaultDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_SegmentShortenedFromOutside_StaysRefused()
    {
        var retries = 0;
        var disk = new JournalDisk { Fault = (operation, _, _, _) => Interlocked.Add(ref retries, operation == "length" ? 1 : 0) };
        await using var journal = await folder.OpenAsync(folder.Options with { RetryEvery = TimeSpan.FromMilliseconds(2), SyncEvery = TimeSpan.FromHours(1), Disk = disk });
        await using (var file = new FileStream(folder.Segments().Single(), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(10);
        }

        Assert.False((await Append(journal, "first")).Written);
        using var limit = new CancellationTokenSource(Soon);
        for (var before = Volatile.Read(ref retries); Volatile.Read(ref retries) < before + 3;)
        {
            Assert.False((await Append(journal, "more")).Written);
            Assert.False(limit.IsCancellationRequested);
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Open_DiskFull_IsOpenAndRefusesUntilThereIsRoom()
    {
        var isFull = true;
        var options = folder.Options with { RetryEvery = TimeSpan.FromMilliseconds(5), Disk = Broken(() => Volatile.Read(ref isFull), "write") };
        await using (var journal = await folder.OpenAsync(options))
        {
            Assert.False(journal.Healthy);
            Volatile.Write(ref isFull, false);
            await UntilWrittenAsync(journal, "after");
        }

        folder.AssertVerifies();
        Assert.Equal("start", folder.Entries()[1].Kind);
    }

    private static async Task LiveAsync(JournalFolder here, JournalOptions options, int n)
    {
        var acknowledged = new List<string>();
        Journal? journal = null;
        try
        {
            journal = await here.OpenAsync(options);
        }
        catch (IOException)
        {
            // Refusing to start is an answer too, as long as nothing is lost.
        }

        if (journal is not null)
        {
            for (var i = 0; i < 4; i++)
            {
                var durability = i % 2 == 0 ? Durability.Process : Durability.Power;
                if ((await journal.AppendAsync(JournalFolder.Call($"c{i}", null, JournalFolder.ChargeOf("runs")), durability, default)).Written)
                {
                    acknowledged.Add($"c{i}");
                    await journal.CompleteAsync(JournalFolder.Outcome($"c{i}"));
                }
            }

            await UntilWrittenAsync(journal, "after");
            await journal.DisposeAsync();
        }

        await using (var next = await here.OpenAsync())
        {
            Assert.True(journal is null || next.ReplayedCharges.Sum(charge => charge.Amount) == acknowledged.Count, $"charges after failing operation {n}");
        }

        var report = JournalVerifier.Verify(here.Root);
        Assert.True(report.Ok, $"after failing operation {n}: {report.File} {report.BrokenSeq}: {report.Reason}");
        var entries = here.Entries();
        Assert.Empty(acknowledged.Except(Ids(entries, "call")));
        var completed = entries.Where(entry => entry.Kind == "outcome").Select(entry => entry.Entry.GetProperty("of").GetString()!);
        Assert.Empty(acknowledged.Except(completed));
    }

    private static JournalDisk Broken(Func<bool> isBroken, params string[] operations) => new()
    {
        Fault = (name, file, bytes, offset) =>
        {
            if (isBroken() && operations.Contains(name))
            {
                Fail(name, file, bytes, offset, writesHalf: true);
            }
        },
    };

    private static void Fail(string operation, SafeFileHandle? file, ReadOnlySpan<byte> bytes, long offset, bool writesHalf)
    {
        if (writesHalf && operation == "write")
        {
            RandomAccess.Write(file!, bytes[..(bytes.Length / 2)], offset);
        }

        throw new IOException("No space left on device");
    }

    /// <summary>Retries as a client would; the journal itself decides when it is back.</summary>
    private static async Task UntilWrittenAsync(Journal journal, string id)
    {
        using var limit = new CancellationTokenSource(Soon);
        while (!(await Append(journal, id)).Written)
        {
            Assert.False(limit.IsCancellationRequested, journal.FaultDetail);
            await Task.Yield();
        }
    }

    private static ValueTask<AppendResult> Append(Journal journal, string id) => journal.AppendAsync(JournalFolder.Call(id), Durability.Process, default);

    private static IEnumerable<string> Ids(IEnumerable<JournalEntry> entries, string kind) =>
        entries.Where(entry => entry.Kind == kind).Select(entry => entry.Entry.GetProperty("id").GetString()!);
}
