using System.Globalization;
using Callgate.Catalogue;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// <c>/stack</c>: everything that agents can call. Counts first; names stand in parts that open, as many as a page bears, and
/// <c>?server=</c> shows one server with all of them.
/// </summary>
internal sealed class StackPages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/stack";

    private const int ServersOnAPage = 25;
    private const int GrantsOnAPage = 50;

    /// <summary>Of one list, on the page of all servers.</summary>
    private const int FewNames = 50;

    /// <summary>Of one list, on the page of one server.</summary>
    private const int ManyNames = 2_000;

    private static readonly Dictionary<Opening, string> Words = new()
    {
        [Opening.AllowedByDefault] = "allowed by default, named by no rule",
        [Opening.Allowed] = "allowed",
        [Opening.AllowedUnderRules] = "allowed under rules",
        [Opening.Asked] = "asked about",
        [Opening.Denied] = "denied",
        [Opening.Hidden] = "hidden",
        [Opening.DeniedByDefault] = "denied by default, named by no rule",
    };

    public static string PathOf(string server) => $"{Root}?server={Uri.EscapeDataString(server)}";

    public static string Told(Opening opening) => Words[opening];

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public void Map() => routes.Get(Root, Roles.Any, PageAsync);

    private async ValueTask<IResult> PageAsync(HttpContext context, Actor who)
    {
        var now = parts.Snapshots.Current;
        var (one, after, afterGrant) = (Query(context, "server"), Query(context, "after"), Query(context, "grants"));
        if (one.Length > 0 && !now.Servers.ContainsKey(one))
        {
            return PageRoutes.Message("Not here", "there is no such server behind this gate", StatusCodes.Status404NotFound, who);
        }

        var names = one.Length > 0 ? [one] : Stack.ServerNames(now, after, ServersOnAPage + 1);
        var shown = names.Take(ServersOnAPage).ToList();
        var categories = new Dictionary<string, Dictionary<string, RiskCategory>>(StringComparer.Ordinal);
        foreach (var name in shown)
        {
            categories[name] = await parts.Catalogue.CategoriesAsync(name, context.RequestAborted);
        }

        var stack = new Stack(now, parts.Time.GetUtcNow(), categories);
        var grants = one.Length > 0 ? [] : stack.Grants(afterGrant, GrantsOnAPage + 1);
        return new PageResult<StackPage>(new()
        {
            [nameof(StackPage.Who)] = who,
            [nameof(StackPage.One)] = one.Length > 0 ? one : null,
            [nameof(StackPage.ServerCount)] = now.Servers.Count,
            [nameof(StackPage.GrantCount)] = stack.LiveGrants,
            [nameof(StackPage.Servers)] = shown.Select(name => stack.Server(name, one.Length > 0 ? ManyNames : FewNames)).ToList(),
            [nameof(StackPage.Grants)] = grants.Take(GrantsOnAPage).ToList(),
            [nameof(StackPage.NextServers)] = names.Count > shown.Count ? $"{Root}?after={Uri.EscapeDataString(shown[^1])}" : null,
            [nameof(StackPage.NextGrants)] = grants.Count > GrantsOnAPage ? $"{Root}?after={Uri.EscapeDataString(after)}&grants={Uri.EscapeDataString(grants[GrantsOnAPage - 1].Id)}#grants" : null,
        });
    }

    private static string Query(HttpContext context, string name) => context.Request.Query[name] is [{ } value] ? value : "";
}
