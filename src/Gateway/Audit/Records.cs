using Callgate.Gateway.Quota;

namespace Callgate.Gateway.Audit;

/// <summary>What an append survives before the call goes on.</summary>
public enum Durability
{
    /// <summary>Handed to the kernel: survives kill -9; synced at least every 50 ms.</summary>
    Process,

    /// <summary>Synced to the disk: survives loss of power.</summary>
    Power,
}

/// <summary>
/// One decision, as it enters the journal. Names follow the contract of <c>audit search --json</c>. Argument values do
/// not appear in the clear, only their names (at most 64, of 128 characters) and a keyed digest; but for what a limit counts,
/// which stands in the charges because a restart counts on from there.
/// </summary>
public sealed record CallRecord
{
    /// <summary>Sortable by time; the <c>ref</c> that a refusal shows.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Method { get; init; }

    /// <summary><c>allow</c>, <c>deny</c>, <c>hide</c> or <c>pending</c>.</summary>
    public required string Decision { get; init; }

    /// <summary>Set when the story ends here (<c>refused</c>, <c>answered</c>); null when an outcome follows.</summary>
    public string? Outcome { get; init; }

    public string? Grant { get; init; }

    public string? Identity { get; init; }

    public string? Server { get; init; }

    public string? Tool { get; init; }

    public string? Code { get; init; }

    public string? Rule { get; init; }

    public string? Policy { get; init; }

    public long? Revision { get; init; }

    public IReadOnlyList<string> ArgumentNames { get; init; } = [];

    public string? ArgumentsDigest { get; init; }

    /// <summary>The values, for a server whose record keeps them; null for others, and for more than <see cref="SealedArguments.Largest"/>.</summary>
    public string? ArgumentsSealed { get; init; }

    /// <summary>What the client calls itself, as it says; bounded.</summary>
    public string? Client { get; init; }

    /// <summary>The client's JSON-RPC id as written; bounded.</summary>
    public string? RequestId { get; init; }

    public bool Shadow { get; init; }

    public string? Approval { get; init; }

    public IReadOnlyList<Charge> Charges { get; init; } = [];

    /// <summary>For operators: what a client is not told (the fault behind a refusal).</summary>
    public string? Detail { get; init; }
}

/// <summary>How a recorded call ended.</summary>
/// <param name="Id">The id of its <see cref="CallRecord"/>.</param>
/// <param name="Outcome"><c>answered</c>, <c>refused</c>, <c>failed</c> or <c>abandoned</c>.</param>
/// <param name="Released">Nothing was sent, so the charges of the call went back to their windows.</param>
public sealed record OutcomeRecord(
    string Id,
    DateTimeOffset Time,
    string Outcome,
    int? UpstreamStatus,
    long DurationMilliseconds,
    bool Released = false,
    string? Code = null,
    string? Detail = null);

/// <summary>Whether the journal took an entry. A failure is the call's failure: no record, no call.</summary>
/// <param name="Detail">Why not, for the log.</param>
public readonly record struct AppendResult(bool Written, string? Detail = null);
