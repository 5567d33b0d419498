using System.Text.Json;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Storage;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Approvals;

/// <summary>Where operators answer: pages, the API and the command line come here. INVARIANT: no record, no answer.</summary>
public sealed class ApprovalDesk(ApprovalBook book, IConfigStore store, Journal journal, SnapshotSource snapshots, TimeProvider time)
{
    public const int LongestReason = 400;

    internal const string ApproveVerb = "approval-approve";

    internal const string DenyVerb = "approval-deny";

    private const int MostListed = 500;

    /// <summary>Values that agents send are for those who answer for them.</summary>
    public static bool MaySee(Actor reader) => reader.HasAny(Roles.Approver | Roles.Administrator);

    /// <summary>The open ones, oldest first: the order in which they run out of time.</summary>
    public IReadOnlyList<Approval> Open => book.Open;

    /// <summary>The newest in any state, newest first.</summary>
    public ValueTask<IReadOnlyList<Approval>> ListAsync(CancellationToken ct) => store.ListApprovalsAsync(MostListed, ct);

    /// <summary>Null when there never was one, or it is no longer kept.</summary>
    public async ValueTask<Approval?> FindAsync(string id, CancellationToken ct) => book.Find(id) ?? await store.FindApprovalAsync(id, ct);

    /// <summary>Takes an answer of somebody who has signed in as an approver. The administrator's token and grants are nobody here.</summary>
    /// <param name="reason">What the agent is told, or why it was allowed; at most <see cref="LongestReason"/> characters.</param>
    public async ValueTask<Answered> AnswerAsync(HttpContext context, Actor actor, string id, bool approves, string? reason)
    {
        if (actor.IsToken || !actor.HasAny(Roles.Approver))
        {
            return new Answered(AnswerOutcome.NoApprover, await FindAsync(id, context.RequestAborted));
        }

        return await book.AnswerAsync(id, new Person(actor.Name, actor.Identity), approves, reason, approval =>
        {
            var action = new OperatorAction(approves ? ApproveVerb : DenyVerb, approval.Server, approval.Grant, approval.Policy, reason);
            var record = action.Record(context, actor.Name, "allow", time.GetUtcNow()) with { Tool = approval.Tool, Approval = approval.Id, Outcome = "answered", Revision = approval.Revision };
            return journal.AppendAsync(record, Durability.Power, CancellationToken.None);
        });
    }

    /// <summary>
    /// The policy under which this call would ask nobody any more, to be read and saved by who manages policies; else why there
    /// is none. It changes nothing.
    /// </summary>
    public (byte[]? Document, string? Why) ProposeRule(Approval approval)
    {
        var now = snapshots.Current;
        if (approval.Data is not { } data || !now.Policies.TryGetValue(approval.Policy, out var policy) || policy.Policy.Form != approval.Form)
        {
            return (null, $"the request is {approval.State.ToString().ToLowerInvariant()}: what it carried, or the policy that asked, is no longer there");
        }

        var carried = JsonElement.Parse(data);
        if (carried.TryGetProperty("inputResponses", out _))
        {
            return (null, "the call answers questions of its server, which a rule cannot tell apart; write the rule by hand");
        }

        carried.TryGetProperty("arguments", out var arguments);
        var document = PolicyExemption.Write(policy.Document, approval.Rule, approval.Tool, arguments, NamesKnownTo(now, approval), out var why);
        return (document, why);
    }

    /// <summary>The arguments that the reviewed definition names.</summary>
    private static IEnumerable<string> NamesKnownTo(Snapshot now, Approval approval) =>
        now.Pins.TryGetValue(approval.PinKey, out var pins) && pins.Tools.TryGetValue(approval.Tool, out var tool)
        && JsonElement.Parse(tool.Definition.Span) is var definition
        && definition.TryGetProperty("inputSchema", out var schema) && schema.ValueKind == JsonValueKind.Object
        && schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? [.. properties.EnumerateObject().Select(static property => property.Name)]
            : [];

    /// <summary>What to tell whose answer did not count; null when it did.</summary>
    public static string? Problem(Answered answered) => answered.Outcome switch
    {
        AnswerOutcome.Taken => null,
        AnswerOutcome.NoApprover => "only an operator with the role `approver` who has signed in answers approvals",
        AnswerOutcome.IsRequester => "this policy wants somebody else than the one who asks, and the grant works for you",
        AnswerOutcome.AnsweredAlready => "you have answered already; another approver is needed",
        AnswerOutcome.NotRecorded => "the journal cannot record your answer, so it does not count; try again",
        _ => answered.Approval is { } approval ? $"there is nothing to answer any more: it is {approval.State.ToString().ToLowerInvariant()}" : "there is no such approval",
    };
}
