using Callgate.Gateway.Approvals;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Webhooks;

namespace Callgate.Gateway.Storage;

/// <summary>
/// What operators have set up through the API and the CLI, beside what <c>callgate.yaml</c> declares. Identifiers are
/// ordinal. Every method may be called from any thread, and what has returned survives loss of power. Failures of the
/// engine are <see cref="StoreException"/>s.
/// </summary>
public interface IConfigStore : IAsyncDisposable
{
    /// <summary>Everything, as it stood at one moment.</summary>
    ValueTask<StoredConfiguration> LoadAsync(CancellationToken cancellationToken = default);

    /// <summary>Adds or replaces a server. A declared one is refused with <see cref="ArgumentException"/>.</summary>
    ValueTask SaveServerAsync(ServerDefinition server, CancellationToken cancellationToken = default);

    /// <summary>False when there is none of that name. Its pins stay until they are removed, so a server that comes back is compared.</summary>
    ValueTask<bool> RemoveServerAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Appends a revision and returns its number; 1 is the first. What its author saved last adds nothing when it is saved again.
    /// Proposals that were written from another revision are outdated in the same transaction.
    /// </summary>
    ValueTask<long> SavePolicyAsync(string name, ReadOnlyMemory<byte> document, string? author, string? note, CancellationToken cancellationToken = default);

    /// <summary>All revisions of one policy, oldest first; empty when there is none of that name.</summary>
    ValueTask<IReadOnlyList<StoredPolicy>> ListRevisionsAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Adds or replaces a grant. Rotating is saving another token hash, revoking is saving <see cref="Grant.Revoked"/>.</summary>
    ValueTask SaveGrantAsync(Grant grant, CancellationToken cancellationToken = default);

    ValueTask<Grant?> FindGrantAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Puts one server of a grant under a policy (null denies everything there). False when there is no such grant.</summary>
    ValueTask<bool> AttachAsync(string grantId, string server, string? policy, CancellationToken cancellationToken = default);

    /// <summary>Replaces what is known and reviewed of one server.</summary>
    ValueTask SavePinsAsync(PinnedServer pins, CancellationToken cancellationToken = default);

    /// <summary>Removes what is known and reviewed of one server, and what became of it.</summary>
    ValueTask<bool> RemovePinsAsync(string server, CancellationToken cancellationToken = default);

    /// <summary>Says what became of definitions of a server. The newest 1,000 are kept; what is the last said of a thing already adds nothing.</summary>
    ValueTask AddPinHistoryAsync(string server, IReadOnlyList<PinEvent> events, CancellationToken cancellationToken = default);

    /// <summary>What became of the definitions of a server, newest first.</summary>
    ValueTask<IReadOnlyList<PinEvent>> ListPinHistoryAsync(string server, int most, CancellationToken cancellationToken = default);

    /// <summary>Switches a stop: <c>all</c>, <c>server:NAME</c> or <c>grant:ID</c>.</summary>
    ValueTask SetStopAsync(string what, bool on, CancellationToken cancellationToken = default);

    /// <summary>Lets a policy in shadow mode only watch; null ends it.</summary>
    ValueTask SetShadowAsync(string policy, ShadowEnd? end, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds or replaces an approval. Settled ones are kept for a while, without what they carried. Where its state is another
    /// than before, what the webhooks are to be told is queued in the same transaction, and a proposal that one of its answers
    /// made is open from then on.
    /// </summary>
    ValueTask SaveApprovalAsync(Approval approval, CancellationToken cancellationToken = default);

    /// <summary>The approvals that still count for a call: pending, approved, denied; oldest first.</summary>
    ValueTask<IReadOnlyList<Approval>> LoadApprovalsAsync(CancellationToken cancellationToken = default);

    /// <summary>The newest approvals in any state, newest first.</summary>
    ValueTask<IReadOnlyList<Approval>> ListApprovalsAsync(int most, CancellationToken cancellationToken = default);

    ValueTask<Approval?> FindApprovalAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a place for a proposal, which nobody sees until the approval with the answer that made it is saved. False when
    /// <see cref="Proposal.MostOpen"/> are open.
    /// </summary>
    ValueTask<bool> BeginProposalAsync(Proposal proposal, CancellationToken cancellationToken = default);

    /// <summary>The ids of proposals that were begun and are not open yet.</summary>
    ValueTask<IReadOnlyList<string>> ListBegunProposalsAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets a proposal that was begun and whose answer did not count; null: every such one.</summary>
    ValueTask DropProposalAsync(string? id, CancellationToken cancellationToken = default);

    /// <summary>All proposals that are kept, newest first, without their documents.</summary>
    ValueTask<IReadOnlyList<Proposal>> ListProposalsAsync(CancellationToken cancellationToken = default);

    ValueTask<Proposal?> FindProposalAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Saves the document of an open proposal as the next revision of its policy; the number, or null when it is not open any more.</summary>
    ValueTask<long?> AcceptProposalAsync(string id, string who, string? note, CancellationToken cancellationToken = default);

    /// <summary>False when somebody has decided already, or there is none.</summary>
    ValueTask<bool> RejectProposalAsync(string id, string who, string? reason, CancellationToken cancellationToken = default);

    /// <summary>Says who is told about approvals from now on. What others are still owed is dropped; how many notices that were.</summary>
    ValueTask<int> SetWebhooksAsync(IReadOnlyList<Webhook> webhooks, CancellationToken cancellationToken = default);

    /// <summary>What a webhook (<see cref="Webhook.Key"/>) is to be told next. Of more than <paramref name="most"/> notices the oldest are dropped.</summary>
    ValueTask<Owed> FirstNoticeAsync(string webhook, int most, CancellationToken cancellationToken = default);

    /// <summary>The webhook has taken the notice, or it is of no use any more.</summary>
    ValueTask RemoveNoticeAsync(string webhook, string notice, CancellationToken cancellationToken = default);

    /// <summary>Adds or replaces an operator; sessions stay, and hold while the stamp is the same.</summary>
    ValueTask SaveOperatorAsync(Operator person, CancellationToken cancellationToken = default);

    /// <summary>Removes an operator and every session; false when there is none of that name.</summary>
    ValueTask<bool> RemoveOperatorAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Gives an operator, who must be there, a second factor in place of an earlier one, with the hashes of its recovery codes.</summary>
    ValueTask SaveFactorAsync(string name, SecondFactor factor, IReadOnlyList<string> recoveryHashes, CancellationToken cancellationToken = default);

    ValueTask<SecondFactor?> FindFactorAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Says that the code of a time step was used; false when that of this or a later one was already.</summary>
    ValueTask<bool> UseFactorStepAsync(string name, long step, CancellationToken cancellationToken = default);

    /// <summary>Takes a recovery code away; how many are left, or null when there is none with this hash.</summary>
    ValueTask<int?> UseRecoveryCodeAsync(string name, string hash, CancellationToken cancellationToken = default);

    ValueTask<int> CountRecoveryCodesAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Removes a second factor with its recovery codes; false when there is none.</summary>
    ValueTask<bool> RemoveFactorAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Adds a session of an operator, who must be there.</summary>
    ValueTask SaveSessionAsync(OperatorSession session, CancellationToken cancellationToken = default);

    /// <summary>Says when a session was last used; nothing when it is gone.</summary>
    ValueTask TouchSessionAsync(string tokenHash, DateTimeOffset lastUsed, CancellationToken cancellationToken = default);

    ValueTask<bool> RemoveSessionAsync(string tokenHash, CancellationToken cancellationToken = default);

    /// <summary>All sessions, those that ended by their time included.</summary>
    ValueTask<IReadOnlyList<OperatorSession>> ListSessionsAsync(CancellationToken cancellationToken = default);

    /// <summary>True when the store can be read and written now.</summary>
    ValueTask<bool> HealthyAsync(CancellationToken cancellationToken = default);

    /// <summary>Writes a consistent copy into a new file (mode 0600), without the sessions and links of operators: who signed out must not come back with it.</summary>
    ValueTask BackupAsync(string toFile, CancellationToken cancellationToken = default);
}
