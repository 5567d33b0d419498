using System.Collections.Immutable;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Webhooks;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Configuration;

/// <summary>Where the declared part comes from.</summary>
/// <param name="File">Null without a file.</param>
/// <param name="Loaded">The first reading, made by the host before anything is opened; null without a file.</param>
/// <param name="Variable">The environment of the process.</param>
public sealed record ConfiguratorOptions(string? File, ConfigurationLoad? Loaded, Func<string, string?> Variable);

/// <summary>
/// The one writer of the snapshot: merges the file and the store, publishes, watches both. A file that is wrong changes
/// nothing. INVARIANT: changes by operators and reloads of the file follow one another, never at once, so that a name is
/// never claimed twice.
/// </summary>
public sealed partial class Configurator : IAsyncDisposable
{
    /// <summary>How long the last snapshot serves while the store cannot confirm it.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FilePeriod = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan StorePeriod = TimeSpan.FromSeconds(5);

    private readonly ConfiguratorOptions options;
    private readonly SnapshotSource snapshots;
    private readonly IConfigStore store;
    private readonly Journal journal;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly SnapshotMerge merge;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly CancellationTokenSource ending = new();
    private readonly WatchedFiles? watched;
    private Task[] loops = [];
    private long confirmed;

    /// <summary>The store may hold what the snapshot does not. Cleared only by a snapshot that was published.</summary>
    private volatile bool dirty;

    /// <summary>The reading whose reload is in the journal although it is not in force yet.</summary>
    private string? recorded;

    /// <summary>The files as they are in force.</summary>
    private ImmutableArray<FileDigest> inForce;

    public Configurator(
        ConfiguratorOptions options, SnapshotSource snapshots, IConfigStore store, Journal journal, TimeProvider time, ILogger<Configurator> log)
    {
        (this.options, this.snapshots, this.store, this.journal, this.time, this.log) = (options, snapshots, store, journal, time, log);
        merge = new SnapshotMerge((name, why) => Log.PolicyUnusable(log, name, why));
        watched = options.Loaded is { } loaded ? new WatchedFiles(loaded) : null;
        inForce = options.Loaded?.Read ?? [];
        confirmed = time.GetTimestamp();
    }

    /// <summary>Raised when the file names other webhooks, after the store knows them. Handlers must not wait.</summary>
    public event Action<ImmutableArray<Webhook>>? WebhooksChanged;

    /// <summary>What the file says now, or said when it was last sound.</summary>
    public DeclaredConfiguration Declared { get; private set; } = DeclaredConfiguration.Empty;

    /// <summary>What is wrong with the file as it lies there; empty while it is the one that serves.</summary>
    public ImmutableArray<ConfigurationError> FileErrors { get; private set; } = [];

    /// <summary>The store has not confirmed the snapshot for too long: the data plane refuses.</summary>
    public bool Stale => time.GetElapsedTime(Volatile.Read(ref confirmed)) > StaleAfter;

    /// <summary>Publishes the first snapshot and begins to watch. With errors nothing is published and the host ends.</summary>
    public async ValueTask<ImmutableArray<ConfigurationError>> StartAsync(CancellationToken ct)
    {
        if (options.Loaded is { Errors: { IsEmpty: false } wrong })
        {
            return wrong;
        }

        var errors = await InTurnAsync(token => RebuildAsync(options.Loaded?.Configuration ?? DeclaredConfiguration.Empty, token), ct);
        if (errors.IsEmpty)
        {
            loops = [LoopAsync(StorePeriod, ConfirmAsync), .. watched is null ? Array.Empty<Task>() : [LoopAsync(FilePeriod, LookAtFilesAsync)]];
        }

        return errors;
    }

    /// <summary>Publishes a snapshot of the store as it is now; for rooms that wrote to the store themselves.</summary>
    public async ValueTask ReloadAsync(CancellationToken ct) => await InTurnAsync(RepublishAsync, ct);

    /// <summary>
    /// Runs a change of the store alone and publishes what came of it before returning, so that the answer to an operator is
    /// already in force. The change says whether the store was touched.
    /// </summary>
    public ValueTask<T> ChangeAsync<T>(Func<Snapshot, CancellationToken, ValueTask<(T Result, bool Changed)>> change, CancellationToken ct) =>
        InTurnAsync(
            async token =>
            {
                var touched = true;
                try
                {
                    (var result, touched) = await change(snapshots.Current, token);
                    return result;
                }
                finally
                {
                    // Also after a failure: a part of the change may have reached the store.
                    if (touched)
                    {
                        await RepublishAsync(CancellationToken.None);
                    }
                }
            },
            ct);

    /// <summary>Looks at the files; a change that was seen twice is read and, when sound, put in force.</summary>
    public async ValueTask LookAtFilesAsync(CancellationToken ct)
    {
        if (watched is not null && watched.Look())
        {
            await InTurnAsync(ReadAgainAsync, ct);
        }
    }

    /// <summary>
    /// Asks the store whether it still stands behind the snapshot. After a change that could not be published there is none
    /// to stand behind: it is published now, or the gate becomes stale.
    /// </summary>
    public async ValueTask ConfirmAsync(CancellationToken ct)
    {
        if (dirty)
        {
            await InTurnAsync(async token => !dirty || await RepublishAsync(token), ct);
        }
        else if (await store.HealthyAsync(ct).AsTask().WaitAsync(StorePeriod, time, ct))
        {
            Volatile.Write(ref confirmed, time.GetTimestamp());
        }
        else
        {
            Log.StoreSilent(log, "it says it is not healthy");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await Task.WhenAll(loops);
        ending.Dispose();
        turn.Dispose();
    }

    private async ValueTask<bool> ReadAgainAsync(CancellationToken ct)
    {
        var load = ConfigurationFile.Load(options.File!, options.Variable);
        var errors = load.Errors;
        if (load.Configuration is { } next)
        {
            var before = Declared;
            if (await TryPutInForceAsync(next, load, ct) is not { } clashes)
            {
                // Not followed: the file stays a change that the next look sees again.
                return false;
            }

            errors = clashes;
            if (errors.IsEmpty)
            {
                watched!.Follow(load);
                inForce = load.Read;
                FileErrors = [];
                Log.Reloaded(log, options.File!, snapshots.Current.Version);
                ReportRestart(before, next);
                return true;
            }
        }

        watched!.Follow(load);
        FileErrors = errors;
        foreach (var error in errors)
        {
            Log.FileWrong(log, error.ToString());
        }

        return await RecordReloadAsync(load, errors, ct);
    }

    /// <summary>What clashes, or null when the journal or the store failed: the file is sound then, but not in force.</summary>
    private async ValueTask<ImmutableArray<ConfigurationError>?> TryPutInForceAsync(DeclaredConfiguration next, ConfigurationLoad load, CancellationToken ct)
    {
        try
        {
            if (load.Fingerprint == recorded || await RecordReloadAsync(load, [], ct))
            {
                recorded = load.Fingerprint;
                var clashes = await RebuildAsync(next, ct);
                recorded = null;
                return clashes;
            }

            SetPending($"the journal cannot be written: {journal.FaultDetail ?? "no detail"}");
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            SetPending($"the store does not answer: {exception.Message}");
        }

        return null;
    }

    private void SetPending(string why)
    {
        var error = new ConfigurationError(options.File!, 0, 0, $"the file has changed but is not in force yet, and is tried again; {why}");
        if (!FileErrors.Contains(error))
        {
            Log.FileWrong(log, error.ToString());
        }

        FileErrors = [error];
    }

    /// <summary>With what each changed file was and is, so that whoever keeps the files can tell which of them it was.</summary>
    private async ValueTask<bool> RecordReloadAsync(ConfigurationLoad load, ImmutableArray<ConfigurationError> errors, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var record = new CallRecord
        {
            Id = Identifiers.New(now),
            Time = now,
            Method = "operator/reload",
            Decision = errors.IsEmpty ? "allow" : "deny",
            Outcome = errors.IsEmpty ? "answered" : "failed",
            Detail = FilesRead.Changes(inForce, load.Read, errors.IsEmpty) + (errors.IsEmpty ? "" : $"; {errors.Length} errors, first: {errors[0]}"),
        };
        return (await journal.AppendAsync(record, Durability.Process, ct)).Written;
    }

    private void ReportRestart(DeclaredConfiguration before, DeclaredConfiguration next)
    {
        if (!before.Record.SameAs(next.Record) || before.PublicUrl != next.PublicUrl || !before.Listen.SameAs(next.Listen) || (before.Approvals.Wait, before.Approvals.Url) != (next.Approvals.Wait, next.Approvals.Url))
        {
            Log.NeedsRestart(log);
        }
    }

    /// <summary>Publishes the store as it is now beside what the file said; throws when that cannot be done, and is tried again then.</summary>
    private async ValueTask<bool> RepublishAsync(CancellationToken ct)
    {
        dirty = true;
        var clashes = await RebuildAsync(Declared, ct);
        return clashes.IsEmpty ? true : throw new StoreException($"the store cannot be published beside the file: {clashes[0]}");
    }

    private async ValueTask<ImmutableArray<ConfigurationError>> RebuildAsync(DeclaredConfiguration next, CancellationToken ct)
    {
        var stored = await store.LoadAsync(ct);
        var errors = SnapshotMerge.Clashes(options.File ?? SnapshotMerge.FileAuthor, next, stored);
        if (!errors.IsEmpty)
        {
            return errors;
        }

        var revisions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var policy in next.Policies)
        {
            var latest = stored.Policies.FirstOrDefault(candidate => candidate.Name == policy.Name);
            revisions[policy.Name] = latest is not null && latest.Author == SnapshotMerge.FileAuthor && latest.Document.Span.SequenceEqual(policy.Document.Span)
                ? latest.Revision
                : await store.SavePolicyAsync(policy.Name, policy.Document, SnapshotMerge.FileAuthor, null, ct);
        }

        var ringsOthers = !next.Approvals.Webhooks.SequenceEqual(Declared.Approvals.Webhooks);
        if (ringsOthers && await store.SetWebhooksAsync(next.Approvals.Webhooks, ct) is > 0 and var dropped)
        {
            Log.NoticesDropped(log, dropped);
        }

        var built = merge.Build(next, stored, revisions);
        snapshots.Update(now => built with { Version = now.Version, Pins = PinBook.Merged(now, built) });
        Declared = next;
        if (ringsOthers)
        {
            WebhooksChanged?.Invoke(next.Approvals.Webhooks);
        }

        dirty = false;
        Volatile.Write(ref confirmed, time.GetTimestamp());
        return [];
    }

    private async Task LoopAsync(TimeSpan period, Func<CancellationToken, ValueTask> step)
    {
        using var timer = new PeriodicTimer(period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token))
            {
                await GuardedAsync(step);
            }
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    private async Task GuardedAsync(Func<CancellationToken, ValueTask> step)
    {
        try
        {
            await step(ending.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !ending.IsCancellationRequested)
        {
            // A store that cannot answer leaves the last snapshot in force until it is stale; the next tick tries again.
            Log.StoreSilent(log, exception.Message);
        }
    }

    private async ValueTask<T> InTurnAsync<T>(Func<CancellationToken, ValueTask<T>> step, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            return await step(ct);
        }
        finally
        {
            turn.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Information, "configuration `{File}` is in force as snapshot {Version}")]
        public static partial void Reloaded(ILogger log, string file, long version);

        [LoggerMessage(3002, LogLevel.Error, "configuration not changed: {Error}")]
        public static partial void FileWrong(ILogger log, string error);

        [LoggerMessage(3004, LogLevel.Warning, "`record`, `public_url`, `listen`, or `wait` or `url` of `approvals`, changed in the file; they take effect when callgate is started again")]
        public static partial void NeedsRestart(ILogger log);

        [LoggerMessage(3005, LogLevel.Error, "the configuration store does not answer: {Detail}")]
        public static partial void StoreSilent(ILogger log, string detail);

        [LoggerMessage(3007, LogLevel.Warning, "{Count} notices for webhooks that are no longer in the file were dropped")]
        public static partial void NoticesDropped(ILogger log, int count);

        [LoggerMessage(3006, LogLevel.Error, "stored policy `{Name}` cannot be used, so that its grants are refused: {Why}")]
        public static partial void PolicyUnusable(ILogger log, string name, string why);
    }
}
