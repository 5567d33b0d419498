using System.Text.Json;

namespace Callgate.Policy.Tests.Reference;

/// <summary>What the gateway knows of the called tool before a policy speaks.</summary>
internal enum NaiveStanding
{
    Reviewed,
    Unknown,
    Drifted,
    ListUnavailable,
    DriftedAsked,
}

/// <summary>One call and everything a policy may look at. Whether the arguments fit the schema is told from outside.</summary>
internal sealed record NaiveFacts
{
    public required string Tool { get; init; }

    public NaiveStanding Standing { get; init; } = NaiveStanding.Reviewed;

    public bool SchemaMismatch { get; init; }

    public string? Category { get; init; }

    public string? ShownCategory { get; init; }

    /// <summary>The object under <c>arguments</c>, or null where the call has none.</summary>
    public JsonElement? Args { get; init; }

    public string Label { get; init; } = "grant";

    public string? Identity { get; init; }

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    public string Server { get; init; } = "server";

    public string? Client { get; init; }

    public DateTimeOffset Now { get; init; } = DateTimeOffset.UnixEpoch;
}

/// <summary>
/// The answer: <c>allow</c>, <c>deny</c>, <c>hide</c> or <c>approve</c>; code and rule are empty for <c>allow</c>.
/// Limits are told only for <c>allow</c>, one line each, in the order in which they would be reserved:
/// <c>counter=… window=… max=… scope=… sliding=… amount=… per=… concurrent=… rule=…</c>, where a member that does not
/// apply is <c>-</c>, fixed windows are in seconds, and a <c>per</c> value is its type, a colon and its text.
/// </summary>
internal sealed record NaiveDecision(string Effect, string Code, string Rule, string Limits);
