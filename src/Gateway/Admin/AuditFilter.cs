using System.Globalization;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Microsoft.AspNetCore.Http;
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
    [FromQuery(Name = "rule")] string? Rule,
    [FromQuery(Name = "outcome")] string? Outcome,
    [FromQuery(Name = "from")] string? From,
    [FromQuery(Name = "to")] string? To,
    [FromQuery(Name = "text")] string? Text,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "limit")] string? Limit,
    [FromQuery(Name = "order")] string? Order)
{
    /// <summary>What a search may add to the filters.</summary>
    public static readonly string[] Paging = ["cursor", "limit", "order"];

    private const int MaxLimit = 1000;

    private static readonly string[] Filters = ["grant", "identity", "server", "tool", "method", "decision", "code", "rule", "outcome", "from", "to", "text"];

    /// <summary>The query, or every reason why it is none.</summary>
    public (AuditQuery? Query, AdminFault? Fault) Read(IQueryCollection given, params string[] others)
    {
        var wrong = given.Keys.Where(name => !Filters.Contains(name, StringComparer.Ordinal) && !others.Contains(name, StringComparer.Ordinal)).Select(static name => (object)$"`{name}` is no filter").ToList();
        wrong.AddRange(given.Where(static pair => pair.Value.Count > 1).Select(static pair => (object)$"`{pair.Key}` is given more than once"));
        var limit = 100;
        if (Limit is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            wrong.Add("`limit` is a number from 1 to 1000");
        }

        var (from, to) = (Instant(From, "from", wrong), Instant(To, "to", wrong));
        if (Order is not (null or "newest" or "oldest"))
        {
            wrong.Add("`order` is `newest` or `oldest`");
        }

        return wrong.Count > 0
            ? (null, AdminFault.Invalid("the search cannot be understood", wrong))
            : (new AuditQuery
            {
                Grant = Grant,
                Identity = Identity,
                Server = Server,
                Tool = Tool,
                Method = Method,
                Decision = Decision,
                Code = Code,
                Rule = Rule,
                Outcome = Outcome,
                Text = Text,
                Cursor = Cursor,
                From = from,
                To = to,
                Limit = limit,
                OldestFirst = Order == "oldest",
            }, null);
    }

    private static DateTimeOffset? Instant(string? text, string member, List<object> wrong)
    {
        var instant = text is null ? null : Quantity.TryInstant(text);
        if (text is not null && instant is null)
        {
            wrong.Add($"`{member}` is a time with its offset, such as `2027-01-01T00:00:00Z`");
        }

        return instant;
    }
}
