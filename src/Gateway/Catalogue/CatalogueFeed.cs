using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Catalogue;

/// <summary>
/// Keeps the catalogue in step with what the gate stands before: reviewed tools under their settled categories, never what
/// waits for review. The pack is taken in once at the start.
/// </summary>
public sealed class CatalogueFeed : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private readonly SnapshotSource snapshots;
    private readonly CatalogueStore store;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly SemaphoreSlim isNew = new(0, 1);
    private readonly CancellationTokenSource closing = new();
    private Task following = Task.CompletedTask;

    public CatalogueFeed(SnapshotSource snapshots, CatalogueStore store, TimeProvider time, ILogger<CatalogueFeed> log)
    {
        (this.snapshots, this.store, this.time, this.log) = (snapshots, store, time, log);
        snapshots.Changed += OnChanged;
    }

    public void Start() => following = Task.Run(FollowAsync);

    public async ValueTask DisposeAsync()
    {
        snapshots.Changed -= OnChanged;
        await closing.CancelAsync();
        await following;
        closing.Dispose();
        isNew.Dispose();
    }

    private void OnChanged(Snapshot before, Snapshot after)
    {
        if (!ReferenceEquals(before.Pins, after.Pins) || !ReferenceEquals(before.Servers, after.Servers))
        {
            try
            {
                isNew.Release();
            }
            catch (SemaphoreFullException)
            {
                // It will look anyway.
            }
        }
    }

    private async Task FollowAsync()
    {
        var packIsIn = false;
        while (!closing.IsCancellationRequested)
        {
            try
            {
                await store.ReplaceAsync(CatalogueSource.Registered, Registered(snapshots.Current), closing.Token).ConfigureAwait(false);
                if (!packIsIn)
                {
                    await store.ReplaceAsync(CatalogueSource.Pack, CataloguePack.Read(), closing.Token).ConfigureAwait(false);
                    packIsIn = true;
                }

                await isNew.WaitAsync(closing.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception) when (exception is StoreException or ObjectDisposedException)
            {
                log.LogError(exception, "the catalogue does not take in what the gate stands before; it is tried again");
                await Task.Delay(RetryAfter, time, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static List<CatalogueItem> Registered(Snapshot now) => [.. now.Servers.Values.Select(server =>
    {
        var tools = PinBook.Of(now, server.Name)?.Tools.Values.OrderBy(static tool => tool.Name, StringComparer.Ordinal).ToList() ?? [];
        var entry = new ServerEntry(server.Name) { Tools = [.. tools.Select(static tool => JsonElement.Parse(tool.Definition.Span))] };
        return new CatalogueItem(entry, CatalogueSource.Registered, server.Public, tools.Where(static tool => tool.Category is not null).ToDictionary(static tool => tool.Name, static tool => (RiskCategory?)Categories.ToRisk(tool.Category!.Value), StringComparer.Ordinal));
    })];
}
