using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Quota;
using Callgate.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary>What pages work on; the host fills it.</summary>
public sealed record DashboardParts
{
    public required OperatorSessions Sessions { get; init; }

    public required SignIn SignIn { get; init; }

    public required OperatorDesk Operators { get; init; }

    public required Invitations Invitations { get; init; }

    public required SessionDesk OpenSessions { get; init; }

    public required FactorDesk SecondFactors { get; init; }

    /// <summary>The addresses of pages that people are sent.</summary>
    public required ApprovalPages Pages { get; init; }

    public required ApprovalDesk Approvals { get; init; }

    public required PolicyDesk Policies { get; init; }

    public required GrantDesk Grants { get; init; }

    public required ServerDesk ServerDesk { get; init; }

    public required RecordSearch Record { get; init; }

    public required RecordExport Export { get; init; }

    public required Journal Journal { get; init; }

    public required JournalHeads Heads { get; init; }

    public required JournalAnchors Anchors { get; init; }

    public required Counters Counters { get; init; }

    public required PinBook Pins { get; init; }

    public required CatalogueStore Catalogue { get; init; }

    public required SnapshotSource Snapshots { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>What the gate lacks at the moment, in words, and whether calls are refused for it.</summary>
    public required Func<IReadOnlyList<(string Text, bool Refuses)>> Troubles { get; init; }

    /// <summary>Of one server, on its page.</summary>
    public const int MostPinEvents = 50;

    /// <summary>What became of the definitions of a server, newest first, at most <see cref="MostPinEvents"/>.</summary>
    public required Func<string, CancellationToken, ValueTask<IReadOnlyList<PinEvent>>> PinHistory { get; init; }

    /// <summary>Judges recorded calls by a policy that is not in force, only those that the policy of a name judged.</summary>
    public required Func<CompiledPolicy, string, AuditQuery, CancellationToken, Task<SimulationReply>> Simulate { get; init; }

    /// <summary>Accepts what has a fingerprint now, of a server, and records who did; why it was not done, null when it was.</summary>
    public required Func<HttpContext, string, string, ValueTask<string?>> Accept { get; init; }

    /// <summary>Ends what pages keep open; the gate stops.</summary>
    public required CancellationToken Ending { get; init; }

    /// <summary>The address that browsers use when it is not the one listened on.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>The address under which people reach the gate, without a slash at its end.</summary>
    internal string AddressOf(HttpContext context) => PublicUrl?.GetLeftPart(UriPartial.Authority) ?? $"{context.Request.Scheme}://{context.Request.Host}";
}

/// <summary>The pages, one line for each. They are plain handlers, so that mapping them costs the start nothing.</summary>
public static class DashboardEndpoints
{
    public static void MapDashboard(this IEndpointRouteBuilder app, DashboardParts parts)
    {
        var routes = new PageRoutes(app, parts);
        app.MapMethods(PageAssets.Route, ["GET", "HEAD"], (RequestDelegate)PageAssets.ServeAsync);
        var signIn = new SignInPages(routes, parts);
        signIn.Map();
        new WelcomePages(routes, parts, signIn).Map();
        new PeoplePages(routes, parts).Map();
        new ApprovalListings(routes, parts).Map();
        new ProposalListings(routes, parts).Map();
        new CataloguePages(routes, parts).Map();
        new AttackPages(routes, parts).Map();
        new ApplyPages(routes, parts).Map();
        new StackPages(routes, parts).Map();
        new GrantPages(routes, parts).Map();
        new RecordPages(routes, parts).Map();
        new PolicyPages(routes, parts).Map();
        new BuilderPages(routes, parts).Map();
        new ServerPages(routes, parts).Map();
        new ImportPages(routes, parts).Map();
        new StartPages(routes, parts).Map();
        new OverviewPages(routes, parts).Map();
    }
}
