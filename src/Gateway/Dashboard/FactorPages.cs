using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>Second factors under <c>/people/{name}</c>: one's own set up and turned off, that of others reset.</summary>
internal sealed class FactorPages(DashboardParts parts, PeoplePages people)
{
    public const string Begin = "factor";
    public const string Confirm = "factor-confirm";
    public const string Off = "factor-off";
    public const string Reset = "factor-reset";

    public void Map()
    {
        Own(Begin, async (context, actor, form) => await parts.SecondFactors.BeginAsync(context, actor, form["current"].ToString(), CodeIn(form)) is var (done, enrolment) && enrolment is not null
            ? Form(actor, enrolment, null)
            : await people.AnswerAsync(context, actor, done));
        Own(Confirm, async (context, actor, form) =>
        {
            var (done, enrolment, codes) = await parts.SecondFactors.ConfirmAsync(context, actor, form["code"].ToString());
            return codes.Count > 0 ? new PageResult<RecoveryCodesPage>(new() { [nameof(RecoveryCodesPage.Who)] = actor, [nameof(RecoveryCodesPage.Codes)] = codes, [nameof(RecoveryCodesPage.Next)] = PeoplePages.PathOf(actor.Name) })
                : enrolment is not null ? Form(actor, enrolment, done.Problem)
                : await people.AnswerAsync(context, actor, done);
        });
        Own(Off, async (context, actor, form) => await people.AnswerAsync(context, actor, await parts.SecondFactors.TurnOffAsync(context, actor, form["current"].ToString(), CodeIn(form))));
        people.Post(Reset, Roles.Administrator, async (context, actor, _) => await people.AnswerAsync(context, actor, await parts.SecondFactors.ResetAsync(context, PeoplePages.NameOf(context))));
    }

    private static string? CodeIn(IFormCollection form) => form["code"].ToString() is { Length: > 0 } code ? code : null;

    /// <summary>What one does about oneself alone.</summary>
    private void Own(string change, Func<HttpContext, Actor, IFormCollection, ValueTask<IResult>> handle) => people.Post(change, Roles.Any, async (context, actor, form) =>
        actor.Name == PeoplePages.NameOf(context) ? await handle(context, actor, form)
        : PageRoutes.Message("Not for you", "everybody sets up the own second factor", StatusCodes.Status403Forbidden, actor));

    private PageResult<FactorPage> Form(Actor actor, Enrolment enrolment, string? message) => new(
        new()
        {
            [nameof(FactorPage.Who)] = actor,
            [nameof(FactorPage.Enrolment)] = enrolment,
            [nameof(FactorPage.Host)] = parts.Pages.At("")?.Host ?? "",
            [nameof(FactorPage.Message)] = message,
        },
        message is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
}
