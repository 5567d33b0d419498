using System.Collections.Immutable;

namespace Callgate.Gateway.Approvals;

/// <summary>What became of a request for an approval.</summary>
public enum ApprovalState
{
    /// <summary>Nobody has answered, or not enough people have.</summary>
    Pending,

    /// <summary>One execution is allowed, until it expires.</summary>
    Approved,

    /// <summary>A person refused. The same call is refused until the request would have expired.</summary>
    Denied,

    /// <summary>Nobody answered in time, or nobody used it in time.</summary>
    Expired,

    /// <summary>The grant ended, or the policy or the definition is another one by now.</summary>
    Void,

    /// <summary>The call was made.</summary>
    Spent,
}

/// <summary>What one person said.</summary>
/// <param name="Proposal">The proposal of a rule that was made with it; null for none.</param>
public sealed record ApprovalVote(string Operator, bool Approves, string? Reason, DateTimeOffset Time, string? Proposal = null);

/// <summary>
/// A call that a person was asked about. INVARIANT: an approval is one execution of exactly this: the grant, the server, the
/// tool, the arguments, the policy, the reviewed definition and the one shown instead, which <see cref="Subject"/> digests.
/// </summary>
public sealed record Approval
{
    /// <summary>The <c>ref</c> that the client is told, and the id of its task.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 over everything that is approved; lower-case hex.</summary>
    public required string Subject { get; init; }

    public required string Grant { get; init; }

    public required string GrantLabel { get; init; }

    public string? Identity { get; init; }

    /// <summary>What the client calls itself; nobody vouches for it.</summary>
    public string? Client { get; init; }

    public required string Server { get; init; }

    /// <summary>Under which pins the tool was called: those of its server, of one era.</summary>
    public required string PinKey { get; init; }

    public required string Tool { get; init; }

    /// <summary>Null while the tool is not classified.</summary>
    public string? Category { get; init; }

    /// <summary>The fingerprint of the reviewed definition.</summary>
    public required string Definition { get; init; }

    /// <summary>The fingerprint of what the server showed instead, where that is why people are asked; null where it showed the reviewed one.</summary>
    public string? ShownDefinition { get; init; }

    public required string Policy { get; init; }

    public required long Revision { get; init; }

    /// <summary>What the policy says, whatever its spelling.</summary>
    public required string Form { get; init; }

    public required string Rule { get; init; }

    public string? Reason { get; init; }

    /// <summary>Canonical JSON of what goes up: the arguments, and the other members that carry data. Null once settled.</summary>
    public string? Data { get; init; }

    public required int Approvers { get; init; }

    public required bool NotRequester { get; init; }

    public required DateTimeOffset Asked { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <summary>The last entry of the journal before it: what became of it stands behind.</summary>
    public required long Since { get; init; }

    public ApprovalState State { get; init; }

    public ImmutableArray<ApprovalVote> Votes { get; init; } = [];

    /// <summary>When nobody could change it any more.</summary>
    public DateTimeOffset? Settled { get; init; }

    /// <summary>The record of the execution, or why it is void.</summary>
    public string? Outcome { get; init; }

    /// <summary>Somebody may still answer, or use it.</summary>
    public bool IsOpen => State is ApprovalState.Pending or ApprovalState.Approved;

    /// <summary>How bad a wrong yes would be: it follows from the category, and what is not classified counts as the worst.</summary>
    public string Risk => Category switch
    {
        "Read" or "Other" => "Low",
        "Write" => "Medium",
        "Execute" => "High",
        _ => "Critical",
    };

    /// <summary>As it stands when so many have answered so.</summary>
    public Approval With(ApprovalVote vote)
    {
        var votes = Votes.Add(vote);
        if (!vote.Approves)
        {
            return Ended(ApprovalState.Denied, vote.Time) with { Votes = votes };
        }

        return this with { Votes = votes, State = votes.Length >= Approvers ? ApprovalState.Approved : ApprovalState.Pending };
    }

    /// <summary>Everything that was shown is still as it was shown.</summary>
    public bool Holds(Snapshot now, DateTimeOffset at) =>
        now.FindGrant(Grant) is { Revoked: null } grant
        && !(grant.Expires <= at)
        && grant.Servers.TryGetValue(Server, out var policy) && policy == Policy
        && now.Policies.TryGetValue(policy, out var revision) && revision.Policy.Form == Form
        && now.Pinned(PinKey, Server, Tool) is ({ } tool, var shown) && tool.Fingerprint == Definition && shown?.Fingerprint == ShownDefinition;

    /// <summary>Nothing of what was shown is kept.</summary>
    public Approval Ended(ApprovalState state, DateTimeOffset now, string? outcome = null) =>
        this with { State = state, Settled = now, Outcome = outcome, Data = null };
}
