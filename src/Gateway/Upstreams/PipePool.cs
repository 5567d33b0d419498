using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// The links that are open: one per server, grant and profile. Idle ones are stopped, crashed ones are started again
/// after a growing pause, and there are never more than allowed.
/// </summary>
public sealed class PipePool : IAsyncDisposable
{
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly PipePoolOptions options;
    private readonly PipeStarter starter;
    private readonly Lock gate = new();
    private readonly Dictionary<PipeKey, PipeSlot> slots = [];
    private readonly HashSet<(string Server, PipeLink Link)> throwAways = [];
    private readonly ITimer sweep;
    private bool closed;

    public PipePool(string dataFolder, TimeProvider time, ILoggerFactory logs, PipePoolOptions? options = null)
    {
        this.time = time;
        this.options = options ?? new PipePoolOptions();
        log = logs.CreateLogger<PipePool>();
        starter = new PipeStarter(new ChildMounts([dataFolder, .. this.options.AlsoHidden], this.options.AlsoReadOnly), time, log, this.options.Stdio);
        sweep = time.CreateTimer(static pool => ((PipePool)pool!).Sweep(), this, this.options.Sweep, this.options.Sweep);
    }

    /// <summary>Links that run or are being started, those for discovery not counted.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return slots.Values.Count(slot => slot.Runs);
            }
        }
    }

    /// <summary>How children are kept from the gateway's files; found out at the first call, with a warning where they are not.</summary>
    public async ValueTask<ChildIsolation> IsolationAsync() => await starter.IsolationAsync();

    /// <summary>
    /// The running link of this server, grant and profile, or a new one. The caller does the handshake; with the profile
    /// <c>modern</c> there is none. Links stay the pool's: nobody else disposes them.
    /// </summary>
    public async ValueTask<(PipeLink? Link, UpstreamFault? Fault)> RentAsync(ServerDefinition server, string grantId, string profile, CancellationToken cancellationToken)
    {
        var key = PipeKey.Of(server, grantId, profile);
        while (true)
        {
            Task<(PipeLink?, UpstreamFault?)>? starting = null;
            TimeSpan pause;
            lock (gate)
            {
                var slot = SlotOf(key);
                NoticeEnd(slot);
                if (slot.Link is { } running)
                {
                    running.MarkUsed();
                    return (running, null);
                }

                pause = slot.NotBefore - time.GetUtcNow();
                if (slot.Starting is not null || pause <= TimeSpan.Zero)
                {
                    if (slot.Starting is null && Refusal(server, key) is { } refusal)
                    {
                        return (null, refusal);
                    }

                    starting = slot.Starting ??= StartAsync(server, key, slot);
                }
                else if (pause > options.PatienceWithPause)
                {
                    return (null, Paused(server.Name, pause, slot.LastEnd));
                }
            }

            if (starting is not null)
            {
                return await starting.WaitAsync(cancellationToken);
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <summary>A link of its own for discovery: outside the bounds, ready for requests of any era, disposed by the caller.</summary>
    public async ValueTask<(PipeLink? Link, UpstreamFault? Fault)> OpenThrowAwayAsync(ServerDefinition server, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (pipe, fault) = await OpenAsync(server, "");
        if (pipe is null)
        {
            return (null, fault);
        }

        var link = PipeLink.Start(pipe, server, time, log, options.StartLimit);
        link.SkipHandshake();
        bool late;
        lock (gate)
        {
            late = closed;
            throwAways.Add((server.Name, link));
        }

        link.Ended.Register(() => Forget(server.Name, link));
        if (!late)
        {
            return (link, null);
        }

        await link.DisposeAsync();
        return (null, Stopped(server.Name));
    }

    /// <summary>Ends every process of this server and forgets its crashes: it was removed, changed or stopped.</summary>
    public ValueTask StopServerAsync(string name) => StopAsync(key => key.Server == name, server => server == name);

    /// <summary>Ends every process of this grant: it was revoked, rotated or stopped.</summary>
    public ValueTask StopGrantAsync(string grantId) => StopAsync(key => key.Grant == grantId, _ => false);

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            closed = true;
        }

        await sweep.DisposeAsync();
        await StopAsync(_ => true, _ => true);
        await starter.DisposeAsync();
    }

    private static UpstreamFault Paused(string server, TimeSpan pause, string lastEnd) => new(
        UpstreamFaultKind.Unavailable,
        $"the server `{server}` ended unexpectedly and is started again in {Math.Ceiling(pause.TotalSeconds)} s; try again then",
        $"paused after a crash: {lastEnd}",
        NothingSent: true);

    private static UpstreamFault Stopped(string server) =>
        new(UpstreamFaultKind.Unavailable, $"the server `{server}` was stopped", "stopped by the gateway", NothingSent: true);

    private PipeSlot SlotOf(PipeKey key)
    {
        if (!slots.TryGetValue(key, out var slot))
        {
            slots.Add(key, slot = new PipeSlot());
        }

        return slot;
    }

    private UpstreamFault? Refusal(ServerDefinition server, PipeKey key)
    {
        if (closed)
        {
            return Stopped(key.Server);
        }

        var running = slots.Where(slot => slot.Value.Runs).Select(slot => slot.Key).ToList();
        var ofServer = running.FindAll(other => other.Server == key.Server);
        var bound =
            server.Transport == TransportKind.Stdio && ofServer.Count(other => other.Grant == key.Grant) >= options.MaxPerGrant ? $"{options.MaxPerGrant} of the server `{key.Server}` for this grant" :
            ofServer.Count >= options.MaxPerServer ? $"{options.MaxPerServer} of the server `{key.Server}`" :
            running.Count >= options.MaxTotal ? $"{options.MaxTotal} in all" : null;
        return bound is null
            ? null
            : new UpstreamFault(UpstreamFaultKind.Unavailable, $"too many upstream processes run already ({bound}); try again later or end a session", "bound of the process pool", NothingSent: true);
    }

    private async Task<(PipeLink? Link, UpstreamFault? Fault)> StartAsync(ServerDefinition server, PipeKey key, PipeSlot slot)
    {
        // Leaves the caller's lock before anything is started.
        await Task.Yield();
        var (pipe, fault) = await OpenAsync(server, key.Grant);
        var link = pipe is null ? null : PipeLink.Start(pipe, server, time, log, options.StartLimit);
        if (key.Profile == "modern")
        {
            link?.SkipHandshake();
        }

        bool wanted;
        lock (gate)
        {
            wanted = !closed && slots.GetValueOrDefault(key) == slot;
            slot.Starting = null;
            if (link is null)
            {
                slot.Crashed(time, options, fault!.Detail);
            }
            else if (wanted)
            {
                slot.Link = link;
                slot.Started = time.GetTimestamp();
            }
        }

        if (link is null)
        {
            return (null, fault);
        }

        if (!wanted)
        {
            await link.DisposeAsync();
            return (null, Stopped(server.Name));
        }

        link.Ended.Register(() => OnEnded(server.Name, slot, link));
        return (link, null);
    }

    private async Task<(IMessagePipe? Pipe, UpstreamFault? Fault)> OpenAsync(ServerDefinition server, string owner)
    {
        try
        {
            return await starter.StartAsync(server, owner);
        }
        catch (Exception exception)
        {
            // Whatever it is: a start that throws would keep its place in the pool for ever.
            return (null, new UpstreamFault(UpstreamFaultKind.Unavailable, $"the server `{server.Name}` could not be started", exception.Message, NothingSent: true));
        }
    }

    private void OnEnded(string server, PipeSlot slot, PipeLink link)
    {
        lock (gate)
        {
            NoticeEnd(slot);
        }

        log.LogInformation("server `{Server}` ended: {Detail}", server, PipeFaults.OneLine(link.EndDetail));
    }

    /// <summary>A link that ended while it had its place has crashed. Whoever comes first notices: a caller that saw its fault must not get it again.</summary>
    private void NoticeEnd(PipeSlot slot)
    {
        if (slot.Link is { HasEnded: true } link)
        {
            slot.Link = null;
            slot.Crashed(time, options, link.EndDetail);
        }
    }

    private void Forget(string server, PipeLink link)
    {
        lock (gate)
        {
            throwAways.Remove((server, link));
        }
    }

    private async ValueTask StopAsync(Func<PipeKey, bool> ofKey, Func<string, bool> ofServer)
    {
        List<PipeLink> stopped = [];
        List<Task> starting = [];
        lock (gate)
        {
            foreach (var (key, slot) in slots.Where(slot => ofKey(slot.Key)).ToList())
            {
                slots.Remove(key);
                stopped.AddRange(slot.Take() is { } link ? [link] : []);
                starting.AddRange(slot.Starting is { } start ? [start] : []);
            }

            stopped.AddRange(throwAways.Where(one => ofServer(one.Server)).Select(one => one.Link));
        }

        await Task.WhenAll([.. stopped.Select(link => link.DisposeAsync().AsTask()), .. starting]);
    }

    private void Sweep()
    {
        List<PipeLink> idle = [];
        lock (gate)
        {
            foreach (var (key, slot) in slots.ToList())
            {
                if (slot.Link is { Busy: false } link && link.Unused >= (link.Orphaned ? options.Sweep : options.IdleStop))
                {
                    idle.Add(slot.Take()!);
                }

                if (!slot.Runs && time.GetUtcNow() - slot.NotBefore > options.LongestPause)
                {
                    slots.Remove(key);
                }
            }
        }

        foreach (var link in idle)
        {
            _ = link.DisposeAsync().AsTask();
        }
    }
}
