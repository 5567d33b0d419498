using System.Runtime.CompilerServices;
using Callgate.Catalogue;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Catalogue;

/// <summary>
/// What is known of servers and tools: those the gate stands before, those an operator took in, and the pack. A SQLite file
/// with a thread that writes and a thread that reads, so that nobody who looks waits for an import; no call waits for either,
/// and the gate is ready before the file is open.
/// </summary>
public sealed class CatalogueStore : IAsyncDisposable
{
    private readonly string path;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly StoreThread writing = new("catalogue");
    private readonly StoreThread reading = new("catalogue-reader");

    /// <summary>How many changes were made: totals hold until the next.</summary>
    private long changes;

    // What follows belongs to the thread that writes.
    private SqliteConnection? writer;
    private volatile bool isOpen;
    private bool closed;

    // What follows belongs to the thread that reads.
    private readonly Dictionary<CatalogueScope, (CategoryCounts Tools, long Servers, long Changes)> totals = [];
    private SqliteConnection? reader;

    public CatalogueStore(string path, TimeProvider time, ILogger<CatalogueStore> log) => (this.path, this.time, this.log) = (Path.GetFullPath(path), time, log);

    /// <summary>Takes servers in, all of them or none. What is the same as before is left alone.</summary>
    /// <exception cref="StoreException">The catalogue cannot be written now.</exception>
    public Task<CatalogueTaken> PutAsync(IReadOnlyList<CatalogueItem> items, CancellationToken cancellationToken = default) =>
        ChangeAsync(database => Put(database, items), cancellationToken);

    /// <summary>Makes these all that there is of their source.</summary>
    /// <exception cref="StoreException">The catalogue cannot be written now.</exception>
    public Task<CatalogueTaken> ReplaceAsync(CatalogueSource source, IReadOnlyList<CatalogueItem> items, CancellationToken cancellationToken = default) => ChangeAsync(
        database =>
        {
            var names = items.Select(static item => item.Entry.Name).ToHashSet(StringComparer.Ordinal);
            var removed = CatalogueReader.Names(database, source).Where(name => !names.Contains(name)).Count(gone => CatalogueWriter.Remove(database, gone, source));
            return Put(database, items) + CatalogueTaken.None with { Removed = removed };
        },
        cancellationToken);

    public static string NameOf(CatalogueSource source) => CatalogueWriter.NameOf(source);

    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<bool> HasAsync(string name, CatalogueSource source, CancellationToken cancellationToken = default) =>
        WithAsync(database => CatalogueReader.Has(database, name, source), cancellationToken);

    /// <summary>False when there is none.</summary>
    /// <exception cref="StoreException">The catalogue cannot be written now.</exception>
    public Task<bool> RemoveAsync(string name, CatalogueSource source, CancellationToken cancellationToken = default) =>
        ChangeAsync(database => CatalogueWriter.Remove(database, name, source), cancellationToken);

    /// <summary>How many tools of each category, and how many servers.</summary>
    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<(CategoryCounts Tools, long Servers)> TotalsAsync(CatalogueScope scope, CancellationToken cancellationToken = default) => WithAsync(
        database =>
        {
            var made = Volatile.Read(ref changes);
            if (!totals.TryGetValue(scope, out var known) || known.Changes != made)
            {
                var (tools, servers) = CatalogueReader.Totals(database, scope);
                totals[scope] = known = (tools, servers, made);
            }

            return (known.Tools, known.Servers);
        },
        cancellationToken);

    /// <summary>Servers by name, those behind <paramref name="after"/>.</summary>
    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<List<ListedServer>> ServersAsync(CatalogueScope scope, string after, int limit, CancellationToken cancellationToken = default) =>
        WithAsync(database => CatalogueReader.Servers(database, scope, after, limit), cancellationToken);

    /// <summary>Servers that the gate stands before, by name.</summary>
    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<List<ListedServer>> RegisteredAsync(CatalogueScope scope, CancellationToken cancellationToken = default) =>
        WithAsync(database => CatalogueReader.Registered(database, scope), cancellationToken);

    /// <summary>Categories of the tools of a server that the gate stands before; those that are not classified are missing.</summary>
    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<Dictionary<string, RiskCategory>> CategoriesAsync(string server, CancellationToken cancellationToken = default) =>
        WithAsync(database => CatalogueReader.Categories(database, server), cancellationToken);

    /// <summary>Null when there is none that the viewer may see.</summary>
    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<FoundServer?> FindAsync(CatalogueScope scope, string server, CancellationToken cancellationToken = default) =>
        WithAsync(database => CatalogueReader.Find(database, scope, server), cancellationToken);

    /// <summary>Null when there is none that the viewer may see.</summary>
    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<FoundTool?> FindAsync(CatalogueScope scope, string server, string tool, CancellationToken cancellationToken = default) =>
        WithAsync(database => CatalogueReader.Find(database, scope, server, tool), cancellationToken);

    /// <summary>The server at a part of a path; null when there is none that the viewer may see.</summary>
    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<FoundServer?> FindAtAsync(CatalogueScope scope, string server, CancellationToken cancellationToken = default) =>
        FindAsync(scope, CataloguePath.NameIn(server), cancellationToken);

    /// <summary>The tool at two parts of a path; null when there is none that the viewer may see.</summary>
    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<FoundTool?> FindAtAsync(CatalogueScope scope, string server, string tool, CancellationToken cancellationToken = default) =>
        WithAsync(database => CatalogueReader.FindAt(database, scope, CataloguePath.NameIn(server), tool), cancellationToken);

    /// <summary>Tools of the same name on other servers.</summary>
    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<List<ListedTool>> NamesakesAsync(CatalogueScope scope, string server, string tool, CancellationToken cancellationToken = default) =>
        WithAsync(database => CatalogueReader.Namesakes(database, scope, server, tool, 8), cancellationToken);

    /// <exception cref="StoreException">The catalogue cannot be read now.</exception>
    public Task<CatalogueHits> SearchAsync(CatalogueScope scope, CatalogueQuery query, CancellationToken cancellationToken = default) =>
        WithAsync(database => CatalogueReader.Search(database, scope, query), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        reading.TryPost(() => reader?.Dispose());
        await reading.DisposeAsync();
        writing.TryPost(() =>
        {
            closed = true;
            writer?.Dispose();
        });
        await writing.DisposeAsync();
    }

    private CatalogueTaken Put(SqliteConnection database, IReadOnlyList<CatalogueItem> items) =>
        items.Aggregate(CatalogueTaken.None, (taken, item) => taken + CatalogueWriter.Put(database, item, time.GetUtcNow()));

    /// <summary>All of a change or none of it; the totals are counted anew after it.</summary>
    private Task<T> ChangeAsync<T>(Func<SqliteConnection, T> change, CancellationToken cancellationToken) => GuardedAsync(() => writing.RunAsync(
        () =>
        {
            var database = Opened();
            using var transaction = database.BeginTransaction();
            var result = change(database);
            transaction.Commit();
            Interlocked.Increment(ref changes);
            return result;
        },
        cancellationToken));

    /// <summary>Reads what was last committed. The file is opened, and made if it has to be, by the thread that writes.</summary>
    private Task<T> WithAsync<T>(Func<SqliteConnection, T> job, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        if (!isOpen)
        {
            await writing.RunAsync(Opened, cancellationToken);
        }

        return await reading.RunAsync(() => job(reader ??= StoreFile.OpenToRead(path)), cancellationToken);
    });

    private async Task<T> GuardedAsync<T>(Func<Task<T>> job)
    {
        try
        {
            return await job();
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException or InvalidCastException)
        {
            throw new StoreException($"the catalogue `{path}` does not answer ({exception.Message}); try again, or move the file away and add its servers anew", exception);
        }
    }

    private SqliteConnection Opened()
    {
        ObjectDisposedException.ThrowIf(closed, this);
        writer ??= Open();
        isOpen = true;
        return writer;
    }

    /// <summary>A file that cannot be used is set aside: what the gate stands before and the pack come back by themselves.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private SqliteConnection Open()
    {
        try
        {
            return StoreFile.Open(path, StoreKind.Catalogue);
        }
        catch (StoreException exception) when (exception.FileIsUnusable)
        {
            log.LogError("{Problem}; it is set aside, and what was added to it has to be added again", exception.Message);
            if (File.Exists(path))
            {
                File.Move(path, path + ".damaged", overwrite: true);
            }

            StoreFile.Delete(path);
            return StoreFile.Open(path, StoreKind.Catalogue);
        }
    }
}
