using Callgate.Gateway.Audit;
using Callgate.Gateway.Tests.Quota;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

public sealed class JournalRefusalsTests : IDisposable
{
    private readonly JournalFolder folder = new();
    private readonly SettableTime time = new(JournalFolder.Start);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task AdmitRefusal_Flood_WritesABurstAndCountsTheRest()
    {
        await using (var journal = await folder.OpenAsync(time))
        {
            for (var i = 0; i < 5_000; i++)
            {
                await JournalFolder.AssertWritten(journal.AdmitRefusalAsync(Refusal($"{i}-{new string('x', 60_000)}", i % 2 == 0 ? "grant.unknown" : "grant.missing")));
            }
        }

        folder.AssertVerifies();
        var entries = folder.Entries();
        Assert.Equal(100, entries.Count(entry => entry.Kind == "call"));
        var counted = Assert.Single(entries, entry => entry.Kind == "refusals").Entry;
        Assert.Equal(4_900, counted.GetProperty("count").GetInt64());
        Assert.Equal(2_450, counted.GetProperty("codes").GetProperty("grant.missing").GetInt64());
        Assert.InRange(folder.Segments().Sum(segment => new FileInfo(segment).Length), 1, 100_000);
    }

    [Fact]
    public async Task AdmitRefusal_AfterTenSeconds_WritesTheCountOfThem()
    {
        await using var journal = await folder.OpenAsync(time);
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        journal.Subscribe(() =>
        {
            if (folder.Entries().Exists(entry => entry.Kind == "refusals"))
            {
                seen.TrySetResult();
            }
        });
        for (var i = 0; i < 150; i++)
        {
            await journal.AdmitRefusalAsync(Refusal("x", "grant.unknown"));
        }

        time.Advance(TimeSpan.FromSeconds(10));
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(50, folder.Entries().Single(entry => entry.Kind == "refusals").Entry.GetProperty("count").GetInt64());
        await journal.AdmitRefusalAsync(Refusal("x", "grant.unknown"));
        Assert.Equal(101, folder.Entries().Count(entry => entry.Kind == "call"));
    }

    [Fact]
    public async Task AdmitRefusal_DiskBelowTwiceTheReserve_OnlyCountsWhileGrantsAreWritten()
    {
        var options = folder.Options with { Disk = new JournalDisk { Free = () => (2 * folder.Options.ReserveBytes) - 1 } };
        await using (var journal = await folder.OpenAsync(time, options))
        {
            await JournalFolder.AssertWritten(journal.AdmitRefusalAsync(Refusal("r1", "grant.unknown")));
            await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("c1"), Durability.Process, default));
        }

        var entries = folder.Entries();
        Assert.Equal("c1", Assert.Single(entries, entry => entry.Kind == "call").Entry.GetProperty("id").GetString());
        Assert.Equal(1, Assert.Single(entries, entry => entry.Kind == "refusals").Entry.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task AdmitRefusal_JournalCannotWrite_IsCountedAndWrittenLater()
    {
        var isFull = false;
        var disk = new JournalDisk
        {
            Fault = (operation, _, _, _) =>
            {
                if (operation == "write" && Volatile.Read(ref isFull))
                {
                    throw new IOException("No space left on device");
                }
            },
        };
        await using (var journal = await folder.OpenAsync(time, folder.Options with { Disk = disk, RetryEvery = TimeSpan.FromMilliseconds(5) }))
        {
            Volatile.Write(ref isFull, true);
            Assert.False((await journal.AdmitRefusalAsync(Refusal("r1", "grant.unknown"))).Written);
            Assert.False((await journal.AdmitRefusalAsync(Refusal("r2", "grant.unknown"))).Written);
            Volatile.Write(ref isFull, false);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            while (!journal.Healthy)
            {
                Assert.False(limit.IsCancellationRequested);
                await Task.Yield();
            }
        }

        Assert.Equal(2, Assert.Single(folder.Entries(), entry => entry.Kind == "refusals").Entry.GetProperty("count").GetInt64());
    }

    private static CallRecord Refusal(string tool, string code) => JournalFolder.Call(tool[..Math.Min(tool.Length, 20)], "refused") with { Grant = null, Tool = tool, Code = code };
}
