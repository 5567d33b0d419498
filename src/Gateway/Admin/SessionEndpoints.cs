using System.Text;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>What a sign-in needs beside name and password.</summary>
/// <param name="Code">Of the second factor, or a recovery code; left out by who has none.</param>
public sealed record SessionBody(string? Code = null);

/// <summary>A session that has begun, with its token, which is shown this once.</summary>
public sealed record SessionBegun(string Token, string Name, IReadOnlyList<string> Roles, DateTimeOffset Expires);

/// <summary>Who is signed in.</summary>
public sealed record SessionReply(string Name, string? Identity, IReadOnlyList<string> Roles, DateTimeOffset Expires);

/// <summary>An open session, without its token.</summary>
/// <param name="Kind"><c>page</c> or <c>cli</c>.</param>
/// <param name="Address">Where it was begun from; null where that is not known.</param>
/// <param name="Current">Whether it is the one that asks.</param>
public sealed record OpenSession(string Id, string Operator, string Kind, DateTimeOffset Created, DateTimeOffset LastUsed, DateTimeOffset Expires, string? Address, bool Current);

/// <summary>Open sessions, the one used last first.</summary>
public sealed record OpenSessionList(IReadOnlyList<OpenSession> Sessions);

/// <summary><c>/api/v1/session</c>: signing in from the command line; and <c>/api/v1/sessions</c>, who is signed in.</summary>
internal sealed class SessionEndpoints(AdminParts parts)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public void Map(RouteGroupBuilder group)
    {
        group.MapPost("/session", (HttpContext context, CancellationToken ct) => BeginAsync(context, ct))
            .Accepts<SessionBody>(isOptional: true, "application/json")
            .Describe<SessionBegun>("session.begin", "Signs an operator in, by name and password as `Authorization: Basic` and the code of a second factor, and shows the session's token, once", 201, 400, 403, 413, 415, 429, 503);
        group.MapGet("/session", (HttpContext context) => Show(context))
            .Describe<SessionReply>("session.get", "Tells who is signed in", 200, 403);
        group.MapDelete("/session", (HttpContext context, CancellationToken _) => EndAsync(context))
            .Describe<SessionReply>("session.end", "Signs out", 200, 403, 503);
        group.MapGet("/sessions", (HttpContext context, CancellationToken _) => AdminJson.Ok(new OpenSessionList([.. parts.OpenSessions.List(Actor.Of(context)!).Select(session => Of(context, session))])))
            .Describe<OpenSessionList>("sessions.list", "Lists open sessions: one's own, for an administrator everybody's", 200);
        group.MapDelete("/sessions/{session}", (HttpContext context, CancellationToken _) => EndOneAsync(context))
            .Describe<OpenSession>("sessions.end", "Ends a session at once: one's own, for an administrator anybody's", 200, 404, 503);
    }

    private async Task<IResult> BeginAsync(HttpContext context, CancellationToken ct)
    {
        if (Basic(context) is not var (name, password))
        {
            return AdminEndpoints.Unauthorized(context, "send the operator's name and password as `Authorization: Basic`");
        }

        var (body, fault) = context.Request.ContentLength is > 0 ? await AdminJson.ReadAsync<SessionBody>(context, ct) : (new SessionBody(), null);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var result = await parts.SignIn.BeginAsync(context, name, password, SessionKind.Cli, body.Code);
        switch (result.Fault)
        {
            case SignInFault.Wrong or SignInFault.WrongCode:
                return AdminEndpoints.Unauthorized(context, result.Message);
            case SignInFault.Code:
                return AdminEndpoints.Unauthorized(context, result.Message, AdminCodes.CodeNeeded);
            case SignInFault.Enrol:
                return AdminJson.Fail(new AdminFault(403, AdminCodes.FactorNeeded, result.Message));
            case SignInFault.Wait:
                return TooMany(context, result.Wait, result.Message);
            case SignInFault.Unavailable:
                return AdminJson.Fail(new AdminFault(503, AdminCodes.RecordUnavailable, result.Message));
        }

        var person = parts.Snapshots.Current.Operators.GetValueOrDefault(name);
        return AdminJson.Ok(new SessionBegun(result.Token!, name, RoleText.Of(person?.Roles ?? Roles.None), result.Session!.Expires), 201);
    }

    public static IResult TooMany(HttpContext context, TimeSpan wait, string message)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return AdminJson.Fail(new AdminFault(429, AdminCodes.TooMany, message));
    }

    private IResult Show(HttpContext context) => AdminJson.Ok(Reply(context));

    private async Task<IResult> EndAsync(HttpContext context)
    {
        var reply = Reply(context);
        return await parts.SignIn.EndAsync(context, Actor.Of(context)!, AdminEndpoints.Bearer(context)!)
            ? AdminJson.Ok(reply)
            : AdminJson.Fail(new AdminFault(503, AdminCodes.StoreUnavailable, "signed out, but the gate could not write that down; look into its log"));
    }

    private async Task<IResult> EndOneAsync(HttpContext context)
    {
        var id = context.GetRouteValue("session") as string ?? string.Empty;
        var (session, recorded) = await parts.OpenSessions.EndAsync(context, Actor.Of(context)!, id);
        return session is null ? AdminJson.Fail(AdminFault.NotFound("session", id)) : recorded ? AdminJson.Ok(Of(context, session)) : AdminJson.Fail(AdminFault.NotRecorded);
    }

    private static OpenSession Of(HttpContext context, OperatorSession session) => new(
        session.Id, session.Operator, session.Kind == SessionKind.Page ? "page" : "cli", session.Created, session.LastUsed, session.Expires, session.Address,
        AdminEndpoints.Bearer(context) is { } token && OperatorSessions.IdOf(token) == session.Id);

    private SessionReply Reply(HttpContext context)
    {
        var actor = Actor.Of(context)!;
        return new SessionReply(actor.Name, actor.Identity, RoleText.Of(actor.Roles), parts.Sessions.ExpiresOf(AdminEndpoints.Bearer(context)!) ?? parts.Time.GetUtcNow());
    }

    /// <summary>RFC 7617: the base64 of NAME:PASSWORD in UTF-8.</summary>
    private static (string Name, string Password)? Basic(HttpContext context)
    {
        var headers = context.Request.Headers.Authorization;
        if (headers is not [{ Length: < 2048 } header] || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            var text = Strict.GetString(Convert.FromBase64String(header[6..].Trim()));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 ? (text[..colon], text[(colon + 1)..]) : null;
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
