using System.Text;
using Callgate.Gateway.Audit;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>Every change of a single entry, at every place of a small journal of several segments.</summary>
public sealed class JournalVerifierTests : IDisposable
{
    private readonly JournalFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Verify_AnyEntryRemoved_FindsIt() =>
        await EachChangeIsFoundAsync((lines, i) => [.. lines.Where((_, at) => at != i)]);

    [Fact]
    public async Task Verify_AnyEntryTwice_FindsIt() =>
        await EachChangeIsFoundAsync((lines, i) => [.. lines[..i], lines[i], .. lines[i..]]);

    [Fact]
    public async Task Verify_AnyEntryChanged_FindsIt() =>
        await EachChangeIsFoundAsync((lines, i) =>
        {
            var changed = lines.ToArray();
            changed[i] = changed[i].Replace("2026-03-04", "2026-03-05", StringComparison.Ordinal);
            Assert.NotEqual(lines[i], changed[i]);
            return changed;
        });

    [Fact]
    public async Task Verify_AnyTwoNeighboursSwapped_FindsIt() =>
        await EachChangeIsFoundAsync((lines, i) =>
        {
            var swapped = lines.ToArray();
            var other = i == 0 ? 1 : i - 1;
            (swapped[i], swapped[other]) = (swapped[other], swapped[i]);
            return swapped;
        });

    [Fact]
    public async Task Verify_AnyEntryForgedWithARightPrev_FindsIt() =>
        await EachChangeIsFoundAsync((lines, i) =>
        {
            var forged = lines[i].Replace("}", ",\"x\":1}", StringComparison.Ordinal);
            return [.. lines[..i], forged, .. lines[i..]];
        });

    [Fact]
    public async Task Verify_SegmentCutAtAnyByte_FindsIt()
    {
        var head = await folder.FillAsync(8);
        foreach (var segment in folder.Segments())
        {
            var good = await File.ReadAllBytesAsync(segment);
            for (var length = 0; length < good.Length; length += 31)
            {
                await File.WriteAllBytesAsync(segment, good[..length]);
                AssertFound(head, $"{segment} cut to {length}");
            }

            await File.WriteAllBytesAsync(segment, good);
        }
    }

    [Fact]
    public async Task Verify_AnyByteChanged_FindsIt()
    {
        var head = await folder.FillAsync(4);
        var random = new Random(20261121);
        foreach (var segment in folder.Segments())
        {
            var good = await File.ReadAllBytesAsync(segment);
            for (var i = random.Next(7); i < good.Length; i += random.Next(1, 20))
            {
                var bad = good.ToArray();
                bad[i] ^= (byte)(1 << random.Next(8));
                await File.WriteAllBytesAsync(segment, bad);
                AssertFound(head, $"{segment} byte {i}");
            }

            await File.WriteAllBytesAsync(segment, good);
        }
    }

    [Fact]
    public async Task Verify_EndCutBackToWholeEntries_IsFoundByTheNotedHeadOnly()
    {
        var head = await folder.FillAsync(4);
        var last = folder.Segments()[^1];
        var lines = await File.ReadAllLinesAsync(last);
        await File.WriteAllTextAsync(last, string.Join('\n', lines[..^1]) + "\n");
        Assert.True(JournalVerifier.Verify(folder.Root).Ok);
        AssertFound(head, "cut");
    }

    [Fact]
    public async Task Verify_HeadNotedEarlier_StillHolds()
    {
        var head = await folder.FillAsync(4);
        await folder.FillAsync(4);
        var report = JournalVerifier.Verify(folder.Root, noted: head);
        Assert.True(report.Ok, report.Reason);
        Assert.False(JournalVerifier.Verify(folder.Root, noted: head with { Hash = new string('a', 64) }).Ok);
    }

    [Fact]
    public async Task Verify_BrokenEntry_NamesItsFileAndNumber()
    {
        await folder.FillAsync(8);
        var second = folder.Segments()[1];
        var lines = await File.ReadAllLinesAsync(second);
        lines[2] = lines[2].Replace("2026", "2027", StringComparison.Ordinal);
        await File.WriteAllTextAsync(second, string.Join('\n', lines) + "\n");
        var report = JournalVerifier.Verify(folder.Root);
        Assert.Equal(Path.GetFileName(second), report.File);

        // The hash of the changed entry is in the one after it, which is as it was written.
        Assert.Equal(JournalReader.Read(folder.Root).Single(entry => entry.File == report.File && entry.Offset == lines.Take(2).Sum(line => Encoding.UTF8.GetByteCount(line) + 1)).Seq, report.BrokenSeq);
        Assert.Equal(report.BrokenSeq - 1, report.Head.Seq);
    }

    [Fact]
    public void Verify_FolderMissing_SaysThatItCannotBeRead()
    {
        var report = JournalVerifier.Verify(Path.Combine(folder.Root, "nothing"));
        Assert.False(report.Ok);
        Assert.Contains("cannot be read", report.Reason, StringComparison.Ordinal);
    }

    private async Task EachChangeIsFoundAsync(Func<string[], int, string[]> change)
    {
        var head = await folder.FillAsync(8);
        Assert.True(folder.Segments().Length >= 3);
        foreach (var segment in folder.Segments())
        {
            var good = await File.ReadAllLinesAsync(segment);
            for (var i = 0; i < good.Length; i++)
            {
                await File.WriteAllTextAsync(segment, string.Concat(change(good, i).Select(line => line + "\n")));
                AssertFound(head, $"{segment} line {i}");
            }

            await File.WriteAllTextAsync(segment, string.Concat(good.Select(line => line + "\n")));
        }

        Assert.True(JournalVerifier.Verify(folder.Root, noted: head).Ok);
    }

    private void AssertFound(JournalHead head, string what)
    {
        var report = JournalVerifier.Verify(folder.Root, noted: head);
        Assert.False(report.Ok, what);
        Assert.NotNull(report.Reason);
    }
}
