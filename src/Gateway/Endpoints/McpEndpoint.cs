using System.Runtime.CompilerServices;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Proxy;
using Callgate.Gateway.Telemetry;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Endpoints;

/// <summary>What every request of the front has in common once its grant is known.</summary>
public sealed record Door(HttpContext Http, Snapshot Now, Grant Grant, ServerDefinition Server, DateTimeOffset Started, Life Life)
{
    /// <summary>The configuration is too old to allow anything.</summary>
    public required bool Stale { get; init; }

    /// <summary>The answer that is being given; null before anything is answered.</summary>
    public ReplyStream? Reply { get; set; }

    /// <summary>The gate ends: nothing new begins, and what is asked of the client in a call may still be answered.</summary>
    public required bool Closing { get; init; }
}

/// <summary>What may turn every request away, or end it: where it came from, its grant, a stop of the gate, a configuration that is too old.</summary>
public sealed record Watch(OriginGuard Guard, LiveStreams Streams, Draining Draining, Func<bool> Stale);

/// <summary>
/// <c>/mcp/{server}</c>: settles who is calling, bounds what is read, and hands on. It decides nothing about a call, and
/// every request that ends here leaves a trace in the record.
/// </summary>
public sealed class McpEndpoint(
    SnapshotSource snapshots, Watch watch, Recorder recorder, Posts posts, Streams gets, ILogger<McpEndpoint> log)
{
    /// <summary>Serves one HTTP request.</summary>
    public async Task HandleAsync(HttpContext http, string server)
    {
        watch.Draining.Enter();
        try
        {
            await ServeAsync(http, server).ConfigureAwait(false);
        }
        finally
        {
            watch.Draining.Leave();
        }
    }

    private async Task ServeAsync(HttpContext http, string server)
    {
        var started = recorder.Time.GetUtcNow();
        if (watch.Guard.Fault(http.Request) is { } wrongPlace)
        {
            await RefuseAsync(http, new Turned(403, RefusalCode.RequestMalformed, wrongPlace), started, null).ConfigureAwait(false);
            return;
        }

        if (Body.FramingFault(http.Request) is { } doubtful)
        {
            await RefuseAsync(http, doubtful, started, null).ConfigureAwait(false);
            return;
        }

        var now = snapshots.Current;
        var caller = TokenReader.Identify(http.Request.Headers.Authorization, now, started);
        if (caller.Grant is not { } grant)
        {
            await RefuseAsync(http, NoGrant(http, caller.FailureCode!, caller.GrantId), started, null).ConfigureAwait(false);
            return;
        }

        if (!grant.Servers.ContainsKey(server) || !now.Servers.TryGetValue(server, out var definition))
        {
            await RefuseAsync(http, new Turned(403, RefusalCode.GrantWrongServer, "this grant does not cover this server"), started, grant).ConfigureAwait(false);
            return;
        }

        var life = watch.Streams.While(grant, server);
        var door = new Door(http, now, grant, definition, started, life) { Stale = watch.Stale(), Closing = watch.Draining.Begun };
        var turned = await GuardedAsync(door).ConfigureAwait(false);
        if (turned is not null)
        {
            await RefuseAsync(http, turned, started, grant, server).ConfigureAwait(false);
        }
        else if (life.Calls.IsCancellationRequested)
        {
            await EndCutAsync(door).ConfigureAwait(false);
        }
    }

    /// <summary>A request that was cut must not look like one that ended well: neither a stream nor an empty answer.</summary>
    private async ValueTask EndCutAsync(Door door)
    {
        var http = door.Http;
        if (door.Reply is { IsComplete: true })
        {
            return;
        }

        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        // The record of the call says already how it ended.
        await RefuseAsync(http, CutOf(door) with { Recorded = false }, door.Started, door.Grant).ConfigureAwait(false);
    }

    /// <summary>Why what this grant has open here was cut.</summary>
    private Turned CutOf(Door door)
    {
        var now = snapshots.Current;
        var holds = now.GrantsByTokenHash.TryGetValue(door.Grant.TokenHash, out var grant) && grant.Revoked is null && !(grant.Expires <= recorder.Time.GetUtcNow());
        return !holds ? NoGrant(door.Http, RefusalCode.GrantRevoked, door.Grant.Id)
            : now.IsStopped(door.Server.Name, door.Grant.Id) ? Turned.Of(Refusal.Stopped)
            : Turned.Closing();
    }

    /// <summary>None, bad, revoked and expired are one answer; only the record tells them apart.</summary>
    private static Turned NoGrant(HttpContext http, string code, string? grant)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"callgate\"";
        return new Turned(401, code, "a valid grant is needed; send its token as `Authorization: Bearer …`", Grant: grant);
    }

    /// <summary>An exception is a bug or a broken dependency: it is caught here, once, and fails closed.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Turned?> GuardedAsync(Door door)
    {
        try
        {
            return door.Http.Request.Method switch
            {
                "POST" => await posts.HandleAsync(door).ConfigureAwait(false),
                "GET" => await gets.ListenAsync(door).ConfigureAwait(false),
                "DELETE" => await gets.EndAsync(door).ConfigureAwait(false),
                _ => new Turned(405, RefusalCode.RequestMalformed, "use POST, GET or DELETE"),
            };
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? Body.TooLarge()
                : Turned.Malformed("the request could not be read to its end", exception.StatusCode);
        }
        catch (OperationCanceledException) when (door.Life.Calls.IsCancellationRequested && !door.Http.Response.HasStarted)
        {
            // Cut where there is no call that has a record, as in a wait for first contact.
            return CutOf(door);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && door.Http.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception)
        {
            log.LogError(exception, "a request to `{Server}` failed in the gate", door.Server.Name);
            return new Turned(500, RefusalCode.GatewayFailed, "the gate failed on this request; its log says why", RpcError.Unavailable);
        }
    }

    private async ValueTask RefuseAsync(HttpContext http, Turned turned, DateTimeOffset started, Grant? grant, string? server = null)
    {
        var record = new CallRecord
        {
            Id = Identifiers.New(started),
            Time = started,
            Method = turned.Method is null ? "http/" + http.Request.Method.ToLowerInvariant()[..Math.Min(16, http.Request.Method.Length)] : Recorder.Bounded(turned.Method),
            Decision = "deny",
            Outcome = "refused",
            Code = turned.Code,
            Rule = "(request)",
            Grant = grant?.Id ?? turned.Grant,
            Identity = grant?.Identity,
            Server = server,
            Detail = turned.Message,
        };
        Meters.Turned.Add(1, new KeyValuePair<string, object?>("code", turned.Code));
        if (turned.Recorded)
        {
            await recorder.TurnedAwayAsync(record, grant is null).ConfigureAwait(false);
        }

        if (http.Response.HasStarted)
        {
            return;
        }

        http.Response.StatusCode = turned.Status;
        if (turned.Closes)
        {
            http.Response.Headers.Connection = "close";
        }

        if (turned.Status == 405)
        {
            http.Response.Headers.Allow = "POST, GET, DELETE";
        }

        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.BodyWriter.WriteAsync(RpcWriter.Error(turned.RawId, turned.RpcCode, turned.Message, turned.ErrorData)).ConfigureAwait(false);
    }
}
