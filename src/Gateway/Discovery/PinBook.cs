using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Callgate.Policy;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Discovery;

/// <summary>Which eras a server was seen to speak, and when it was asked.</summary>
public sealed record Eras(bool Legacy, bool Modern, DateTimeOffset Asked);

/// <summary>
/// The reviewed definitions. First contact pins what a server shows; from then on what it shows is compared. INVARIANT:
/// clients see and call only reviewed definitions, served from this copy.
/// </summary>
public sealed class PinBook(SnapshotSource snapshots, IConfigStore store, Explorer explorer, PinNotices notices, TimeProvider time, ILogger<PinBook> log) : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ListChangedEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LegacyVerdictLife = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Eras> eras = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> contacts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (DateTimeOffset At, UpstreamFault Fault)> failures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ITimer> relists = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim saving = new(1, 1);

    /// <summary>What became of definitions is noted in the order in which it came about, and after the pins it tells of are saved.</summary>
    private readonly SemaphoreSlim noting = new(1, 1);
    private readonly CancellationTokenSource closing = new();

    /// <summary>A server may show other definitions in the newest era, so what it shows there is pinned apart. No server name holds an @.</summary>
    public static string ModernKey(string server) => server + "@" + ProtocolVersion.Modern;

    /// <summary>Where a server lists a name more than once nobody can be asked about it: which of them would be called is open.</summary>
    public static ToolStanding StandingOf(PinnedTool tool, ServerDefinition server) => server.OnDrift switch
    {
        _ when tool.DriftedTo is null => ToolStanding.Reviewed,
        OnDrift.Report => ToolStanding.Reviewed,
        OnDrift.Approve when tool.Shown is not null => ToolStanding.DriftedAsked,
        _ => ToolStanding.Drifted,
    };

    /// <summary>
    /// The pins of a rebuilt configuration: what is held in memory is newer than the store; a server that is gone takes its
    /// pins with it, so that the next one of that name is met anew.
    /// </summary>
    public static FrozenDictionary<string, PinnedServer> Merged(Snapshot now, Snapshot built)
    {
        var pins = new Dictionary<string, PinnedServer>(built.Pins, StringComparer.Ordinal);
        foreach (var (key, pinned) in now.Pins)
        {
            pins[key] = pinned;
        }

        return pins.Where(pair => built.Servers.ContainsKey(pair.Key.Split('@')[0])).ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>What is pinned of a server, for operators: its older era where it has one.</summary>
    public static PinnedServer? Of(Snapshot now, string server) => now.Pins.GetValueOrDefault(server) ?? now.Pins.GetValueOrDefault(ModernKey(server));

    /// <summary>What is pinned of a server, of each era it was met in.</summary>
    public static IReadOnlyList<PinnedServer> Eras(Snapshot now, string server) =>
        [.. new[] { now.Pins.GetValueOrDefault(server), now.Pins.GetValueOrDefault(ModernKey(server)) }.OfType<PinnedServer>()];

    /// <summary>Whether the tool is reviewed in any era of the server.</summary>
    public static bool Knows(Snapshot now, string server, string tool) =>
        new[] { server, ModernKey(server) }.Any(key => now.Pins.GetValueOrDefault(key)?.Tools.ContainsKey(tool) ?? false);

    /// <summary>What tests of a policy that name a server are judged by; null where the gate knows no such tool.</summary>
    public static KnownTool? ForTests(Snapshot now, string server, string tool) =>
        now.Servers.TryGetValue(server, out var definition) && Of(now, server)?.Tools.GetValueOrDefault(tool) is { } known
            ? new KnownTool(StandingOf(known, definition), known.Category, known.Schema) { ShownCategory = known.Shown?.Category }
            : null;

    public PinnedServer? Find(string key) => snapshots.Current.Pins.GetValueOrDefault(key);

    /// <summary>What is known of a tool, from the call's snapshot; only where a server was never listed is it asked first.</summary>
    public async ValueTask<(PinnedTool? Tool, ToolStanding Standing)> FindAsync(string key, ServerDefinition server, Snapshot now, string tool)
    {
        if (!now.Pins.TryGetValue(key, out var pinned))
        {
            await EnsureAsync(server, closing.Token).ConfigureAwait(false);
            pinned = Find(key);
        }

        if (pinned is null)
        {
            return (null, ToolStanding.ListUnavailable);
        }

        return pinned.Tools.TryGetValue(tool, out var known) ? (known, StandingOf(known, server)) : (null, ToolStanding.Unknown);
    }

    /// <summary>Makes first contact where there was none. Many callers wait for one attempt; a failed one is repeated after two seconds.</summary>
    public async ValueTask EnsureAsync(ServerDefinition server, CancellationToken cancellationToken)
    {
        if (!Known(server.Name, snapshots.Current))
        {
            await ContactAsync(server).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The pins of one kind. A list that could not be read yet is asked for again, at most once in two seconds; null where it still cannot be.</summary>
    public async ValueTask<PinnedList?> ListAsync(string key, ServerDefinition server, ListingKind kind)
    {
        if (Find(key)?.List(kind) is { } list)
        {
            return list;
        }

        if (SeenEras(server.Name) is not { } seen || seen.Asked + RetryAfter <= time.GetUtcNow())
        {
            await ContactAsync(server).WaitAsync(closing.Token).ConfigureAwait(false);
        }

        return Find(key)?.List(kind);
    }

    /// <summary>Which eras the server speaks; null while it cannot be reached. An old verdict of legacy only is asked again.</summary>
    public async ValueTask<Eras?> ErasOfAsync(ServerDefinition server, CancellationToken cancellationToken)
    {
        if (eras.TryGetValue(server.Name, out var known) && (known.Modern || known.Asked + LegacyVerdictLife > time.GetUtcNow()))
        {
            return known;
        }

        await ContactAsync(server).WaitAsync(cancellationToken).ConfigureAwait(false);
        return eras.GetValueOrDefault(server.Name);
    }

    /// <summary>Which eras the server was last seen to speak; null before the first contact of this process.</summary>
    public Eras? SeenEras(string server) => eras.GetValueOrDefault(server);

    /// <summary>Why the last contact failed; null when it did not.</summary>
    public UpstreamFault? FaultOf(string server) => failures.TryGetValue(server, out var failure) ? failure.Fault : null;

    /// <summary>Asks the server again and compares; at start, and when it says that its list changed.</summary>
    public Task ContactAsync(ServerDefinition server)
    {
        if (failures.TryGetValue(server.Name, out var failure) && failure.At + RetryAfter > time.GetUtcNow())
        {
            return Task.CompletedTask;
        }

        return contacts.GetOrAdd(ContactKey(server), _ => ExploreAsync(server));
    }

    /// <summary>Asks for somebody who wants to know what is now: a contact that is under way may have read something older.</summary>
    public async Task LookAsync(ServerDefinition server)
    {
        await contacts.GetValueOrDefault(ContactKey(server), Task.CompletedTask).ConfigureAwait(false);
        await ContactAsync(server).ConfigureAwait(false);
    }

    /// <summary>A server that says its list changed is asked again, at most once in five seconds.</summary>
    public void ListChanged(ServerDefinition server)
    {
        if (!closing.IsCancellationRequested)
        {
            relists.GetOrAdd(server.Name, name => time.CreateTimer(_ => Relist(server), null, ListChangedEvery, Timeout.InfiniteTimeSpan));
        }
    }

    /// <summary>Compares what a server lists now with what is pinned; the pins as they stand afterwards.</summary>
    public PinnedServer? Observe(string key, ServerDefinition server, ListingKind kind, JsonElement entries)
    {
        JsonElement[] shown = [.. entries.EnumerateArray()];
        _ = ObserveAsync(key, server, (pins, noticed) => PinComparison.Compare(pins, server, kind, shown, noticed));
        return Find(key);
    }

    /// <summary>Compares the instructions that a server gives now with what is pinned; the pins as they stand afterwards.</summary>
    public PinnedServer? Observe(string key, ServerDefinition server, string? instructions)
    {
        _ = ObserveAsync(key, server, (pins, noticed) => PinComparison.Compare(pins, server, instructions, noticed));
        return Find(key);
    }

    /// <summary>Takes what waits for review as reviewed, for this operator. False when it is not what was looked at any more; then nothing is.</summary>
    /// <exception cref="StoreException">It holds until the next start only.</exception>
    public async ValueTask<bool> AcceptAsync(string server, Acceptance wanted, string? who)
    {
        var (holds, taken) = (false, new List<PinnedEntry>());
        bool MayBe(IReadOnlyCollection<PinnedServer> eras)
        {
            holds = wanted.Holds(eras);
            taken = [.. eras.SelectMany(static pins => pins.All()).Where(entry => holds && wanted.Takes(entry)).DistinctBy(static entry => (entry.Kind, entry.Pin.Name, entry.Acceptable))];
            return holds;
        }

        await noting.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await ChangeAsync(server, MayBe, (pinned, other) => PinComparison.Accept(pinned, other, wanted)).ConfigureAwait(false);
            await notices.AcceptedAsync(server, taken, who).ConfigureAwait(false);
        }
        finally
        {
            noting.Release();
        }

        return holds;
    }

    /// <summary>Gives a reviewed tool a category in every era it is known in, or takes it away.</summary>
    /// <exception cref="StoreException">It holds until the next start only.</exception>
    public ValueTask CategoriseAsync(string server, string tool, ToolCategory? category) =>
        ChangeAsync(server, static _ => true, (pinned, _) => PinComparison.Categorise(pinned, tool, category));

    /// <summary>An operator's change of the pins of every era at once: half of it must not hold. It is not given up once it is begun.</summary>
    private async ValueTask ChangeAsync(string server, Func<IReadOnlyCollection<PinnedServer>, bool> mayBe, Func<PinnedServer, PinnedServer?, PinnedServer> change)
    {
        string[] keys = [server, ModernKey(server)];
        snapshots.Update(now => !mayBe(Eras(now, server)) ? now : keys.Aggregate(now, (next, key) => next.Pins.TryGetValue(key, out var pinned)
            ? With(next, change(pinned, next.Pins.GetValueOrDefault(keys.First(other => other != key))))
            : next));
        foreach (var key in keys)
        {
            await SaveAsync(key, CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        closing.Cancel();
        foreach (var timer in relists.Values)
        {
            timer.Dispose();
        }
    }

    private static string ContactKey(ServerDefinition server) => server.Name + " " + server.Digest;

    /// <summary>True when first contact with the server, in whatever era, is behind.</summary>
    private static bool Known(string server, Snapshot now) => now.Pins.ContainsKey(server) || now.Pins.ContainsKey(ModernKey(server));

    private async Task ExploreAsync(ServerDefinition server)
    {
        // The task must be in the dictionary before it takes itself out again.
        await Task.Yield();
        try
        {
            var exploration = await explorer.ExploreAsync(server, closing.Token).ConfigureAwait(false);
            if (!snapshots.Current.Servers.TryGetValue(server.Name, out var current) || !string.Equals(current.Digest, server.Digest, StringComparison.Ordinal))
            {
                // The definition changed meanwhile: what the old one showed says nothing about the new one.
                return;
            }

            if ((exploration.Reached ? FaultOfFirst(server, exploration) : exploration.Fault) is { } fault)
            {
                failures[server.Name] = (time.GetUtcNow(), fault);
                log.LogWarning("server `{Server}` could not be listed: {Detail}", server.Name, fault.Detail);
                return;
            }

            failures.TryRemove(server.Name, out _);
            await TakeAsync(server, exploration).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The gateway is closing.
        }
        catch (Exception exception)
        {
            // Whatever an upstream made fail: its callers are refused, and the next attempt waits like after any other fault.
            log.LogError(exception, "server `{Server}` could not be listed", server.Name);
            failures[server.Name] = (time.GetUtcNow(), Explorer.Unusable);
        }
        finally
        {
            contacts.TryRemove(ContactKey(server), out _);
        }
    }

    /// <summary>A list with one name twice is never pinned. Later it is compared all the same, so that those tools count as drifted.</summary>
    private UpstreamFault? FaultOfFirst(ServerDefinition server, Exploration exploration) =>
        Known(server.Name, snapshots.Current) || (Listing.Tools.NamesOnce(exploration.Legacy?.Tools ?? []) && Listing.Tools.NamesOnce(exploration.Modern?.Tools ?? []))
            ? null
            : Explorer.Unusable;

    private async Task TakeAsync(ServerDefinition server, Exploration exploration)
    {
        var first = !Known(server.Name, snapshots.Current);
        var taken = Eras(snapshots.Current, server.Name).All(static pins => pins.BeforeLists);
        var (met, noted) = (new List<PinnedServer>(), new List<Task>());
        foreach (var (key, other, showing) in new[] { (server.Name, ModernKey(server.Name), exploration.Legacy), (ModernKey(server.Name), server.Name, exploration.Modern) })
        {
            if (showing is not null && Find(key) is { } known)
            {
                if (taken)
                {
                    notices.Listed(server.Name, known, showing);
                }

                noted.Add(ObserveAsync(key, server, (pins, noticed) => PinComparison.Look(pins, server, showing, taken ? null : Find(other) ?? pins, noticed)));
            }
            else if (showing is not null)
            {
                met.Add(first || Find(other) is not { } reviewed
                    ? PinComparison.First(key, showing, time.GetUtcNow())
                    : PinComparison.Later(key, showing, reviewed, time.GetUtcNow()));
            }
        }

        // Both eras appear at once: a server that is known in one is known in the other.
        snapshots.Update(now => met.Aggregate(now, With));
        eras[server.Name] = new Eras(exploration.Legacy is not null, exploration.Modern is not null, time.GetUtcNow());
        notices.Met(server.Name, met);
        foreach (var pinned in met)
        {
            await TrySaveAsync(pinned.Server, closing.Token).ConfigureAwait(false);
        }

        // Whoever has asked the server finds in its history what came of it.
        await Task.WhenAll(noted).ConfigureAwait(false);
    }

    /// <summary>The pins hold when it returns; the task is over when what came of it is saved and noted.</summary>
    private Task ObserveAsync(string key, ServerDefinition server, Func<PinnedServer, List<Notice>, PinnedServer> look)
    {
        if (Find(key) is not { } before || ReferenceEquals(look(before, []), before))
        {
            return Task.CompletedTask;
        }

        var noticed = new List<Notice>();
        snapshots.Update(now =>
        {
            noticed.Clear();
            return now.Pins.TryGetValue(key, out var pinned) ? With(now, look(pinned, noticed)) : now;
        });
        return RecordAsync(key, server, noticed);
    }

    private static Snapshot With(Snapshot now, PinnedServer pinned)
    {
        var pins = new Dictionary<string, PinnedServer>(now.Pins, StringComparer.Ordinal) { [pinned.Server] = pinned };
        return now with { Pins = pins.ToFrozenDictionary(StringComparer.Ordinal) };
    }

    private async Task RecordAsync(string key, ServerDefinition server, List<Notice> noticed)
    {
        await noting.WaitAsync(closing.Token).ConfigureAwait(false);
        try
        {
            await TrySaveAsync(key, closing.Token).ConfigureAwait(false);
            await notices.TellAsync(key, server.Name, noticed).ConfigureAwait(false);
        }
        finally
        {
            noting.Release();
        }
    }

    private async Task TrySaveAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await SaveAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreException or System.Data.Common.DbException or IOException)
        {
            // What is pinned in memory goes on to hold, and the next change writes it. After a restart the server is compared with what was saved before.
            log.LogError(exception, "pins of `{Server}` could not be saved", key);
        }
    }

    private async Task SaveAsync(string key, CancellationToken cancellationToken)
    {
        await saving.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Find(key) is { } pinned)
            {
                await store.SavePinsAsync(pinned, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            saving.Release();
        }
    }

    private void Relist(ServerDefinition server)
    {
        if (relists.TryRemove(server.Name, out var timer))
        {
            timer.Dispose();
            _ = ContactAsync(server);
        }
    }
}
