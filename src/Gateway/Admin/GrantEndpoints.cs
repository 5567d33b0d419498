using Callgate.Gateway.Grants;
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

/// <summary>All grants.</summary>
public sealed record GrantList(IReadOnlyList<GrantReply> Grants);

/// <summary>A grant with its token, which is shown this once.</summary>
public sealed record GrantCreated(string Id, string Label, string Token, IReadOnlyDictionary<string, string?> Servers);

/// <summary>The policy to put a grant under on one server; null refuses everything there.</summary>
public sealed record AttachBody(string? Policy);

/// <summary><c>/api/v1/grants</c>.</summary>
internal sealed class GrantEndpoints(GrantDesk desk)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/grants", (CancellationToken _) => AdminJson.Ok(new GrantList(desk.List())))
            .Describe<GrantList>("grants.list", "Lists the grants", 200);
        group.MapPost("/grants", (HttpContext context, CancellationToken ct) => CreateAsync(context, ct))
            .Accepts<GrantBody>("application/json")
            .Describe<GrantCreated>("grants.create", "Creates a grant and shows its token, once", 201, 400, 413, 415, 503);
        group.MapGet("/grants/{grant}", (string grant) => desk.Find(grant) is { } found ? AdminJson.Ok(found) : AdminJson.Fail(AdminFault.NotFound("grant", grant)))
            .Describe<GrantReply>("grants.get", "Shows a grant", 200, 404);
        group.MapDelete("/grants/{grant}", async (string grant, HttpContext context) => Answer(await desk.RevokeAsync(context, grant)))
            .Describe<GrantReply>("grants.revoke", "Revokes a grant at once", 200, 404, 409, 503);
        group.MapPost("/grants/{grant}/rotate", async (string grant, HttpContext context) => Answer(await desk.RotateAsync(context, grant)))
            .Describe<GrantCreated>("grants.rotate", "Gives a grant another token; the old one ends at once", 200, 404, 409, 503);
        group.MapPut("/grants/{grant}/servers/{server}", (string grant, string server, HttpContext context, CancellationToken ct) => AttachAsync((grant, server), context, ct))
            .Accepts<AttachBody>("application/json")
            .Describe<GrantReply>("grants.attach", "Puts a grant under a policy on one server", 200, 400, 404, 409, 413, 415, 503);
    }

    private async Task<IResult> CreateAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<GrantBody>(context, ct);
        return body is null
            ? AdminJson.Fail(fault!)
            : Answer(await desk.CreateAsync(context, new GrantRequest(body.Label, body.Servers, body.Identity, body.Attributes, body.Expires)), 201);
    }

    private async Task<IResult> AttachAsync((string Grant, string Server) target, HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<AttachBody>(context, ct);
        return body is null ? AdminJson.Fail(fault!) : Answer(await desk.AttachAsync(context, target.Grant, target.Server, body.Policy));
    }

    private static IResult Answer(Granted granted, int status = 200) => granted.Outcome switch
    {
        GrantedOutcome.Done when granted.Token is { } token => AdminJson.Ok(new GrantCreated(granted.Grant!.Id, granted.Grant.Label, token, granted.Grant.Servers), status),
        GrantedOutcome.Done => AdminJson.Ok(granted.Grant),
        GrantedOutcome.NotFound => AdminJson.Fail(AdminFault.NotFound(granted.Missing.What, granted.Missing.Name)),
        GrantedOutcome.Declared => AdminJson.Fail(AdminFault.Declared("grant", granted.Grant!.Id)),
        GrantedOutcome.Revoked => AdminJson.Fail(new AdminFault(409, AdminCodes.Invalid, granted.Problem!)),
        GrantedOutcome.Invalid => AdminJson.Fail(AdminFault.Invalid(granted.Problem!, [.. granted.Wrong])),
        _ => AdminJson.Fail(AdminFault.NotRecorded),
    };
}
