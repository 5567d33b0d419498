using System.Globalization;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary><c>/welcome/{secret}</c>: where a link leads with which a person chooses a password, once, and is signed in.</summary>
internal sealed class WelcomePages(PageRoutes routes, DashboardParts parts, SignInPages signIn)
{
    private const string Route = "/welcome/{secret}";

    /// <summary>Where the first operator goes on to.</summary>
    private const string First = StartPages.Root;

    public void Map()
    {
        routes.Map(Route, ["GET", "HEAD"], async context =>
        {
            var (invited, wait) = await parts.Invitations.OpenAsync(context, SecretOf(context));
            return invited is null ? Closed(context, wait) : Form(context, invited, "", []);
        });
        routes.Map(Route, ["POST"], AcceptAsync);
    }

    private static string SecretOf(HttpContext context) => context.GetRouteValue("secret") as string ?? "";

    private async ValueTask<IResult> AcceptAsync(HttpContext context)
    {
        if (!routes.Site.IsOwn(context.Request))
        {
            return PageRoutes.Foreign();
        }

        if (await PageRoutes.FormAsync(context, PageRoutes.FewBytes) is not { } form)
        {
            return PageRoutes.Unreadable();
        }

        var (secret, name, password) = (SecretOf(context), form["name"].ToString().Trim(), form["password"].ToString());
        var (invited, wait) = await parts.Invitations.OpenAsync(context, secret);
        if (invited is null)
        {
            return Closed(context, wait);
        }

        if (password != form["again"].ToString())
        {
            return Form(context, invited, name, ["the two passwords differ"], StatusCodes.Status400BadRequest);
        }

        var done = await parts.Invitations.AcceptAsync(context, secret, name, password);
        return done.Outcome switch
        {
            AdministeredOutcome.Done => await SignInAsync(context, done.Name, password, invited.Name is null ? First : "/"),
            AdministeredOutcome.Invalid => Form(context, invited, name, done.Wrong, StatusCodes.Status400BadRequest),
            AdministeredOutcome.NotRecorded => Form(context, invited, name, [done.Problem!], StatusCodes.Status503ServiceUnavailable),
            _ => Closed(context, done.Wait),
        };
    }

    /// <summary>The way of everybody who signs in, so that it is counted and recorded like that.</summary>
    private async ValueTask<IResult> SignInAsync(HttpContext context, string name, string password, string target)
    {
        var begun = await parts.SignIn.BeginAsync(context, name, password, SessionKind.Page);
        return await signIn.AnswerAsync(context, begun, target) ?? PageRoutes.SeeOther(context, SignInPages.SignInPath);
    }

    private static IResult Closed(HttpContext context, TimeSpan wait)
    {
        if (wait <= TimeSpan.Zero)
        {
            return PageRoutes.Message("This link does not hold", Administered.No(AdministeredOutcome.LinkEnded, "").Problem! + ". Whoever sent it can send another; a gate without operators prints one when it starts.", StatusCodes.Status404NotFound);
        }

        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return PageRoutes.Message("Too many attempts", SignInResult.No(SignInFault.Wait, wait).Message, StatusCodes.Status429TooManyRequests);
    }

    private static PageResult<WelcomePage> Form(HttpContext context, Invited invited, string name, IReadOnlyList<string> wrong, int status = StatusCodes.Status200OK) => new(
        new()
        {
            [nameof(WelcomePage.Path)] = context.Request.Path.Value,
            [nameof(WelcomePage.Invited)] = invited,
            [nameof(WelcomePage.Name)] = name,
            [nameof(WelcomePage.Wrong)] = wrong,
        },
        status);
}
