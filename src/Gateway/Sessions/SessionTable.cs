using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway.Sessions;

/// <summary>What a sealed session id holds: enough for any node to go on with an upstream that has sessions of its own.</summary>
public sealed record SessionSecret(string LocalId, string Version, string? UpstreamSession);

/// <summary>
/// The legacy sessions in flight. INVARIANT: a session id is sealed over grant and server, so under another grant it is
/// no session at all (404), and it never authenticates anybody.
/// </summary>
public sealed class SessionTable : IDisposable
{
    private const int MaxSessions = 20_000;
    private const int MaxSessionsPerGrant = 2_000;
    private static readonly TimeSpan IdleLife = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, ClientSession> sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> ended = new(StringComparer.Ordinal);
    private readonly Sealer sealer;
    private readonly TimeProvider time;
    private readonly ITimer sweep;

    public SessionTable(Keyring keyring, TimeProvider time)
    {
        sealer = keyring.Sealer("session");
        this.time = time;
        sweep = time.CreateTimer(_ => Sweep(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    public int Count => sessions.Count;

    /// <summary>Adds a session and seals its id; null when this grant, or all together, hold too many.</summary>
    public ClientSession? Add(string grant, string server, string version, Conversation conversation)
    {
        if (Full(grant))
        {
            Sweep();
            if (Full(grant))
            {
                _ = EndUpstreamAsync(conversation);
                return null;
            }
        }

        var localId = Identifiers.New(time.GetUtcNow());
        var session = new ClientSession(localId, grant, server, version, conversation) { LastUsed = time.GetUtcNow() };
        var secret = JsonSerializer.SerializeToUtf8Bytes(new SessionSecret(localId, version, conversation.UpstreamSession));
        session.SealedId = sealer.Seal(secret, Owner(grant, server));
        sessions[localId] = session;
        session.UntilEnded = conversation.Ended.Register(() => _ = RemoveAsync(session).AsTask());
        return session;
    }

    /// <summary>Opens a session id under the grant and server it is used with. Null when it is not theirs or no id of ours.</summary>
    public SessionSecret? Open(string sealedId, string grant, string server) =>
        sealedId.Length <= 2_048 && sealer.TryOpen(sealedId, Owner(grant, server), out var plain)
        && JsonSerializer.Deserialize<SessionSecret>(plain) is { } secret && !ended.ContainsKey(secret.LocalId)
            ? secret
            : null;

    /// <summary>Null for one that this process does not hold, or whose upstream is gone.</summary>
    public ClientSession? Find(SessionSecret secret)
    {
        if (!sessions.TryGetValue(secret.LocalId, out var session) || session.Conversation.HasEnded)
        {
            return null;
        }

        session.LastUsed = time.GetUtcNow();
        return session;
    }

    /// <summary>
    /// Goes on with a session this process does not hold (after a restart): its upstream still knows it. Where too many are
    /// held, the one used longest ago makes room; it is gone on with in the same way when it is used again.
    /// </summary>
    public ClientSession Resume(SessionSecret secret, string sealedId, string grant, string server, Conversation conversation)
    {
        if (!sessions.ContainsKey(secret.LocalId) && Full(grant))
        {
            Sweep();
            MakeRoom(grant);
        }

        var resumed = new ClientSession(secret.LocalId, grant, server, secret.Version, conversation) { SealedId = sealedId, LastUsed = time.GetUtcNow() };
        return sessions.GetOrAdd(secret.LocalId, resumed);
    }

    /// <summary>Ends a session because its client says so: its id is not gone on with, whatever the upstream makes of it.</summary>
    public ValueTask EndAsync(ClientSession session)
    {
        if (ended.Count < MaxSessions)
        {
            ended[session.LocalId] = time.GetUtcNow();
        }

        return RemoveAsync(session);
    }

    /// <summary>Forgets a session and ends what is open in it.</summary>
    public async ValueTask RemoveAsync(ClientSession session)
    {
        if (sessions.TryRemove(session.LocalId, out _))
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Forgets the sessions of a server whose definition changed: each would go on toward the old one.</summary>
    public void RemoveServer(string server)
    {
        foreach (var session in sessions.Values.Where(session => string.Equals(session.Server, server, StringComparison.Ordinal)))
        {
            _ = RemoveAsync(session).AsTask();
        }
    }

    public void Dispose() => sweep.Dispose();

    private bool Full(string grant) =>
        sessions.Count >= MaxSessions
        || sessions.Values.Count(session => string.Equals(session.Grant, grant, StringComparison.Ordinal)) >= MaxSessionsPerGrant;

    private void Sweep()
    {
        var oldest = time.GetUtcNow() - IdleLife;
        foreach (var id in ended.Where(pair => pair.Value < oldest).Select(static pair => pair.Key))
        {
            ended.TryRemove(id, out _);
        }

        foreach (var session in sessions.Values)
        {
            if (session.LastUsed < oldest && !session.Busy)
            {
                _ = LetGoAsync(session, endUpstream: true);
            }
        }
    }

    private void MakeRoom(string grant)
    {
        if (!Full(grant))
        {
            return;
        }

        var all = sessions.Count >= MaxSessions;
        if (sessions.Values.Where(session => !session.Busy && (all || string.Equals(session.Grant, grant, StringComparison.Ordinal))).MinBy(static session => session.LastUsed) is { } oldest)
        {
            _ = LetGoAsync(oldest, endUpstream: false);
        }
    }

    private async Task LetGoAsync(ClientSession session, bool endUpstream)
    {
        await RemoveAsync(session).ConfigureAwait(false);
        if (endUpstream)
        {
            await EndUpstreamAsync(session.Conversation).ConfigureAwait(false);
        }

        await session.Conversation.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Nobody comes back to it, so its upstream need not keep it.</summary>
    private static async Task EndUpstreamAsync(Conversation conversation) => await conversation.EndAsync(CancellationToken.None).ConfigureAwait(false);

    private static byte[] Owner(string grant, string server) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new[] { grant, server }));
}
