using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>A tool in a list.</summary>
public sealed record CatalogueToolReply(string Server, string Name, string Description, string? Category, string Risk)
{
    public static CatalogueToolReply Of(ListedTool tool) => new(tool.Server, tool.Name, tool.Description, tool.Category?.ToString(), tool.Risk.ToString());
}

/// <summary>What a search found, and how much there is in all.</summary>
/// <param name="Counts">Tools in all, by category.</param>
/// <param name="Next">What to send as <c>skip</c> for more; null when there is no more.</param>
public sealed record CatalogueSearchReply(long Servers, CategoryCounts Counts, IReadOnlyList<CatalogueToolReply> Tools, int? Next);

/// <summary>A server in a list.</summary>
/// <param name="Source"><c>registered</c>, <c>added</c> or <c>pack</c>.</param>
public sealed record CatalogueServerReply(string Name, string Source, string Title, string Description, string Version, bool Public, DateTimeOffset Updated, CategoryCounts Counts)
{
    public static CatalogueServerReply Of(ListedServer server) =>
        new(server.Name, CatalogueStore.NameOf(server.Source), server.Title, server.Description, server.Version, server.IsPublic, server.Updated, server.Tools);
}

/// <summary>Servers by name.</summary>
/// <param name="Next">What to send as <c>after</c> for more; null when there is no more.</param>
public sealed record CatalogueServersReply(IReadOnlyList<CatalogueServerReply> Servers, string? Next);

/// <summary>One server with its tools.</summary>
public sealed record CatalogueFoundServerReply(CatalogueServerReply Server, JsonElement? Manifest, IReadOnlyList<CatalogueToolReply> Tools);

/// <summary>One tool: what it is taken for, and why.</summary>
/// <param name="Findings">What stands out in the definition: instructions to the model, characters that are not seen, and the like.</param>
public sealed record CatalogueFoundToolReply(CatalogueToolReply Tool, JsonElement Definition, double Confidence, IReadOnlyList<ClassificationEvidence> Evidence, IReadOnlyList<CatalogueSignalReply> Signals, IReadOnlyList<CatalogueSignalReply> Findings);

/// <summary>A risk signal or a finding by its stable name.</summary>
public sealed record CatalogueSignalReply(string Id, ClassificationEvidence Evidence);

/// <summary>Servers to take in.</summary>
/// <param name="Servers">Each as a pack, a <c>server.json</c> or a registry has it.</param>
/// <param name="Public">Whether they are shown to people who have not signed in.</param>
public sealed record CatalogueAddBody(JsonElement Servers, bool Public = false);

/// <summary>What became of the servers that were sent.</summary>
/// <param name="Faults">Those that were not taken, by their place in the list from 1, and why.</param>
public sealed record CatalogueAddReply(int Added, int Changed, int Unchanged, int Removed, IReadOnlyList<string> Faults);

/// <summary>A server that was taken out.</summary>
public sealed record CatalogueRemoveReply(string Name);

/// <summary><c>/api/v1/catalogue</c>: what is known of servers and tools.</summary>
internal sealed class CatalogueEndpoints(AdminParts parts, AdminChanges changes)
{
    private const int MostServers = 200;

    private static readonly string[] Categories = [.. Enum.GetNames<RiskCategory>(), "Unclassified"];

    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/catalogue", (CancellationToken ct, string? search, string? category, string? risk, int? skip) => SearchAsync(new Asked(search, category, risk, skip), ct))
            .Describe<CatalogueSearchReply>("catalogue.search", "Searches the tools of all known servers, as you type", 200, 400, 503);
        group.MapGet("/catalogue/servers", (CancellationToken ct, string? after, int? limit) => ServersAsync(after, limit, ct))
            .Describe<CatalogueServersReply>("catalogue.servers", "Known servers by name", 200, 400, 503);
        group.MapGet("/catalogue/servers/{server}", (string server, CancellationToken ct) => ServerAsync(CataloguePath.NameIn(server), ct))
            .Describe<CatalogueFoundServerReply>("catalogue.server", "One server with its tools", 200, 404, 503);
        group.MapGet("/catalogue/servers/{server}/tools/{tool}", (string server, string tool, CancellationToken ct) => ToolAsync(server, tool, ct))
            .Describe<CatalogueFoundToolReply>("catalogue.tool", "One tool: its category and risk, and the words that decided", 200, 404, 503);
        group.MapPost("/catalogue/servers", (HttpContext context, CancellationToken ct) => AddAsync(context, ct))
            .Accepts<CatalogueAddBody>("application/json")
            .Describe<CatalogueAddReply>("catalogue.add", "Takes servers in; what is the same as before is left alone, so that a list may be sent again", 200, 400, 413, 415, 503);
        group.MapDelete("/catalogue/servers/{server}", (string server, HttpContext context, CancellationToken ct) => RemoveAsync(CataloguePath.NameIn(server), context, ct))
            .Describe<CatalogueRemoveReply>("catalogue.remove", "Takes a server out that was added", 200, 404, 503);
    }

    private async Task<IResult> SearchAsync(Asked asked, CancellationToken ct)
    {
        var risk = asked.Risk is null ? null : Enum.TryParse<RiskLevel>(asked.Risk, out var level) && level.ToString() == asked.Risk ? level : (RiskLevel?)null;
        var fault = asked.Search?.Length > CatalogueQuery.LongestText ? $"`search` has at most {CatalogueQuery.LongestText} characters"
            : asked.Category is not null && Array.IndexOf(Categories, asked.Category) < 0 ? $"`category` is one of {string.Join(", ", Categories)}"
            : asked.Risk is not null && risk is null ? $"`risk` is one of {string.Join(", ", Enum.GetNames<RiskLevel>())}"
            : asked.Skip is < 0 or > CatalogueQuery.MostHits ? $"`skip` is 0 to {CatalogueQuery.MostHits}"
            : null;
        if (fault is not null)
        {
            return AdminJson.Fail(AdminFault.Invalid(fault));
        }

        var (counts, servers) = await parts.Catalogue.TotalsAsync(CatalogueScope.All, ct);
        var hits = await parts.Catalogue.SearchAsync(CatalogueScope.All, new CatalogueQuery(asked.Search ?? "", asked.Category, risk, asked.Skip ?? 0), ct);
        return AdminJson.Ok(new CatalogueSearchReply(servers, counts, [.. hits.Tools.Select(CatalogueToolReply.Of)], hits.More ? (asked.Skip ?? 0) + CatalogueQuery.PageLength : null));
    }

    private async Task<IResult> ServersAsync(string? after, int? limit, CancellationToken ct)
    {
        if (limit is < 1 or > MostServers || after?.Length > ServerEntry.LongestName)
        {
            return AdminJson.Fail(AdminFault.Invalid($"`limit` is 1 to {MostServers}, and `after` a name"));
        }

        var most = limit ?? MostServers;
        var servers = await parts.Catalogue.ServersAsync(CatalogueScope.All, after ?? "", most, ct);
        return AdminJson.Ok(new CatalogueServersReply([.. servers.Select(CatalogueServerReply.Of)], servers.Count == most ? servers[^1].Name : null));
    }

    private async Task<IResult> ServerAsync(string name, CancellationToken ct) =>
        await parts.Catalogue.FindAsync(CatalogueScope.All, name, ct) is { } found
            ? AdminJson.Ok(new CatalogueFoundServerReply(CatalogueServerReply.Of(found.Listed), found.Manifest, [.. found.Tools.Select(static tool => CatalogueToolReply.Of(tool.Listed))]))
            : AdminJson.Fail(AdminFault.NotFound("server of the catalogue", name));

    private async Task<IResult> ToolAsync(string server, string tool, CancellationToken ct)
    {
        if (await parts.Catalogue.FindAtAsync(CatalogueScope.All, server, tool, ct) is not { } found)
        {
            return AdminJson.Fail(AdminFault.NotFound("tool of the catalogue", CataloguePath.NameIn(tool)));
        }

        var classified = ToolClassifier.Shipped.Classify(found.Definition, found.Listed.ReviewedAs);
        return AdminJson.Ok(new CatalogueFoundToolReply(
            CatalogueToolReply.Of(found.Listed), found.Definition, classified.Confidence, classified.Evidence, [.. classified.Signals.Select(static signal => new CatalogueSignalReply(signal.Id, signal.Evidence))],
            [.. DefinitionScan.Of(found.Definition).Select(static finding => new CatalogueSignalReply(finding.Id, finding.Evidence))]));
    }

    private async Task<IResult> AddAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<CatalogueAddBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        if (body.Servers.ValueKind != JsonValueKind.Array)
        {
            return AdminJson.Fail(AdminFault.Invalid("`servers` is an array"));
        }

        var items = new List<CatalogueItem>();
        var faults = new List<string>();
        var place = 0;
        foreach (var server in body.Servers.EnumerateArray())
        {
            place++;
            var entry = ServerEntry.Read(server, out var wrong);
            if (entry is not null)
            {
                items.Add(new CatalogueItem(entry, CatalogueSource.Added, body.Public));
            }
            else if (wrong is not null)
            {
                faults.Add($"server {place}: {wrong}");
            }
        }

        var action = new OperatorAction("catalogue-add", Detail: $"{items.Count} servers from {(items.Count == 0 ? "none" : items[0].Entry.Name)} on{(body.Public ? ", public" : "")}");
        return await changes.AroundAsync(context, action, async () =>
        {
            var taken = await parts.Catalogue.PutAsync(items, CancellationToken.None);
            return AdminJson.Ok(new CatalogueAddReply(taken.Added, taken.Changed, taken.Unchanged, taken.Removed, faults));
        });
    }

    private async Task<IResult> RemoveAsync(string name, HttpContext context, CancellationToken ct)
    {
        if (!await parts.Catalogue.HasAsync(name, CatalogueSource.Added, ct))
        {
            return AdminJson.Fail(AdminFault.NotFound("added server of the catalogue", name));
        }

        return await changes.AroundAsync(context, new OperatorAction("catalogue-remove", Server: name), async () =>
        {
            await parts.Catalogue.RemoveAsync(name, CatalogueSource.Added, CancellationToken.None);
            return AdminJson.Ok(new CatalogueRemoveReply(name));
        });
    }

    private sealed record Asked(string? Search, string? Category, string? Risk, int? Skip);
}
