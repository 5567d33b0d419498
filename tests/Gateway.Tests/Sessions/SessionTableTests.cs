using System.Globalization;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Tests.Upstreams;
using Callgate.Gateway.Upstreams;
using Xunit;

namespace Callgate.Gateway.Tests.Sessions;

public sealed class SessionTableTests : IDisposable
{
    private const int MostOfOneGrant = 2_000;

    private readonly string folder = Directory.CreateTempSubdirectory("callgate-sessions-").FullName;
    private readonly ManualTime time = new();
    private readonly SessionTable table;

    public SessionTableTests() => table = new SessionTable(Keyring.Open(folder), time);

    public void Dispose()
    {
        table.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Sweep_SessionThatIsIdle_EndsItUpstream()
    {
        var idle = new Upstream();
        table.Add("agent", "up", "2025-06-18", idle);

        time.Advance(TimeSpan.FromMinutes(62));

        Assert.Equal((0, 1), (table.Count, idle.Ends));
    }

    [Fact]
    public void Add_BeyondTheBoundOfTheGrant_EndsTheRefusedOneUpstream()
    {
        Fill();
        var refused = new Upstream();

        Assert.Null(table.Add("agent", "up", "2025-06-18", refused));
        Assert.NotNull(table.Add("other", "up", "2025-06-18", new Upstream()));
        Assert.Equal(1, refused.Ends);
    }

    /// <summary>A call that parks its response when its session is over already: nobody will come for it.</summary>
    [Fact]
    public async Task Park_SessionThatHasEnded_GivesTheResponseUp()
    {
        var session = table.Add("agent", "up", "2025-06-18", new Upstream())!;
        await session.DisposeAsync();
        var abandoned = 0;

        await session.ParkAsync(1, new ParkedResponse("1", _ => default, () => default, () =>
        {
            abandoned++;
            return default;
        }));

        Assert.Equal(1, abandoned);
        Assert.False(session.TryUnpark(1, out _));
    }

    [Fact]
    public void Resume_BeyondTheBoundOfTheGrant_TakesThePlaceOfTheOldest()
    {
        var first = new Upstream();
        table.Add("agent", "up", "2025-06-18", first);
        time.Advance(TimeSpan.FromSeconds(1));
        Fill();

        for (var i = 0; i < 10; i++)
        {
            table.Resume(new SessionSecret(string.Create(CultureInfo.InvariantCulture, $"s{i}"), "2025-06-18", "theirs"), "sealed", "agent", "up", new Upstream());
        }

        Assert.Equal(MostOfOneGrant, table.Count);
        Assert.Equal((true, 0), (first.Disposed, first.Ends));
    }

    [Fact]
    public void Ask_MoreThanAreAnswered_GivesUpTheOldest()
    {
        var session = table.Add("agent", "up", "2025-06-18", new Upstream())!;
        var ids = Enumerable.Range(0, 129).Select(n => session.Ask(new PendingQuestion("1"u8.ToArray(), n.ToString(CultureInfo.InvariantCulture)))).ToList();

        Assert.All(ids, static id => Assert.NotNull(id));
        Assert.False(session.TryAnswer(ids[0]!.Value, out _));
        Assert.True(session.TryAnswer(ids[^1]!.Value, out _));
    }

    private void Fill()
    {
        while (table.Count < MostOfOneGrant)
        {
            Assert.NotNull(table.Add("agent", "up", "2025-06-18", new Upstream()));
        }
    }

    /// <summary>Counts how often its session is ended.</summary>
    private sealed class Upstream : Conversation
    {
        public int Ends { get; private set; }

        public bool Disposed { get; private set; }

        public override ValueTask<int> EndAsync(CancellationToken cancellationToken) 
        {
            Ends++;
            return ValueTask.FromResult(200);
        }

        public override ValueTask DisposeAsync()
        {
            Disposed = true;
            return ValueTask.CompletedTask;
        }

        public override ValueTask<Exchange> RequestAsync(JudgedMessage request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<UpstreamFault?> SendAsync(JudgedMessage message, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<Exchange> ListenAsync(string? lastEventId, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
