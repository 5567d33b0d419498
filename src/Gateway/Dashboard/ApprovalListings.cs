using Callgate.Gateway.Approvals;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary><c>/approvals</c> and <c>/approvals/{id}</c>.</summary>
internal sealed class ApprovalListings(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/approvals";

    /// <summary>How often a page without a script is loaded again that follows what waits.</summary>
    public const string FollowSeconds = "5";

    public static string PathOf(string id) => $"{Root}/{id}";

    /// <summary>Approves and proposes a rule.</summary>
    public const string Propose = "propose";

    public const string Approve = "approve";

    public const string Deny = "deny";

    /// <summary>One answer about one approval: the token of a form says no to another.</summary>
    public static string ActionOf(string id, string answer) => $"approval {answer} {id}";

    public void Map()
    {
        routes.Get(Root, Roles.Any, (context, actor) => ValueTask.FromResult<IResult>(List(context, actor)));
        new ApprovalStream(routes, parts).Map();
        routes.Get(Root + "/{id}", Roles.Any, async (context, actor) =>
            await parts.Approvals.FindAsync(IdOf(context), context.RequestAborted) is { } approval ? Page(approval, actor) : Missing(actor));
        routes.Get(Root + "/{id}/rule", Roles.ChangesPolicies, async (context, actor) =>
            await parts.Approvals.FindAsync(IdOf(context), context.RequestAborted) is { } approval ? Rule(approval, actor) : Missing(actor));
        foreach (var answer in (string[])[Approve, Propose, Deny])
        {
            routes.Post($"{Root}/{{id}}/{answer}", Roles.Approver, context => ActionOf(IdOf(context), answer), (context, actor, form) => AnswerAsync(context, actor, form, answer));
        }
    }

    private PageResult<ApprovalsPage> List(HttpContext context, Actor actor)
    {
        var following = PageRoutes.IsFollowing(context);
        if (following)
        {
            context.Response.Headers["Refresh"] = FollowSeconds;
        }

        return new PageResult<ApprovalsPage>(new()
        {
            [nameof(ApprovalsPage.Who)] = actor,
            [nameof(ApprovalsPage.Open)] = parts.Approvals.Open,
            [nameof(ApprovalsPage.Now)] = parts.Time.GetUtcNow(),
            [nameof(ApprovalsPage.Following)] = following,
        });
    }

    private async ValueTask<IResult> AnswerAsync(HttpContext context, Actor actor, IFormCollection form, string answer)
    {
        var (id, text) = (IdOf(context), form["reason"].ToString().Trim());
        if (Proposal.NoteFault(text) is { } wrong)
        {
            return PageRoutes.Message("Not done", $"the reason: {wrong}", StatusCodes.Status400BadRequest, actor);
        }

        var reason = text.Length == 0 ? null : text;
        var answered = answer == Propose
            ? await parts.Approvals.ApproveWithRuleAsync(context, actor, id, reason)
            : await parts.Approvals.AnswerAsync(context, actor, id, answer == Approve, reason);
        return ApprovalDesk.Problem(answered) is not { } problem ? PageRoutes.SeeOther(context, PathOf(id))
            : answered.Approval is { } approval ? Page(approval, actor, problem, StatusCodes.Status409Conflict)
            : Missing(actor);
    }

    private PageResult<ApprovalPage> Page(Approval approval, Actor actor, string? problem = null, int status = StatusCodes.Status200OK) => new(
        new()
        {
            [nameof(ApprovalPage.Who)] = actor,
            [nameof(ApprovalPage.Asked)] = approval,
            [nameof(ApprovalPage.Drift)] = parts.Approvals.DriftOf(approval),
            [nameof(ApprovalPage.Now)] = parts.Time.GetUtcNow(),
            [nameof(ApprovalPage.Problem)] = problem,
        },
        status);

    private PageResult<RulePage> Rule(Approval approval, Actor actor)
    {
        var (document, why) = parts.Approvals.ProposeRule(approval);
        return new PageResult<RulePage>(new()
        {
            [nameof(RulePage.Who)] = actor,
            [nameof(RulePage.Asked)] = approval,
            [nameof(RulePage.Document)] = document is null ? null : System.Text.Encoding.UTF8.GetString(document),
            [nameof(RulePage.Why)] = why,
        });
    }

    private static IResult Missing(Actor actor) =>
        PageRoutes.Message("No such approval", "it never was, or it was settled long ago; the record has what became of it", StatusCodes.Status404NotFound, actor);

    private static string IdOf(HttpContext context) => context.GetRouteValue("id") as string ?? "";
}
