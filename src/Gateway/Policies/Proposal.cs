namespace Callgate.Gateway.Policies;

/// <summary>What became of a proposal.</summary>
public enum ProposalState
{
    /// <summary>The answer that it belongs to is not in the journal yet: it counts for a place, and nobody sees it.</summary>
    Making,

    /// <summary>Nobody has decided.</summary>
    Open,

    /// <summary>It was saved as a revision.</summary>
    Accepted,

    /// <summary>A person does not want it.</summary>
    Rejected,

    /// <summary>The policy has got another revision since, so that saving it would take that back.</summary>
    Outdated,
}

/// <summary>The call that people were asked about, out of which a proposal was made.</summary>
/// <param name="Approval">The id of the approval.</param>
/// <param name="PinKey">Under which pins its tool was called.</param>
/// <param name="Definition">The fingerprint of the reviewed definition: another one may name arguments that the proposal does not.</param>
public sealed record ProposalOrigin(string Approval, string Server, string PinKey, string Tool, string Definition);

/// <summary>
/// A document that is to become the next revision of a policy, until somebody who may change policies says so. INVARIANT: it
/// is accepted at most once, and only while the revision it was written from is in force.
/// </summary>
public sealed record Proposal
{
    /// <summary>Proposals that may be open at once in one gate: more than anybody reads.</summary>
    public const int MostOpen = 100;

    public const int LongestNote = 400;

    /// <summary>That of the record of the answer that made it.</summary>
    public required string Id { get; init; }

    public required string Policy { get; init; }

    /// <summary>The revision it was written from.</summary>
    public required long Base { get; init; }

    /// <summary>The whole document, JSON. It repeats values of a call, so that it is null once it was accepted or rejected.</summary>
    public string? Document { get; init; }

    /// <summary>SHA-256 of the document, as the record names it.</summary>
    public required string Digest { get; init; }

    /// <summary>The operator.</summary>
    public required string Author { get; init; }

    public string? Note { get; init; }

    public required DateTimeOffset Made { get; init; }

    public required ProposalOrigin Origin { get; init; }

    public ProposalState State { get; init; }

    /// <summary>When it was accepted, rejected or outdated.</summary>
    public DateTimeOffset? Settled { get; init; }

    /// <summary>Who accepted or rejected it.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>Why it was rejected.</summary>
    public string? Reason { get; init; }

    /// <summary>The revision that it became, or by which it is outdated.</summary>
    public long? Revision { get; init; }

    /// <summary>What is wrong with a note or a reason, which people read on one line; null when nothing is.</summary>
    public static string? NoteFault(string? text) =>
        text is { Length: > LongestNote } || text?.Any(char.IsControl) == true ? $"it has at most {LongestNote} characters, on one line and without control characters" : null;

    /// <summary>Somebody may still accept it.</summary>
    public bool IsOpen => State == ProposalState.Open;

    /// <summary>Somebody may still say that it is not wanted: what is outdated keeps its document until then.</summary>
    public bool CanBeRejected => State is ProposalState.Open or ProposalState.Outdated;

    /// <summary>Why it can no longer be accepted although nobody has decided; null while it can.</summary>
    public string? WhyOutdated(Snapshot now)
    {
        if (!now.Policies.TryGetValue(Policy, out var policy))
        {
            return $"policy `{Policy}` is not in force any more";
        }

        if (policy.Revision != Base)
        {
            return $"it was written from revision {Base} of policy `{Policy}`, and revision {policy.Revision} is in force";
        }

        if (!now.Servers.ContainsKey(Origin.Server))
        {
            return $"server `{Origin.Server}` is gone";
        }

        return now.Pins.TryGetValue(Origin.PinKey, out var pins) && pins.Tools.TryGetValue(Origin.Tool, out var tool) && tool.Fingerprint == Origin.Definition
            ? null
            : $"the reviewed definition of `{Origin.Tool}` on `{Origin.Server}` is another one by now";
    }

    /// <summary>As it stands once somebody has decided, or the policy has changed.</summary>
    public Proposal Ended(ProposalState state, DateTimeOffset now) =>
        this with { State = state, Settled = now, Document = state == ProposalState.Outdated ? Document : null };
}
