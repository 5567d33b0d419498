using Callgate.Gateway.Audit;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary>A registered server as its operators see it. What its credentials are is not part of it.</summary>
/// <param name="State">`up`, `drifted`, `down`, `stopped` or `not reached yet`.</param>
/// <param name="Target">The host of its address, or its program.</param>
/// <param name="Fault">Why it could not be asked last; null when it could.</param>
/// <param name="Pace">Null where the record has no answered call of it, or cannot be asked.</param>
public sealed record ServerLine(
    string Name, string State, string Transport, string Target, string Protocol, CategoryCounts? Tools, PinState? Pins, string? Fault, bool Declared, bool Public, ServerPace? Pace)
{
    /// <summary>Neither tools nor a fault are known: the first contact is under way, or has not begun.</summary>
    public bool IsAwaited => Pins is null && Fault is null;

    public string Took => Pace is null ? "no answered call yet" : $"{StackPages.Number(Pace.Median)} ms, one in twenty over {StackPages.Number(Pace.Slow)} ms";

    public string Counts =>
        Tools is null ? "not known yet"
        : string.Join(", ", Tools.ByDanger().Where(static one => one.Count > 0).Select(static one => $"{one.Count} {one.Category}")) is { Length: > 0 } text ? text
        : "none";
}

/// <summary><c>/servers</c>, <c>/servers/new</c> and <c>/servers/{name}</c>: what the gate stands before, how each is, and how one is registered.</summary>
internal sealed class ServerPages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/servers";
    /// <summary>No server can be called so.</summary>
    public const string New = Root + "/~new";
    public const string AddAction = "server add";
    public const string Test = "test";
    public const string Credentials = "credentials";
    public const string Remove = "remove";

    /// <summary>The field of a form that says where to go on after it.</summary>
    public const string Then = "then";

    private const int OnAPage = 200;

    /// <summary>While the first contact is under way the page asks again, in seconds.</summary>
    private const string Soon = "2";

    /// <summary>Of one risk, on the page of the server.</summary>
    private const int MostNames = 500;

    public static string PathOf(string name) => $"{Root}/{Uri.EscapeDataString(name)}";

    /// <summary>One change of one server: the token of a form says no to another.</summary>
    public static string ActionOf(string name, string change) => $"server {change} {name}";

    public void Map()
    {
        routes.Get(Root, Roles.Any, PageAsync);
        routes.Get(New, Roles.Administrator, static (_, actor) => ValueTask.FromResult<IResult>(Form(actor, new ServerBody("", Url: ""))));
        routes.Post(Root, Roles.Administrator, static _ => AddAction, AddAsync);
        routes.Get(Root + "/{name}", Roles.Any, (context, actor) => ShowAsync(context, actor));
        routes.Post($"{Root}/{{name}}/{Test}", Roles.Administrator, static context => ActionOf(NameOf(context), Test), async (context, actor, _) =>
        {
            var (asked, test) = await parts.ServerDesk.TestAsync(context, NameOf(context));
            return await ShowAsync(context, actor, new ServerPageNews(asked.Problem, [], test), StatusOf(asked));
        });
        routes.Post($"{Root}/{{name}}/{Credentials}", Roles.Administrator, static context => ActionOf(NameOf(context), Credentials), async (context, actor, form) =>
            await AnswerAsync(context, actor, await parts.ServerDesk.SetCredentialsAsync(context, NameOf(context), ServerForm.Credentials(form)), PathOf(NameOf(context))));
        routes.Post($"{Root}/{{name}}/{Remove}", Roles.Administrator, static context => ActionOf(NameOf(context), Remove), async (context, actor, _) =>
            await AnswerAsync(context, actor, await parts.ServerDesk.RemoveAsync(context, NameOf(context)), Root));
    }

    /// <summary>How each of some servers is, in the order of the names.</summary>
    public static async ValueTask<IReadOnlyList<ServerLine>> LinesAsync(DashboardParts parts, IReadOnlyList<string> names, CancellationToken ct)
    {
        var now = parts.Snapshots.Current;
        var known = (await parts.Catalogue.RegisteredAsync(CatalogueScope.All, ct)).ToDictionary(static server => server.Name, static server => server.Tools, StringComparer.Ordinal);
        var paces = await parts.Record.PacesAsync(ct);
        return [.. names.Select(name => Line(parts, now, now.Servers[name], known.GetValueOrDefault(name), paces?.GetValueOrDefault(name)))];
    }

    private static string NameOf(HttpContext context) => context.GetRouteValue("name") as string ?? "";

    private static int StatusOf(Registered registered) => registered.Outcome switch
    {
        RegisteredOutcome.Done => StatusCodes.Status200OK,
        RegisteredOutcome.Invalid => StatusCodes.Status400BadRequest,
        RegisteredOutcome.NotFound => StatusCodes.Status404NotFound,
        RegisteredOutcome.NotRecorded => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status409Conflict,
    };

    private async ValueTask<IResult> PageAsync(HttpContext context, Actor actor)
    {
        var now = parts.Snapshots.Current;
        var after = context.Request.Query["after"] is [{ } value] ? value : "";
        var names = Stack.ServerNames(now, after, OnAPage + 1);
        return new PageResult<ServersPage>(new()
        {
            [nameof(ServersPage.Who)] = actor,
            [nameof(ServersPage.Count)] = now.Servers.Count,
            [nameof(ServersPage.Servers)] = await LinesAsync(parts, [.. names.Take(OnAPage)], context.RequestAborted),
            [nameof(ServersPage.Next)] = names.Count > OnAPage ? $"{Root}?after={Uri.EscapeDataString(names[OnAPage - 1])}" : null,
        });
    }

    private async ValueTask<IResult> AddAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        var asked = ServerForm.Read(form);
        var added = await parts.ServerDesk.AddAsync(context, asked);
        var starts = form[Then] == StartPages.Name;
        return added.Problem is { } problem ? Form(actor, asked, [.. added.Wrong.DefaultIfEmpty(problem)], StatusOf(added), starts)
            : PageRoutes.SeeOther(context, starts ? StartPages.PathOf(asked.Name) : PathOf(asked.Name));
    }

    private async ValueTask<IResult> AnswerAsync(HttpContext context, Actor actor, Registered registered, string then) =>
        registered.Problem is { } problem ? await ShowAsync(context, actor, new ServerPageNews(problem, registered.Wrong, null), StatusOf(registered)) : PageRoutes.SeeOther(context, then);

    private async ValueTask<IResult> ShowAsync(HttpContext context, Actor actor, ServerPageNews? news = null, int status = StatusCodes.Status200OK)
    {
        var name = NameOf(context);
        if (parts.ServerDesk.Find(name) is not { } server)
        {
            return PageRoutes.Message("Not here", "there is no such server behind this gate", StatusCodes.Status404NotFound, actor);
        }

        var line = (await LinesAsync(parts, [name], context.RequestAborted))[0];
        if (line.IsAwaited && HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Headers["Refresh"] = Soon;
        }

        var categories = await parts.Catalogue.CategoriesAsync(name, context.RequestAborted);
        var stack = new Stack(parts.Snapshots.Current, parts.Time.GetUtcNow(), new Dictionary<string, Dictionary<string, Callgate.Catalogue.RiskCategory>>(StringComparer.Ordinal) { [name] = categories });
        return new PageResult<ServerPage>(
            new()
            {
                [nameof(ServerPage.Who)] = actor,
                [nameof(ServerPage.Found)] = server,
                [nameof(ServerPage.Line)] = line,
                [nameof(ServerPage.Stack)] = stack.Server(name, MostNames),
                [nameof(ServerPage.News)] = news,
            },
            status);
    }

    private static PageResult<ServerFormPage> Form(Actor actor, ServerBody asked, IReadOnlyList<string>? wrong = null, int status = StatusCodes.Status200OK, bool starts = false) => new(
        new() { [nameof(ServerFormPage.Who)] = actor, [nameof(ServerFormPage.Asked)] = asked, [nameof(ServerFormPage.Wrong)] = wrong ?? [], [nameof(ServerFormPage.Starts)] = starts }, status);

    private static ServerLine Line(DashboardParts parts, Snapshot now, ServerDefinition server, CategoryCounts? tools, ServerPace? pace)
    {
        var (pins, fault) = (PinState.Of(now, server.Name), parts.Pins.FaultOf(server.Name));
        var state = now.Stops.Contains("all") || now.Stops.Contains("server:" + server.Name) ? "stopped"
            : fault is not null ? "down"
            : pins is null ? "not reached yet"
            : pins.IsSettled ? "up"
            : "drifted";
        return new ServerLine(
            server.Name, state, server.Transport.ToString().ToLowerInvariant(), TargetOf(server), ProtocolOf(parts, server.Name), tools, pins,
            fault is null ? null : $"{fault.Message}: {fault.Detail}", server.Declared, server.Public, pace);
    }

    private static string ProtocolOf(DashboardParts parts, string server) => parts.Pins.SeenEras(server) switch
    {
        { Legacy: true, Modern: true } => "2025-11-25 and 2026-07-28",
        { Modern: true } => "2026-07-28",
        { Legacy: true } => "2025-11-25 or older",
        _ => "not known yet",
    };

    /// <summary>Neither a path nor an argument: both may hold secrets.</summary>
    private static string TargetOf(ServerDefinition server) => server.Url is { } url ? url.GetLeftPart(UriPartial.Authority) : Path.GetFileName(server.Command.FirstOrDefault() ?? "");
}
