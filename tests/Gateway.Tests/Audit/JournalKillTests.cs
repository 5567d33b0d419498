using System.Diagnostics;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>A real process that appends is killed again and again in the midst of it.</summary>
public sealed class JournalKillTests : IDisposable
{
    private const int Kills = 20;

    private const int Max = 4_000;

    private readonly JournalFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Kill_TwentyTimesUnderLoad_LosesNoAcknowledgedEntryAndAdmitsNoMoreThanMax()
    {
        var random = new Random(4711);
        var acknowledged = new List<string>();
        for (var life = 0; life < Kills; life++)
        {
            acknowledged.AddRange(await RunAndKillAsync(life, lines: random.Next(1, 300)));
            Assert.True(JournalVerifier.Verify(folder.Root).Ok);
        }

        await using (var journal = await folder.OpenAsync(TimeProvider.System))
        {
            Assert.InRange(SumOfBoth(journal), acknowledged.Count(line => line.StartsWith("sent", StringComparison.Ordinal)), Max);
        }

        folder.AssertVerifies();
        var written = folder.Entries().Where(entry => entry.Kind == "call").Select(entry => entry.Entry.GetProperty("id").GetString()!).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(acknowledged.Select(line => line.Split(' ')[1]).Except(written));
        Assert.True(acknowledged.Count > Kills);
        Assert.True(folder.Segments().Length > 3);
    }

    [Fact]
    public async Task Kill_BeforeAndAfterTheLimitIsReached_TogetherSendExactlyMax()
    {
        const int Small = 40;
        var first = await RunAndKillAsync(0, lines: 15, Small);
        var second = await RunAndKillAsync(1, lines: int.MaxValue, Small);
        Assert.Contains("full", second);
        var sent = first.Concat(second).Count(line => line.StartsWith("sent", StringComparison.Ordinal));
        var held = first.Count(line => line.StartsWith("held", StringComparison.Ordinal));

        // At the kill each caller may have had one call that was recorded and not told, and one whose release was not recorded.
        Assert.InRange(sent, Small - 8 - held, Small);
        await using var journal = await folder.OpenAsync(TimeProvider.System);
        var counters = new Counters(TimeProvider.System);
        counters.Restore(journal.ReplayedCharges, journal.ReplayedUntil);
        var limit = new Limit("runs", LimitWindow.Month, Small, LimitScope.Grant, "/all_tools/limits/0");
        Assert.Equal(Small, SumOfBoth(journal));
        Assert.Equal(ReservationOutcome.Exceeded, counters.Reserve("p", [limit], new CounterOwner("g", null, null, "s")).Outcome);
    }

    /// <summary>What the aligned counter has been charged, which is what the sliding one beside it has, call by call.</summary>
    private static decimal SumOfBoth(Journal journal)
    {
        var aligned = journal.ReplayedCharges.Single(static charge => charge.Key.Kind == CounterKind.Aligned).Amount;
        Assert.Equal(aligned, journal.ReplayedCharges.Count(static charge => charge.Key.Kind == CounterKind.Sliding));
        return aligned;
    }

    private async Task<List<string>> RunAndKillAsync(int life, int lines, int max = Max)
    {
        var probe = Path.Combine(AppContext.BaseDirectory, "callgate-journal-probe");
        var start = new ProcessStartInfo(probe, [folder.Root, $"{max}", $"{life}"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var read = new List<string>();
        var isFull = 0;
        while (read.Count < lines && isFull < 8 && await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            isFull += line == "full" ? 1 : 0;
            read.Add(line);
        }

        process.Kill();

        // What it had printed before it died was acknowledged too; a last line without its end was not read whole.
        var rest = await process.StandardOutput.ReadToEndAsync(limit.Token);
        var end = rest.LastIndexOf('\n');
        read.AddRange(end < 0 ? [] : rest[..end].Split('\n'));
        await process.WaitForExitAsync(limit.Token);
        return lines == int.MaxValue ? read : [.. read.Where(line => line != "full")];
    }
}
