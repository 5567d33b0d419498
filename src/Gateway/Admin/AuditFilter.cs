namespace Callgate.Gateway.Admin;

/// <summary>What a search of the record may ask for; every filter must match exactly, but for <c>text</c>.</summary>
/// <param name="From">RFC 3339, inclusive.</param>
/// <param name="To">RFC 3339, exclusive.</param>
/// <param name="Cursor">From the page before.</param>
/// <param name="Limit">1 to 1000; 100 without.</param>
/// <param name="Order"><c>newest</c> (first; the default) or <c>oldest</c>.</param>
internal sealed record AuditFilter(
    string? Grant,
    string? Identity,
    string? Server,
    string? Tool,
    string? Method,
    string? Decision,
    string? Code,
    string? Outcome,
    string? From,
    string? To,
    string? Text,
    string? Cursor,
    string? Limit,
    string? Order);
