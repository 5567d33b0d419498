using System.Text.Json;
using Callgate.Gateway.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Upstreams;

public sealed class PipePoolTests : IAsyncDisposable
{
    private readonly ManualTime time = new();
    private readonly string data = Directory.CreateTempSubdirectory("callgate-data-").FullName;
    private PipePool? made;

    public async ValueTask DisposeAsync()
    {
        if (made is not null)
        {
            await made.DisposeAsync();
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Rent_SameKey_SharesOneProcess()
    {
        var pool = Pool();
        var server = ScriptedServer.Definition();

        var links = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RentAsync(pool, server, "alice", "a")));
        var ofOther = await RentAsync(pool, server, "bob", "a");
        var ofProfile = await RentAsync(pool, server, "alice", "b");

        Assert.All(links, link => Assert.Same(links[0], link));
        Assert.NotSame(links[0], ofOther);
        Assert.NotSame(links[0], ofProfile);
        Assert.Equal(3, pool.Count);
    }

    [Fact]
    public async Task Rent_BeyondTheBounds_IsAFaultThatSaysSo()
    {
        var pool = Pool(new PipePoolOptions { MaxPerServer = 1, MaxTotal = 2 });
        var one = ScriptedServer.Definition();
        await RentAsync(pool, one, "alice");

        var (_, ofServer) = await pool.RentAsync(one, "bob", "modern", default);
        await RentAsync(pool, one with { Name = "other" }, "alice");
        var (_, total) = await pool.RentAsync(one with { Name = "third" }, "alice", "modern", default);

        Assert.Equal((UpstreamFaultKind.Unavailable, true), (ofServer!.Kind, ofServer.NothingSent));
        Assert.Contains("1 of the server `scripted`", ofServer.Message, StringComparison.Ordinal);
        Assert.Contains("2 in all", total!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rent_ServerWasEdited_SharesNothingWithWhatItWas()
    {
        var pool = Pool();
        var server = ScriptedServer.Definition();
        var edited = server with { Environment = server.Environment.Add("ADDED", "1") };
        var now = await RentAsync(pool, edited, "alice");

        var late = await RentAsync(pool, server, "alice");

        Assert.NotSame(now, late);
        Assert.Same(now, await RentAsync(pool, edited with { }, "alice"));
        await pool.StopServerAsync("scripted");
        Assert.True(now.Ended.IsCancellationRequested && late.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Rent_ManyProfilesOfOneGrant_LeavesRoomForOthers()
    {
        var pool = Pool(new PipePoolOptions { MaxPerGrant = 2, MaxPerServer = 3 });
        var server = ScriptedServer.Definition();
        await RentAsync(pool, server, "alice", "a");
        await RentAsync(pool, server, "alice", "b");

        var (_, fault) = await pool.RentAsync(server, "alice", "c", default);
        await RentAsync(pool, server, "bob", "c");

        Assert.Contains("2 of the server `scripted` for this grant", fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rent_AfterAPreparationThatFailed_TriesAgain()
    {
        var pool = Pool(new PipePoolOptions { PatienceWithPause = TimeSpan.Zero });
        var server = ScriptedServer.Definition();
        await File.WriteAllTextAsync(Path.Combine(data, "homes"), "in the way");

        var (_, rented) = await pool.RentAsync(server, "alice", "modern", default);
        var (_, opened) = await pool.OpenThrowAwayAsync(server, default);
        File.Delete(Path.Combine(data, "homes"));
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(rented!.NothingSent && opened!.NothingSent);
        await RentAsync(pool, server, "alice");
    }

    [Fact]
    public async Task Rent_StartThatThrows_IsAFaultAndGivesItsPlaceBack()
    {
        var pool = Pool(new PipePoolOptions { PatienceWithPause = TimeSpan.Zero });
        var server = new ServerDefinition { Name = "wrong", Transport = TransportKind.Http };

        var (_, fault) = await pool.RentAsync(server, "alice", "modern", default);
        var (_, opened) = await pool.OpenThrowAwayAsync(server, default);

        Assert.Contains("no pipe", fault!.Detail, StringComparison.Ordinal);
        Assert.Contains("no pipe", opened!.Detail, StringComparison.Ordinal);
        Assert.Equal(0, pool.Count);
    }

    [Fact]
    public async Task Crash_Repeated_DoublesThePause()
    {
        var pool = Pool(new PipePoolOptions { PatienceWithPause = TimeSpan.Zero });
        var server = ScriptedServer.Definition();
        foreach (var pause in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            await CrashAsync(await RentAsync(pool, server, "alice"));
            var (_, fault) = await pool.RentAsync(server, "alice", "modern", default);

            Assert.Contains(FormattableString.Invariant($"again in {pause} s"), fault!.Message, StringComparison.Ordinal);
            Assert.Contains("exit code 7", fault.Detail, StringComparison.Ordinal);
            Assert.True(fault.NothingSent);
            time.Advance(TimeSpan.FromSeconds(pause));
        }
    }

    [Fact]
    public async Task Crash_AfterALongLife_PausesShortlyAgain()
    {
        var pool = Pool(new PipePoolOptions { PatienceWithPause = TimeSpan.Zero });
        var server = ScriptedServer.Definition();
        await CrashAsync(await RentAsync(pool, server, "alice"));
        time.Advance(TimeSpan.FromSeconds(1));
        var second = await RentAsync(pool, server, "alice");
        time.Advance(TimeSpan.FromSeconds(61));
        await CrashAsync(second);

        var (_, fault) = await pool.RentAsync(server, "alice", "modern", default);

        Assert.Contains("again in 1 s", fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Crash_OfOneGrantsProcess_DoesNotTouchAnothers()
    {
        var pool = Pool(new PipePoolOptions { PatienceWithPause = TimeSpan.Zero });
        var server = ScriptedServer.Definition();
        var kept = await RentAsync(pool, server, "bob");
        await CrashAsync(await RentAsync(pool, server, "alice"));

        Assert.Same(kept, await RentAsync(pool, server, "bob"));
    }

    [Fact]
    public async Task Pause_Short_IsWaitedFor()
    {
        var pool = Pool();
        var server = ScriptedServer.Definition();
        var first = await RentAsync(pool, server, "alice");
        await CrashAsync(first);
        var next = RentAsync(pool, server, "alice");
        await time.ArmedAsync(TimeSpan.FromSeconds(1));
        Assert.False(next.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.NotSame(first, await next);
    }

    [Fact]
    public async Task Idle_ForTenMinutes_IsStopped_UnlessSomebodyWaits()
    {
        var pool = Pool();
        var server = ScriptedServer.Definition() with { Timeouts = UpstreamTimeouts.Default with { FirstByte = TimeSpan.FromHours(1), Total = TimeSpan.FromHours(1) } };
        var idle = await RentAsync(pool, server, "alice");
        var busy = await RentAsync(pool, server, "bob");
        var listening = await RentAsync(pool, server, "carol");
        await using var waits = await busy.Attach().RequestAsync(LinkedChild.Request("hold"), default);
        await using var listens = await listening.Attach().ListenAsync(null, default);
        var ended = EndOf(idle);

        time.Advance(TimeSpan.FromMinutes(9));
        Assert.False(ended.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(1.5));

        await ended.WaitAsync(ScriptedServer.Patience);
        Assert.Equal(2, pool.Count);
        Assert.False(busy.Ended.IsCancellationRequested);
        Assert.NotSame(idle, await RentAsync(pool, server, "alice"));
    }

    [Fact]
    public async Task StopServer_EndsItsProcessesOnly()
    {
        var pool = Pool();
        var server = ScriptedServer.Definition();
        var stopped = await RentAsync(pool, server, "alice");
        var (own, _) = await pool.OpenThrowAwayAsync(server, default);
        var other = await RentAsync(pool, server with { Name = "other" }, "alice");

        await pool.StopServerAsync("scripted");

        Assert.True(stopped.Ended.IsCancellationRequested);
        Assert.True(own!.Ended.IsCancellationRequested);
        Assert.False(other.Ended.IsCancellationRequested);
        Assert.NotSame(stopped, await RentAsync(pool, server, "alice"));
    }

    [Fact]
    public async Task StopGrant_EndsItsProcessesOnly()
    {
        var pool = Pool();
        var server = ScriptedServer.Definition();
        var stopped = await RentAsync(pool, server, "alice");
        var other = await RentAsync(pool, server, "bob");

        await pool.StopGrantAsync("alice");

        Assert.True(stopped.Ended.IsCancellationRequested);
        Assert.False(other.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Homes_OfTwoGrants_AreApartAndOutliveARestart()
    {
        var pool = Pool();
        var isolation = await pool.IsolationAsync();
        Assert.True(isolation.Sandboxed, "bubblewrap is needed for this test: install `bubblewrap`");
        var server = ScriptedServer.Definition();
        var alice = await HomeAsync(await RentAsync(pool, server, "alice"));
        var bob = await RentAsync(pool, server, "bob");
        await File.WriteAllTextAsync(Path.Combine(alice, "login"), "of alice");
        await File.WriteAllTextAsync(Path.Combine(data, "operator.key"), "secret");

        var seenByBob = await FilesAsync(bob, alice);
        var besideBob = await FilesAsync(bob, Path.GetDirectoryName(alice)!);
        var aboveBob = await FilesAsync(bob, data);
        await pool.StopGrantAsync("alice");
        var again = await RentAsync(pool, server, "alice");

        Assert.Empty(seenByBob);
        Assert.Equal(["homes"], aboveBob);
        Assert.Equal([Path.GetFileName(await HomeAsync(bob))], besideBob);
        Assert.Equal(alice, await HomeAsync(again));
        Assert.Contains("login", await FilesAsync(again, alice));
    }

    [Fact]
    public async Task Dispose_EndsEverythingAndRemovesTheHomes()
    {
        var pool = Pool();
        var link = await RentAsync(pool, ScriptedServer.Definition(), "alice");
        var home = await HomeAsync(link);
        Assert.True(Directory.Exists(home));

        await pool.DisposeAsync();

        Assert.True(link.Ended.IsCancellationRequested);
        Assert.False(Directory.Exists(Path.GetDirectoryName(home)));
        var (_, fault) = await pool.RentAsync(ScriptedServer.Definition(), "alice", "modern", default);
        Assert.Contains("was stopped", fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SseSession_LeftByItsClient_IsClosedAtTheNextSweep()
    {
        await using var upstream = await SseServer.StartAsync();
        upstream.Write("event: endpoint\ndata: /messages\n\n");
        var pool = Pool();
        var (link, fault) = await pool.RentAsync(upstream.Definition(), "alice", "session-1", default);
        Assert.Null(fault);
        var conversation = link!.Attach();
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(link.Ended.IsCancellationRequested);

        await conversation.EndAsync(default);
        var ended = EndOf(link);
        time.Advance(TimeSpan.FromSeconds(60));

        await ended.WaitAsync(ScriptedServer.Patience);
    }

    [Theory]
    [InlineData("exit code 1; stderr: a\ninfo: b", "exit code 1; stderr: a | info: b")]
    [InlineData("a\r\u001b[2J\u202eb\u2028c", "a??[2J?b?c")]
    public void OneLine_WordsOfAnUpstream_CannotForgeTheLog(string words, string logged) => Assert.Equal(logged, PipeFaults.OneLine(words));

    private PipePool Pool(PipePoolOptions? options = null) => made = new PipePool(data, time, NullLoggerFactory.Instance, options);

    private static async Task<PipeLink> RentAsync(PipePool pool, ServerDefinition server, string grant, string profile = "modern")
    {
        var (link, fault) = await pool.RentAsync(server, grant, profile, default).AsTask().WaitAsync(ScriptedServer.Patience);
        Assert.Null(fault);
        return link!;
    }

    private static async Task CrashAsync(PipeLink link)
    {
        var ended = EndOf(link);
        await using var conversation = link.Attach();
        await using var exchange = await conversation.RequestAsync(LinkedChild.Request("exit", """{"code":7}"""), default);
        await LinkedChild.FaultAsync(exchange);
        await ended.WaitAsync(ScriptedServer.Patience);
    }

    private static Task EndOf(PipeLink link)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.Ended.Register(() => ended.TrySetResult());
        return ended.Task;
    }

    private static async Task<string> HomeAsync(PipeLink link)
    {
        await using var conversation = link.Attach();
        return (await LinkedChild.AskAsync(conversation, LinkedChild.Request("environment"))).GetProperty("HOME").GetString()!;
    }

    private static async Task<string[]> FilesAsync(PipeLink link, string path)
    {
        await using var conversation = link.Attach();
        var result = await LinkedChild.AskAsync(conversation, LinkedChild.Request("files", JsonSerializer.Serialize(new { path })));
        return [.. result.GetProperty("files").EnumerateArray().Select(file => file.GetString()!)];
    }
}
