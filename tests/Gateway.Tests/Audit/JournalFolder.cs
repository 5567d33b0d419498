using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>A journal in a temporary folder, gone after the test.</summary>
internal sealed class JournalFolder : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("callgate-journal-");

    public string Root => Path.Combine(folder.FullName, "journal");

    public JournalOptions Options => new(Root, ReserveBytes: 1 << 20);

    public static CallRecord Call(string id, string? outcome = null, params Charge[] charges) => new()
    {
        Id = id,
        Time = Start,
        Method = "tools/call",
        Decision = outcome == "refused" ? "deny" : "allow",
        Outcome = outcome,
        Grant = "g1",
        Server = "dagster",
        Tool = "cancel_run",
        Charges = charges,
    };

    public static Charge ChargeOf(string counter, decimal amount = 1, LimitWindow? window = null, DateTimeOffset? at = null)
    {
        var length = window ?? LimitWindow.Day;
        return new Charge(new CounterKey("careful", counter, LimitScope.Grant, "g1", "dagster", length), length.StartOf(at ?? Start), amount);
    }

    public static OutcomeRecord Outcome(string id, bool released = false) => new(id, Start, released ? "failed" : "answered", released ? null : 200, 12, released);

    public ValueTask<Journal> OpenAsync(TimeProvider time, JournalOptions? options = null) =>
        Journal.OpenAsync(options ?? Options, time, NullLogger.Instance);

    public ValueTask<Journal> OpenAsync(JournalOptions? options = null) => OpenAsync(new Quota.SettableTime(Start), options);

    /// <summary>A journal of several segments with calls, outcomes and counts, cleanly closed.</summary>
    public async Task<JournalHead> FillAsync(int calls, long segmentBytes = 2_000)
    {
        await using var journal = await OpenAsync(Options with { SegmentBytes = segmentBytes });
        for (var i = 0; i < calls; i++)
        {
            await AssertWritten(journal.AppendAsync(Call($"c{i}", null, ChargeOf("runs")), Durability.Process, CancellationToken.None));
            await AssertWritten(journal.CompleteAsync(Outcome($"c{i}", released: i % 3 == 0)));
        }

        await journal.DisposeAsync();
        return journal.Head;
    }

    public string[] Segments() => Directory.Exists(Root) ? [.. Directory.GetFiles(Root, "*.jsonl").Order(StringComparer.Ordinal)] : [];

    public List<JournalEntry> Entries() => [.. JournalReader.Read(Root)];

    public VerifyReport AssertVerifies()
    {
        var report = JournalVerifier.Verify(Root);
        Assert.True(report.Ok, $"{report.File} {report.BrokenSeq}: {report.Reason}");
        return report;
    }

    public static async Task AssertWritten(ValueTask<AppendResult> append)
    {
        var result = await append;
        Assert.True(result.Written, result.Detail);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
