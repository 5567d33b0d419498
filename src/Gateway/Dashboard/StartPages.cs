using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary>What the first steps have of a server: how it is, what it offers, and what is recommended for it.</summary>
/// <param name="Recommended">The document; null where no tool is known, or too many for a page.</param>
/// <param name="NewPolicy">The name that the recommended policy would get.</param>
public sealed record StartedServer(ServerLine Line, StackServer Stack, string? Recommended, string NewPolicy);

/// <summary>What the form of the first steps came to.</summary>
/// <param name="Grant">The grant that was made; null where none was.</param>
/// <param name="Token">Its token, shown this once.</param>
/// <param name="Client">The client whose lines are shown first.</param>
/// <param name="Wrong">Why none was made; empty where one was.</param>
public sealed record StartedGrant(GrantReply? Grant, string? Token, string Client, IReadOnlyList<string> Wrong);

/// <summary>
/// <c>/start</c>: from nothing to the first call: a server is registered, its tools appear with their risks, a policy is
/// recommended, a grant made, and the page waits for the call.
/// </summary>
internal sealed class StartPages(PageRoutes routes, DashboardParts parts)
{
    /// <summary>How other forms say that they are part of it.</summary>
    public const string Name = "start";
    public const string Root = "/start";

    /// <summary>What the choice of a policy sends for the recommended one.</summary>
    public const string Recommended = "";

    /// <summary>In seconds.</summary>
    private const string Soon = "2";

    private const int MostNames = 100;

    public static string PathOf(string server) => $"{Root}/{Uri.EscapeDataString(server)}";

    public static string ActionOf(string server) => $"start {server}";

    /// <summary>Where the first call of a grant is told of.</summary>
    public static string CalledPath(string server, string grant) => $"{PathOf(server)}/called?grant={Uri.EscapeDataString(grant)}";

    public void Map()
    {
        routes.Get(Root, Roles.Administrator, BeginAsync);
        routes.Get(Root + "/{server}", Roles.Administrator, (context, actor) => ServerAsync(context, actor));
        routes.Post(Root + "/{server}", Roles.Administrator, static context => ActionOf(ServerOf(context)), GrantAsync);
        routes.Get(Root + "/{server}/called", Roles.Any, CalledAsync);
    }

    private static string ServerOf(HttpContext context) => context.GetRouteValue("server") as string ?? "";

    private async ValueTask<IResult> BeginAsync(HttpContext context, Actor actor) => new PageResult<StartPage>(new()
    {
        [nameof(StartPage.Who)] = actor,
        [nameof(StartPage.Servers)] = await ServerPages.LinesAsync(parts, Stack.ServerNames(parts.Snapshots.Current, "", MostNames), context.RequestAborted),
    });

    private async ValueTask<IResult> ServerAsync(HttpContext context, Actor actor, StartedGrant? made = null, int status = StatusCodes.Status200OK)
    {
        var (now, name) = (parts.Snapshots.Current, ServerOf(context));
        if (!now.Servers.ContainsKey(name))
        {
            return PageRoutes.Message("Not here", "there is no such server behind this gate", StatusCodes.Status404NotFound, actor);
        }

        var line = (await ServerPages.LinesAsync(parts, [name], context.RequestAborted))[0];
        if (line.IsAwaited && made is null)
        {
            context.Response.Headers["Refresh"] = Soon;
        }

        var categories = new Dictionary<string, Dictionary<string, RiskCategory>>(StringComparer.Ordinal) { [name] = await parts.Catalogue.CategoriesAsync(name, context.RequestAborted) };
        var stack = new Stack(now, parts.Time.GetUtcNow(), categories).Server(name, MostNames);
        var document = await RecommendAsync(name, context.RequestAborted);
        return new PageResult<StartServerPage>(
            new()
            {
                [nameof(StartServerPage.Who)] = actor,
                [nameof(StartServerPage.Started)] = new StartedServer(line, stack, document is null ? null : Encoding.UTF8.GetString(document), FreeName(now, name)),
                [nameof(StartServerPage.Policies)] = now.Policies.Keys.Order(StringComparer.Ordinal).ToList(),
                [nameof(StartServerPage.Made)] = made,
                [nameof(StartServerPage.Address)] = parts.AddressOf(context),
            },
            status);
    }

    /// <summary>Null where no tool is known yet, or more than a page bears.</summary>
    private async ValueTask<byte[]?> RecommendAsync(string server, CancellationToken ct)
    {
        var found = await parts.Catalogue.FindAtAsync(CatalogueScope.All, CataloguePath.PartOf(server), ct);
        OfferedTool[] tools = [.. (found?.Tools ?? []).Select(ToolStory.Offered).Where(static tool => tool.Name.Length <= PolicyRecommendation.LongestName)];
        return tools.Length is 0 or > ApplyPages.MostTools ? null : PolicyRecommendation.Write(tools, $"recommended for {server}");
    }

    private static string FreeName(Snapshot now, string server)
    {
        var names = Enumerable.Range(2, now.Policies.Count + 1).Select(number => string.Create(CultureInfo.InvariantCulture, $"{(server.Length > 58 ? server[..58].TrimEnd('_') : server)}-{number}")).Prepend(server);
        return names.First(name => !now.Policies.ContainsKey(name));
    }

    private async ValueTask<IResult> GrantAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        var (server, client, policy) = (ServerOf(context), form["client"].ToString(), form["policy"].ToString());
        if (policy == Recommended)
        {
            var document = await RecommendAsync(server, context.RequestAborted);
            policy = FreeName(parts.Snapshots.Current, server);
            var saved = document is null ? null : await parts.Policies.SaveFromAsync(context, policy, 0, document, $"recommended for {server}");
            if (saved is not { Problem: null })
            {
                return await ServerAsync(context, actor, new StartedGrant(null, null, client, [saved?.Problem ?? "no tool of the server is known yet, so there is no policy to recommend"]), StatusCodes.Status409Conflict);
            }
        }

        var made = await parts.Grants.CreateAsync(context, new GrantRequest(form["label"].ToString().Trim(), new Dictionary<string, string?>(StringComparer.Ordinal) { [server] = policy }));
        return made.Problem is { } problem
            ? await ServerAsync(context, actor, new StartedGrant(null, null, client, [.. made.Wrong.DefaultIfEmpty(problem)]), StatusCodes.Status400BadRequest)
            : await ServerAsync(context, actor, new StartedGrant(made.Grant, made.Token, client, []));
    }

    private async ValueTask<IResult> CalledAsync(HttpContext context, Actor actor)
    {
        var grant = context.Request.Query["grant"] is [{ Length: > 0 } id] ? id : "";
        var (page, _) = parts.Record.Healthy ? await parts.Record.FindAsync(new AuditQuery { Grant = grant, Method = "tools/call", Limit = 1 }, context.RequestAborted) : (new AuditPage([], null), null);
        var call = page.Records is [var text, ..] ? JsonElement.Parse(text) : (JsonElement?)null;
        var shown = new Dictionary<string, object?> { [nameof(FirstCall.Call)] = call };
        if (PagePart.IsAsked(context))
        {
            return PagePart.Of<FirstCall>(shown);
        }

        if (call is null)
        {
            context.Response.Headers["Refresh"] = Soon;
        }

        return new PageResult<CalledPage>(new(shown) { [nameof(CalledPage.Who)] = actor });
    }
}
