using System.Diagnostics;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Search over the record: a SQLite file that follows the journal on a thread of its own. It is never the truth. When it
/// is damaged or gone it is filled again from the journal, and no call waits for it. Calls need the processor more than
/// searches that nobody makes: it fills in large steps and rests between them, and hurries only while a search waits or
/// the steps do not keep up.
/// </summary>
public sealed class AuditIndex : IAsyncDisposable
{
    /// <summary>Searches wait no longer than this for the end of a step.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(50);

    private readonly string path;
    private readonly AuditIndexTail tail;
    private readonly ILogger log;
    private readonly StoreThread thread = new("audit index");
    private readonly AuditIndexWaiters waiters = new();
    private readonly ITimer rest;

    // What follows belongs to the thread.
    private readonly AuditIndexPace pace = new();
    private readonly AuditProfiles profiles = new();
    private SqliteConnection? connection;
    private AuditIndexPosition? position;
    private long forgottenBefore;
    private bool failureIsLogged;

    private int stepIsQueued;
    private long restsUntil;
    private volatile bool healthy;
    private volatile bool closed;

    private AuditIndex(string path, string journalDirectory, ILogger log)
    {
        this.path = Path.GetFullPath(path);
        tail = new AuditIndexTail(journalDirectory);
        this.log = log;
        rest = TimeProvider.System.CreateTimer(_ => thread.TryPost(Step), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>False while the index cannot be written; searches may then fail, calls pass.</summary>
    public bool Healthy => healthy;

    /// <summary>The number of the last journal entry that searches see.</summary>
    public long IndexedSeq => waiters.Reached;

    /// <summary>Begins to follow the journal. It does not wait until the index has caught up, and a damaged index is no failure.</summary>
    public static ValueTask<AuditIndex> OpenAsync(string path, string journalDirectory, ILogger log)
    {
        var index = new AuditIndex(path, journalDirectory, log);
        index.Notify();
        return ValueTask.FromResult(index);
    }

    /// <summary>There may be new entries in the journal. Cheap, and many calls at once are one.</summary>
    public void Notify()
    {
        if (Interlocked.Exchange(ref stepIsQueued, 1) != 0)
        {
            return;
        }

        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), Volatile.Read(ref restsUntil));
        if (left > TimeSpan.Zero && !waiters.Any)
        {
            rest.Change(left, Timeout.InfiniteTimeSpan);
        }
        else
        {
            thread.TryPost(Step);
        }
    }

    /// <summary>Ends when the entry of this number is searchable. While the index fails that may be never, so bound the wait.</summary>
    public Task WaitForAsync(long seq, CancellationToken cancellationToken = default)
    {
        var reached = waiters.For(seq, cancellationToken);
        if (!reached.IsCompleted)
        {
            thread.TryPost(Step);
        }

        return reached;
    }

    /// <exception cref="ArgumentException">The query has a <see cref="AuditQuery.Problem"/>.</exception>
    /// <exception cref="StoreException">The index cannot be read now.</exception>
    public async ValueTask<AuditPage> SearchAsync(AuditQuery query, CancellationToken cancellationToken = default)
    {
        if (query.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(query));
        }

        return await ReadAsync(database => AuditIndexSearch.Run(database, query), cancellationToken);
    }

    /// <summary>The sealed arguments of the calls between two numbers, both included; of most servers none are kept.</summary>
    /// <exception cref="StoreException">The index cannot be read now.</exception>
    public async ValueTask<IReadOnlyDictionary<long, string>> SealedArgumentsAsync(long first, long last, CancellationToken cancellationToken = default) =>
        await ReadAsync(database => AuditIndexRows.SealedArguments(database, first, last), cancellationToken);

    /// <summary>Calls per minute since then, as far as minutes are kept.</summary>
    /// <exception cref="StoreException">The index cannot be read now.</exception>
    public async ValueTask<Activity> ActivityAsync(DateTimeOffset from, int most, CancellationToken cancellationToken = default) =>
        await ReadAsync(database => AuditActivity.Since(database, from, most), cancellationToken);

    /// <summary>When each grant was last used, by its id.</summary>
    /// <exception cref="StoreException">The index cannot be read now.</exception>
    public async ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> LastUsesAsync(CancellationToken cancellationToken = default) =>
        await ReadAsync(static database => AuditActivity.LastUses(database), cancellationToken);

    /// <summary>How long answered calls took, of the newest ones in the record, by server.</summary>
    /// <exception cref="StoreException">The index cannot be read now.</exception>
    public async ValueTask<IReadOnlyDictionary<string, ServerPace>> PacesAsync(CancellationToken cancellationToken = default) =>
        await ReadAsync(static database => AuditActivity.Paces(database), cancellationToken);

    /// <summary>Drops the index and fills it from the first entry the journal holds. Progress is the number of the last entry filled in.</summary>
    public async Task ReindexAsync(IProgress<long>? progress, CancellationToken cancellationToken = default)
    {
        await thread.RunAsync(Drop, cancellationToken);
        while (await thread.RunAsync(() => FillOnce(), cancellationToken))
        {
            progress?.Report(IndexedSeq);
        }

        progress?.Report(IndexedSeq);
    }

    public async ValueTask DisposeAsync()
    {
        if (closed)
        {
            return;
        }

        closed = true;
        await rest.DisposeAsync();
        thread.TryPost(Close);
        await thread.DisposeAsync();
        waiters.End();
    }

    private void Step()
    {
        Volatile.Write(ref stepIsQueued, 0);
        if (closed)
        {
            return;
        }

        try
        {
            var began = Stopwatch.GetTimestamp();
            var more = FillOnce();
            while (more && !closed && Stopwatch.GetElapsedTime(began) < LongestStep)
            {
                more = FillOnce();
            }

            healthy = true;
            failureIsLogged = false;
            Rest(pace.RestAfter(Stopwatch.GetElapsedTime(began), more));
            if (more)
            {
                Notify();
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, it must not end the thread: calls pass, and the next entry tries again.
            Fail(exception);
        }
    }

    private void Rest(TimeSpan length) =>
        Volatile.Write(ref restsUntil, Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency));

    private async Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await thread.RunAsync(() => Read(read), cancellationToken);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException or FormatException or InvalidCastException)
        {
            throw new StoreException($"the audit index `{path}` cannot be read now ({exception.Message}); try again, or run `callgate audit reindex`", exception);
        }
    }

    private T Read<T>(Func<SqliteConnection, T> read)
    {
        try
        {
            return read(Opened());
        }
        catch (SqliteException exception) when (StoreFile.IsDamage(exception))
        {
            Fail(exception);
            throw;
        }
    }

    /// <summary>Takes in what the journal holds next; true when there may be more.</summary>
    private bool FillOnce()
    {
        var database = Opened();
        var batch = tail.Read(position);
        if (batch is null)
        {
            log.LogWarning("the audit index stands at an entry that the journal no longer holds; it is filled again");
            Restart(database);
            return true;
        }

        if (batch.Unreadable > 0)
        {
            log.LogError("the journal holds {Count} lines before entry {Seq} that are no entries; run `callgate audit verify`", batch.Unreadable, batch.Position?.Seq);
        }

        if (batch.Position == position && batch.FirstSeq <= forgottenBefore)
        {
            return false;
        }

        using (var transaction = database.BeginTransaction())
        {
            if (batch.FirstSeq > forgottenBefore)
            {
                AuditIndexRows.Forget(database, profiles, batch.FirstSeq);
            }

            if (batch.Position != position)
            {
                AuditIndexRows.Write(database, profiles, batch);
            }

            transaction.Commit();
        }

        forgottenBefore = batch.FirstSeq;
        var moved = batch.Position != position;
        Stand(batch.Position);
        return moved;
    }

    private SqliteConnection Opened()
    {
        // A search that was queued behind the end would otherwise open the file again and leave it open.
        ObjectDisposedException.ThrowIf(closed, this);
        if (connection is { } open)
        {
            if (File.Exists(path))
            {
                return open;
            }

            log.LogWarning("the audit index `{Path}` is gone; it is filled again from the journal", path);
            Close();
        }

        try
        {
            connection = StoreFile.Open(path, StoreKind.AuditIndex);
        }
        catch (StoreException exception) when (exception.FileIsUnusable)
        {
            log.LogWarning("{Problem}; it is set aside and filled again from the journal", exception.Message);
            SetAside();
            connection = StoreFile.Open(path, StoreKind.AuditIndex);
        }

        forgottenBefore = 0;
        Stand(AuditIndexRows.Position(connection));
        return connection;
    }

    private void Restart(SqliteConnection database)
    {
        using var transaction = database.BeginTransaction();
        AuditIndexRows.Clear(database, profiles);
        transaction.Commit();
        Stand(null);
    }

    private bool Drop()
    {
        Close();
        StoreFile.Delete(path);
        return true;
    }

    /// <summary>Keeps the last damaged file beside, in case it tells somebody something.</summary>
    private void SetAside()
    {
        Close();
        if (File.Exists(path))
        {
            File.Move(path, path + ".damaged", overwrite: true);
        }

        StoreFile.Delete(path);
    }

    private void Stand(AuditIndexPosition? at)
    {
        position = at;
        waiters.Reach(at?.Seq ?? 0);
    }

    private void Close()
    {
        connection?.Dispose();
        connection = null;
        profiles.Clear();
        Stand(null);
    }

    private void Fail(Exception exception)
    {
        healthy = false;

        // What was interned in a transaction that was undone is not in the file.
        profiles.Clear();
        if (failureIsLogged)
        {
            return;
        }

        failureIsLogged = true;
        log.LogError(exception, "the audit index `{Path}` fails; calls pass, searches may not", path);
        if (!StoreFile.IsDamage(exception))
        {
            return;
        }

        try
        {
            SetAside();
            Notify();
        }
        catch (Exception second) when (second is IOException or UnauthorizedAccessException)
        {
            log.LogError(second, "the damaged audit index `{Path}` cannot be set aside; move it away", path);
        }
    }
}
