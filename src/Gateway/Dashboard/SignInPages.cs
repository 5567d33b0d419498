using System.Globalization;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary><c>/signin</c> and <c>/signout</c>.</summary>
internal sealed class SignInPages(PageRoutes routes, DashboardParts parts)
{
    public const string SignInPath = "/signin";
    public const string CodePath = SignInPath + "/code";
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
        routes.Map(CodePath, ["GET", "HEAD"], static context => ValueTask.FromResult(PageRoutes.SeeOther(context, SignInPath)));
        routes.Map(CodePath, ["POST"], CodeAsync);
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
        return await AnswerAsync(context, result, target) ?? Form(target, name, result.Message, StatusOf(context, result));
    }

    private async ValueTask<IResult> CodeAsync(HttpContext context)
    {
        if (!routes.Site.IsOwn(context.Request))
        {
            return PageRoutes.Foreign();
        }

        if (await PageRoutes.FormAsync(context, PageRoutes.FewBytes) is not { } form)
        {
            return PageRoutes.Unreadable();
        }

        var target = PageSite.LocalPath(form["return"]);
        var result = await parts.SignIn.ContinueAsync(context, form["begun"].ToString(), form["code"].ToString());
        return await AnswerAsync(context, result, target) ?? Form(target, "", result.Message, StatusOf(context, result));
    }

    /// <summary>In, or on to the code; null where neither is to be had.</summary>
    public async ValueTask<IResult?> AnswerAsync(HttpContext context, SignInResult result, string target)
    {
        if (result.Token is { } token)
        {
            var entered = await routes.EnterAsync(context, token, target);
            return result.RecoveryCodes.Count == 0 ? entered : new PageResult<RecoveryCodesPage>(new()
            {
                [nameof(RecoveryCodesPage.Codes)] = result.RecoveryCodes,
                [nameof(RecoveryCodesPage.Next)] = target,
            });
        }

        return result.Begun is not { } begun ? null : new PageResult<CodePage>(
            new()
            {
                [nameof(CodePage.Begun)] = begun,
                [nameof(CodePage.Return)] = target,
                [nameof(CodePage.Enrolment)] = result.Enrolment,
                [nameof(CodePage.Host)] = parts.Pages.At("")?.Host ?? "",
                [nameof(CodePage.Message)] = result.Fault is SignInFault.Code or SignInFault.Enrol ? null : result.Message,
            },
            StatusOf(context, result));
    }

    private static int StatusOf(HttpContext context, SignInResult result)
    {
        if (result.Fault == SignInFault.Wait)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(result.Wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return result.Fault switch
        {
            SignInFault.Code or SignInFault.Enrol => StatusCodes.Status200OK,
            SignInFault.Wait => StatusCodes.Status429TooManyRequests,
            SignInFault.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status401Unauthorized,
        };
    }

    private async ValueTask<IResult> SignOutAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        await parts.SignIn.EndAsync(context, actor, routes.Site.Cookie(context)!);
        routes.Site.DeleteCookie(context);
        return PageRoutes.SeeOther(context, SignInPath);
    }
}
