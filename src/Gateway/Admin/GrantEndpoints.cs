using System.Collections.Immutable;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>A grant to create.</summary>
/// <param name="Servers">Server → policy; a null policy refuses everything there.</param>
/// <param name="Expires">RFC 3339 with an offset.</param>
public sealed record GrantBody(
    string Label,
    Dictionary<string, string?> Servers,
    string? Identity = null,
    Dictionary<string, string>? Attributes = null,
    string? Expires = null);

/// <summary>A grant as operators see it; neither its token nor the hash of it.</summary>
public sealed record GrantReply(
    string Id,
    string Label,
    string? Identity,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyDictionary<string, string?> Servers,
    DateTimeOffset? Created,
    DateTimeOffset? Expires,
    DateTimeOffset? Revoked,
    bool Declared,
    bool Stopped);

/// <summary>All grants.</summary>
public sealed record GrantList(IReadOnlyList<GrantReply> Grants);

/// <summary>A grant with its token, which is shown this once.</summary>
public sealed record GrantCreated(string Id, string Label, string Token, IReadOnlyDictionary<string, string?> Servers);

/// <summary>The policy to put a grant under on one server; null refuses everything there.</summary>
public sealed record AttachBody(string? Policy);

/// <summary><c>/api/v1/grants</c>.</summary>
internal sealed class GrantEndpoints(AdminParts parts, AdminChanges changes)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/grants", (CancellationToken _) => List())
            .Describe<GrantList>("grants.list", "Lists the grants", 200);
        group.MapPost("/grants", (HttpContext context, CancellationToken ct) => CreateAsync(context, ct))
            .Accepts<GrantBody>("application/json")
            .Describe<GrantCreated>("grants.create", "Creates a grant and shows its token, once", 201, 400, 413, 415, 503);
        group.MapGet("/grants/{grant}", (string grant) => Show(grant))
            .Describe<GrantReply>("grants.get", "Shows a grant", 200, 404);
        group.MapDelete("/grants/{grant}", (string grant, HttpContext context) => RevokeAsync(grant, context))
            .Describe<GrantReply>("grants.revoke", "Revokes a grant at once", 200, 404, 409, 503);
        group.MapPost("/grants/{grant}/rotate", (string grant, HttpContext context) => RotateAsync(grant, context))
            .Describe<GrantCreated>("grants.rotate", "Gives a grant another token; the old one ends at once", 200, 404, 409, 503);
        group.MapPut("/grants/{grant}/servers/{server}", (string grant, string server, HttpContext context, CancellationToken ct) => AttachAsync((grant, server), context, ct))
            .Accepts<AttachBody>("application/json")
            .Describe<GrantReply>("grants.attach", "Puts a grant under a policy on one server", 200, 400, 404, 409, 413, 415, 503);
    }

    private IResult List()
    {
        var snapshot = parts.Snapshots.Current;
        var grants = snapshot.GrantsByTokenHash.Values.OrderBy(static grant => grant.Id, StringComparer.Ordinal);
        return AdminJson.Ok(new GrantList([.. grants.Select(grant => Reply(grant, snapshot))]));
    }

    private IResult Show(string id)
    {
        var snapshot = parts.Snapshots.Current;
        return Find(snapshot, id) is { } grant ? AdminJson.Ok(Reply(grant, snapshot)) : AdminJson.Fail(AdminFault.NotFound("grant", id));
    }

    private async Task<IResult> CreateAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<GrantBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var id = GrantToken.NewId();
        var token = GrantToken.New(id);
        return await changes.MakeAsync(context, snapshot =>
        {
            var (expires, wrong) = Check(body, snapshot);
            if (wrong.Count > 0)
            {
                return PlannedChange.No(AdminFault.Invalid("the grant cannot be created as it is described", wrong));
            }

            var grant = new Grant
            {
                Id = id,
                Label = body.Label,
                TokenHash = GrantToken.HashOf(token),
                Identity = body.Identity,
                Attributes = (body.Attributes ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal),
                Expires = expires,
                Created = parts.Time.GetUtcNow(),
                Servers = body.Servers.ToImmutableSortedDictionary(StringComparer.Ordinal),
            };
            return PlannedChange.Yes(new OperatorAction("grant-create", Grant: id, Detail: ChangeText.Of(null, AdminJson.Digest(Reply(grant, snapshot)))), async cancel =>
            {
                await parts.Store.SaveGrantAsync(grant, cancel);
                return AdminJson.Ok(new GrantCreated(id, grant.Label, token, grant.Servers), 201);
            });
        });
    }

    private Task<IResult> RevokeAsync(string id, HttpContext context) =>
        changes.MakeAsync(context, snapshot => Own(snapshot, id, out var fault) is not { } grant
            ? PlannedChange.No(fault!)
            : PlannedChange.Yes(new OperatorAction("grant-revoke", Grant: id, Detail: ChangeText.Of(AdminJson.Digest(Reply(grant, snapshot)), "revoked")), async cancel =>
            {
                var revoked = grant with { Revoked = grant.Revoked ?? parts.Time.GetUtcNow() };
                await parts.Store.SaveGrantAsync(revoked, cancel);
                return AdminJson.Ok(Reply(revoked, snapshot));
            }));

    private Task<IResult> RotateAsync(string id, HttpContext context)
    {
        var token = GrantToken.New(id);
        return changes.MakeAsync(context, snapshot =>
        {
            if (Own(snapshot, id, out var fault) is not { } grant)
            {
                return PlannedChange.No(fault!);
            }

            if (grant.Revoked is not null)
            {
                return PlannedChange.No(new AdminFault(409, AdminCodes.Invalid, $"grant `{id}` is revoked; create another one"));
            }

            return PlannedChange.Yes(new OperatorAction("grant-rotate", Grant: id, Detail: ChangeText.Of($"token sha256 {grant.TokenHash}", $"token sha256 {GrantToken.HashOf(token)}")), async cancel =>
            {
                await parts.Store.SaveGrantAsync(grant with { TokenHash = GrantToken.HashOf(token) }, cancel);
                return AdminJson.Ok(new GrantCreated(id, grant.Label, token, grant.Servers));
            });
        });
    }

    private async Task<IResult> AttachAsync((string Grant, string Server) target, HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<AttachBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var (id, server) = target;
        return await changes.MakeAsync(context, snapshot =>
        {
            if (Own(snapshot, id, out var denied) is not { } grant)
            {
                return PlannedChange.No(denied!);
            }

            if (!snapshot.Servers.ContainsKey(server))
            {
                return PlannedChange.No(AdminFault.NotFound("server", server));
            }

            if (body.Policy is { } policy && !snapshot.Policies.ContainsKey(policy))
            {
                return PlannedChange.No(AdminFault.NotFound("policy", policy));
            }

            var action = new OperatorAction("policy-attach", Server: server, Grant: id, Policy: body.Policy, Detail: ChangeText.Of(grant.Servers.GetValueOrDefault(server), body.Policy));
            return PlannedChange.Yes(action, async cancel =>
            {
                await parts.Store.AttachAsync(id, server, body.Policy, cancel);
                return AdminJson.Ok(Reply(grant with { Servers = grant.Servers.SetItem(server, body.Policy) }, snapshot));
            });
        });
    }

    private (DateTimeOffset? Expires, List<object> Wrong) Check(GrantBody body, Snapshot snapshot)
    {
        var wrong = new List<object>();
        if (body.Label.Length is 0 or > 128 || body.Label.Any(char.IsControl))
        {
            wrong.Add("a label has 1 to 128 characters and no control characters");
        }

        if (body.Identity is { Length: 0 or > 256 })
        {
            wrong.Add("an identity has 1 to 256 characters");
        }

        if (body.Servers.Count == 0)
        {
            wrong.Add("name at least one server");
        }

        foreach (var (server, policy) in body.Servers)
        {
            if (!snapshot.Servers.ContainsKey(server))
            {
                wrong.Add($"there is no server `{server}`");
            }

            if (policy is not null && !snapshot.Policies.ContainsKey(policy))
            {
                wrong.Add($"there is no policy `{policy}`");
            }
        }

        var expires = body.Expires is null ? null : Quantity.TryInstant(body.Expires);
        if (body.Expires is not null && (expires is null || expires <= parts.Time.GetUtcNow()))
        {
            wrong.Add(expires is null ? "`expires` is a time with its offset, such as `2027-01-01T00:00:00Z`" : "`expires` lies in the past");
        }

        return (expires, wrong);
    }

    private static Grant? Find(Snapshot snapshot, string id) => snapshot.GrantsByTokenHash.Values.FirstOrDefault(grant => grant.Id == id);

    /// <summary>The grant when operators may change it.</summary>
    private static Grant? Own(Snapshot snapshot, string id, out AdminFault? fault)
    {
        var grant = Find(snapshot, id);
        fault = grant switch
        {
            null => AdminFault.NotFound("grant", id),
            { Declared: true } => AdminFault.Declared("grant", id),
            _ => null,
        };
        return fault is null ? grant : null;
    }

    private static GrantReply Reply(Grant grant, Snapshot snapshot) => new(
        grant.Id,
        grant.Label,
        grant.Identity,
        grant.Attributes,
        grant.Servers,
        grant.Created,
        grant.Expires,
        grant.Revoked,
        grant.Declared,
        snapshot.Stops.Contains($"grant:{grant.Id}"));
}
