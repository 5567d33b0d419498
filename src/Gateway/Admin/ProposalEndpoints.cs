using System.Text.Json;
using Callgate.Gateway.Policies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>A document that is to become the next revision of a policy.</summary>
/// <param name="State"><c>open</c>, <c>accepted</c>, <c>rejected</c> or <c>outdated</c>.</param>
/// <param name="Base">The revision it was written from.</param>
/// <param name="Server">The server of the call that it was made of.</param>
/// <param name="Approval">The approval of that call.</param>
/// <param name="Outdated">Why an open one cannot be accepted as things stand; null while it can.</param>
/// <param name="Revision">The revision that it became, or by which it is outdated.</param>
public sealed record ProposalReply(
    string Id, string State, string Policy, long Base, string Digest, string Author, string? Note, DateTimeOffset Made, string Server, string Tool, string Approval, string? Outdated,
    DateTimeOffset? Settled, string? DecidedBy, string? Reason, long? Revision)
{
    /// <summary>What is proposed; null in a list, and once it was accepted or rejected.</summary>
    public JsonElement? Document { get; init; }

    /// <summary>What becomes of tools if it takes the place of what is in force; null where there is no document.</summary>
    public DiffReply? Diff { get; init; }

    public static ProposalReply Of(Proposal proposal, PolicyDesk desk) => new(
        proposal.Id, proposal.State.ToString().ToLowerInvariant(), proposal.Policy, proposal.Base, proposal.Digest, proposal.Author, proposal.Note, proposal.Made, proposal.Origin.Server,
        proposal.Origin.Tool, proposal.Origin.Approval, desk.WhyOutdated(proposal), proposal.Settled, proposal.DecidedBy, proposal.Reason, proposal.Revision);
}

/// <summary>Proposals, newest first, without their documents.</summary>
public sealed record ProposalList(IReadOnlyList<ProposalReply> Proposals);

/// <summary>What goes with a rejection.</summary>
public sealed record RejectBody(string? Reason = null);

/// <summary><c>/api/v1/proposals</c>.</summary>
internal sealed class ProposalEndpoints(AdminParts parts)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/proposals", (bool? all, CancellationToken ct) => ListAsync(all ?? false, ct))
            .Describe<ProposalList>("proposals.list", "Lists the proposals of policies that wait for somebody; all that are kept with `all`", 200, 503);
        group.MapGet("/proposals/{proposal}", (string proposal, CancellationToken ct) => ShowAsync(proposal, ct))
            .Describe<ProposalReply>("proposals.get", "Shows a proposal, its document and what it would change", 200, 404, 503);
        group.MapPost("/proposals/{proposal}/accept", (string proposal, HttpContext context, CancellationToken _) => AcceptAsync(proposal, context))
            .Describe<ProposalReply>("proposals.accept", "Saves a proposal as the next revision of its policy and puts it in force", 200, 404, 409, 422, 503);
        group.MapPost("/proposals/{proposal}/reject", (string proposal, HttpContext context, CancellationToken ct) => RejectAsync(proposal, context, ct))
            .Accepts<RejectBody>("application/json")
            .Describe<ProposalReply>("proposals.reject", "Says that a proposal is not wanted", 200, 400, 404, 409, 413, 415, 503);
    }

    private async Task<IResult> ListAsync(bool all, CancellationToken ct) =>
        AdminJson.Ok(new ProposalList([.. (await parts.Policies.ListAsync(all, ct)).Select(proposal => ProposalReply.Of(proposal, parts.Policies))]));

    private async Task<IResult> ShowAsync(string id, CancellationToken ct) => await parts.Policies.FindAsync(id, ct) is { } proposal
        ? AdminJson.Ok(ProposalReply.Of(proposal, parts.Policies) with
        {
            Document = proposal.Document is { } document ? JsonElement.Parse(document) : null,
            Diff = parts.Policies.Compare(proposal),
        })
        : AdminJson.Fail(AdminFault.NotFound("proposal", id));

    private async Task<IResult> AcceptAsync(string id, HttpContext context) => Answer(id, await parts.Policies.AcceptAsync(context, id));

    private async Task<IResult> RejectAsync(string id, HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<RejectBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        return Proposal.NoteFault(body.Reason) is { } wrong
            ? AdminJson.Fail(AdminFault.Invalid($"`reason`: {wrong}"))
            : Answer(id, await parts.Policies.RejectAsync(context, id, body.Reason));
    }

    private IResult Answer(string id, Decided decided) => PolicyEndpoints.Fault(decided, id) is { } fault
        ? AdminJson.Fail(fault)
        : AdminJson.Ok(ProposalReply.Of(decided.Proposal!, parts.Policies));
}
