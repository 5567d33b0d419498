using System.Text;
using Callgate.Catalogue;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Operators;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// <c>/catalogue</c>, <c>/catalogue/{server}</c> and <c>/catalogue/{server}/{tool}</c>, the last with a Markdown twin at <c>.md</c>.
/// INVARIANT: who has not signed in, or comes in on the front alone, sees the pack and public servers and nothing of the rest.
/// </summary>
internal sealed class CataloguePages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/catalogue";

    /// <summary>Not below <see cref="Root"/>, which answers everybody.</summary>
    private const string AcceptRoot = StackPages.Root + "/accept";

    private const string Markdown = ".md";

    private const int ServersOnAPage = 50;

    public static string PathOf(string server) => $"{Root}/{CataloguePath.PartOf(server)}";

    public static string PathOf(string server, string tool) => $"{PathOf(server)}/{CataloguePath.PartOf(tool)}";

    public void Map()
    {
        routes.Open(Root, SearchAsync);
        routes.Open(Root + "/{server}", ServerAsync);
        routes.Open(Root + "/{server}/{tool}", ToolAsync);
        routes.Post(AcceptRoot + "/{server}/{key}", Roles.Administrator, static context => AcceptActionOf(Segment(context, "server"), Segment(context, "key")), AcceptAsync);
    }

    /// <summary>Where the form goes that accepts the definition of this key.</summary>
    public static string AcceptPathOf(string server, string key) => $"{AcceptRoot}/{Uri.EscapeDataString(server)}/{key}";

    /// <summary>To accept one definition: the token of a form says no to another.</summary>
    public static string AcceptActionOf(string server, string key) => $"accept {server} {key}";

    private async ValueTask<IResult> AcceptAsync(HttpContext context, Actor who, IFormCollection form) =>
        await parts.Accept(context, Segment(context, "server"), Segment(context, "key")) is not { } problem ? PageRoutes.SeeOther(context, PathOf(Segment(context, "server")))
            : PageRoutes.Message("Not accepted", problem, StatusCodes.Status409Conflict, who);

    private static CatalogueScope ScopeOf(Actor? who) => who is null ? CatalogueScope.Public : CatalogueScope.All;

    private async ValueTask<IResult> SearchAsync(HttpContext context, Actor? who)
    {
        var query = context.Request.Query;
        var (text, category, risk) = (One(query, "q"), One(query, "category"), One(query, "risk"));
        var level = Enum.TryParse<RiskLevel>(risk, out var parsed) && parsed.ToString() == risk ? parsed : (RiskLevel?)null;
        var kind = CataloguePage.Categories.Contains(category, StringComparer.Ordinal) ? category : null;
        var skip = int.TryParse(One(query, "skip"), out var given) ? Math.Clamp(given, 0, CatalogueQuery.MostHits) : 0;
        if (text.Length > CatalogueQuery.LongestText)
        {
            return PageRoutes.Message("Too long", $"a search has at most {CatalogueQuery.LongestText} characters", StatusCodes.Status400BadRequest, who);
        }

        var scope = ScopeOf(who);
        var asked = new CatalogueQuery(text, kind, level, skip);
        var searched = text.Length > 0 || kind is not null || level is not null;
        var after = One(query, "after");
        var results = new Dictionary<string, object?>
        {
            [nameof(CatalogueResults.Asked)] = asked,
            [nameof(CatalogueResults.Hits)] = searched ? await parts.Catalogue.SearchAsync(scope, asked, context.RequestAborted) : null,
            [nameof(CatalogueResults.Servers)] = searched ? [] : await parts.Catalogue.ServersAsync(scope, after, ServersOnAPage + 1, context.RequestAborted),
            [nameof(CatalogueResults.PageLength)] = ServersOnAPage,
        };
        if (PagePart.IsAsked(context))
        {
            results[nameof(CatalogueResults.IsSignedIn)] = who is not null;
            return PagePart.Of<CatalogueResults>(results);
        }

        var (counts, servers) = await parts.Catalogue.TotalsAsync(scope, context.RequestAborted);
        return new PageResult<CataloguePage>(new(results)
        {
            [nameof(CataloguePage.Who)] = who,
            [nameof(CataloguePage.Counts)] = counts,
            [nameof(CataloguePage.ServerCount)] = servers,
        });
    }

    private async ValueTask<IResult> ServerAsync(HttpContext context, Actor? who)
    {
        if (await parts.Catalogue.FindAtAsync(ScopeOf(who), Segment(context, "server"), context.RequestAborted) is not { } found)
        {
            return Missing(who);
        }

        var policy = found.Tools.Count is 0 or > ApplyPages.MostTools ? null
            : Encoding.UTF8.GetString(PolicyRecommendation.Write([.. found.Tools.Select(static tool => ToolStory.Offered(tool))]));
        var isOurs = who is not null && found.Listed.Source == CatalogueSource.Registered;
        return new PageResult<CatalogueServerPage>(new()
        {
            [nameof(CatalogueServerPage.Who)] = who,
            [nameof(CatalogueServerPage.Found)] = found,
            [nameof(CatalogueServerPage.Policy)] = policy,
            [nameof(CatalogueServerPage.Pins)] = isOurs ? PinState.Of(parts.Snapshots.Current, found.Listed.Name) : null,
            [nameof(CatalogueServerPage.History)] = isOurs ? await parts.PinHistory(found.Listed.Name, context.RequestAborted) : [],
            [nameof(CatalogueServerPage.Review)] = isOurs ? PinReview.Of(parts.Snapshots.Current, found.Listed.Name) : null,
        });
    }

    private async ValueTask<IResult> ToolAsync(HttpContext context, Actor? who)
    {
        var (server, tool, scope) = (Segment(context, "server"), Segment(context, "tool"), ScopeOf(who));
        // A name that ends as twins do has a part of another form, so that here the end means the twin where there is one.
        var asMarkdown = tool.EndsWith(Markdown, StringComparison.Ordinal);
        var found = asMarkdown ? await parts.Catalogue.FindAtAsync(scope, server, tool[..^Markdown.Length], context.RequestAborted) : null;
        asMarkdown = found is not null;
        found ??= await parts.Catalogue.FindAtAsync(scope, server, tool, context.RequestAborted);
        if (found is null)
        {
            return Missing(who);
        }

        var story = ToolStory.Of(found);
        var namesakes = await parts.Catalogue.NamesakesAsync(scope, found.Listed.Server, found.Listed.Name, context.RequestAborted);
        return asMarkdown ? Results.Text(ToolMarkdown.Of(story, namesakes), "text/markdown; charset=utf-8") : new PageResult<CatalogueToolPage>(new()
        {
            [nameof(CatalogueToolPage.Who)] = who,
            [nameof(CatalogueToolPage.Story)] = story,
            [nameof(CatalogueToolPage.Namesakes)] = namesakes,
            [nameof(CatalogueToolPage.Address)] = parts.AddressOf(context) + PathOf(found.Listed.Server, found.Listed.Name),
        });
    }

    private static IResult Missing(Actor? who) =>
        PageRoutes.Message("Not in the catalogue", who is null ? "there is no such server or tool, or it is shown to people who have signed in" : "there is no such server or tool", StatusCodes.Status404NotFound, who);

    private static string One(IQueryCollection query, string name) => query[name] is [{ } value] ? value.Trim() : "";

    private static string Segment(HttpContext context, string name) => context.GetRouteValue(name) as string ?? "";
}
