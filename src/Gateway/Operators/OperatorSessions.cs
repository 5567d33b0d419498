using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Operators;

/// <summary>
/// Sessions of operators: in memory for whoever asks, in the store for the next start. INVARIANT: a session holds only while
/// the snapshot has its operator under the same stamp, so that removing an operator, or another password, ends it at once;
/// and only while the operator has a second factor, where everybody has to have one.
/// </summary>
public sealed class OperatorSessions
{
    private const int MostPerOperator = 20;
    private const string Prefix = "cgs_";

    /// <summary>How far the store may lag behind the last use; after a restart a page seems idle that much longer.</summary>
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    private readonly IConfigStore store;
    private readonly SnapshotSource snapshots;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, OperatorSession> byHash = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> touched = new(StringComparer.Ordinal);

    /// <param name="stored">What the store held when it was opened.</param>
    public OperatorSessions(IEnumerable<OperatorSession> stored, IConfigStore store, SnapshotSource snapshots, TimeProvider time)
    {
        (this.store, this.snapshots, this.time) = (store, snapshots, time);
        foreach (var session in stored)
        {
            byHash[session.TokenHash] = session;
        }
    }

    /// <summary>The person behind a token of that kind, or null; the session is used by that. It never waits for the store.</summary>
    public Actor? Find(string token, SessionKind kind)
    {
        if (Look(token, kind) is not { } found)
        {
            return null;
        }

        var (session, owner) = found;
        var now = time.GetUtcNow();
        if (now > session.LastUsed && byHash.TryUpdate(session.TokenHash, session with { LastUsed = now }, session))
        {
            Touch(session.TokenHash, now);
        }

        return Actor.SignedIn(owner, token);
    }

    /// <summary>The same for what a page asks by itself: it is no use of the session.</summary>
    public Actor? Peek(string token, SessionKind kind) => Look(token, kind) is { } found ? Actor.SignedIn(found.Owner, token) : null;

    /// <summary>Begins a session; its token is returned this once.</summary>
    public async ValueTask<(string Token, OperatorSession Session)> BeginAsync(Operator owner, SessionKind kind, string? address, CancellationToken ct)
    {
        await MakeRoomAsync(owner.Name, ct);
        var token = Prefix + System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        var session = new OperatorSession(HashOf(token), owner.Name, owner.Stamp, kind, now, now, now + OperatorSession.Life, address);
        await store.SaveSessionAsync(session, ct);
        byHash[session.TokenHash] = session;
        touched[session.TokenHash] = now;
        return (token, session);
    }

    /// <summary>The sessions that hold now.</summary>
    public IEnumerable<OperatorSession> Live()
    {
        var now = time.GetUtcNow();
        return byHash.Values.Where(session => !session.HasEnded(now) && Owner(session) is not null);
    }

    /// <summary>The id of the session of a token.</summary>
    public static string IdOf(string token) => HashOf(token)[..16];

    /// <summary>When the session of a token ends at the latest; null when there is none.</summary>
    public DateTimeOffset? ExpiresOf(string token) => byHash.GetValueOrDefault(HashOf(token))?.Expires;

    public ValueTask EndAsync(string token, CancellationToken ct) => RemoveAsync(HashOf(token), ct);

    public ValueTask EndAsync(OperatorSession session, CancellationToken ct) => RemoveAsync(session.TokenHash, ct);

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private (OperatorSession Session, Operator Owner)? Look(string token, SessionKind kind)
    {
        // Looked up by its hash, so that how long it takes tells nothing about the tokens there are.
        return token.StartsWith(Prefix, StringComparison.Ordinal)
            && byHash.TryGetValue(HashOf(token), out var session) && session.Kind == kind
            && Owner(session) is { } owner && !session.HasEnded(time.GetUtcNow())
            ? (session, owner)
            : null;
    }

    private Operator? Owner(OperatorSession session)
    {
        var now = snapshots.Current;
        return now.Operators.GetValueOrDefault(session.Operator) is { } owner && string.Equals(owner.Stamp, session.Stamp, StringComparison.Ordinal)
            && (owner.FactorSince is not null || !now.RequiresSecondFactor)
            ? owner
            : null;
    }

    /// <summary>What has ended is forgotten when somebody signs in; whoever forgets to sign out loses the session used longest ago.</summary>
    private async ValueTask MakeRoomAsync(string name, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var ended = byHash.Values.Where(session => session.HasEnded(now) || Owner(session) is null).ToList();
        var own = byHash.Values.Where(session => session.Operator == name).Except(ended).OrderByDescending(static session => session.LastUsed);
        foreach (var session in ended.Concat(own.Skip(MostPerOperator - 1)))
        {
            await RemoveAsync(session.TokenHash, ct);
        }
    }

    /// <summary>In memory first: a store that fails must not keep a session open.</summary>
    private async ValueTask RemoveAsync(string hash, CancellationToken ct)
    {
        byHash.TryRemove(hash, out _);
        touched.TryRemove(hash, out _);
        await store.RemoveSessionAsync(hash, ct);
    }

    private void Touch(string hash, DateTimeOffset now)
    {
        if (touched.TryGetValue(hash, out var before) && now - before < TouchEvery)
        {
            return;
        }

        touched[hash] = now;
        _ = WriteTouchAsync(hash, now);
    }

    private async Task WriteTouchAsync(string hash, DateTimeOffset now)
    {
        try
        {
            await store.TouchSessionAsync(hash, now);
        }
        catch (Exception exception) when (exception is StoreException or ObjectDisposedException)
        {
            // The session goes on here; after a restart it seems idle for longer, which errs to the safe side.
        }
    }
}
