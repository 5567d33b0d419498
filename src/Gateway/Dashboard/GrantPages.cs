using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary><c>/grants</c>, <c>/grants/new</c> and <c>/grants/{id}</c>: who holds which token, and how it ends.</summary>
internal sealed class GrantPages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/grants";
    public const string New = Root + "/new";
    public const string CreateAction = "grant create";
    public const string Revoke = "revoke";
    public const string Rotate = "rotate";
    public const string Attach = "attach";

    private const int OnAPage = 100;

    /// <summary>What the list of policies sends for "refuse everything".</summary>
    public const string NoPolicy = "";

    public static string PathOf(string id) => $"{Root}/{Uri.EscapeDataString(id)}";

    /// <summary>One change of one grant: the token of a form says no to another.</summary>
    public static string ActionOf(string id, string change) => $"grant {change} {id}";

    public void Map()
    {
        routes.Get(Root, Roles.Any, ListAsync);
        routes.Get(New, Roles.Administrator, (_, actor) => ValueTask.FromResult<IResult>(Form(actor, new GrantRequest("", new Dictionary<string, string?>()))));
        routes.Post(Root, Roles.Administrator, static _ => CreateAction, CreateAsync);
        routes.Get(Root + "/{id}", Roles.Any, (context, actor) => ShowAsync(context, actor, parts.Grants.Find(IdOf(context))));
        routes.Post($"{Root}/{{id}}/{Revoke}", Roles.Administrator, static context => ActionOf(IdOf(context), Revoke), async (context, actor, _) =>
            await AnswerAsync(context, actor, await parts.Grants.RevokeAsync(context, IdOf(context))));
        routes.Post($"{Root}/{{id}}/{Rotate}", Roles.Administrator, static context => ActionOf(IdOf(context), Rotate), async (context, actor, _) =>
            await AnswerAsync(context, actor, await parts.Grants.RotateAsync(context, IdOf(context))));
        routes.Post($"{Root}/{{id}}/{Attach}", Roles.ChangesPolicies, static context => ActionOf(IdOf(context), Attach), async (context, actor, form) =>
            await AnswerAsync(context, actor, await parts.Grants.AttachAsync(context, IdOf(context), form["server"].ToString(), PolicyIn(form))));
    }

    /// <summary>Whether calls with its token are let in at all.</summary>
    public static string StateOf(GrantReply grant, DateTimeOffset now) =>
        grant.Revoked is not null ? "revoked"
        : grant.Expires <= now ? "expired"
        : grant.Stopped ? "stopped"
        : "live";

    /// <summary>In words, where the record cannot be asked or has nothing.</summary>
    public static string LastUse(IReadOnlyDictionary<string, DateTimeOffset>? uses, string grant, Func<DateTimeOffset, string> written) =>
        uses is null ? "not known: the record cannot be searched now"
        : uses.TryGetValue(grant, out var last) ? written(last)
        : "never, as far as the record goes back";

    private static string? PolicyIn(IFormCollection form) => form["policy"].ToString() is { Length: > 0 } name ? name : null;

    private static string IdOf(HttpContext context) => context.GetRouteValue("id") as string ?? "";

    private async ValueTask<IResult> ListAsync(HttpContext context, Actor actor)
    {
        var now = parts.Time.GetUtcNow();
        var withEnded = context.Request.Query["ended"] == "1";
        var skip = int.TryParse(context.Request.Query["skip"], out var given) ? Math.Max(0, given) : 0;
        var all = parts.Grants.List();
        var shown = all.Where(grant => withEnded || StateOf(grant, now) is not ("revoked" or "expired"))
            .OrderBy(static grant => grant.Label, StringComparer.OrdinalIgnoreCase).ThenBy(static grant => grant.Id, StringComparer.Ordinal).ToList();
        return new PageResult<GrantsPage>(new()
        {
            [nameof(GrantsPage.Who)] = actor,
            [nameof(GrantsPage.Grants)] = shown.Skip(skip).Take(OnAPage).ToList(),
            [nameof(GrantsPage.Count)] = shown.Count,
            [nameof(GrantsPage.Ended)] = all.Count(grant => StateOf(grant, now) is "revoked" or "expired"),
            [nameof(GrantsPage.WithEnded)] = withEnded,
            [nameof(GrantsPage.LastUsed)] = await parts.Record.LastUsedAsync(context.RequestAborted),
            [nameof(GrantsPage.Next)] = skip + OnAPage < shown.Count ? $"{Root}?skip={skip + OnAPage}{(withEnded ? "&ended=1" : "")}" : null,
            [nameof(GrantsPage.Now)] = now,
        });
    }

    private async ValueTask<IResult> CreateAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        static string? Text(string text) => text.Trim() is { Length: > 0 } given ? given : null;
        var servers = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (Text(form["server"].ToString()) is { } server)
        {
            servers[server] = PolicyIn(form);
        }

        var asked = new GrantRequest(form["label"].ToString().Trim(), servers, Text(form["identity"].ToString()), Expires: Text(form["expires"].ToString()));
        var granted = await parts.Grants.CreateAsync(context, asked);
        return granted.Problem is { } problem
            ? Form(actor, asked, [.. granted.Wrong.DefaultIfEmpty(problem)], StatusOf(granted))
            : await ShowAsync(context, actor, granted.Grant, granted.Token);
    }

    private async ValueTask<IResult> AnswerAsync(HttpContext context, Actor actor, Granted granted) =>
        granted.Problem is { } problem ? await ShowAsync(context, actor, granted.Grant ?? parts.Grants.Find(IdOf(context)), problem: problem, status: StatusOf(granted))
        : granted.Token is not null ? await ShowAsync(context, actor, granted.Grant, granted.Token)
        : PageRoutes.SeeOther(context, PathOf(granted.Grant!.Id));

    private static int StatusOf(Granted granted) => granted.Outcome switch
    {
        GrantedOutcome.Invalid => StatusCodes.Status400BadRequest,
        GrantedOutcome.NotFound => StatusCodes.Status404NotFound,
        GrantedOutcome.NotRecorded => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status409Conflict,
    };

    private async ValueTask<IResult> ShowAsync(HttpContext context, Actor actor, GrantReply? grant, string? token = null, string? problem = null, int status = StatusCodes.Status200OK)
    {
        if (grant is null)
        {
            return PageRoutes.Message("No such grant", problem ?? "there is no grant of this id", StatusCodes.Status404NotFound, actor);
        }

        var now = parts.Snapshots.Current;
        var lastUsed = await parts.Record.LastUsedAsync(context.RequestAborted);
        return new PageResult<GrantPage>(
            new()
            {
                [nameof(GrantPage.Who)] = actor,
                [nameof(GrantPage.Found)] = grant,
                [nameof(GrantPage.Token)] = token,
                [nameof(GrantPage.Problem)] = problem,
                [nameof(GrantPage.LastUsed)] = LastUse(lastUsed, grant.Id, ApprovalPage.Time),
                [nameof(GrantPage.Limits)] = new LimitUse(now, parts.Counters).OfGrant(grant.Id),
                [nameof(GrantPage.Servers)] = now.Servers.Keys.Order(StringComparer.Ordinal).ToList(),
                [nameof(GrantPage.Policies)] = now.Policies.Keys.Order(StringComparer.Ordinal).ToList(),
                [nameof(GrantPage.Address)] = parts.AddressOf(context),
                [nameof(GrantPage.Now)] = parts.Time.GetUtcNow(),
            },
            status);
    }

    private PageResult<GrantFormPage> Form(Actor actor, GrantRequest asked, IReadOnlyList<string>? wrong = null, int status = StatusCodes.Status200OK)
    {
        var now = parts.Snapshots.Current;
        return new PageResult<GrantFormPage>(
            new()
            {
                [nameof(GrantFormPage.Who)] = actor,
                [nameof(GrantFormPage.Asked)] = asked,
                [nameof(GrantFormPage.Wrong)] = wrong ?? [],
                [nameof(GrantFormPage.Servers)] = now.Servers.Keys.Order(StringComparer.Ordinal).ToList(),
                [nameof(GrantFormPage.Policies)] = now.Policies.Keys.Order(StringComparer.Ordinal).ToList(),
            },
            status);
    }
}
