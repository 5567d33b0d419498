using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Upstreams;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>A registered server as its operators see it. What its credentials are is not part of it.</summary>
/// <param name="State">`up`, `drifted`, `down`, `stopped` or `not reached yet`.</param>
/// <param name="Target">The host of its address, or its program.</param>
/// <param name="Fault">Why it could not be asked last; null when it could.</param>
public sealed record ServerLine(string Name, string State, string Transport, string Target, string Protocol, CategoryCounts? Tools, PinState? Pins, string? Fault, bool Declared, bool Public);

/// <summary><c>/servers</c>: what the gate stands before, and how each is.</summary>
internal sealed class ServerPages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/servers";

    private const int OnAPage = 200;

    public void Map() => routes.Get(Root, Roles.Any, PageAsync);

    private async ValueTask<IResult> PageAsync(HttpContext context, Actor actor)
    {
        var now = parts.Snapshots.Current;
        var after = context.Request.Query["after"] is [{ } value] ? value : "";
        var names = Stack.ServerNames(now, after, OnAPage + 1);
        var known = (await parts.Catalogue.RegisteredAsync(CatalogueScope.All, context.RequestAborted)).ToDictionary(static server => server.Name, static server => server.Tools, StringComparer.Ordinal);
        return new PageResult<ServersPage>(new()
        {
            [nameof(ServersPage.Who)] = actor,
            [nameof(ServersPage.Count)] = now.Servers.Count,
            [nameof(ServersPage.Servers)] = names.Take(OnAPage).Select(name => Line(now, now.Servers[name], known.GetValueOrDefault(name))).ToList(),
            [nameof(ServersPage.Next)] = names.Count > OnAPage ? $"{Root}?after={Uri.EscapeDataString(names[OnAPage - 1])}" : null,
        });
    }

    private ServerLine Line(Snapshot now, ServerDefinition server, CategoryCounts? tools)
    {
        var (pins, fault) = (PinState.Of(now, server.Name), parts.Pins.FaultOf(server.Name));
        var state = now.Stops.Contains("all") || now.Stops.Contains("server:" + server.Name) ? "stopped"
            : fault is not null ? "down"
            : pins is null ? "not reached yet"
            : pins.IsSettled ? "up"
            : "drifted";
        return new ServerLine(server.Name, state, server.Transport.ToString().ToLowerInvariant(), TargetOf(server), ProtocolOf(server.Name), tools, pins, fault is null ? null : $"{fault.Message}: {fault.Detail}", server.Declared, server.Public);
    }

    private string ProtocolOf(string server) => parts.Pins.SeenEras(server) switch
    {
        { Legacy: true, Modern: true } => "2025-11-25 and 2026-07-28",
        { Modern: true } => "2026-07-28",
        { Legacy: true } => "2025-11-25 or older",
        _ => "not known yet",
    };

    /// <summary>Neither a path nor an argument: both may hold secrets.</summary>
    private static string TargetOf(ServerDefinition server) => server.Url is { } url ? url.GetLeftPart(UriPartial.Authority) : Path.GetFileName(server.Command.FirstOrDefault() ?? "");
}
