using System.Text.Json;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Tests.Quota;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>What retention drops leaves a summary in the chain, and the rest stays provable.</summary>
public sealed class RetirementTests : IDisposable
{
    private readonly JournalFolder folder = new();
    private readonly JournalKey key;

    public RetirementTests()
    {
        Directory.CreateDirectory(folder.Root);
        key = JournalKey.Open(folder.Root);
    }

    public void Dispose()
    {
        key.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(2_000, 300)]
    [InlineData(200_000, 2_500)]
    public async Task Retention_SegmentsDropped_SummaryCountsEveryCallOfThem(int segmentBytes, int calls)
    {
        var options = folder.Options with { SegmentBytes = segmentBytes, Retention = new JournalRetention(Bytes: segmentBytes * 2) };
        for (var life = 0; life < 3; life++)
        {
            await using var heads = new JournalHeads(folder.Root, key, TimeProvider.System, NullLogger.Instance);
            await using var journal = await folder.OpenAsync(new SettableTime(JournalFolder.Start), options);
            heads.Follow(journal);
            for (var i = 0; i < calls; i++)
            {
                var call = JournalFolder.Call($"c{life}-{i}", i % 3 == 0 ? "refused" : "answered") with { Code = i % 3 == 0 ? "policy.denied" : null };
                await JournalFolder.AssertWritten(journal.AppendAsync(call, Durability.Process, default));
            }

            await heads.SignNowAsync();
        }

        var report = JournalVerifier.Verify(new VerifyRequest(folder.Root) { Keys = [key.Public], NeedsHead = true });
        Assert.True(report.Ok, report.Reason);
        Assert.True(report.FirstSeq > 1);
        var entries = folder.Entries();
        var last = entries.Last(static entry => entry.Kind == "retired").Entry;
        var total = last.GetProperty("total");
        Assert.Equal((1, report.FirstSeq - 1, report.FirstSeq - 1), (total.GetProperty("first_seq").GetInt64(), total.GetProperty("entries").GetInt64(), last.GetProperty("last_seq").GetInt64()));

        // What was dropped and what is there are all that ever was.
        var left = entries.Where(static entry => entry.Kind == "call").Select(static entry => entry.Entry.GetProperty("decision").GetString()).ToList();
        Assert.Equal(3 * ((calls + 2) / 3), Count(total, "decisions", "deny") + left.Count(static decision => decision == "deny"));
        Assert.Equal((3 * calls) - (3 * ((calls + 2) / 3)), Count(total, "decisions", "allow") + left.Count(static decision => decision == "allow"));
        Assert.Equal(Count(total, "decisions", "deny"), Count(total, "codes", "policy.denied"));
        Assert.Equal(Count(total, "decisions", "deny"), Count(total, "outcomes", "refused"));
        Assert.Equal(JournalFolder.Start, total.GetProperty("from").GetDateTimeOffset());
    }

    [Fact]
    public async Task Verify_BeginOfTheJournalForged_IsFoundByTheHeads()
    {
        // Everything is replaced by a journal that claims to begin after the last entry that was ever signed.
        await using (var heads = new JournalHeads(folder.Root, key, TimeProvider.System, NullLogger.Instance))
        {
            await using var journal = await folder.OpenAsync();
            heads.Follow(journal);
            await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("c", "answered"), Durability.Power, default));
        }

        var head = JournalVerifier.Verify(folder.Root).Head;
        foreach (var segment in folder.Segments())
        {
            File.Delete(segment);
        }

        var first = head.Seq + 5;
        var prev = new string('a', 64);
        var header = $$"""{"seq":{{first}},"prev":"{{prev}}","kind":"segment","version":1,"first_seq":{{first}},"time":"2026-03-04T12:00:00.000Z","latest":"2026-03-04T12:00:00.000Z","retired":{{first - 1}},"more":0,"counters":[],"open":[]}""";
        var hash = JournalLine.HashText(System.Text.Encoding.UTF8.GetBytes(header));
        var retired = $$"""{"seq":{{first + 1}},"prev":"{{hash}}","kind":"retired","time":"2026-03-04T12:00:00.000Z","file":"x","last_seq":{{first - 1}},"last_hash":"{{prev}}"}""";
        await File.WriteAllTextAsync(Path.Combine(folder.Root, $"{first:D20}.jsonl"), header + "\n" + retired + "\n");

        Assert.True(JournalVerifier.Verify(folder.Root).Ok);
        var report = JournalVerifier.Verify(new VerifyRequest(folder.Root) { Keys = [key.Public] });
        Assert.False(report.Ok);
        Assert.StartsWith("the last head that is known is that of entry ", report.Reason, StringComparison.Ordinal);
    }

    private static long Count(JsonElement total, string of, string name) => total.GetProperty(of).TryGetProperty(name, out var count) ? count.GetInt64() : 0;
}
