using Callgate.Gateway.Approvals;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// Maps pages. INVARIANT: a page is for operators who signed in and have a role for it; a form that changes something comes
/// from a page of this gate and carries the token of its action.
/// </summary>
internal sealed class PageRoutes(IEndpointRouteBuilder app, DashboardParts parts)
{
    /// <summary>The hidden field of a form with the token of its action.</summary>
    public const string TokenField = "token";

    /// <summary>Of a form of whoever has not signed in yet.</summary>
    public const long FewBytes = 64 * 1024;

    /// <summary>Of any other: a whole policy goes in, with each of its characters escaped.</summary>
    private const long MostBytes = 4 * 1024 * 1024;

    public PageSite Site { get; } = new(parts.PublicUrl);

    /// <summary>A page for whoever has one of the roles.</summary>
    public void Get(string path, Roles roles, Func<HttpContext, Actor, ValueTask<IResult>> page) => Map(path, ["GET", "HEAD"], async context =>
        Signed(context) is not { } actor ? SignInPages.Form(PageSite.LocalPath(context.Request.Path + context.Request.QueryString), status: StatusCodes.Status401Unauthorized)
        : !actor.HasAny(roles) ? Forbidden(actor, roles)
        : await page(context, actor));

    /// <summary>
    /// A page for everybody, which may show more to whoever has signed in. On an address that serves the front alone nobody
    /// counts as signed in.
    /// </summary>
    public void Open(string path, Func<HttpContext, Actor?, ValueTask<IResult>> page) => Map(path, ["GET", "HEAD"], context =>
        page(context, IsFrontAlone(context) ? null : Signed(context)));

    /// <summary>The address that was asked does not serve administration, nor any page for people who have signed in.</summary>
    public static bool IsFrontAlone(HttpContext context) => context.Features.Get<ListenerSide>() is { Admin: false };

    /// <summary>What a form does, for whoever has one of the roles.</summary>
    /// <param name="path">Where the form is sent.</param>
    /// <param name="roles">An operator needs one of these.</param>
    /// <param name="action">The action whose token the form must carry, as its page named it.</param>
    /// <param name="handle">Does it; usually ends with a redirect, so that nothing is sent twice.</param>
    public void Post(string path, Roles roles, Func<HttpContext, string> action, Func<HttpContext, Actor, IFormCollection, ValueTask<IResult>> handle) =>
        Map(path, ["POST"], async context =>
        {
            if (!Site.IsOwn(context.Request))
            {
                return Foreign();
            }

            if (Signed(context) is not { } actor)
            {
                return SignInPages.Form("/", message: "you are not signed in any more, so nothing was changed", status: StatusCodes.Status401Unauthorized);
            }

            if (!actor.HasAny(roles))
            {
                return Forbidden(actor, roles);
            }

            return await FormAsync(context, MostBytes) is not { } form ? Unreadable()
                : !actor.Accepts(action(context), form[TokenField]) ? Message("Not done", "this form is of another sign-in, so nothing was changed; open its page again", StatusCodes.Status403Forbidden, actor)
                : await handle(context, actor, form);
        });

    /// <summary>A route without a sign-in: signing in itself.</summary>
    public void Map(string path, string[] methods, Func<HttpContext, ValueTask<IResult>> answer) =>
        app.MapMethods(path, methods, (RequestDelegate)(async context =>
        {
            PageSite.Close(context);
            await (await answer(context)).ExecuteAsync(context);
        }));

    /// <summary>The page is loaded again by itself: nobody need be there.</summary>
    public static bool IsFollowing(HttpContext context) => context.Request.Query["follow"] == "1";

    /// <summary>Who has signed in. A page that is loaded by itself is no use of the session, which ends when it is left alone.</summary>
    public Actor? Signed(HttpContext context)
    {
        if (Site.Cookie(context) is not { } token
            || (IsFollowing(context) ? parts.Sessions.Peek(token, SessionKind.Page) : parts.Sessions.Find(token, SessionKind.Page)) is not { } actor)
        {
            return null;
        }

        context.Features.Set(actor);
        context.Features.Set(new WaitingCalls(parts.Approvals.Open.Count(static approval => approval.State == ApprovalState.Pending)));
        return actor;
    }

    /// <summary>Gives a browser its session; whoever was signed in there before is not any more.</summary>
    public async ValueTask<IResult> EnterAsync(HttpContext context, string token, string target)
    {
        if (Site.Cookie(context) is { } before)
        {
            await parts.SignIn.DropAsync(before);
        }

        Site.SetCookie(context, token);
        return SeeOther(context, target);
    }

    /// <summary>Null when the body is no form of a bearable size.</summary>
    public static async ValueTask<IFormCollection?> FormAsync(HttpContext context, long most)
    {
        if (!context.Request.HasFormContentType)
        {
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = most;
        }

        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>After a form: a plain GET, whatever the method was.</summary>
    public static IResult SeeOther(HttpContext context, string path)
    {
        context.Response.Headers.Location = path;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    public static IResult Foreign() => Message("Not done", "this form does not come from a page of this gate, so nothing was changed", StatusCodes.Status403Forbidden);

    public static IResult Unreadable() => Message("Not done", "this is no form of this gate, so nothing was changed", StatusCodes.Status400BadRequest);

    public static IResult Message(string title, string message, int status, Actor? who = null) =>
        new PageResult<MessagePage>(new() { [nameof(MessagePage.Title)] = title, [nameof(MessagePage.Message)] = message, [nameof(MessagePage.Who)] = who }, status);

    private static IResult Forbidden(Actor actor, Roles roles) =>
        Message("Not for you", $"this needs the role {string.Join(" or ", RoleText.Of(roles))}; {actor.Name} has {string.Join(", ", RoleText.Of(actor.Roles))}", StatusCodes.Status403Forbidden, actor);
}
