using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>One page of the record, for clients that ask for <c>application/json</c>.</summary>
/// <param name="Cursor">Where the next page begins; null at the end.</param>
/// <param name="Behind">The newest entries were not searched; null when everything recorded before the search was.</param>
public sealed record AuditReply(IReadOnlyList<JsonElement> Records, string? Cursor, AuditLag? Behind);

/// <summary>The arguments of one recorded call.</summary>
public sealed record ArgumentsReply(string Id, JsonElement Arguments);

/// <summary>The search index was filled again from the journal.</summary>
public sealed record ReindexReply(long IndexedSeq);

/// <summary><c>/api/v1/audit</c>.</summary>
internal sealed class AuditEndpoints(AdminParts parts, AdminChanges changes)
{
    public const string CursorHeader = "Callgate-Cursor";

    public const string BehindHeader = "Callgate-Behind";

    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/audit", (HttpContext context, CancellationToken ct, [AsParameters] AuditFilter filter) => SearchAsync(context, filter, ct))
            .Describe<AuditReply>("audit.search", "Searches the record: JSON lines with the headers Callgate-Cursor and Callgate-Behind, or one object for Accept: application/json", 200, 400, 503);
        group.MapGet("/audit/{id}/arguments", (string id, HttpContext context, CancellationToken ct) => ArgumentsAsync(id, context, ct))
            .Describe<ArgumentsReply>("audit.arguments", "Opens the arguments of a call, where the record of its server keeps them; who reads them is recorded", 200, 404, 503);
        group.MapPost("/audit/reindex", (HttpContext context, CancellationToken ct) => ReindexAsync(context, ct))
            .Describe<ReindexReply>("audit.reindex", "Fills the search index again from the journal", 200, 503);
    }

    private async Task<IResult> SearchAsync(HttpContext context, AuditFilter filter, CancellationToken ct)
    {
        var (query, fault) = filter.Read(context.Request.Query, AuditFilter.Paging);
        if (query is null)
        {
            return AdminJson.Fail(fault!);
        }

        if (!parts.Index.Healthy)
        {
            return AdminJson.Fail(new AdminFault(503, AdminCodes.IndexUnavailable, "the search index cannot be read; calls are still recorded, and `audit reindex` makes it again"));
        }

        var (page, behind) = await parts.Record.FindAsync(query, ct);
        if (page.Cursor is { } cursor)
        {
            context.Response.Headers[CursorHeader] = cursor;
        }

        if (behind is not null)
        {
            context.Response.Headers[BehindHeader] = string.Create(CultureInfo.InvariantCulture, $"indexed_seq={behind.IndexedSeq}, journal_seq={behind.JournalSeq}");
        }

        if (context.Request.GetTypedHeaders().Accept.Any(static accept => accept.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)))
        {
            return AdminJson.Ok(new AuditReply([.. page.Records.Select(static json => JsonElement.Parse(json))], page.Cursor, behind));
        }

        var lines = new StringBuilder();
        foreach (var record in page.Records)
        {
            lines.Append(record).Append('\n');
        }

        return Results.Text(lines.ToString(), "application/x-ndjson", Encoding.UTF8);
    }

    private async Task<IResult> ArgumentsAsync(string id, HttpContext context, CancellationToken ct)
    {
        var (page, _) = await parts.Record.FindAsync(new AuditQuery { Id = id }, ct);
        if (page.Records is not [var found, ..])
        {
            return AdminJson.Fail(AdminFault.NotFound("record", id));
        }

        var record = JsonElement.Parse(found);
        var seq = record.GetProperty("seq").GetInt64();
        var kept = await parts.Index.SealedArgumentsAsync(seq, seq, ct);
        if (!kept.TryGetValue(seq, out var text) || parts.Arguments.Open(id, text) is not { } plain)
        {
            return AdminJson.Fail(new AdminFault(404, AdminCodes.NotFound, $"the record `{id}` keeps no values of arguments, or they were sealed with another key; `record: {{ arguments: sealed }}` of a server keeps those of later calls, up to {SealedArguments.Largest / 1024} KiB"));
        }

        return await changes.AroundAsync(
            context,
            new OperatorAction("audit-arguments", record.GetProperty("server").GetString(), record.GetProperty("grant").GetString(), Detail: id),
            () => ValueTask.FromResult(AdminJson.Ok(new ArgumentsReply(id, JsonElement.Parse(plain)))));
    }

    private Task<IResult> ReindexAsync(HttpContext context, CancellationToken ct) =>
        changes.AroundAsync(context, new OperatorAction("audit-reindex"), async () =>
        {
            await parts.Index.ReindexAsync(null, ct);
            return AdminJson.Ok(new ReindexReply(parts.Index.IndexedSeq));
        }).AsTask();
}
