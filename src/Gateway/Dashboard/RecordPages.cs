using System.Globalization;
using System.Text.Json;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary><c>/audit</c>, <c>/audit/{id}</c> and <c>/audit/export</c>: the record, one call of it, and all of it to take away.</summary>
internal sealed class RecordPages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/audit";
    public const string ExportPath = Root + "/export";
    public const string ExportAction = "audit export";

    private const int OnAPage = 50;

    /// <summary>How often a page that follows the record is loaded again.</summary>
    private const string FollowSeconds = "3";

    /// <summary>Filters by their name in the address, which is the API's too.</summary>
    public static readonly string[] Filters = ["text", "grant", "identity", "server", "tool", "method", "decision", "code", "rule", "outcome", "from", "to"];

    private readonly OperatorRecord record = new(parts.Journal, parts.Time);

    public static string PathOf(string id) => $"{Root}/{Uri.EscapeDataString(id)}";

    /// <summary>In UTC, which the head of its column says.</summary>
    public static string Short(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A search with one filter.</summary>
    public static string Only(string filter, string value) => $"{Root}?{filter}={Uri.EscapeDataString(value)}";

    public void Map()
    {
        routes.Get(Root, Roles.Any, SearchAsync);
        routes.Get(Root + "/{id}", Roles.Any, StoryAsync);
        routes.Post(ExportPath, Roles.Any, static _ => ExportAction, ExportAsync);
    }

    /// <summary>What is asked for, and what is wrong with it; a filter that is empty is none.</summary>
    private static (AuditQuery Query, string? Problem) Read(IEnumerable<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>> given)
    {
        var values = given.ToDictionary(static pair => pair.Key, static pair => pair.Value is [{ Length: > 0 } one] ? one.Trim() : null, StringComparer.Ordinal);
        string? Of(string name) => values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
        var problems = new List<string>();
        DateTimeOffset? Instant(string name)
        {
            if (Of(name) is not { } text)
            {
                return null;
            }

            if (Quantity.TryInstant(text) is { } time)
            {
                return time;
            }

            problems.Add($"`{name}` is a time with its offset, such as `2027-01-01T00:00:00Z`");
            return null;
        }

        var query = new AuditQuery
        {
            Text = Of("text"), Grant = Of("grant"), Identity = Of("identity"), Server = Of("server"), Tool = Of("tool"), Method = Of("method"),
            Decision = Of("decision"), Code = Of("code"), Rule = Of("rule"), Outcome = Of("outcome"),
            From = Instant("from"), To = Instant("to"), Cursor = Of("cursor"), Limit = OnAPage,
        };
        if (query.Problem() is { } problem)
        {
            problems.Add(problem);
            query = query with { Cursor = null };
        }

        return (query, problems.Count == 0 ? null : string.Join("; ", problems));
    }

    private async ValueTask<IResult> SearchAsync(HttpContext context, Actor actor)
    {
        var (query, problem) = Read(context.Request.Query);
        var follow = PageRoutes.IsFollowing(context) && query.Cursor is null && problem is null;
        if (follow)
        {
            context.Response.Headers["Refresh"] = FollowSeconds;
        }

        var asked = Filters.Select(name => (Name: name, Value: context.Request.Query[name] is [{ Length: > 0 } value] ? value.Trim() : "")).ToDictionary(static pair => pair.Name, static pair => pair.Value, StringComparer.Ordinal);
        if (!parts.Record.Healthy)
        {
            problem = "the record cannot be searched now; calls are still recorded, and `callgate audit reindex` makes the index again";
        }

        var (page, behind) = problem is null ? await parts.Record.FindAsync(query, context.RequestAborted) : (new AuditPage([], null), null);
        var address = QueryString.Create(asked.Where(static pair => pair.Value.Length > 0).Select(static pair => KeyValuePair.Create<string, string?>(pair.Key, pair.Value)));
        return new PageResult<RecordPage>(
            new()
            {
                [nameof(RecordPage.Who)] = actor,
                [nameof(RecordPage.Asked)] = asked,
                [nameof(RecordPage.Problem)] = problem,
                [nameof(RecordPage.Records)] = page.Records.Select(static text => JsonElement.Parse(text)).ToList(),
                [nameof(RecordPage.Behind)] = behind,
                [nameof(RecordPage.Following)] = follow,
                [nameof(RecordPage.Here)] = Root + address,
                [nameof(RecordPage.Next)] = page.Cursor is { } cursor ? Root + address.Add("cursor", cursor) : null,
                [nameof(RecordPage.Labels)] = parts.Grants.List().ToDictionary(static grant => grant.Id, static grant => grant.Label, StringComparer.Ordinal),
                [nameof(RecordPage.LastSeq)] = parts.Record.LastSeq,
                [nameof(RecordPage.SignedSeq)] = parts.Heads.SignedSeq,
                [nameof(RecordPage.AnchoredSeq)] = parts.Anchors.AnchoredSeq,
            },
            problem is null ? StatusCodes.Status200OK : parts.Record.Healthy ? StatusCodes.Status400BadRequest : StatusCodes.Status503ServiceUnavailable);
    }

    private async ValueTask<IResult> StoryAsync(HttpContext context, Actor actor)
    {
        var id = context.GetRouteValue("id") as string ?? "";
        var (page, _) = await parts.Record.FindAsync(new AuditQuery { Id = id, Limit = 1 }, context.RequestAborted);
        if (page.Records is not [var text, ..])
        {
            return PageRoutes.Message("Not in the record", "there is no call of this id, or the record no longer goes back so far", StatusCodes.Status404NotFound, actor);
        }

        var call = JsonElement.Parse(text);
        return new PageResult<CallStoryPage>(new()
        {
            [nameof(CallStoryPage.Who)] = actor,
            [nameof(CallStoryPage.Call)] = call,
            [nameof(CallStoryPage.Label)] = call.GetProperty("grant").GetString() is { } grant ? parts.Grants.Find(grant)?.Label : null,
            [nameof(CallStoryPage.SignedSeq)] = parts.Heads.SignedSeq,
        });
    }

    /// <summary>A form and no link: who takes the record away is recorded, and a link from elsewhere must not do that.</summary>
    private async ValueTask<IResult> ExportAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        var (query, problem) = Read(form);
        AuditExportFormat? format = form["format"].ToString() switch { "jsonl" => AuditExportFormat.Jsonl, "csv" => AuditExportFormat.Csv, "ocsf" => AuditExportFormat.Ocsf, _ => null };
        if (format is not { } kind || problem is not null)
        {
            return PageRoutes.Message("Not done", problem ?? "a format is `jsonl`, `csv` or `ocsf`", StatusCodes.Status400BadRequest, actor);
        }

        var name = $"callgate-{parts.Time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}.{form["format"]}";
        var (recorded, _) = await record.AroundAsync(context, new OperatorAction("audit-export", Detail: form["format"].ToString()), async () =>
        {
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
            await parts.Export.SendAsync(context, kind, query);
            return true;
        });
        return recorded ? Results.Empty : PageRoutes.Message("Not done", "the journal cannot record this, so nothing was given away", StatusCodes.Status503ServiceUnavailable, actor);
    }
}
