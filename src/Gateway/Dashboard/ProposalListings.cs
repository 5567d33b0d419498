using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary><c>/proposals</c> and <c>/proposals/{id}</c>.</summary>
internal sealed class ProposalListings(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/proposals";

    public const string Accept = "accept";

    public const string Reject = "reject";

    public static string PathOf(string id) => $"{Root}/{id}";

    /// <summary>One decision about one proposal: the token of a form says no to another.</summary>
    public static string ActionOf(string id, string decision) => $"proposal {decision} {id}";

    public void Map()
    {
        routes.Get(Root, Roles.Any, async (context, actor) => new PageResult<ProposalsPage>(new()
        {
            [nameof(ProposalsPage.Who)] = actor,
            [nameof(ProposalsPage.Kept)] = await parts.Policies.ListAsync(all: true, context.RequestAborted),
        }));

        // A document repeats values of a call: it is for those who may decide about it.
        routes.Get(Root + "/{id}", Roles.ChangesPolicies, async (context, actor) =>
            await parts.Policies.FindAsync(IdOf(context), context.RequestAborted) is { } proposal ? Page(proposal, actor) : Missing(actor));
        foreach (var decision in (string[])[Accept, Reject])
        {
            routes.Post($"{Root}/{{id}}/{decision}", Roles.ChangesPolicies, context => ActionOf(IdOf(context), decision), (context, actor, form) => DecideAsync(context, actor, form, decision));
        }
    }

    private async ValueTask<IResult> DecideAsync(HttpContext context, Actor actor, IFormCollection form, string decision)
    {
        var (id, text) = (IdOf(context), form["reason"].ToString().Trim());
        if (Proposal.NoteFault(text) is { } wrong)
        {
            return PageRoutes.Message("Not done", $"the reason: {wrong}", StatusCodes.Status400BadRequest, actor);
        }

        var decided = decision == Accept ? await parts.Policies.AcceptAsync(context, id) : await parts.Policies.RejectAsync(context, id, text.Length == 0 ? null : text);
        return decided.Problem is not { } problem ? PageRoutes.SeeOther(context, PathOf(id))
            : decided.Proposal is { } proposal ? Page(proposal, actor, string.Join("; ", decided.Diagnostics.Select(static found => found.Message).Prepend(problem)), StatusCodes.Status409Conflict)
            : Missing(actor);
    }

    private PageResult<ProposalPage> Page(Proposal proposal, Actor actor, string? problem = null, int status = StatusCodes.Status200OK) => new(
        new()
        {
            [nameof(ProposalPage.Who)] = actor,
            [nameof(ProposalPage.Proposed)] = proposal,
            [nameof(ProposalPage.Diff)] = parts.Policies.Compare(proposal),
            [nameof(ProposalPage.Outdated)] = parts.Policies.WhyOutdated(proposal),
            [nameof(ProposalPage.Problem)] = problem,
        },
        status);

    private static IResult Missing(Actor actor) =>
        PageRoutes.Message("No such proposal", "it never was, or it was settled long ago; the record has what became of it", StatusCodes.Status404NotFound, actor);

    private static string IdOf(HttpContext context) => context.GetRouteValue("id") as string ?? "";
}
