using System.Diagnostics;
using Callgate.Gateway.Audit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Bench.Record;

/// <summary>A journal as the gate writes it, with its signed heads, read and proven whole.</summary>
internal static class VerifyBench
{
    public static async Task RunAsync(int entries)
    {
        var folder = Directory.CreateTempSubdirectory("callgate-bench-verify-");
        try
        {
            var directory = Path.Combine(folder.FullName, "journal");
            using var key = JournalKey.Open(folder.FullName);
            await WriteAsync(directory, key, entries);
            var bytes = Directory.GetFiles(directory).Sum(static file => new FileInfo(file).Length);
            var times = new List<double>();
            VerifyReport report = null!;
            for (var round = 0; round < 3; round++)
            {
                var begun = Stopwatch.GetTimestamp();
                report = JournalVerifier.Verify(new VerifyRequest(directory) { Keys = [key.Public], NeedsHead = true, IsSealed = true });
                times.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            }

            if (!report.Ok)
            {
                throw new InvalidOperationException(report.Reason);
            }

            times.Sort();
            Console.WriteLine(FormattableString.Invariant($"{report.Entries} entries, {bytes / 1_000_000} MB, {report.Heads} signed heads: verified in {times[1]:0.0} s (median of 3; {times[0]:0.0} to {times[2]:0.0} s)"));
            Console.WriteLine(Machine.Describe());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task WriteAsync(string directory, JournalKey key, int entries)
    {
        await using var heads = new JournalHeads(directory, key, TimeProvider.System, NullLogger.Instance);
        await using var journal = await Journal.OpenAsync(new JournalOptions(directory), TimeProvider.System, NullLogger.Instance);
        heads.Follow(journal);
        for (var i = 0; i < entries / 2; i++)
        {
            var id = $"call-{i:D12}";
            await journal.AppendAsync(CostBench.Call(id), Durability.Process, CancellationToken.None);
            journal.Complete(CostBench.Outcome(id));
        }
    }
}
