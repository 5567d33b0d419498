using Callgate.Gateway.Audit;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

public sealed class JournalQueueTests
{
    [Fact]
    public void TakeUnsynced_AnEntryWantsTheDisk_IsLeftToTheThread()
    {
        var queue = new JournalQueue(8);
        var kernel = new PendingEntry(new JournalEncoder());
        var disk = new PendingEntry(new JournalEncoder()) { NeedsSync = true };
        var end = new PendingEntry(new JournalEncoder()) { Outcome = JournalFolder.Outcome("c1") };
        foreach (var entry in new[] { kernel, disk, end })
        {
            Assert.Null(queue.TryAdd(entry));
        }

        Assert.Equal([kernel, end], queue.TakeUnsynced());
        Assert.True(queue.WantsThread);
        Assert.Equal([disk], queue.Take(out _));
        Assert.False(queue.WantsThread);
    }
}
