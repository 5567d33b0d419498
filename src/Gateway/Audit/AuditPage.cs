namespace Callgate.Gateway.Audit;

/// <summary>Some of the records that were asked for.</summary>
/// <param name="Records">One JSON object each, with exactly the members of the contract, in its order.</param>
/// <param name="Cursor">For the next page; null on the last.</param>
public sealed record AuditPage(IReadOnlyList<string> Records, string? Cursor);
