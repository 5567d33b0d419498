namespace Callgate.Gateway.Approvals;

/// <summary>A signed-in operator, as far as an approval asks.</summary>
/// <param name="Identity">Which grants are this person's own; null for none.</param>
public sealed record Person(string Name, string? Identity);

/// <summary>How asking for an approval went.</summary>
public enum AskedOutcome
{
    /// <summary>People can answer, or have; the call waits, or takes it.</summary>
    Waiting,

    /// <summary>A person has refused this very call.</summary>
    Denied,

    /// <summary>As many requests of this grant wait as may.</summary>
    QueueFull,

    /// <summary>The journal cannot record it.</summary>
    NotRecorded,

    /// <summary>The store cannot keep it.</summary>
    NotStored,
}

/// <summary>The answer to a call that asks for an approval.</summary>
/// <param name="Approval">Null where there is none.</param>
public sealed record Asked(AskedOutcome Outcome, Approval? Approval, string? Detail = null);

/// <summary>What a person answers.</summary>
/// <param name="Reason">Of a refusal, the agent is told it.</param>
/// <param name="Proposal">The proposal of a rule that is made with it, which was begun; null for none.</param>
public sealed record Answer(bool Approves, string? Reason, string? Proposal = null);

/// <summary>How an answer of a person was taken.</summary>
public enum AnswerOutcome
{
    /// <summary>It counts.</summary>
    Taken,

    /// <summary>There is nothing to answer any more.</summary>
    Gone,

    /// <summary>Nobody who may answer.</summary>
    NoApprover,

    /// <summary>The person is the one who asks.</summary>
    IsRequester,

    /// <summary>The person has answered already.</summary>
    AnsweredAlready,

    /// <summary>The journal cannot record it, so it does not count.</summary>
    NotRecorded,

    /// <summary>A rule was to be made of it, and the person may not change policies.</summary>
    MayNotPropose,

    /// <summary>A rule was to be made of it, and there is none to make.</summary>
    NoRule,

    /// <summary>A rule was to be made of it, and as many proposals are open as may.</summary>
    TooManyProposals,

    /// <summary>A rule was to be made of it, and the store cannot keep it.</summary>
    NotStored,
}

/// <summary>What became of an answer.</summary>
/// <param name="Approval">As it stands; null when it is not known.</param>
/// <param name="Why">Why there is no rule to make.</param>
public sealed record Answered(AnswerOutcome Outcome, Approval? Approval, string? Why = null);
