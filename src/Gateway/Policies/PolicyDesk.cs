using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Storage;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Policies;

/// <summary>How what somebody decided about a policy was taken.</summary>
public enum DecidedOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such proposal.</summary>
    NotFound,

    /// <summary>Somebody has decided already.</summary>
    Settled,

    /// <summary>What the proposal was written from is not in force any more.</summary>
    Outdated,

    /// <summary>Another revision than the one that a document was written from is in force.</summary>
    Overtaken,

    /// <summary>The configuration file alone can change this policy.</summary>
    Declared,

    /// <summary>The document does not compile.</summary>
    Invalid,

    /// <summary>The journal cannot record it.</summary>
    NotRecorded,
}

/// <summary>What became of it.</summary>
/// <param name="Policy">The revision that was saved; null where none was.</param>
/// <param name="Proposal">As it stands; null where there is none.</param>
/// <param name="Why">What it is outdated or overtaken by.</param>
public sealed record Decided(DecidedOutcome Outcome, PolicyRevision? Policy = null, Proposal? Proposal = null, string? Why = null)
{
    /// <summary>What keeps the document from being used.</summary>
    public ImmutableArray<PolicyDiagnostic> Diagnostics { get; init; } = [];

    /// <summary>What to tell whose decision did not count; null when it did.</summary>
    public string? Problem => Outcome switch
    {
        DecidedOutcome.Done => null,
        DecidedOutcome.NotFound => "there is no such proposal",
        DecidedOutcome.Settled => $"it is {Proposal!.State.ToString().ToLowerInvariant()} already, by `{Proposal.DecidedBy}`",
        DecidedOutcome.Outdated => $"{Why}, so that nothing was saved; look at what it would change, and propose anew: approve such a call with a rule, or save a document of your own with `callgate policy add`",
        DecidedOutcome.Overtaken => $"{Why}, so that nothing was saved; look at the difference again",
        DecidedOutcome.Declared => "the policy is declared in the configuration file, which alone can change it",
        DecidedOutcome.Invalid => "the document has errors, so it was not saved",
        _ => "the journal cannot record this change, so it was not made",
    };
}

/// <summary>What a policy was once, or is.</summary>
public sealed record PastRevision(long Revision, ReadOnlyMemory<byte> Document, string? Author, string? Note, DateTimeOffset Time);

/// <summary>
/// Where operators give a policy its next revision, by a document of their own or by a proposal: the API, the command line and
/// pages come here. INVARIANT: one at a time, recorded before it is made, in force before it is answered.
/// </summary>
public sealed class PolicyDesk(IConfigStore store, Configurator configurator, Journal journal, SnapshotSource snapshots, TimeProvider time)
{
    private readonly OperatorRecord record = new(journal, time);

    /// <summary>Proposals, newest first, without their documents: those that wait for somebody, or all that are kept.</summary>
    public async ValueTask<IReadOnlyList<Proposal>> ListAsync(bool all, CancellationToken ct)
    {
        var kept = await store.ListProposalsAsync(ct);
        return all ? kept : [.. kept.Where(static proposal => proposal.IsOpen)];
    }

    /// <summary>Null when there never was one, or it is no longer kept.</summary>
    public ValueTask<Proposal?> FindAsync(string id, CancellationToken ct) => store.FindProposalAsync(id, ct);

    /// <summary>All that a policy was, oldest first; empty where there never was one, or the file alone declares it.</summary>
    public async ValueTask<IReadOnlyList<PastRevision>> RevisionsAsync(string name, CancellationToken ct) =>
        [.. (await store.ListRevisionsAsync(name, ct)).Select(static saved => new PastRevision(saved.Revision, saved.Document, saved.Author, saved.Note, saved.Time))];

    /// <summary>Why an open proposal cannot be accepted as things stand; null where nothing is known against it.</summary>
    public string? WhyOutdated(Proposal proposal) => proposal.IsOpen ? proposal.WhyOutdated(snapshots.Current) : null;

    /// <summary>What would become of tools if it took the place of what is in force; null where there is nothing to compare.</summary>
    public DiffReply? Compare(Proposal proposal)
    {
        var now = snapshots.Current;
        if (proposal.Document is not { } document || !now.Policies.TryGetValue(proposal.Policy, out var policy))
        {
            return null;
        }

        var after = PolicyCompiler.Compile(Encoding.UTF8.GetBytes(document));
        var tools = ReviewedTools.Of(now, proposal.Origin.Server);
        return after.Policy is null ? null : DiffReply.Of(PolicyDiff.Compare(PolicyCompiler.Compile(policy.Document), after, tools.Count == 0 ? null : tools));
    }

    /// <summary>Saves a document as the next revision.</summary>
    public ValueTask<Decided> SaveAsync(HttpContext context, string name, byte[] document, string? note) => PutAsync(context, new Draft(name, document, note, null, null));

    /// <summary>Saves a document that was written from a revision, while that one is in force.</summary>
    /// <param name="from">0 where there was no policy of the name.</param>
    public ValueTask<Decided> SaveFromAsync(HttpContext context, string name, long from, byte[] document, string note) =>
        PutAsync(context, new Draft(name, document, note, null, from));

    /// <summary>Saves what is proposed as the next revision, under the name of who accepts it.</summary>
    public async ValueTask<Decided> AcceptAsync(HttpContext context, string id)
    {
        var (proposal, refused) = await WhyNotAsync(id, context.RequestAborted);
        if (refused is not null)
        {
            return refused;
        }

        var note = $"proposal {id} of {proposal!.Author}{(proposal.Note is { } said ? ": " + said : "")}";
        return await PutAsync(context, new Draft(proposal.Policy, Encoding.UTF8.GetBytes(proposal.Document!), note, proposal, null));
    }

    /// <summary>Says that a proposal is not wanted. What it repeats of a call is gone with that.</summary>
    public ValueTask<Decided> RejectAsync(HttpContext context, string id, string? reason) => configurator.ChangeAsync(
        async (_, ct) =>
        {
            if (await store.FindProposalAsync(id, ct) is not { } found)
            {
                return (new Decided(DecidedOutcome.NotFound), false);
            }

            if (!found.CanBeRejected)
            {
                return (new Decided(DecidedOutcome.Settled, Proposal: found), false);
            }

            var was = found.State.ToString().ToLowerInvariant();
            var action = Action("policy-reject", found, $"{ChangeText.Of(was, "rejected", $"proposal {id}")}, {found.Digest}{(reason is null ? "" : "; " + reason)}");
            var (recorded, _) = await record.AroundAsync(context, action, () => store.RejectProposalAsync(id, Actor.Of(context)!.Name, reason, CancellationToken.None), refused: static done => !done);
            return (recorded ? await DoneAsync(id, null) : new Decided(DecidedOutcome.NotRecorded, Proposal: found), false);
        },
        context.RequestAborted);

    private static OperatorAction Action(string verb, Proposal proposal, string detail) =>
        new(verb, proposal.Origin.Server, Policy: proposal.Policy, Detail: detail) { Approval = proposal.Origin.Approval };

    private async ValueTask<Decided> PutAsync(HttpContext context, Draft draft)
    {
        // For tests that name a server. When a saved document is loaded again they are left out, or a drift would put it out of force.
        var now = snapshots.Current;
        var compilation = PolicyCompiler.Compile(draft.Document, (server, tool) => PinBook.ForTests(now, server, tool));
        if (compilation.Policy is not { } compiled)
        {
            return new Decided(DecidedOutcome.Invalid, Proposal: draft.Proposal) { Diagnostics = compilation.Diagnostics };
        }

        return await configurator.ChangeAsync(
            async (snapshot, ct) =>
            {
                var before = snapshot.Policies.GetValueOrDefault(draft.Name);
                if (await RefusedAsync(draft, before, snapshot, ct) is { } refused)
                {
                    return (refused, false);
                }

                var detail = ChangeText.Of(before is null ? null : $"revision {before.Revision} sha256 {before.Digest}", ChangeText.Digest(draft.Document), draft.Proposal is { } from ? $"proposal {from.Id}" : null);
                var action = draft.Proposal is { } proposal ? Action("policy-put", proposal, detail) : new OperatorAction("policy-put", Policy: draft.Name, Detail: detail);
                var (recorded, saved) = await record.AroundAsync(context, action, () => SaveAsync(draft, compiled, Actor.Of(context)!.Name));
                return (recorded ? saved! : new Decided(DecidedOutcome.NotRecorded, Proposal: draft.Proposal), recorded);
            },
            context.RequestAborted);
    }

    /// <summary>Asked again in turn: somebody else may have decided or saved meanwhile.</summary>
    private async ValueTask<Decided?> RefusedAsync(Draft draft, PolicyRevision? before, Snapshot snapshot, CancellationToken ct)
    {
        if (before is { Declared: true })
        {
            return new Decided(DecidedOutcome.Declared, Proposal: draft.Proposal);
        }

        if (draft.From is { } from && from != (before?.Revision ?? 0))
        {
            return new Decided(DecidedOutcome.Overtaken, Why: before is null ? $"policy `{draft.Name}` is not in force any more" : $"revision {before.Revision} of policy `{draft.Name}` is in force by now");
        }

        return draft.Proposal is null ? null
            : await WhyNotAsync(draft.Proposal.Id, ct) is { Refused: { } refused } ? refused
            : draft.Proposal.WhyOutdated(snapshot) is { } why ? new Decided(DecidedOutcome.Outdated, Proposal: draft.Proposal, Why: why)
            : null;
    }

    private async ValueTask<(Proposal? Proposal, Decided? Refused)> WhyNotAsync(string id, CancellationToken ct) => await store.FindProposalAsync(id, ct) switch
    {
        null => (null, new Decided(DecidedOutcome.NotFound)),
        { IsOpen: true } open => (open, null),
        { State: ProposalState.Outdated } old => (old, new Decided(DecidedOutcome.Outdated, Proposal: old, Why: $"it was written from revision {old.Base} of policy `{old.Policy}`, which got revision {old.Revision} since")),
        var settled => (settled, new Decided(DecidedOutcome.Settled, Proposal: settled)),
    };

    /// <summary>Recorded: a client that goes away no longer stops it.</summary>
    private async ValueTask<Decided> SaveAsync(Draft draft, CompiledPolicy compiled, string who)
    {
        var revision = draft.Proposal is { } proposal
            ? await store.AcceptProposalAsync(proposal.Id, who, draft.Note, CancellationToken.None) ?? throw new StoreException($"proposal `{proposal.Id}` could not be saved: the store holds another revision than what is in force")
            : await store.SavePolicyAsync(draft.Name, draft.Document, who, draft.Note, CancellationToken.None);
        var digest = Convert.ToHexStringLower(SHA256.HashData(draft.Document));
        return await DoneAsync(draft.Proposal?.Id, new PolicyRevision(draft.Name, revision, digest, compiled, draft.Document, Declared: false));
    }

    private async ValueTask<Decided> DoneAsync(string? id, PolicyRevision? saved) =>
        new(DecidedOutcome.Done, saved, id is null ? null : await store.FindProposalAsync(id, CancellationToken.None));

    /// <summary>What is to be saved, the proposal that it comes of, and the revision that must be in force; 0 for none.</summary>
    private sealed record Draft(string Name, byte[] Document, string? Note, Proposal? Proposal, long? From);
}
