using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Callgate.Gateway.Admin;

/// <summary>Which recorded calls a simulation takes.</summary>
/// <param name="From">RFC 3339, inclusive; all that is recorded without.</param>
/// <param name="To">RFC 3339, exclusive.</param>
/// <param name="Replaces">Only calls that were judged by the policy of this name.</param>
internal sealed record SimulationFilter(
    [FromQuery(Name = "server")] string? Server,
    [FromQuery(Name = "grant")] string? Grant,
    [FromQuery(Name = "from")] string? From,
    [FromQuery(Name = "to")] string? To,
    [FromQuery(Name = "replaces")] string? Replaces)
{
    public (AuditQuery? Query, AdminFault? Fault) Read(IQueryCollection given)
    {
        var wrong = given
            .Where(static pair => pair.Key is not ("server" or "grant" or "from" or "to" or "replaces") || pair.Value.Count > 1)
            .Select(static pair => (object)$"`{pair.Key}` is no filter, or given more than once")
            .ToList();
        foreach (var (name, text) in new[] { ("from", From), ("to", To) })
        {
            if (text is not null && Quantity.TryInstant(text) is null)
            {
                wrong.Add($"`{name}` is a time with its offset, such as `2027-01-01T00:00:00Z`");
            }
        }

        return wrong.Count > 0 ? (null, AdminFault.Invalid("the filters cannot be understood", wrong)) : (new AuditQuery
        {
            Method = "tools/call",
            Server = Server,
            Grant = Grant,
            From = From is null ? null : Quantity.TryInstant(From),
            To = To is null ? null : Quantity.TryInstant(To),
            Limit = AuditQuery.MaxLimit,
            OldestFirst = true,
        }, null);
    }
}
