using System.Collections.Concurrent;
using System.Globalization;
using Callgate.Fixtures;
using Callgate.Gateway.Audit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>Whoever can write every file of the record, but has neither the key nor the anchor, is found out each time.</summary>
public sealed class TamperingTests : IDisposable
{
    private readonly JournalFolder folder = new();
    private readonly DirectoryInfo outside = Directory.CreateTempSubdirectory("callgate-outside-");

    public void Dispose()
    {
        folder.Dispose();
        outside.Delete(recursive: true);
    }

    [Fact]
    public async Task Verify_AnyChangeOfTheRecord_IsFoundAndTheFirstWrongEntryNamed()
    {
        var run = new LongRun("tampering");
        var trials = (int)LongRun.Size("CALLGATE_TAMPERINGS", 10_000);
        using var key = JournalKey.Open(outside.FullName);
        var older = new List<(List<List<string>> Segments, string Heads)>();
        for (var stage = 0; stage < 4; stage++)
        {
            await FillAsync(key, stage);
            older.Add((Lines(), File.ReadAllText(HeadsPath)));
        }

        var (whole, heads) = older[^1];
        older.RemoveAt(older.Count - 1);
        var anchor = Path.Combine(outside.FullName, "anchor");
        File.Copy(HeadsPath, anchor);
        var untouched = JournalVerifier.Verify(new VerifyRequest(folder.Root) { Keys = [key.Public], HeadFiles = [anchor], NeedsHead = true, IsSealed = true });
        Assert.True(untouched.Ok, untouched.Reason);
        Assert.Equal((untouched.Head.Seq, 4L), (untouched.SignedSeq, untouched.Heads));

        var found = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var lanes = Math.Max(1, Environment.ProcessorCount);
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => Task.Run(() =>
        {
            var random = new Random(run.Seed + lane);
            var directory = Directory.CreateDirectory(Path.Combine(outside.FullName, $"lane{lane}")).FullName;
            var tampered = new TamperedFolder(whole, heads, older);
            for (var trial = lane; trial < trials; trial += lanes)
            {
                Try(directory, key.Public, anchor, tampered, tampered.Next(random), found);
            }
        })));
        foreach (var (what, count) in found.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            run[what] = count;
        }

        run.Write();
        Assert.Equal(trials, found.Values.Sum());
    }

    private static void Try(string directory, NoteKey key, string anchor, TamperedFolder tampered, Tampering change, ConcurrentDictionary<string, int> found)
    {
        tampered.Write(directory, change);
        var report = JournalVerifier.Verify(new VerifyRequest(directory) { Keys = [key], HeadFiles = [anchor], IsSealed = true });
        Assert.False(report.Ok, $"{change.What} at {change.FirstWrong} was not found");

        // Links made right again leave only the heads, and those say between which two of them it happened.
        var last = report.Reason!.Split("is one of ") is [_, var range] ? long.Parse(range.Split(" to ")[1], CultureInfo.InvariantCulture) : report.BrokenSeq;
        Assert.True(report.BrokenSeq <= change.FirstWrong && change.FirstWrong <= last, $"{change.What} at {change.FirstWrong} was found at {report.BrokenSeq}: {report.Reason}");
        found.AddOrUpdate(change.What, 1, static (_, count) => count + 1);
    }

    private string HeadsPath => Path.Combine(folder.Root, HeadsFile.Name);

    private List<List<string>> Lines() => [.. folder.Segments().Select(static path => File.ReadAllLines(path).ToList())];

    private async Task FillAsync(JournalKey key, int stage)
    {
        await using var heads = new JournalHeads(folder.Root, key, TimeProvider.System, NullLogger.Instance);
        await using var journal = await folder.OpenAsync(folder.Options with { SegmentBytes = 4_000 });
        heads.Follow(journal);
        for (var i = 0; i < 6; i++)
        {
            await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call($"c{stage}-{i}", null, JournalFolder.ChargeOf("runs")), Durability.Process, CancellationToken.None));
            await JournalFolder.AssertWritten(journal.CompleteAsync(JournalFolder.Outcome($"c{stage}-{i}", released: i % 3 == 0)));
        }
    }
}
