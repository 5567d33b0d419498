using Microsoft.AspNetCore.Mvc;

namespace Callgate.Gateway.Admin;

/// <summary>What a search of the record may ask for; every filter must match exactly, but for <c>text</c>.</summary>
/// <param name="From">RFC 3339, inclusive.</param>
/// <param name="To">RFC 3339, exclusive.</param>
/// <param name="Cursor">From the page before.</param>
/// <param name="Limit">1 to 1000; 100 without.</param>
/// <param name="Order"><c>newest</c> (first; the default) or <c>oldest</c>.</param>
internal sealed record AuditFilter(
    [FromQuery(Name = "grant")] string? Grant,
    [FromQuery(Name = "identity")] string? Identity,
    [FromQuery(Name = "server")] string? Server,
    [FromQuery(Name = "tool")] string? Tool,
    [FromQuery(Name = "method")] string? Method,
    [FromQuery(Name = "decision")] string? Decision,
    [FromQuery(Name = "code")] string? Code,
    [FromQuery(Name = "outcome")] string? Outcome,
    [FromQuery(Name = "from")] string? From,
    [FromQuery(Name = "to")] string? To,
    [FromQuery(Name = "text")] string? Text,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "limit")] string? Limit,
    [FromQuery(Name = "order")] string? Order);
