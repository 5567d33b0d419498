using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary><c>/people</c> and <c>/people/{name}</c>: who may sign in, as what, and where each is signed in.</summary>
internal sealed class PeoplePages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/people";
    public const string InviteAction = "operator invite";
    public const string Invite = "invite";
    public const string Change = "change";
    public const string Password = "password";
    public const string Unlock = "unlock";
    public const string Remove = "remove";
    public const string EndSession = "end";

    public static string PathOf(string name) => $"{Root}/{Uri.EscapeDataString(name)}";

    /// <summary>One change of one operator: the token of a form says no to another.</summary>
    public static string ActionOf(string name, string change) => $"operator {change} {name}";

    public void Map()
    {
        routes.Get(Root, Roles.Any, (_, actor) => ValueTask.FromResult<IResult>(List(actor, new OperatorRequest("", []))));
        routes.Post(Root, Roles.Administrator, static _ => InviteAction, InviteNewAsync);
        routes.Get(Root + "/{name}", Roles.Any, (context, actor) => ShowAsync(context, actor));
        Post(Invite, Roles.Administrator, async (context, actor, _) => await AnswerAsync(context, actor, await parts.Operators.InviteAsync(context, new OperatorRequest(NameOf(context), []))));
        Post(Change, Roles.Administrator, async (context, actor, form) => await AnswerAsync(context, actor, await parts.Operators.ChangeAsync(context, RequestIn(NameOf(context), form))));
        Post(Unlock, Roles.Administrator, async (context, actor, _) => await AnswerAsync(context, actor, await parts.Operators.UnlockAsync(context, NameOf(context))));
        Post(Remove, Roles.Administrator, async (context, actor, _) =>
            await parts.Operators.RemoveAsync(context, NameOf(context)) is var done && done.Problem is null ? PageRoutes.SeeOther(context, Root) : await AnswerAsync(context, actor, done));
        Post(Password, Roles.Any, SetPasswordAsync);
        Post(EndSession, Roles.Any, EndSessionAsync);
        new FactorPages(parts, this).Map();
    }

    public void Post(string change, Roles roles, Func<HttpContext, Actor, IFormCollection, ValueTask<IResult>> handle) =>
        routes.Post($"{Root}/{{name}}/{change}", roles, context => ActionOf(NameOf(context), change), handle);

    public static string NameOf(HttpContext context) => context.GetRouteValue("name") as string ?? "";

    private static OperatorRequest RequestIn(string name, IFormCollection form) =>
        new(name, [.. form["role"].OfType<string>().Where(static role => role.Length > 0)], form["identity"].ToString().Trim() is { Length: > 0 } identity ? identity : null);

    private async ValueTask<IResult> InviteNewAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        var asked = RequestIn(form["name"].ToString().Trim(), form);

        // Without a role it would be another link of somebody who is there already.
        var done = asked.Roles.Count == 0 ? Administered.Invalid(["choose at least one role"]) : await parts.Operators.InviteAsync(context, asked);
        return done.Problem is { } problem ? List(actor, asked, [.. done.Wrong.DefaultIfEmpty(problem)], StatusOf(done)) : await ShowAsync(context, actor, done);
    }

    /// <summary>One's own, by the one that holds now; that of others is set by a link that they use themselves.</summary>
    private async ValueTask<IResult> SetPasswordAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        var name = NameOf(context);
        if (actor.Name != name)
        {
            return PageRoutes.Message("Not for you", "the password of somebody else is set by a link", StatusCodes.Status403Forbidden, actor);
        }

        var password = form["password"].ToString();
        var done = password != form["again"].ToString() ? Administered.Invalid(["the two passwords differ"])
            : await parts.Operators.SetPasswordAsync(context, name, password, form["current"].ToString());
        return done.Problem is null ? PageRoutes.SeeOther(context, SignInPages.SignInPath) : await AnswerAsync(context, actor, done);
    }

    private async ValueTask<IResult> EndSessionAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        var (_, recorded) = await parts.OpenSessions.EndAsync(context, actor, form["session"].ToString());
        return recorded ? PageRoutes.SeeOther(context, PathOf(NameOf(context)))
            : await AnswerAsync(context, actor, Administered.No(AdministeredOutcome.NotRecorded, NameOf(context)));
    }

    /// <summary>The page of the operator with what came of a form, or on to it where there is nothing to say.</summary>
    public async ValueTask<IResult> AnswerAsync(HttpContext context, Actor actor, Administered done) =>
        done.Problem is not null || done.Secret is not null ? await ShowAsync(context, actor, done) : PageRoutes.SeeOther(context, PathOf(done.Name));

    private static int StatusOf(Administered done) => done.Outcome switch
    {
        AdministeredOutcome.Done => StatusCodes.Status200OK,
        AdministeredOutcome.Invalid or AdministeredOutcome.WrongPassword or AdministeredOutcome.WrongCode => StatusCodes.Status400BadRequest,
        AdministeredOutcome.NotFound => StatusCodes.Status404NotFound,
        AdministeredOutcome.Forbidden => StatusCodes.Status403Forbidden,
        AdministeredOutcome.Wait => StatusCodes.Status429TooManyRequests,
        AdministeredOutcome.NotRecorded => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status409Conflict,
    };

    private PageResult<PeoplePage> List(Actor actor, OperatorRequest asked, IReadOnlyList<string>? wrong = null, int status = StatusCodes.Status200OK) => new(
        new()
        {
            [nameof(PeoplePage.Who)] = actor,
            [nameof(PeoplePage.People)] = parts.Operators.List(),
            [nameof(PeoplePage.Sessions)] = parts.OpenSessions.List(actor).CountBy(static session => session.Operator).ToDictionary(StringComparer.Ordinal),
            [nameof(PeoplePage.Asked)] = asked,
            [nameof(PeoplePage.Wrong)] = wrong ?? [],
            [nameof(PeoplePage.Now)] = parts.Time.GetUtcNow(),
        },
        status);

    private async ValueTask<IResult> ShowAsync(HttpContext context, Actor actor, Administered? done = null)
    {
        var name = done?.Name is { Length: > 0 } named ? named : NameOf(context);
        if (parts.Operators.Find(name) is not { } person)
        {
            return PageRoutes.Message("No such operator", "there is no operator of this name", StatusCodes.Status404NotFound, actor);
        }

        return new PageResult<PersonPage>(
            new()
            {
                [nameof(PersonPage.Who)] = actor,
                [nameof(PersonPage.Person)] = person,
                [nameof(PersonPage.Link)] = done?.Secret is { } secret ? parts.Pages.At(Invitations.PathOf(secret))?.AbsoluteUri : null,
                [nameof(PersonPage.Wrong)] = done?.Problem is { } problem ? [.. done.Wrong.DefaultIfEmpty(problem)] : Array.Empty<string>(),
                [nameof(PersonPage.Sessions)] = parts.OpenSessions.List(actor, name),
                [nameof(PersonPage.RecoveryCodes)] = person.FactorSince is null ? 0 : await parts.SecondFactors.RecoveryCodesAsync(name, context.RequestAborted),
                [nameof(PersonPage.FactorRequired)] = parts.SecondFactors.IsRequired,
                [nameof(PersonPage.Here)] = OperatorSessions.IdOf(routes.Site.Cookie(context)!),
                [nameof(PersonPage.Now)] = parts.Time.GetUtcNow(),
            },
            done is null ? StatusCodes.Status200OK : StatusOf(done));
    }
}
