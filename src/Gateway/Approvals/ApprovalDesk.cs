using System.Text;
using System.Text.Json;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
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

    private readonly OperatorRecord record = new(journal, time);

    /// <summary>Raised when one was asked for and whenever one has changed. Handlers must not wait.</summary>
    public event Action<Approval>? Changed
    {
        add => book.Changed += value;
        remove => book.Changed -= value;
    }

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

        return await book.AnswerAsync(id, new Person(actor.Name, actor.Identity), new Answer(approves, reason), approval => RecordAsync(context, actor, approval, new Answer(approves, reason)));
    }

    /// <summary>
    /// Approves, and proposes the policy under which this call would ask nobody any more. INVARIANT: both or neither. The
    /// proposal is written first and seen by nobody; the record of the answer, which has its id, decides; what the store then
    /// does in one transaction a restart does by the journal.
    /// </summary>
    /// <param name="note">Why, for the record and for who decides about the proposal; see <see cref="Proposal.NoteFault"/>.</param>
    public async ValueTask<Answered> ApproveWithRuleAsync(HttpContext context, Actor actor, string id, string? note)
    {
        var asked = await FindAsync(id, context.RequestAborted);
        if (asked is null || actor.IsToken || !actor.HasAny(Roles.Approver) || !actor.HasAny(Roles.ChangesPolicies))
        {
            return new Answered(asked is null ? AnswerOutcome.Gone : actor.IsToken || !actor.HasAny(Roles.Approver) ? AnswerOutcome.NoApprover : AnswerOutcome.MayNotPropose, asked);
        }

        var (proposal, was, why) = Propose(asked, actor, note);
        if (proposal is null)
        {
            return new Answered(AnswerOutcome.NoRule, asked, why);
        }

        var action = new OperatorAction("policy-propose", asked.Server, asked.Grant, asked.Policy, ChangeText.Of(was, proposal.Digest, $"proposal {proposal.Id}")) { Approval = id };
        var (recorded, answered) = await record.AroundAsync(
            context, action, () => AnswerWithAsync(context, actor, asked, proposal), refused: static answered => answered.Outcome != AnswerOutcome.Taken);
        return recorded ? answered! : new Answered(AnswerOutcome.NotRecorded, asked);
    }

    /// <summary>What changed in the definition of the tool, where that is why people are asked.</summary>
    public ApprovalDrift? DriftOf(Approval approval) => ApprovalDrift.Of(approval, snapshots.Current);

    /// <summary>
    /// The policy under which this call would ask nobody any more, to be read and saved by who manages policies; else why there
    /// is none. It changes nothing.
    /// </summary>
    public (byte[]? Document, string? Why) ProposeRule(Approval approval) => ProposeRule(approval, snapshots.Current);

    private static (byte[]? Document, string? Why) ProposeRule(Approval approval, Snapshot now)
    {
        if (approval.Data is not { } data || !now.Policies.TryGetValue(approval.Policy, out var policy) || policy.Policy.Form != approval.Form)
        {
            return (null, $"the request is {approval.State.ToString().ToLowerInvariant()}: what it carried, or the policy that asked, is no longer there");
        }

        if (approval.ShownDefinition is not null)
        {
            return (null, $"people are asked because the definition of the tool changed, which no rule ends; read it with `callgate catalogue drift {approval.Server}` and accept it");
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

    private (Proposal? Proposal, string? Was, string? Why) Propose(Approval asked, Actor actor, string? note)
    {
        var now = snapshots.Current;
        var (document, why) = ProposeRule(asked, now);
        if (document is null)
        {
            return (null, null, why);
        }

        var policy = now.Policies[asked.Policy];
        if (policy.Declared)
        {
            return (null, null, $"policy `{policy.Name}` is declared in the configuration file, which alone can change it; `callgate approvals rule {asked.Id}` prints the document for it");
        }

        var made = time.GetUtcNow();
        var proposal = new Proposal
        {
            Id = Identifiers.New(made),
            Policy = policy.Name,
            Base = policy.Revision,
            Document = Encoding.UTF8.GetString(document),
            Digest = ChangeText.Digest(document),
            Author = actor.Name,
            Note = note,
            Made = made,
            Origin = new ProposalOrigin(asked.Id, asked.Server, asked.PinKey, asked.Tool, asked.Definition),
        };
        return (proposal, $"revision {policy.Revision} sha256 {policy.Digest}", null);
    }

    private async ValueTask<Answered> AnswerWithAsync(HttpContext context, Actor actor, Approval asked, Proposal proposal)
    {
        var taken = false;
        try
        {
            if (!await store.BeginProposalAsync(proposal, CancellationToken.None))
            {
                return new Answered(AnswerOutcome.TooManyProposals, asked);
            }

            var answer = new Answer(Approves: true, proposal.Note, proposal.Id);
            var answered = await book.AnswerAsync(asked.Id, new Person(actor.Name, actor.Identity), answer, approval => RecordAsync(context, actor, approval, answer));
            taken = answered.Outcome == AnswerOutcome.Taken;
            return answered;
        }
        catch (StoreException)
        {
            return new Answered(AnswerOutcome.NotStored, asked);
        }
        finally
        {
            if (!taken)
            {
                await DropAsync(proposal.Id);
            }
        }
    }

    private async ValueTask DropAsync(string proposal)
    {
        try
        {
            await store.DropProposalAsync(proposal);
        }
        catch (StoreException)
        {
            // Nobody sees it, and the next start forgets what no answer made.
        }
    }

    private ValueTask<AppendResult> RecordAsync(HttpContext context, Actor actor, Approval approval, Answer answer)
    {
        var action = new OperatorAction(answer.Approves ? ApproveVerb : DenyVerb, approval.Server, approval.Grant, approval.Policy, answer.Reason) { Approval = approval.Id };
        var entry = action.Record(context, actor.Name, "allow", time.GetUtcNow()) with { Tool = approval.Tool, Outcome = "answered", Revision = approval.Revision };
        return journal.AppendAsync(answer.Proposal is { } id ? entry with { Id = id } : entry, Durability.Power, CancellationToken.None);
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
        AnswerOutcome.MayNotPropose => "to make a rule of it needs the role `policy_manager` or `administrator` too, so that nothing was approved; approve it without a rule, or leave it to somebody who has both",
        AnswerOutcome.NoRule => $"{answered.Why}; nothing was approved",
        AnswerOutcome.TooManyProposals => $"{Proposal.MostOpen} proposals are open, and no more may be, so that nothing was approved; accept or reject some, or approve it without a rule",
        AnswerOutcome.NotStored => "the store cannot keep the proposal, so that nothing was approved; try again",
        AnswerOutcome.NotRecorded => "the journal cannot record your answer, so it does not count; try again",
        _ => answered.Approval is { } approval ? $"there is nothing to answer any more: it is {approval.State.ToString().ToLowerInvariant()}" : "there is no such approval",
    };
}
