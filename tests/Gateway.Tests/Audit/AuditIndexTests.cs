using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Gateway.Audit;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

public sealed class AuditIndexTests : IAsyncLifetime
{
    private readonly AuditIndexFixture fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Open_EmptyJournal_FindsNothingAndIsHealthy()
    {
        await fixture.OpenAsync();

        Assert.Empty(await fixture.FindAsync());
        Assert.True(fixture.Index.Healthy);
        Assert.Equal(0, fixture.Index.IndexedSeq);
    }

    [Fact]
    public async Task Outcome_AfterItsCall_IsMerged()
    {
        fixture.Call("c1");
        await fixture.OpenAsync();
        Assert.Equal(JsonValueKind.Null, (await OneAsync()).GetProperty("outcome").ValueKind);

        fixture.Outcome("c1", "answered", ("upstream_status", 200), ("duration_ms", 17));
        await fixture.CatchUpAsync();

        var call = await OneAsync();
        Assert.Equal("answered", call.GetProperty("outcome").GetString());
        Assert.Equal(200, call.GetProperty("upstream_status").GetInt32());
        Assert.Equal(17, call.GetProperty("duration_ms").GetInt64());
        Assert.Equal(JsonValueKind.Null, call.GetProperty("code").ValueKind);
    }

    [Fact]
    public async Task Outcome_SeenTwice_ChangesNothing()
    {
        fixture.Call("c1");
        fixture.Outcome("c1", "failed", ("code", "upstream.timeout"), ("duration_ms", 5));
        await fixture.OpenAsync();
        var once = await fixture.DumpAsync();

        fixture.Outcome("c1", "failed", ("code", "upstream.timeout"), ("duration_ms", 5));
        await fixture.CatchUpAsync();

        Assert.Equal(once, await fixture.DumpAsync());
        Assert.Equal("upstream.timeout", (await OneAsync()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Outcome_ThatReleased_TakesTheChargesBack()
    {
        fixture.Call("c1", ("charges", new JsonArray(new JsonObject { ["policy"] = "careful", ["amount"] = 1 })));
        await fixture.OpenAsync();
        Assert.Equal(1, (await OneAsync()).GetProperty("charges").GetArrayLength());

        fixture.Outcome("c1", "failed", ("released", true));
        await fixture.CatchUpAsync();

        Assert.Equal(0, (await OneAsync()).GetProperty("charges").GetArrayLength());
    }

    [Fact]
    public async Task Outcome_OfACallNotHeld_IsIgnored()
    {
        fixture.Outcome("gone", "answered");
        await fixture.OpenAsync();

        Assert.Empty(await fixture.FindAsync());
    }

    [Fact]
    public async Task Start_WithOpenCallsOfAnEarlierLife_MarksOnlyThemUnknown()
    {
        fixture.Start();
        fixture.Call("open");
        fixture.Call("done");
        fixture.Outcome("done", "answered");
        fixture.Call("refused", ("decision", "deny"), ("outcome", "refused"));
        fixture.Start();
        fixture.Call("new");
        await fixture.OpenAsync();

        var outcomes = (await fixture.FindAsync()).ToDictionary(call => call.GetProperty("id").GetString()!, call => call.GetProperty("outcome").GetString());
        Assert.Equal("unknown", outcomes["open"]);
        Assert.Equal("answered", outcomes["done"]);
        Assert.Equal("refused", outcomes["refused"]);
        Assert.Null(outcomes["new"]);
    }

    [Fact]
    public async Task Refusals_CountedTogether_StandAsOneRow()
    {
        fixture.Append(new JsonObject
        {
            ["kind"] = "refusals",
            ["count"] = 130,
            ["codes"] = new JsonObject { ["request.malformed"] = 30, ["grant.unknown"] = 100 },
            ["from"] = AuditIndexFixture.Time(0),
            ["to"] = AuditIndexFixture.Time(60),
        });
        await fixture.OpenAsync();

        var row = await OneAsync();
        Assert.Equal(("deny", "refused", "grant.unknown"), (row.GetProperty("decision").GetString(), row.GetProperty("outcome").GetString(), row.GetProperty("code").GetString()));
        Assert.Equal(AuditIndexFixture.Time(60), row.GetProperty("time").GetString());
        Assert.Contains("130", row.GetProperty("rule").GetString(), StringComparison.Ordinal);
        Assert.Contains("request.malformed 30", row.GetProperty("rule").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reopen_AfterMoreEntriesAndSegments_ContinuesWhereItStood()
    {
        fixture.Call("c1");
        await fixture.OpenAsync();
        await fixture.CloseAsync();

        fixture.Outcome("c1", "answered");
        fixture.StartSegment();
        fixture.Call("c2");
        fixture.StartSegment();
        fixture.StartSegment();
        fixture.Call("c3");
        await fixture.OpenAsync();

        Assert.Equal(["c3", "c2", "c1"], await IdsAsync());
        Assert.Equal(fixture.LastSeq, fixture.Index.IndexedSeq);
    }

    [Fact]
    public async Task HalfALine_AtTheEnd_WaitsUntilItIsWhole()
    {
        fixture.Call("c1");
        fixture.AppendRaw(Encoding.UTF8.GetBytes($"{{\"seq\":3,\"prev\":\"{new string('0', 64)}\",\"kind\":\"call\",\"id\":\"c2\",\"ti"));
        await fixture.OpenAsync();
        Assert.Equal(["c1"], await IdsAsync());

        fixture.AppendRaw("me\":\"2026-03-01T12:00:00Z\",\"decision\":\"allow\"}\n"u8.ToArray());
        await fixture.Index.WaitForAsync(3, TestContext.Current.CancellationToken);

        Assert.Equal(["c2", "c1"], await IdsAsync());
    }

    [Fact]
    public async Task Lines_ThatAreNoEntries_DoNotHideTheOthers()
    {
        fixture.Call("c1");
        fixture.AppendRaw("not json\n[1]\n\n{\"seq\":\"x\"}\n"u8.ToArray());
        fixture.Call("c2");
        await fixture.OpenAsync();

        Assert.Equal(["c2", "c1"], await IdsAsync());
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("empty")]
    [InlineData("text")]
    [InlineData("truncated")]
    [InlineData("zeroed")]
    [InlineData("scrambled")]
    public async Task Reopen_IndexDamaged_IsFilledAgainByItself(string damage)
    {
        Fill(400);
        await fixture.OpenAsync();
        var before = await fixture.DumpAsync();
        await fixture.CloseAsync();

        Damage(damage);
        await fixture.OpenAsync();

        Assert.Equal(before, await fixture.DumpAsync());
        Assert.True(fixture.Index.Healthy);
    }

    [Fact]
    public async Task Running_IndexRemoved_IsFilledAgain()
    {
        Fill(20);
        await fixture.OpenAsync();

        File.Delete(fixture.IndexPath);
        File.Delete(fixture.IndexPath + "-wal");
        fixture.Call("last");
        await fixture.CatchUpAsync();

        Assert.Equal(21, (await fixture.FindAsync()).Count);
        Assert.True(File.Exists(fixture.IndexPath));
    }

    [Fact]
    public async Task Open_FolderInPlace_FailsOnlyTheSearchAndRecovers()
    {
        fixture.Call("c1");
        Directory.CreateDirectory(fixture.IndexPath);
        File.WriteAllText(Path.Combine(fixture.IndexPath, "mine"), "");
        await using var index = await AuditIndex.OpenAsync(fixture.IndexPath, fixture.JournalDirectory, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        await Assert.ThrowsAsync<Gateway.Storage.StoreException>(async () => await index.SearchAsync(new AuditQuery()));
        Assert.False(index.Healthy);

        Directory.Delete(fixture.IndexPath, recursive: true);
        await index.WaitForAsync(fixture.LastSeq, TestContext.Current.CancellationToken);
        Assert.Single((await index.SearchAsync(new AuditQuery())).Records);
    }

    [Fact]
    public async Task Journal_ReplacedByAnother_IsFollowedFromItsBeginning()
    {
        Fill(5);
        await fixture.OpenAsync();
        await fixture.CloseAsync();

        fixture.ReplaceJournal();
        fixture.Call("other");
        for (var i = 0; i < 10; i++)
        {
            fixture.Call($"other{i}");
        }

        await fixture.OpenAsync();

        Assert.Equal(11, (await IdsAsync()).Count(id => id!.StartsWith("other", StringComparison.Ordinal)));
        Assert.Equal(11, (await fixture.FindAsync()).Count);
    }

    [Fact]
    public async Task Journal_DroppedItsOldestSegment_IsForgottenHereToo()
    {
        Fill(5);
        fixture.StartSegment();
        fixture.Call("kept");
        await fixture.OpenAsync();
        Assert.Equal(6, (await fixture.FindAsync()).Count);

        fixture.RemoveOldestSegment();
        fixture.Call("new");
        await fixture.CatchUpAsync();

        Assert.Equal(["new", "kept"], await IdsAsync());
    }

    [Fact]
    public async Task Reindex_WithProgress_GivesTheSameAnswers()
    {
        Fill(300);
        fixture.Start();
        await fixture.OpenAsync();
        var before = await fixture.DumpAsync();
        var seen = new Progress();

        await fixture.Index.ReindexAsync(seen, TestContext.Current.CancellationToken);

        Assert.Equal(before, await fixture.DumpAsync());
        Assert.Equal(fixture.LastSeq, seen.Last);
    }

    [Fact]
    public async Task WaitFor_EntryNotThereYet_EndsWhenItComes()
    {
        fixture.Call("c1");
        await fixture.OpenAsync();
        var waiting = fixture.Index.WaitForAsync(fixture.LastSeq + 1, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        fixture.Call("c2");
        fixture.Index.Notify();
        await waiting;

        Assert.Equal(2, (await fixture.FindAsync()).Count);
    }

    [Fact]
    public async Task Dispose_WhileSomebodyWaits_EndsTheWait()
    {
        await fixture.OpenAsync();
        var waiting = fixture.Index.WaitForAsync(99, TestContext.Current.CancellationToken);

        await fixture.CloseAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    [Fact]
    public async Task Dispose_WhileSearchesAreQueued_AnswersOrRefusesEachAndLetsTheFileGo()
    {
        Fill(50);
        var index = await fixture.OpenAsync();
        var searches = Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await index.SearchAsync(new AuditQuery()))).ToList();

        await fixture.CloseAsync();
        await Task.WhenAll(searches).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.All(searches, search => Assert.True(search.IsCompletedSuccessfully || search.Exception!.InnerException is ObjectDisposedException));
        Assert.False(File.Exists(fixture.IndexPath + "-wal"));
    }

    private void Fill(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            fixture.Call($"c{i}", ("argument_names", new JsonArray("path", "limit")));
            if (i % 3 != 0)
            {
                fixture.Outcome($"c{i}", "answered", ("upstream_status", 200));
            }
        }
    }

    private void Damage(string how)
    {
        var path = fixture.IndexPath;
        if (how == "gone")
        {
            File.Delete(path);
            return;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        var length = file.Length;
        switch (how)
        {
            case "empty":
                file.SetLength(0);
                break;
            case "text":
                file.SetLength(0);
                file.Write("this is not a database, it is a note that somebody left here; it is long enough to have a header of a hundred bytes"u8);
                break;
            case "truncated":
                file.SetLength(length / 2);
                break;
            default:
                // From the fourth page on, where the rows and their indexes are.
                file.Position = 4096 * 3;
                var bytes = new byte[length - file.Position];
                bytes.AsSpan().Fill(how == "zeroed" ? (byte)0 : (byte)0xA5);
                file.Write(bytes);
                break;
        }
    }

    private async Task<JsonElement> OneAsync() => Assert.Single(await fixture.FindAsync());

    private async Task<List<string?>> IdsAsync() => [.. (await fixture.FindAsync()).Select(call => call.GetProperty("id").GetString())];

    private sealed class Progress : IProgress<long>
    {
        public long Last { get; private set; }

        public void Report(long value) => Last = value;
    }
}
