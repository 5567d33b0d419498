using System.Globalization;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary><c>/signin</c> and <c>/signout</c>.</summary>
internal sealed class SignInPages(PageRoutes routes, DashboardParts parts)
{
    public const string SignInPath = "/signin";
    public const string SignOutPath = "/signout";
    public const string SignOutAction = "sign-out";

    public void Map()
    {
        routes.Map(SignInPath, ["GET", "HEAD"], context =>
        {
            var target = PageSite.LocalPath(context.Request.Query["return"]);
            return ValueTask.FromResult(routes.Signed(context) is null ? Form(target) : Results.Redirect(target));
        });
        routes.Map(SignInPath, ["POST"], SignInAsync);
        routes.Post(SignOutPath, Roles.Any, static _ => SignOutAction, SignOutAsync);
    }

    /// <summary>Whoever is not signed in gets it in place of a page, and goes on to that page.</summary>
    public static PageResult<SignInPage> Form(string target, string name = "", string? message = null, int status = StatusCodes.Status200OK) =>
        new(new() { [nameof(SignInPage.Return)] = target, [nameof(SignInPage.Name)] = name, [nameof(SignInPage.Message)] = message }, status);

    private async ValueTask<IResult> SignInAsync(HttpContext context)
    {
        if (!routes.Site.IsOwn(context.Request))
        {
            return PageRoutes.Foreign();
        }

        if (await PageRoutes.FormAsync(context, PageRoutes.FewBytes) is not { } form)
        {
            return PageRoutes.Unreadable();
        }

        var (name, target) = (form["name"].ToString().Trim(), PageSite.LocalPath(form["return"]));
        var result = await parts.SignIn.BeginAsync(context, name, form["password"].ToString(), SessionKind.Page);
        if (result.Fault is { } fault)
        {
            if (fault == SignInFault.Wait)
            {
                context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(result.Wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            }

            return Form(target, name, result.Message, fault switch
            {
                SignInFault.Wrong => StatusCodes.Status401Unauthorized,
                SignInFault.Wait => StatusCodes.Status429TooManyRequests,
                _ => StatusCodes.Status503ServiceUnavailable,
            });
        }

        return await routes.EnterAsync(context, result.Token!, target);
    }

    private async ValueTask<IResult> SignOutAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        await parts.SignIn.EndAsync(context, actor, routes.Site.Cookie(context)!);
        routes.Site.DeleteCookie(context);
        return PageRoutes.SeeOther(context, SignInPath);
    }
}
