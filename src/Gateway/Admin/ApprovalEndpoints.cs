using System.Text.Json;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>What one person said.</summary>
/// <param name="Proposal">The proposal of a rule that was made with it; null for none.</param>
public sealed record VoteReply(string Operator, bool Approves, string? Reason, DateTimeOffset Time, string? Proposal);

/// <summary>A call that a person was asked about.</summary>
/// <param name="State"><c>pending</c>, <c>approved</c>, <c>denied</c>, <c>expired</c>, <c>void</c> or <c>spent</c>.</param>
/// <param name="Data">The arguments and the other members that carry data, as they would go up; null once settled, and for who neither approves nor administers.</param>
/// <param name="Outcome">The record of the execution, or why it came to none.</param>
/// <param name="ShownDefinition">The fingerprint of the changed definition that people are asked about; null where none changed. `approvals.get` says in <c>drift</c> what did.</param>
public sealed record ApprovalReply(
    string Id, string State, string Grant, string GrantLabel, string? Identity, string? Client, string Server, string Tool, string? Category, string Risk, string Policy,
    long Revision, string Rule, string? Reason, JsonElement? Data, int Approvers, bool NotRequester, IReadOnlyList<VoteReply> Votes, DateTimeOffset Asked, DateTimeOffset Expires, string? Outcome, string? ShownDefinition)
{
    /// <summary>What changed in the definition of the tool, where that is why people are asked.</summary>
    public ApprovalDrift? Drift { get; init; }

    public static ApprovalReply Of(Approval approval, Actor reader) => new(
        approval.Id, approval.State.ToString().ToLowerInvariant(), approval.Grant, approval.GrantLabel, approval.Identity, approval.Client, approval.Server, approval.Tool,
        approval.Category, approval.Risk, approval.Policy, approval.Revision, approval.Rule, approval.Reason, approval.Data is { } data && ApprovalDesk.MaySee(reader) ? JsonElement.Parse(data) : null,
        approval.Approvers, approval.NotRequester, [.. approval.Votes.Select(static vote => new VoteReply(vote.Operator, vote.Approves, vote.Reason, vote.Time, vote.Proposal))],
        approval.Asked, approval.Expires, approval.Outcome, approval.ShownDefinition);
}

/// <summary>Approvals, the open ones oldest first, all of them newest first.</summary>
public sealed record ApprovalList(IReadOnlyList<ApprovalReply> Approvals);

/// <summary>What goes with an answer.</summary>
/// <param name="Reason">Of a denial, the agent is told it.</param>
public sealed record AnswerBody(string? Reason = null);

/// <summary>What goes with an approval.</summary>
/// <param name="Reason">Why, for the record; the note of the proposal.</param>
/// <param name="Rule">Whether to propose, in the same step, the policy under which exactly this call asks nobody any more.</param>
public sealed record ApproveBody(string? Reason = null, bool Rule = false);

/// <summary><c>/api/v1/approvals</c>.</summary>
internal sealed class ApprovalEndpoints(AdminParts parts)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/approvals", (bool? all, HttpContext context, CancellationToken ct) => ListAsync(all ?? false, context, ct))
            .Describe<ApprovalList>("approvals.list", "Lists the calls that wait for a person; all that are kept with `all`", 200, 503);
        group.MapGet("/approvals/{approval}", (string approval, HttpContext context, CancellationToken ct) => ShowAsync(approval, context, ct))
            .Describe<ApprovalReply>("approvals.get", "Shows a call that a person was asked about", 200, 404, 503);
        group.MapGet("/approvals/{approval}/rule", (string approval, CancellationToken ct) => RuleAsync(approval, ct))
            .Describe<JsonElement>("approvals.rule", "Proposes a policy under which exactly this call asks nobody any more; it changes nothing", 200, 404, 409, 503);
        group.MapPost("/approvals/{approval}/approve", (string approval, HttpContext context, CancellationToken ct) => ApproveAsync(approval, context, ct))
            .Accepts<ApproveBody>("application/json")
            .Describe<ApprovalReply>("approvals.approve", "Lets exactly this call be made once; for signed-in approvers. With `rule` it also proposes a policy, for those who may change policies too: both are done or neither", 200, 400, 403, 404, 409, 413, 415, 503);
        group.MapPost("/approvals/{approval}/deny", (string approval, HttpContext context, CancellationToken ct) => DenyAsync(approval, context, ct))
            .Accepts<AnswerBody>("application/json")
            .Describe<ApprovalReply>("approvals.deny", "Refuses this call; for signed-in approvers", 200, 400, 403, 404, 409, 413, 415, 503);
    }

    private async Task<IResult> ListAsync(bool all, HttpContext context, CancellationToken ct)
    {
        var found = all ? await parts.Approvals.ListAsync(ct) : parts.Approvals.Open;
        return AdminJson.Ok(new ApprovalList([.. found.Select(approval => ApprovalReply.Of(approval, Actor.Of(context)!))]));
    }

    private async Task<IResult> ShowAsync(string id, HttpContext context, CancellationToken ct) =>
        await parts.Approvals.FindAsync(id, ct) is { } approval
            ? AdminJson.Ok(ApprovalReply.Of(approval, Actor.Of(context)!) with { Drift = parts.Approvals.DriftOf(approval) })
            : AdminJson.Fail(AdminFault.NotFound("approval", id));

    private async Task<IResult> RuleAsync(string id, CancellationToken ct)
    {
        if (await parts.Approvals.FindAsync(id, ct) is not { } approval)
        {
            return AdminJson.Fail(AdminFault.NotFound("approval", id));
        }

        var (document, why) = parts.Approvals.ProposeRule(approval);
        return document is not null ? Results.Bytes(document, "application/json") : AdminJson.Fail(AdminFault.Conflict(why!));
    }

    private async Task<IResult> ApproveAsync(string id, HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<ApproveBody>(context, ct);
        if (body is null || (fault = Wrong(body.Reason, body.Rule)) is not null)
        {
            return AdminJson.Fail(fault!);
        }

        var actor = Actor.Of(context)!;
        return Answer(id, actor, body.Rule
            ? await parts.Approvals.ApproveWithRuleAsync(context, actor, id, body.Reason)
            : await parts.Approvals.AnswerAsync(context, actor, id, approves: true, body.Reason));
    }

    private async Task<IResult> DenyAsync(string id, HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<AnswerBody>(context, ct);
        if (body is null || (fault = Wrong(body.Reason, isNote: false)) is not null)
        {
            return AdminJson.Fail(fault!);
        }

        var actor = Actor.Of(context)!;
        return Answer(id, actor, await parts.Approvals.AnswerAsync(context, actor, id, approves: false, body.Reason));
    }

    private static AdminFault? Wrong(string? reason, bool isNote) =>
        reason is { Length: > ApprovalDesk.LongestReason } ? AdminFault.Invalid($"`reason` has at most {ApprovalDesk.LongestReason} characters")
        : isNote && Proposal.NoteFault(reason) is { } wrong ? AdminFault.Invalid($"`reason`: {wrong}")
        : null;

    private static IResult Answer(string id, Actor actor, Answered answered) =>
        ApprovalDesk.Problem(answered) is not { } problem ? AdminJson.Ok(ApprovalReply.Of(answered.Approval!, actor)) : AdminJson.Fail(answered.Outcome switch
        {
            AnswerOutcome.NotRecorded => new AdminFault(503, AdminCodes.RecordUnavailable, problem),
            AnswerOutcome.NotStored => new AdminFault(503, AdminCodes.StoreUnavailable, problem),
            AnswerOutcome.NoApprover or AnswerOutcome.IsRequester or AnswerOutcome.MayNotPropose => new AdminFault(403, AdminCodes.Forbidden, problem),
            AnswerOutcome.TooManyProposals => new AdminFault(409, AdminCodes.ProposalTooMany, problem),
            _ when answered.Approval is null => AdminFault.NotFound("approval", id),
            _ => AdminFault.Conflict(problem),
        });
}
