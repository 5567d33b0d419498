using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>What many calls have in common, and what searches ask for.</summary>
internal sealed record AuditProfile(AuditParty Party, AuditTarget Target, AuditVerdict Verdict);

/// <summary>Who calls.</summary>
internal sealed record AuditParty(string? Grant, string? Identity, string? Client);

/// <summary>What is called.</summary>
internal sealed record AuditTarget(string? Server, string? Method, string? Tool, string ArgumentNames)
{
    /// <summary>The names as they are, and not as JSON spells them.</summary>
    public string Names() => string.Join('\n', JsonElement.Parse(ArgumentNames).EnumerateArray().Select(static name => name.ValueKind == JsonValueKind.String ? name.GetString() : ""));
}

/// <summary>How it was judged and what came of it.</summary>
internal sealed record AuditVerdict(string Decision, string? Code, string? Rule, string? Policy, long? Revision, string? Outcome, bool Shadow);
