using Callgate.Gateway.Audit;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>What is stopped by hand: <c>all</c>, <c>server:NAME</c>, <c>grant:ID</c>.</summary>
public sealed record StopList(IReadOnlyList<string> Stops);

/// <summary><c>/api/v1/stops</c>: refuse everything, at once, until released. A declared server or grant can be stopped too.</summary>
internal sealed class StopEndpoints(AdminParts parts, AdminChanges changes)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/stops", (CancellationToken _) => AdminJson.Ok(Stops(parts.Snapshots.Current)))
            .Describe<StopList>("stops.list", "Lists what is stopped", 200);
        group.MapPut("/stops/all", (HttpContext context, CancellationToken _) => SetAsync(context, "all", true))
            .Describe<StopList>("stops.all", "Refuses every call", 200, 503);
        group.MapDelete("/stops/all", (HttpContext context, CancellationToken _) => SetAsync(context, "all", false))
            .Describe<StopList>("stops.release_all", "Lets calls pass again; stops of single servers and grants stay", 200, 503);
        group.MapPut("/stops/servers/{server}", (string server, HttpContext context) => SetAsync(context, $"server:{server}", true))
            .Describe<StopList>("stops.server", "Refuses every call to one server", 200, 404, 503);
        group.MapDelete("/stops/servers/{server}", (string server, HttpContext context) => SetAsync(context, $"server:{server}", false))
            .Describe<StopList>("stops.release_server", "Lets calls to one server pass again", 200, 404, 503);
        group.MapPut("/stops/grants/{grant}", (string grant, HttpContext context) => SetAsync(context, $"grant:{grant}", true))
            .Describe<StopList>("stops.grant", "Refuses every call of one grant", 200, 404, 503);
        group.MapDelete("/stops/grants/{grant}", (string grant, HttpContext context) => SetAsync(context, $"grant:{grant}", false))
            .Describe<StopList>("stops.release_grant", "Lets the calls of one grant pass again", 200, 404, 503);
    }

    private Task<IResult> SetAsync(HttpContext context, string what, bool on) =>
        changes.MakeAsync(context, snapshot => Missing(snapshot, what) is { } fault
            ? PlannedChange.No(fault)
            : PlannedChange.Yes(Action(what, on, snapshot.Stops.Contains(what)), async cancel =>
            {
                await parts.Store.SetStopAsync(what, on, cancel);
                var stops = snapshot.Stops.Where(stop => stop != what).Concat(on ? [what] : Array.Empty<string>());
                return AdminJson.Ok(new StopList([.. stops.Order(StringComparer.Ordinal)]));
            }));

    /// <summary>A stop that is in force can always be released, even when what it names is gone.</summary>
    private static AdminFault? Missing(Snapshot snapshot, string what)
    {
        var (kind, name) = Split(what);
        return kind switch
        {
            _ when snapshot.Stops.Contains(what) => null,
            "server" when !snapshot.Servers.ContainsKey(name) => AdminFault.NotFound("server", name),
            "grant" when snapshot.GrantsByTokenHash.Values.All(grant => grant.Id != name) => AdminFault.NotFound("grant", name),
            _ => null,
        };
    }

    private static OperatorAction Action(string what, bool on, bool was)
    {
        var (kind, name) = Split(what);
        return new OperatorAction(on ? "stop" : "release", kind == "server" ? name : null, kind == "grant" ? name : null, Detail: ChangeText.Of(was ? "stopped" : "released", on ? "stopped" : "released", what));
    }

    private static (string Kind, string Name) Split(string what)
    {
        var colon = what.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (what, string.Empty) : (what[..colon], what[(colon + 1)..]);
    }

    private static StopList Stops(Snapshot snapshot) => new([.. snapshot.Stops.Order(StringComparer.Ordinal)]);
}
