using Callgate.Gateway.Approvals;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary>What pages work on; the host fills it.</summary>
public sealed record DashboardParts
{
    public required OperatorSessions Sessions { get; init; }

    public required SignIn SignIn { get; init; }

    public required ApprovalDesk Approvals { get; init; }

    public required PolicyDesk Policies { get; init; }

    public required CatalogueStore Catalogue { get; init; }

    public required SnapshotSource Snapshots { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>The address that browsers use when it is not the one listened on.</summary>
    public Uri? PublicUrl { get; init; }
}

/// <summary>The pages, one line for each. They are plain handlers, so that mapping them costs the start nothing.</summary>
public static class DashboardEndpoints
{
    public static void MapDashboard(this IEndpointRouteBuilder app, DashboardParts parts)
    {
        var routes = new PageRoutes(app, parts);
        app.MapMethods(PageAssets.Route, ["GET", "HEAD"], (RequestDelegate)PageAssets.ServeAsync);
        new SignInPages(routes, parts).Map();
        new ApprovalListings(routes, parts).Map();
        new ProposalListings(routes, parts).Map();
        new CataloguePages(routes, parts).Map();
        new StackPages(routes, parts).Map();
        routes.Get("/", Roles.Any, static (_, actor) => ValueTask.FromResult<IResult>(new PageResult<HomePage>(new() { [nameof(HomePage.Who)] = actor })));
    }
}
