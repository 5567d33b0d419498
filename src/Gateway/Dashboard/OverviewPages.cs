using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary><c>/</c>: how the gate is and what it did in the last hour.</summary>
internal sealed class OverviewPages(PageRoutes routes, DashboardParts parts)
{
    private const int MostLines = 10;

    public void Map() => routes.Get("/", Roles.Any, PageAsync);

    private async ValueTask<IResult> PageAsync(HttpContext context, Actor actor)
    {
        var (now, time) = (parts.Snapshots.Current, parts.Time.GetUtcNow());
        var begin = time.AddMinutes(1 - ActivityChart.Minutes);
        var activity = await parts.Record.ActivityAsync(begin, MostLines, context.RequestAborted);
        var pins = now.Servers.Keys.Select(server => PinState.Of(now, server)).ToList();
        return new PageResult<OverviewPage>(new()
        {
            [nameof(OverviewPage.Who)] = actor,
            [nameof(OverviewPage.Troubles)] = parts.Troubles(),
            [nameof(OverviewPage.Servers)] = now.Servers.Count,
            [nameof(OverviewPage.Unreached)] = pins.Count(static state => state is null),
            [nameof(OverviewPage.Drifted)] = pins.Sum(static state => state?.Drifted.Count ?? 0),
            [nameof(OverviewPage.Waiting)] = pins.Sum(static state => state?.Waiting.Count ?? 0),
            [nameof(OverviewPage.Grants)] = parts.Grants.List().Count(grant => GrantPages.StateOf(grant, time) is "live" or "stopped"),
            [nameof(OverviewPage.Stops)] = now.Stops.Order(StringComparer.Ordinal).ToList(),
            [nameof(OverviewPage.Approvals)] = parts.Approvals.Open.Count,
            [nameof(OverviewPage.Proposals)] = (await parts.Policies.ListAsync(all: false, context.RequestAborted)).Count,
            [nameof(OverviewPage.Chart)] = activity is null ? null : new ActivityChart(begin, activity.Minutes),
            [nameof(OverviewPage.Tools)] = activity?.Tools ?? [],
            [nameof(OverviewPage.Refusals)] = activity?.Refusals ?? [],
            [nameof(OverviewPage.Limits)] = new LimitUse(now, parts.Counters).Fullest(MostLines),
        });
    }
}
