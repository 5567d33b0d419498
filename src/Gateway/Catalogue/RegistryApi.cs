using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Callgate.Gateway.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Catalogue;

/// <summary>
/// <c>/v0.1/servers…</c>: the registry API of MCP, for clients that let people choose servers. INVARIANT: it has the servers of
/// this gate that are marked public and no other. A client that took the address of a known server from here would go around
/// the gate.
/// </summary>
/// <param name="publicUrl">The address that clients use, as it is configured; null where it is not.</param>
public sealed partial class RegistryApi(CatalogueStore store, SnapshotSource snapshots, Uri? publicUrl)
{
    public const string Root = "/v0.1";

    private const string Latest = "latest";

    private const int UsualLimit = 30;
    private const int MostAtOnce = 100;
    private const int LongestText = 200;

    private volatile Uri? listening;

    /// <summary>Where the front listens; set once, when it is known.</summary>
    public Uri? Listening
    {
        get => listening;
        set => listening = value;
    }

    public void Map(IEndpointRouteBuilder app) => app.Map(Root + "/{**rest}", (RequestDelegate)AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        // Clients run inside browsers and editors of any origin, and what stands here is for everybody.
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "GET, HEAD, OPTIONS";
        headers.AccessControlAllowHeaders = "Authorization, Content-Type";
        headers.CacheControl = "no-cache";
        var method = context.Request.Method;
        var answer = HttpMethods.IsOptions(method) ? Results.NoContent()
            : HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? await ReadAsync(context)
            : Fail(StatusCodes.Status501NotImplemented, "this registry is read-only; what it shows is configured at the gate");
        await answer.ExecuteAsync(context);
    }

    private async Task<IResult> ReadAsync(HttpContext context)
    {
        // A name comes with its slash escaped, which the server below leaves so; some proxies write it out on the way.
        string[] path = [.. context.Request.Path.Value![Root.Length..].Trim('/').Split('/').Select(CataloguePath.NameIn)];
        try
        {
            return path switch
            {
                ["servers"] => List(context.Request.Query, await PublishedAsync(context)),
                ["servers", .. var name, "versions"] => Versions(string.Join('/', name), await PublishedAsync(context)),
                ["servers", .. var name, "versions", var version] => One(string.Join('/', name), version, await PublishedAsync(context)),
                _ => Fail(StatusCodes.Status404NotFound, "there is no such endpoint; the list is at /v0.1/servers"),
            };
        }
        catch (Exception exception) when (exception is StoreException or ObjectDisposedException)
        {
            return Fail(StatusCodes.Status503ServiceUnavailable, "the catalogue does not answer; try again");
        }
    }

    /// <summary>By name. What is public is asked of the snapshot too: a server that is public no more is gone at once.</summary>
    private async Task<List<RegistryEntry>> PublishedAsync(HttpContext context)
    {
        var servers = snapshots.Current.Servers;
        var front = Front(context);
        var known = await store.RegisteredAsync(CatalogueScope.Public, context.RequestAborted);
        return [.. known.Where(server => servers.TryGetValue(server.Name, out var now) && now.Public).Select(server => RegistryEntry.Of(server, publicUrl, front))];
    }

    private Uri Front(HttpContext context)
    {
        var here = new Uri($"{context.Request.Scheme}://{context.Request.Host}/");
        return publicUrl ?? (context.Features.Get<ListenerSide>() is { Front: false } ? listening ?? here : here);
    }

    private static IResult List(IQueryCollection query, List<RegistryEntry> published)
    {
        var asked = Asked.Of(query, out var fault);
        if (asked is null)
        {
            return Fail(StatusCodes.Status400BadRequest, fault!);
        }

        var found = published
            .Where(asked.Asks)
            .Take(asked.Limit + 1).ToList();
        var page = found.Take(asked.Limit).ToList();
        var metadata = new JsonObject { ["count"] = page.Count };
        if (found.Count > page.Count)
        {
            metadata["nextCursor"] = page[^1].Title;
        }

        return Answer(page, metadata);
    }

    private static IResult Versions(string name, List<RegistryEntry> published) =>
        published.Find(entry => entry.Name == name) is { } found ? Answer([found], new JsonObject { ["count"] = 1 }) : Missing();

    private static IResult One(string name, string version, List<RegistryEntry> published) =>
        version is Latest or RegistryEntry.Version && published.Find(entry => entry.Name == name) is { } found ? Json(found.Json()) : Missing();

    private static IResult Answer(List<RegistryEntry> entries, JsonObject metadata) =>
        Json(new JsonObject { ["servers"] = new JsonArray([.. entries.Select(static entry => entry.Json())]), ["metadata"] = metadata });

    private static IResult Missing() => Fail(StatusCodes.Status404NotFound, "Server not found");

    private static IResult Fail(int status, string message) => Json(new JsonObject { ["error"] = message }, status);

    private static IResult Json(JsonObject body, int status = StatusCodes.Status200OK) =>
        Results.Text(body.ToJsonString(), "application/json", statusCode: status);

    /// <summary>RFC 3339, as the API asks for it.</summary>
    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:[Zz]|[+-]\d\d:\d\d)$")]
    private static partial Regex Moment();

    /// <summary>What a list is asked for.</summary>
    /// <param name="After">The name that the page before ended with.</param>
    private sealed record Asked(string After, int Limit, string Text, string? Version, DateTimeOffset? Since)
    {
        public bool Asks(RegistryEntry entry) =>
            Version is null or Latest or RegistryEntry.Version && string.CompareOrdinal(entry.Title, After) > 0 && entry.Has(Text) && (Since is null || entry.Updated >= Since);

        public static Asked? Of(IQueryCollection query, out string? fault)
        {
            string? One(string name) => query[name] is [{ Length: > 0 } value] ? value : null;

            var limit = UsualLimit;
            var since = default(DateTimeOffset);
            var (given, from) = (One("limit"), One("updated_since"));
            fault = given is not null && (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostAtOnce) ? $"`limit` is 1 to {MostAtOnce}"
                : from is not null && !(Moment().IsMatch(from) && DateTimeOffset.TryParse(from, CultureInfo.InvariantCulture, DateTimeStyles.None, out since)) ? "`updated_since` is a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z"
                : One("search")?.Length > LongestText || One("cursor")?.Length > LongestText ? $"`search` and `cursor` have at most {LongestText} characters"
                : One("include_deleted") is not (null or "true" or "false") ? "`include_deleted` is true or false"
                : null;
            return fault is null ? new Asked(One("cursor") ?? "", limit, One("search") ?? "", One("version"), from is null ? null : since) : null;
        }
    }
}
