using System.Text.Json;
using Callgate.Gateway.Audit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>The index behind the real journal: what one writes, the other finds.</summary>
public sealed class AuditIndexOnJournalTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("callgate-index-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Calls_OverSeveralSegmentsAndLives_AreFoundWithTheirOutcomes()
    {
        await using var index = await AuditIndex.OpenAsync(Path.Combine(folder.FullName, "index.db"), JournalDirectory, NullLogger.Instance);
        await using (var journal = await OpenAsync())
        {
            journal.Subscribe(index.Notify);
            for (var i = 0; i < 100; i++)
            {
                await journal.AppendAsync(Call($"c{i}"), Durability.Process, TestContext.Current.CancellationToken);
                if (i % 2 == 0)
                {
                    await journal.CompleteAsync(new OutcomeRecord($"c{i}", DateTimeOffset.UnixEpoch, "answered", 200, 3));
                }
            }

            await index.WaitForAsync(journal.LastSeq, TestContext.Current.CancellationToken);
        }

        Assert.True(Directory.GetFiles(JournalDirectory).Length > 1);
        await using var second = await OpenAsync();
        await second.AppendAsync(Call("last"), Durability.Process, TestContext.Current.CancellationToken);
        await index.WaitForAsync(second.LastSeq, TestContext.Current.CancellationToken);

        var found = (await index.SearchAsync(new AuditQuery { Limit = 1000 })).Records.Select(json => JsonElement.Parse(json)).ToList();
        Assert.Equal(101, found.Count);
        Assert.Equal(["last", "c99", "c98"], found.Take(3).Select(call => call.GetProperty("id").GetString()));
        Assert.Equal(50, found.Count(call => call.GetProperty("outcome").GetString() == "answered"));
        Assert.Equal(50, found.Count(call => call.GetProperty("outcome").GetString() == "unknown"));
        Assert.Equal("2026-03-01T12:00:00.123Z", found[0].GetProperty("time").GetString());
        Assert.Equal(["päth"], found[0].GetProperty("argument_names").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task Refusals_BeyondTheAdmittedRate_AreFoundAsOneRow()
    {
        await using var index = await AuditIndex.OpenAsync(Path.Combine(folder.FullName, "index.db"), JournalDirectory, NullLogger.Instance);
        await using (var journal = await OpenAsync())
        {
            journal.Subscribe(index.Notify);
            for (var i = 0; i < 1000; i++)
            {
                await journal.AdmitRefusalAsync(Call($"r{i}") with { Decision = "deny", Code = "grant.unknown", Outcome = "refused" });
            }
        }

        await index.ReindexAsync(null, TestContext.Current.CancellationToken);
        var found = (await index.SearchAsync(new AuditQuery { Code = "grant.unknown", Limit = 1000 })).Records.Select(json => JsonElement.Parse(json)).ToList();

        // What was not written one by one stands in the counted row: nothing is lost, whatever rate the journal admits.
        var counted = Assert.Single(found, row => row.GetProperty("id").GetString()!.StartsWith("refusals-", StringComparison.Ordinal));
        Assert.StartsWith($"{1000 - (found.Count - 1)} refusals", counted.GetProperty("rule").GetString(), StringComparison.Ordinal);
    }

    private string JournalDirectory => Path.Combine(folder.FullName, "journal");

    private async Task<Journal> OpenAsync() =>
        await Journal.OpenAsync(new JournalOptions(JournalDirectory, SegmentBytes: 16 << 10), TimeProvider.System, NullLogger.Instance);

    private static CallRecord Call(string id) => new()
    {
        Id = id,
        Time = new DateTimeOffset(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero),
        Method = "tools/call",
        Decision = "allow",
        Tool = "list_runs",
        ArgumentNames = ["päth"],
    };
}
