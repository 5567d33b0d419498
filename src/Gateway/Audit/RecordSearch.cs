using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>How far the search index got, and how far the journal was when the search began.</summary>
public sealed record AuditLag(long IndexedSeq, long JournalSeq);

/// <summary>Searches that see what is recorded by now, or say that they do not: the API and the pages come here.</summary>
public sealed class RecordSearch(Journal journal, AuditIndex index, TimeProvider time)
{
    /// <summary>How long a search waits for the index to reach what is recorded already.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>False while searches may fail; calls pass and are recorded.</summary>
    public bool Healthy => index.Healthy;

    /// <summary>The last entry of the journal.</summary>
    public long LastSeq => journal.LastSeq;

    /// <summary>Null when the index holds everything that is recorded by now.</summary>
    public async Task<AuditLag?> CatchUpAsync(CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        journal.WriteWaiting();
        var recorded = journal.LastSeq;
        try
        {
            await index.WaitForAsync(recorded, both.Token);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // What is indexed by now is the answer, which says so; the rest is found by a later search.
            return new AuditLag(index.IndexedSeq, recorded);
        }
    }

    /// <summary>A page, and what it may lack.</summary>
    /// <exception cref="StoreException">The index cannot be read now.</exception>
    public async Task<(AuditPage Page, AuditLag? Behind)> FindAsync(AuditQuery query, CancellationToken ct)
    {
        var behind = await CatchUpAsync(ct);
        return (await index.SearchAsync(query, ct), behind);
    }

    /// <summary>What happened since then, as far as minutes are kept; null while the index cannot be read.</summary>
    /// <param name="most">Of tools, and of refusals.</param>
    public async Task<Activity?> ActivityAsync(DateTimeOffset from, int most, CancellationToken ct)
    {
        await CatchUpAsync(ct);
        return await OrNullAsync(index.ActivityAsync(from, most, ct));
    }

    /// <summary>When each grant was last used, by its id; null while the index cannot be read.</summary>
    public Task<IReadOnlyDictionary<string, DateTimeOffset>?> LastUsedAsync(CancellationToken ct) => OrNullAsync(index.LastUsesAsync(ct));

    /// <summary>How long answered calls took, of the newest ones in the record, by server; null while the index cannot be read.</summary>
    public Task<IReadOnlyDictionary<string, ServerPace>?> PacesAsync(CancellationToken ct) => OrNullAsync(index.PacesAsync(ct));

    private static async Task<T?> OrNullAsync<T>(ValueTask<T> read)
        where T : class
    {
        try
        {
            return await read;
        }
        catch (StoreException)
        {
            return null;
        }
    }
}
