using System.Collections.Immutable;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Upstreams;
using Callgate.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>A server to add. Either <c>url</c> or <c>command</c>.</summary>
public sealed record ServerBody(
    string Name,
    string? Url = null,
    string? Transport = null,
    Dictionary<string, string>? Headers = null,
    IReadOnlyList<string>? Command = null,
    Dictionary<string, string>? Env = null,
    IReadOnlyList<string>? MethodsAllow = null,
    bool Public = false,
    string? OnDrift = null,
    string? OnNew = null,
    string? RecordedArguments = null);

/// <summary>A server as operators see it: names of headers and variables, never their values.</summary>
public sealed record ServerReply(
    string Name,
    string Transport,
    string? Url,
    IReadOnlyList<string> HeaderNames,
    IReadOnlyList<string> Command,
    IReadOnlyList<string> EnvNames,
    IReadOnlyList<string> MethodsAllow,
    bool Public,
    string OnDrift,
    string OnNew,
    string RecordedArguments,
    bool Declared,
    bool Stopped,
    int ToolsReviewed,
    int ToolsDrifted,
    int ToolsWaiting);

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

    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/servers", (CancellationToken _) => List())
            .Describe<ServerList>("servers.list", "Lists the servers", 200);
        group.MapPost("/servers", (HttpContext context, CancellationToken ct) => AddAsync(context, ct))
            .Accepts<ServerBody>("application/json")
            .Describe<ServerReply>("servers.add", "Adds a server", 201, 400, 409, 413, 415, 503);
        group.MapGet("/servers/{server}", (string server) => Show(server))
            .Describe<ServerReply>("servers.get", "Shows a server", 200, 404);
        group.MapDelete("/servers/{server}", (string server, HttpContext context) => RemoveAsync(server, context))
            .Describe<ServerReply>("servers.remove", "Removes a server and what was reviewed of it", 200, 404, 409, 503);
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
        group.MapPost("/servers/{server}/test", (string server, HttpContext context, CancellationToken ct) => TestAsync(server, context, ct))
            .Describe<ServerTest>("servers.test", "Connects to the server and lists its tools, changing nothing", 200, 404, 503);
    }

    private IResult List()
    {
        var snapshot = parts.Snapshots.Current;
        return AdminJson.Ok(new ServerList([.. snapshot.Servers.Values.OrderBy(static server => server.Name, StringComparer.Ordinal).Select(server => Reply(server, snapshot))]));
    }

    private IResult Show(string name)
    {
        var snapshot = parts.Snapshots.Current;
        return snapshot.Servers.TryGetValue(name, out var server) ? AdminJson.Ok(Reply(server, snapshot)) : AdminJson.Fail(AdminFault.NotFound("server", name));
    }

    private async Task<IResult> AddAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<ServerBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var (server, wrong) = Definition(body);
        if (server is null)
        {
            return AdminJson.Fail(AdminFault.Invalid("the server cannot be added as it is described", wrong));
        }

        return await changes.MakeAsync(context, snapshot => snapshot.Servers.TryGetValue(server.Name, out var present)
            ? PlannedChange.No(present.Declared ? AdminFault.Declared("server", server.Name) : AdminFault.Exists("server", server.Name))
            : PlannedChange.Yes(new OperatorAction("server-add", Server: server.Name, Detail: ChangeText.Of(null, AdminJson.Digest(Reply(server, snapshot)))), async token =>
            {
                await parts.Store.SaveServerAsync(server, token);
                return AdminJson.Ok(Reply(server, snapshot), 201);
            }));
    }

    private Task<IResult> RemoveAsync(string name, HttpContext context) =>
        changes.MakeAsync(context, snapshot =>
        {
            if (!snapshot.Servers.TryGetValue(name, out var server))
            {
                return PlannedChange.No(AdminFault.NotFound("server", name));
            }

            return server.Declared
                ? PlannedChange.No(AdminFault.Declared("server", name))
                : PlannedChange.Yes(new OperatorAction("server-remove", Server: name, Detail: ChangeText.Of(AdminJson.Digest(Reply(server, snapshot)), null)), async token =>
                {
                    await parts.Store.RemovePinsAsync(name, token);
                    await parts.Store.RemovePinsAsync(PinBook.ModernKey(name), token);
                    await parts.Store.RemoveServerAsync(name, token);
                    return AdminJson.Ok(Reply(server, snapshot));
                });
        });

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

    private async Task<IResult> TestAsync(string name, HttpContext context, CancellationToken ct) =>
        Missing(name) ?? await changes.AroundAsync(
            context, new OperatorAction("server-test", Server: name), async () => AdminJson.Ok(await parts.Servers.Test(name, ct)));

    /// <summary>The reviewed definitions as a whole.</summary>
    private string Pinned(string name) => AdminJson.Digest(ServerTools.Of(name, parts.Snapshots.Current.Pins.GetValueOrDefault(name), null));

    private IResult? Missing(string name) =>
        parts.Snapshots.Current.Servers.ContainsKey(name) ? null : AdminJson.Fail(AdminFault.NotFound("server", name));

    private (ServerDefinition? Server, List<object> Wrong) Definition(ServerBody body)
    {
        var wrong = new List<object>();
        if ((body.Url is null) == (body.Command is null))
        {
            wrong.Add("give one of `url` and `command`");
        }

        var transport = One(wrong, "transport", body.Transport ?? (body.Command is null ? "http" : "stdio"), "http", "sse", "stdio");
        var drift = One(wrong, "on_drift", body.OnDrift ?? "block", "block", "report", "approve");
        var fresh = One(wrong, "on_new", body.OnNew ?? "block", "block", "categorise");
        var kept = body.RecordedArguments is { } given ? One(wrong, "recorded_arguments", given, "names", "sealed") : (int)parts.Configurator.Declared.Record.Arguments;
        if (wrong.Count > 0)
        {
            return (null, wrong);
        }

        var server = new ServerDefinition
        {
            Name = body.Name,
            Transport = (TransportKind)transport,
            Url = Uri.TryCreate(body.Url, UriKind.Absolute, out var url) ? url : null,
            Headers = (body.Headers ?? []).ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase),
            Command = [.. body.Command ?? []],
            Environment = (body.Env ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal),
            MethodsAllow = [.. body.MethodsAllow ?? []],
            Public = body.Public,
            OnDrift = (OnDrift)drift,
            OnNew = (OnNew)fresh,
            RecordedArguments = (RecordedArguments)kept,
            Timeouts = parts.Configurator.Declared.Timeouts,
        };
        wrong.AddRange(ServerRules.Check(server).Select(static fault => (object)fault.Message));
        return wrong.Count > 0 ? (null, wrong) : (server, wrong);
    }

    private static int One(List<object> wrong, string member, string text, params string[] words)
    {
        var index = Array.IndexOf(words, text);
        if (index < 0)
        {
            wrong.Add($"`{member}` is {string.Join(" or ", words.Select(static word => $"`{word}`"))}");
        }

        return index;
    }

    private static ServerReply Reply(ServerDefinition server, Snapshot snapshot)
    {
        var pins = PinBook.Of(snapshot, server.Name);
        var drifted = pins?.Tools.Values.Count(static tool => tool.DriftedTo is not null) ?? 0;
        return new ServerReply(
            server.Name,
            server.Transport.ToString().ToLowerInvariant(),
            Address(server.Url),
            [.. server.Headers.Keys],
            server.Command,
            [.. server.Environment.Keys],
            server.MethodsAllow,
            server.Public,
            server.OnDrift.ToString().ToLowerInvariant(),
            server.OnNew.ToString().ToLowerInvariant(),
            server.RecordedArguments.ToString().ToLowerInvariant(),
            server.Declared,
            snapshot.Stops.Contains($"server:{server.Name}"),
            (pins?.Tools.Count ?? 0) - drifted,
            drifted,
            pins?.Waiting.Count ?? 0);
    }

    /// <summary>The query of an address may hold a key, so it is not shown.</summary>
    private static string? Address(Uri? url) =>
        url is null ? null : url.GetLeftPart(UriPartial.Path) + (url.Query.Length > 0 ? "?…" : string.Empty);
}
