using Callgate.Gateway.Discovery;
using Callgate.Gateway.Operators;
using Callgate.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>All servers.</summary>
public sealed record ServerList(IReadOnlyList<ServerReply> Servers);

/// <summary>What to accept; everything that is not reviewed where nothing is named.</summary>
/// <param name="Resources">By their addresses.</param>
/// <param name="Templates">By their patterns of addresses.</param>
/// <param name="Fingerprint">
/// What was looked at: <c>shown_fingerprint</c> of the one thing that is named, or <c>unreviewed</c> of the server for all. What
/// the server shows by now is not accepted when it is something else.
/// </param>
public sealed record AcceptBody(
    IReadOnlyList<string>? Tools = null,
    IReadOnlyList<string>? Prompts = null,
    IReadOnlyList<string>? Resources = null,
    IReadOnlyList<string>? Templates = null,
    bool Instructions = false,
    string? Fingerprint = null)
{
    internal IReadOnlyList<PinnedName> Names() =>
    [
        .. Named(ListingKind.Tool, Tools), .. Named(ListingKind.Prompt, Prompts), .. Named(ListingKind.Resource, Resources), .. Named(ListingKind.Template, Templates),
        .. Named(ListingKind.Instructions, Instructions ? ["instructions"] : null),
    ];

    private static IEnumerable<PinnedName> Named(ListingKind kind, IReadOnlyList<string>? names) => (names ?? []).Select(name => new PinnedName(kind, name));
}

/// <summary>What became of the definitions of a server, newest first; at most the 1,000 that are kept.</summary>
public sealed record PinHistory(string Server, IReadOnlyList<PinEvent> Events);

/// <summary>Which category a tool has from now on; null takes it away.</summary>
public sealed record CategoryBody(string Tool, string? Category);

/// <summary><c>/api/v1/servers</c>.</summary>
internal sealed class ServerEndpoints(AdminParts parts, AdminChanges changes)
{
    private const int MostEvents = 1_000;

    private readonly ServerDesk desk = parts.ServerDesk;

    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/servers", (CancellationToken _) => AdminJson.Ok(new ServerList(desk.List())))
            .Describe<ServerList>("servers.list", "Lists the servers", 200);
        group.MapPost("/servers", (HttpContext context, CancellationToken ct) => AddAsync(context, ct))
            .Accepts<ServerBody>("application/json")
            .Describe<ServerReply>("servers.add", "Adds a server", 201, 400, 409, 413, 415, 503);
        group.MapGet("/servers/{server}", (string server) => desk.Find(server) is { } found ? AdminJson.Ok(found) : AdminJson.Fail(AdminFault.NotFound("server", server)))
            .Describe<ServerReply>("servers.get", "Shows a server", 200, 404);
        group.MapDelete("/servers/{server}", async (string server, HttpContext context) => Answer(await desk.RemoveAsync(context, server)))
            .Describe<ServerReply>("servers.remove", "Removes a server and what was reviewed of it", 200, 404, 409, 503);
        group.MapPut("/servers/{server}/credentials", (string server, HttpContext context, CancellationToken ct) => SetCredentialsAsync(server, context, ct))
            .Accepts<CredentialsBody>("application/json")
            .Describe<ServerReply>("servers.credentials", "Gives headers or variables of a server other values, which nobody is shown again", 200, 400, 404, 409, 413, 415, 503);
        group.MapGet("/servers/{server}/tools", (string server, CancellationToken ct) => ToolsAsync(server, ct))
            .Describe<ServerTools>("servers.tools", "Asks the server for its tools and compares them with what was reviewed", 200, 404);
        group.MapPost("/servers/{server}/tools/accept", (string server, HttpContext context, CancellationToken ct) => AcceptAsync(server, context, ct))
            .Accepts<AcceptBody>("application/json")
            .Describe<ServerTools>("servers.accept", "Reviews what changed or is new; with `fingerprint` only if they are what was looked at", 200, 400, 404, 409, 413, 415, 503);
        group.MapGet("/servers/{server}/history", (string server, CancellationToken ct) => HistoryAsync(server, ct))
            .Describe<PinHistory>("servers.history", "Lists what became of the definitions of a server since its review, newest first", 200, 404, 503);
        group.MapPut("/servers/{server}/categories", (string server, HttpContext context, CancellationToken ct) => CategoriseAsync(server, context, ct))
            .Accepts<CategoryBody>("application/json")
            .Describe<ServerTools>("servers.categorise", "Gives a reviewed tool a category, which rules of policies go by", 200, 400, 404, 413, 415, 503);
        group.MapPost("/servers/{server}/test", (string server, HttpContext context, CancellationToken _) => TestAsync(server, context))
            .Describe<ServerTest>("servers.test", "Connects to the server and lists its tools, changing nothing", 200, 404, 503);
    }

    private async Task<IResult> AddAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<ServerBody>(context, ct);
        return body is null ? AdminJson.Fail(fault!) : Answer(await desk.AddAsync(context, body), 201);
    }

    private async Task<IResult> SetCredentialsAsync(string name, HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<CredentialsBody>(context, ct);
        return body is null ? AdminJson.Fail(fault!) : Answer(await desk.SetCredentialsAsync(context, name, body));
    }

    private static IResult Answer(Registered registered, int status = 200) => registered.Outcome switch
    {
        RegisteredOutcome.Done => AdminJson.Ok(registered.Server, status),
        RegisteredOutcome.NotFound => AdminJson.Fail(AdminFault.NotFound("server", registered.Name)),
        RegisteredOutcome.Exists => AdminJson.Fail(AdminFault.Exists("server", registered.Name)),
        RegisteredOutcome.Declared => AdminJson.Fail(AdminFault.Declared("server", registered.Name)),
        RegisteredOutcome.Invalid => AdminJson.Fail(AdminFault.Invalid(registered.Problem!, [.. registered.Wrong])),
        _ => AdminJson.Fail(AdminFault.NotRecorded),
    };

    private async Task<IResult> ToolsAsync(string name, CancellationToken ct) =>
        Missing(name) ?? AdminJson.Ok(await parts.Servers.Tools(name, ct));

    private async Task<IResult> HistoryAsync(string name, CancellationToken ct) =>
        Missing(name) ?? AdminJson.Ok(new PinHistory(name, await parts.Store.ListPinHistoryAsync(name, MostEvents, ct)));

    private async Task<IResult> AcceptAsync(string name, HttpContext context, CancellationToken ct)
    {
        if (Missing(name) is { } missing)
        {
            return missing;
        }

        var (body, fault) = await AdminJson.ReadAsync<AcceptBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var names = body.Names();
        if (body.Fingerprint is { } seen && (names.Count > 1 || seen.Length != 64 || !seen.All(char.IsAsciiHexDigitLower)))
        {
            return AdminJson.Fail(AdminFault.Invalid("`fingerprint` is 64 lower-case hexadecimal digits, and goes with one name or with none"));
        }

        var detail = names.Count == 0 ? "everything" : string.Join(", ", names.Take(64).Select(static one => one.Kind == ListingKind.Tool ? one.Name : $"{Listing.WordOf(one.Kind)} {one.Name}"));
        var (recorded, accepted) = await changes.Record.AroundAsync(
            context,
            new OperatorAction("server-accept", Server: name, Detail: $"was {Pinned(name)}; {detail}"),
            () => parts.Servers.Accept(name, new Acceptance(names.Count == 0 ? null : names.ToHashSet(), body.Fingerprint), Actor.Of(context)!.Name),
            () => $"is {Pinned(name)}",
            static accepted => accepted is null);
        return !recorded ? AdminJson.Fail(AdminFault.NotRecorded)
            : accepted is null ? AdminJson.Fail(new AdminFault(409, AdminCodes.DefinitionChanged, $"server `{name}` does not show what you looked at any more, so that nothing was accepted; look again"))
            : AdminJson.Ok(accepted);
    }

    private async Task<IResult> CategoriseAsync(string name, HttpContext context, CancellationToken ct)
    {
        if (Missing(name) is { } missing)
        {
            return missing;
        }

        var (body, fault) = await AdminJson.ReadAsync<CategoryBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var category = ToolCategories.Parse(body.Category);
        if (body.Category is not null && category is null)
        {
            return AdminJson.Fail(AdminFault.Invalid($"`category` is one of {string.Join(", ", Enum.GetNames<ToolCategory>())}, or null"));
        }

        if (!PinBook.Knows(parts.Snapshots.Current, name, body.Tool))
        {
            return AdminJson.Fail(AdminFault.NotFound("tool", body.Tool));
        }

        return await changes.AroundAsync(
            context,
            new OperatorAction("tool-categorise", Server: name, Detail: $"was {Pinned(name)}; {(body.Tool.Length > 256 ? body.Tool[..256] : body.Tool)}: {body.Category ?? "none"}"),
            async () => AdminJson.Ok(await parts.Servers.Categorise(name, body.Tool, category)),
            () => $"is {Pinned(name)}");
    }

    private async Task<IResult> TestAsync(string name, HttpContext context)
    {
        var (asked, seen) = await desk.TestAsync(context, name);
        return seen is null ? Answer(asked) : AdminJson.Ok(seen);
    }

    /// <summary>The reviewed definitions as a whole.</summary>
    private string Pinned(string name) => AdminJson.Digest(ServerTools.Of(name, parts.Snapshots.Current.Pins.GetValueOrDefault(name), null));

    private IResult? Missing(string name) =>
        parts.Snapshots.Current.Servers.ContainsKey(name) ? null : AdminJson.Fail(AdminFault.NotFound("server", name));
}
