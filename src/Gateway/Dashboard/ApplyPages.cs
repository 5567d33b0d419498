using System.Globalization;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// <c>/apply</c>: lays what the catalogue recommends for a tool, or for all tools of a server, into a policy of this gate. First
/// what is to go where, then the difference, then a form that saves exactly that difference. It stands apart from
/// <c>/catalogue</c>, which answers on the front too.
/// </summary>
internal sealed class ApplyPages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/apply";

    /// <summary>Beyond it a whole server is recommended for on the command line.</summary>
    public const int MostTools = 400;

    /// <param name="server">Of the catalogue.</param>
    /// <param name="tool">Null for all tools of the server.</param>
    public static string PathOf(string server, string? tool = null) =>
        $"{Root}?server={CataloguePath.PartOf(server)}{(tool is null ? "" : "&tool=" + CataloguePath.PartOf(tool))}";

    /// <summary>The token of a form is of one document, on one revision, of one policy.</summary>
    public static string ActionOf(MergedPolicy merged) => ActionOf(merged.Name, merged.From.ToString(CultureInfo.InvariantCulture), merged.Digest);

    public void Map()
    {
        routes.Get(Root, Roles.ChangesPolicies, async (context, actor) => await AskedAsync(context) is { } asked ? Page(asked, actor) : Missing(actor));
        routes.Post(Root, Roles.ChangesPolicies, static context => ActionOf(One(context, "to"), One(context, "from"), One(context, "digest")), SaveAsync);
    }

    private static string ActionOf(string policy, string from, string digest) => $"apply {digest} to {policy} from {from}";

    private async ValueTask<IResult> SaveAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        if (await AskedAsync(context) is not { } asked)
        {
            return Missing(actor);
        }

        if (asked.Problem is not null || asked.To.Length == 0)
        {
            return Page(asked, actor, asked.Problem ?? "no policy is named", StatusCodes.Status400BadRequest);
        }

        var merged = MergedPolicy.Of(parts.Snapshots.Current, asked.To, asked.On, asked.Tools);
        if (merged.Digest != One(context, "digest") || merged.From.ToString(CultureInfo.InvariantCulture) != One(context, "from"))
        {
            return Page(asked, actor, "the policy or the tools are others than those that were shown, so that nothing was saved; this is the difference as it is now", StatusCodes.Status409Conflict);
        }

        var decided = await parts.Policies.SaveFromAsync(context, merged.Name, merged.From, merged.Document, asked.Note);
        return decided.Problem is { } problem ? Page(asked, actor, problem, StatusCodes.Status409Conflict) : PageRoutes.SeeOther(context, asked.Page);
    }

    /// <summary>What is to go where; null where it is not in the catalogue, or nothing is recommended for it.</summary>
    private async ValueTask<PolicyChoice?> AskedAsync(HttpContext context)
    {
        var (server, tool) = (One(context, "server"), One(context, "tool"));
        var found = tool.Length > 0
            ? await parts.Catalogue.FindAtAsync(CatalogueScope.All, server, tool, context.RequestAborted) is { } one ? [one] : []
            : (await parts.Catalogue.FindAtAsync(CatalogueScope.All, server, context.RequestAborted))?.Tools ?? [];
        OfferedTool[] tools = [.. found.Select(ToolStory.Offered).Where(static offered => offered.Name.Length <= PolicyRecommendation.LongestName)];
        if (tools.Length == 0 || found.Count > MostTools)
        {
            return null;
        }

        var now = parts.Snapshots.Current;
        var (name, to, on) = (One(context, "name"), One(context, "to"), One(context, "on"));
        var problem = to.Length > 0 && name.Length > 0 ? "choose a policy, or name a new one; not both"
            : name.Length > 0 && now.Policies.ContainsKey(name) ? $"there is a policy `{name}` already; choose it from the list"
            : name.Length + to.Length > 0 && MergedPolicy.NameFault(to + name) is { } fault ? fault
            : on.Length > 0 && !now.Servers.ContainsKey(on) ? "there is no such server behind this gate"
            : null;
        return new PolicyChoice(found[0].Listed.Server, tool.Length > 0 ? found[0].Listed.Name : null, tools) { To = to + name, On = on, Problem = problem };
    }

    private PageResult<ApplyPage> Page(PolicyChoice asked, Actor actor, string? problem = null, int status = StatusCodes.Status200OK)
    {
        var now = parts.Snapshots.Current;
        var at = parts.Time.GetUtcNow();
        var given = problem ?? asked.Problem;
        return new PageResult<ApplyPage>(
            new()
            {
                [nameof(ApplyPage.Who)] = actor,
                [nameof(ApplyPage.Asked)] = asked,
                [nameof(ApplyPage.Merged)] = asked.Problem is null && asked.To.Length > 0 ? MergedPolicy.Of(now, asked.To, asked.On, asked.Tools) : null,
                [nameof(ApplyPage.Servers)] = ServersFor(now, asked),
                [nameof(ApplyPage.Policies)] = now.Policies.Values.OrderBy(static policy => policy.Name, StringComparer.Ordinal).Select(policy => (policy, Grants: Using(now, at, policy.Name))).ToList(),
                [nameof(ApplyPage.Problem)] = given,
            },
            given is not null && status == StatusCodes.Status200OK ? StatusCodes.Status400BadRequest : status);
    }

    /// <summary>Servers behind the gate, first those that offer what it is about.</summary>
    private static List<(string Name, int Offered)> ServersFor(Snapshot now, PolicyChoice asked)
    {
        var names = asked.Tools.Select(static tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        return [.. now.Servers.Keys
            .Select(server => (Name: server, Offered: Reach.Of(now, null, server).Count(tool => names.Contains(tool.Name))))
            .OrderByDescending(server => server.Name == asked.Server).ThenByDescending(static server => server.Offered).ThenBy(static server => server.Name, StringComparer.Ordinal)];
    }

    /// <summary>Labels of the live grants that call something under the policy.</summary>
    private static SomeNames Using(Snapshot now, DateTimeOffset at, string policy) => SomeNames.Of(
        [.. now.GrantsByTokenHash.Values.Where(grant => grant.IsLive(at) && grant.Servers.ContainsValue(policy)).Select(static grant => grant.Label).Order(StringComparer.Ordinal)], 10);

    private static IResult Missing(Actor actor) => PageRoutes.Message(
        "Nothing to apply", $"there is no such server or tool, or it has no tools, or more than {MostTools}, or a name that is too long for a policy; for a long list `callgate policy recommend` writes a policy", StatusCodes.Status404NotFound, actor);

    private static string One(HttpContext context, string name) => context.Request.Query[name] is [{ } value] ? value.Trim() : "";
}
