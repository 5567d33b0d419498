using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Audit;
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
public sealed class PinBook(SnapshotSource snapshots, IConfigStore store, Explorer explorer, Journal journal, TimeProvider time, ILogger<PinBook> log) : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ListChangedEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LegacyVerdictLife = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Eras> eras = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> contacts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (DateTimeOffset At, UpstreamFault Fault)> failures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ITimer> relists = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim saving = new(1, 1);
    private readonly CancellationTokenSource closing = new();

    /// <summary>A server may show other definitions in the newest era; they are pinned beside the others. No server name holds an @.</summary>
    public static string ModernKey(string server) => server + "@" + ProtocolVersion.Modern;

    public static string? NameOf(JsonElement tool) =>
        tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty("name"u8, out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    /// <summary>False when a name stands twice: which of the two would be called is open, so such a list is not used.</summary>
    public static bool NamesOnce(IEnumerable<JsonElement> tools)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return tools.Select(NameOf).All(name => name is null || names.Add(name));
    }

    public static ToolStanding StandingOf(PinnedTool tool, ServerDefinition server) =>
        tool.DriftedTo is not null && server.OnDrift == OnDrift.Block ? ToolStanding.Drifted : ToolStanding.Reviewed;

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

    public PinnedServer? Find(string key) => snapshots.Current.Pins.GetValueOrDefault(key);

    /// <summary>What is known of a tool, from the call's snapshot; only where a server was never listed is it asked first.</summary>
    public async ValueTask<(PinnedTool? Tool, ToolStanding Standing)> FindAsync(string key, ServerDefinition server, Snapshot now, string tool)
    {
        if (!now.Pins.TryGetValue(key, out var pinned))
        {
            await EnsureAsync(server, closing.Token).ConfigureAwait(false);
            pinned = Find(key) ?? Find(server.Name);
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
        if (!snapshots.Current.Pins.ContainsKey(server.Name))
        {
            await ContactAsync(server).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
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

    /// <summary>Asks the server again and compares; at start, when it says that its list changed, and when an operator asks.</summary>
    public Task ContactAsync(ServerDefinition server)
    {
        if (failures.TryGetValue(server.Name, out var failure) && failure.At + RetryAfter > time.GetUtcNow())
        {
            return Task.CompletedTask;
        }

        return contacts.GetOrAdd(server.Name, _ => ExploreAsync(server));
    }

    /// <summary>A server that says its list changed is asked again, at most once in five seconds.</summary>
    public void ListChanged(ServerDefinition server)
    {
        if (!closing.IsCancellationRequested)
        {
            relists.GetOrAdd(server.Name, name => time.CreateTimer(_ => Relist(server), null, ListChangedEvery, Timeout.InfiniteTimeSpan));
        }
    }

    /// <summary>Compares what a server shows now with what is pinned; the pins as they stand afterwards.</summary>
    public PinnedServer? Observe(string key, ServerDefinition server, JsonElement tools) =>
        Observe(key, server, [.. tools.EnumerateArray()]);

    /// <summary>Takes what waits for review (all of it, or the named tools) as reviewed.</summary>
    public async ValueTask<IReadOnlyList<string>> AcceptAsync(string server, IReadOnlySet<string>? names, CancellationToken cancellationToken)
    {
        var accepted = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var key in new[] { server, ModernKey(server) })
        {
            snapshots.Update(now => now.Pins.TryGetValue(key, out var pinned) ? With(now, Accepted(pinned, names, accepted)) : now);
            await SaveAsync(key, cancellationToken).ConfigureAwait(false);
        }

        return [.. accepted];
    }

    public void Dispose()
    {
        closing.Cancel();
        foreach (var timer in relists.Values)
        {
            timer.Dispose();
        }
    }

    private async Task ExploreAsync(ServerDefinition server)
    {
        // The task must be in the dictionary before it takes itself out again.
        await Task.Yield();
        try
        {
            var exploration = await explorer.ExploreAsync(server, closing.Token).ConfigureAwait(false);
            if ((exploration.Reached ? FaultOfFirst(server, exploration) : exploration.Fault) is { } fault)
            {
                failures[server.Name] = (time.GetUtcNow(), fault);
                log.LogWarning("server `{Server}` could not be listed: {Detail}", server.Name, fault.Detail);
                return;
            }

            failures.TryRemove(server.Name, out _);
            eras[server.Name] = new Eras(exploration.Legacy is not null, exploration.Modern is not null, time.GetUtcNow());
            await TakeAsync(server, exploration).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The gateway is closing.
        }
        finally
        {
            contacts.TryRemove(server.Name, out _);
        }
    }

    /// <summary>A list with one name twice is never pinned. Later it is compared all the same, so that those tools count as drifted.</summary>
    private UpstreamFault? FaultOfFirst(ServerDefinition server, Exploration exploration) =>
        snapshots.Current.Pins.ContainsKey(server.Name) || (NamesOnce(exploration.Legacy?.Tools ?? []) && NamesOnce(exploration.Modern?.Tools ?? []))
            ? null
            : Explorer.Unusable;

    private async Task TakeAsync(ServerDefinition server, Exploration exploration)
    {
        var first = !snapshots.Current.Pins.ContainsKey(server.Name);
        var main = exploration.Legacy ?? exploration.Modern!;
        if (first)
        {
            var pinned = Pinned(server.Name, main);
            var beside = exploration is { Legacy: not null, Modern: { } modern } ? Pinned(ModernKey(server.Name), modern) : null;
            snapshots.Update(now => beside is null ? With(now, pinned) : With(With(now, pinned), beside));
            await SaveAsync(server.Name, closing.Token).ConfigureAwait(false);
            await SaveAsync(ModernKey(server.Name), closing.Token).ConfigureAwait(false);
            log.LogInformation("server `{Server}`: {Count} tools pinned at first contact", server.Name, pinned.Tools.Count);
            return;
        }

        Observe(server.Name, server, main.Tools);
        if (exploration is { Legacy: not null, Modern: { } later })
        {
            Observe(snapshots.Current.Pins.ContainsKey(ModernKey(server.Name)) ? ModernKey(server.Name) : server.Name, server, later.Tools);
        }
    }

    private PinnedServer? Observe(string key, ServerDefinition server, IReadOnlyList<JsonElement> tools)
    {
        if (Find(key) is not { } before)
        {
            return null;
        }

        if (Compared(before, server, tools, []) == before)
        {
            return before;
        }

        var noticed = new List<(string Tool, string What)>();
        snapshots.Update(now =>
        {
            noticed.Clear();
            return now.Pins.TryGetValue(key, out var pinned) ? With(now, Compared(pinned, server, tools, noticed)) : now;
        });
        _ = RecordAsync(key, server, noticed);
        return Find(key);
    }

    /// <summary>The pins after a look at these definitions; the same object when nothing differs.</summary>
    private static PinnedServer Compared(PinnedServer pinned, ServerDefinition server, IReadOnlyList<JsonElement> tools, List<(string Tool, string What)> noticed)
    {
        Dictionary<string, PinnedTool>? known = null;
        Dictionary<string, PinnedTool>? waiting = null;
        foreach (var sameName in tools.GroupBy(NameOf, StringComparer.Ordinal))
        {
            if (sameName.Key is not { } name)
            {
                continue;
            }

            var tool = sameName.First();
            var twice = sameName.Skip(1).Any();
            var shown = new PinnedTool(name, Reemit.Bytes(tool), Fingerprint.Of(tool));
            if (!pinned.Tools.TryGetValue(name, out var reviewed))
            {
                if (!twice)
                {
                    Appeared(pinned, server, shown, ref known, ref waiting, noticed);
                }

                continue;
            }

            var differs = twice || !string.Equals(shown.Fingerprint, reviewed.Fingerprint, StringComparison.Ordinal);
            if (differs && reviewed.DriftedTo?.Span.SequenceEqual(shown.Definition.Span) != true)
            {
                (known ??= new(pinned.Tools, StringComparer.Ordinal))[name] = reviewed with { DriftedTo = shown.Definition };
                noticed.Add((name, "drift"));
            }
            else if (!differs && reviewed.DriftedTo is not null)
            {
                (known ??= new(pinned.Tools, StringComparer.Ordinal))[name] = reviewed with { DriftedTo = null };
                noticed.Add((name, "drift-ended"));
            }
        }

        return known is null && waiting is null
            ? pinned
            : pinned with
            {
                Tools = known?.ToFrozenDictionary(StringComparer.Ordinal) ?? pinned.Tools,
                Waiting = waiting?.ToFrozenDictionary(StringComparer.Ordinal) ?? pinned.Waiting,
            };
    }

    private static void Appeared(
        PinnedServer pinned, ServerDefinition server, PinnedTool shown, ref Dictionary<string, PinnedTool>? known, ref Dictionary<string, PinnedTool>? waiting, List<(string, string)> noticed)
    {
        if (server.OnNew == OnNew.Categorise)
        {
            (known ??= new(pinned.Tools, StringComparer.Ordinal))[shown.Name] = shown;
            noticed.Add((shown.Name, "new-taken"));
        }
        else if (!pinned.Waiting.TryGetValue(shown.Name, out var already) || !string.Equals(already.Fingerprint, shown.Fingerprint, StringComparison.Ordinal))
        {
            (waiting ??= new(pinned.Waiting, StringComparer.Ordinal))[shown.Name] = shown;
            noticed.Add((shown.Name, "new-waiting"));
        }
    }

    private static PinnedServer Accepted(PinnedServer pinned, IReadOnlySet<string>? names, SortedSet<string> accepted)
    {
        var tools = new Dictionary<string, PinnedTool>(pinned.Tools, StringComparer.Ordinal);
        var waiting = new Dictionary<string, PinnedTool>(pinned.Waiting, StringComparer.Ordinal);
        foreach (var tool in pinned.Tools.Values.Where(tool => tool.DriftedTo is not null && names?.Contains(tool.Name) != false))
        {
            var live = tool.DriftedTo!.Value;
            tools[tool.Name] = new PinnedTool(tool.Name, live, Fingerprint.Of(JsonElement.Parse(live.Span)));
            accepted.Add(tool.Name);
        }

        foreach (var tool in pinned.Waiting.Values.Where(tool => names?.Contains(tool.Name) != false))
        {
            tools[tool.Name] = tool;
            waiting.Remove(tool.Name);
            accepted.Add(tool.Name);
        }

        return pinned with { Tools = tools.ToFrozenDictionary(StringComparer.Ordinal), Waiting = waiting.ToFrozenDictionary(StringComparer.Ordinal) };
    }

    private PinnedServer Pinned(string key, Showing showing) => new(
        key,
        showing.Tools.Select(static tool => new PinnedTool(NameOf(tool)!, Reemit.Bytes(tool), Fingerprint.Of(tool))).ToFrozenDictionary(static tool => tool.Name, StringComparer.Ordinal),
        FrozenDictionary<string, PinnedTool>.Empty,
        showing.Instructions,
        time.GetUtcNow());

    private static Snapshot With(Snapshot now, PinnedServer pinned)
    {
        var pins = new Dictionary<string, PinnedServer>(now.Pins, StringComparer.Ordinal) { [pinned.Server] = pinned };
        return now with { Pins = pins.ToFrozenDictionary(StringComparer.Ordinal) };
    }

    private async Task RecordAsync(string key, ServerDefinition server, List<(string Tool, string What)> noticed)
    {
        foreach (var (tool, what) in noticed)
        {
            log.LogWarning("server `{Server}`, tool `{Tool}`: {What}", server.Name, tool, what);
            var now = time.GetUtcNow();
            await journal.AppendAsync(
                new CallRecord { Id = Identifiers.New(now), Time = now, Method = "discovery/" + what, Decision = "pending", Outcome = "answered", Server = server.Name, Tool = tool },
                Durability.Process,
                CancellationToken.None).ConfigureAwait(false);
        }

        await SaveAsync(key, closing.Token).ConfigureAwait(false);
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
        catch (Exception exception) when (exception is System.Data.Common.DbException or IOException)
        {
            // What is pinned in memory goes on to hold; the next change, or the next start, writes it again.
            log.LogError(exception, "pins of `{Server}` could not be saved", key);
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
