using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>An operator to add.</summary>
/// <param name="Identity">The identity of grants that work for this person.</param>
/// <param name="Password">Made by the gate when left out.</param>
public sealed record OperatorBody(string Name, IReadOnlyList<string> Roles, string? Identity = null, string? Password = null);

/// <summary>Whom a link is for.</summary>
/// <param name="Roles">Of somebody new; left out for an operator that there is, who sets another password with it.</param>
public sealed record InvitationBody(IReadOnlyList<string>? Roles = null, string? Identity = null);

/// <summary>What an operator is from now on.</summary>
public sealed record OperatorChange(IReadOnlyList<string> Roles, string? Identity = null);

/// <summary>A password to set.</summary>
/// <param name="Password">Made by the gate when left out.</param>
/// <param name="Current">The one that holds now; needed for one's own without the administrator's role.</param>
public sealed record PasswordBody(string? Password = null, string? Current = null);

/// <summary>An operator, without the password and its hash.</summary>
/// <param name="Invited">Until when an open link to choose a password holds; null without one.</param>
/// <param name="SecondFactor">Since when one is asked for; null without one.</param>
/// <param name="HasPassword">False for whoever was invited and has not answered.</param>
public sealed record OperatorReply(string Name, IReadOnlyList<string> Roles, string? Identity, DateTimeOffset Created, DateTimeOffset? Invited, bool HasPassword, DateTimeOffset? SecondFactor);

/// <summary>All operators.</summary>
public sealed record OperatorList(IReadOnlyList<OperatorReply> Operators);

/// <summary>An operator whose password was set.</summary>
/// <param name="Password">The password when the gate made it, which is shown this once; else null.</param>
public sealed record OperatorAdded(string Name, IReadOnlyList<string> Roles, string? Identity, DateTimeOffset Created, string? Password);

/// <summary>An operator with a link to choose a password, which is shown this once.</summary>
public sealed record OperatorInvited(string Name, IReadOnlyList<string> Roles, string? Identity, DateTimeOffset Created, string Link, DateTimeOffset Expires);

/// <summary><c>/api/v1/operators</c>.</summary>
internal sealed class OperatorEndpoints(AdminParts parts)
{
    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/operators", (CancellationToken _) => List())
            .Describe<OperatorList>("operators.list", "Lists the operators", 200);
        group.MapPost("/operators", (HttpContext context, CancellationToken ct) => AddAsync(context, ct))
            .Accepts<OperatorBody>("application/json")
            .Describe<OperatorAdded>("operators.add", "Adds an operator and shows the password, once, when the gate made it", 201, 400, 409, 413, 415, 503);
        group.MapPut("/operators/{operator}", (HttpContext context, CancellationToken ct) => ChangeAsync(context, ct))
            .Accepts<OperatorChange>("application/json")
            .Describe<OperatorReply>("operators.change", "Gives an operator other roles and another identity, at once; the last administrator stays one", 200, 400, 404, 409, 413, 415, 503);
        group.MapDelete("/operators/{operator}", (HttpContext context, CancellationToken _) => RemoveAsync(context))
            .Describe<OperatorReply>("operators.remove", "Removes an operator and ends every session, at once; the last administrator stays", 200, 404, 409, 503);
        group.MapPost("/operators/{operator}/invitation", (HttpContext context, CancellationToken ct) => InviteAsync(context, ct))
            .Accepts<InvitationBody>("application/json")
            .Describe<OperatorInvited>("operators.invite", "Makes a link, shown once, with which somebody new, or an operator that there is, chooses a password; an earlier one ends", 201, 400, 409, 413, 415, 503);
        group.MapPut("/operators/{operator}/password", (HttpContext context, CancellationToken ct) => SetPasswordAsync(context, ct))
            .Accepts<PasswordBody>("application/json")
            .Describe<OperatorAdded>("operators.password", "Sets a password, which ends every session of the operator; one's own, or with the administrator's role any", 200, 400, 403, 404, 413, 415, 429, 503);
        group.MapDelete("/operators/{operator}/lock", (HttpContext context, CancellationToken _) => UnlockAsync(context))
            .Describe<OperatorReply>("operators.unlock", "Lets an operator sign in who was locked after failed sign-ins", 200, 404, 503);
        group.MapDelete("/operators/{operator}/factor", (HttpContext context, CancellationToken _) => ResetFactorAsync(context))
            .Describe<OperatorReply>("operators.reset_factor", "Turns off the second factor of an operator whose device is lost, and ends every session", 200, 404, 503);
    }

    private static string Target(HttpContext context) => context.GetRouteValue("operator") as string ?? string.Empty;

    private OperatorReply Reply(Operator person) => new(
        person.Name, RoleText.Of(person.Roles), person.Identity, person.Created, person.Invitation is { } open && parts.Time.GetUtcNow() < open.Expires ? open.Expires : null, person.HasPassword, person.FactorSince);

    private static OperatorAdded Added(Administered done) => new(done.Person!.Name, RoleText.Of(done.Person.Roles), done.Person.Identity, done.Person.Created, done.Secret);

    internal static IResult Answer(HttpContext context, Administered done, Func<Administered, object> shown, int status = 200) => done.Outcome switch
    {
        AdministeredOutcome.Done => AdminJson.Ok(shown(done), status),
        AdministeredOutcome.NotFound => AdminJson.Fail(AdminFault.NotFound("operator", done.Name)),
        AdministeredOutcome.Invalid => AdminJson.Fail(AdminFault.Invalid(done.Problem!, done.Wrong)),
        AdministeredOutcome.WrongPassword => AdminJson.Fail(AdminFault.Invalid(done.Problem!)),
        AdministeredOutcome.WrongCode => AdminJson.Fail(new AdminFault(400, AdminCodes.CodeNeeded, done.Problem!)),
        AdministeredOutcome.Forbidden => AdminJson.Fail(new AdminFault(403, AdminCodes.Forbidden, done.Problem!)),
        AdministeredOutcome.Wait => SessionEndpoints.TooMany(context, done.Wait, done.Problem!),
        AdministeredOutcome.NotRecorded => AdminJson.Fail(AdminFault.NotRecorded),
        _ => AdminJson.Fail(AdminFault.Conflict(done.Problem!)),
    };

    private IResult List() => AdminJson.Ok(new OperatorList([.. parts.Operators.List().Select(Reply)]));

    private async Task<IResult> AddAsync(HttpContext context, CancellationToken ct) =>
        await AdminJson.ReadAsync<OperatorBody>(context, ct) is var (body, fault) && body is not null
            ? Answer(context, await parts.Operators.AddAsync(context, new OperatorRequest(body.Name, body.Roles, body.Identity), body.Password), Added, 201)
            : AdminJson.Fail(fault!);

    private async Task<IResult> ChangeAsync(HttpContext context, CancellationToken ct) =>
        await AdminJson.ReadAsync<OperatorChange>(context, ct) is var (body, fault) && body is not null
            ? Answer(context, await parts.Operators.ChangeAsync(context, new OperatorRequest(Target(context), body.Roles, body.Identity)), done => Reply(done.Person!))
            : AdminJson.Fail(fault!);

    private async Task<IResult> RemoveAsync(HttpContext context) => Answer(context, await parts.Operators.RemoveAsync(context, Target(context)), done => Reply(done.Person!));

    private async Task<IResult> UnlockAsync(HttpContext context) => Answer(context, await parts.Operators.UnlockAsync(context, Target(context)), done => Reply(done.Person!));

    private async Task<IResult> ResetFactorAsync(HttpContext context) =>
        Answer(context, await parts.SecondFactors.ResetAsync(context, Target(context)), done => Reply(done.Person! with { FactorSince = null }));

    private async Task<IResult> InviteAsync(HttpContext context, CancellationToken ct) =>
        await AdminJson.ReadAsync<InvitationBody>(context, ct) is var (body, fault) && body is not null
            ? Answer(context, await parts.Operators.InviteAsync(context, new OperatorRequest(Target(context), body.Roles ?? [], body.Identity)), Invited, 201)
            : AdminJson.Fail(fault!);

    private OperatorInvited Invited(Administered done) => new(
        done.Person!.Name, RoleText.Of(done.Person.Roles), done.Person.Identity, done.Person.Created, parts.Pages.At(Invitations.PathOf(done.Secret!))!.AbsoluteUri, done.Person.Invitation!.Expires);

    private async Task<IResult> SetPasswordAsync(HttpContext context, CancellationToken ct) =>
        await AdminJson.ReadAsync<PasswordBody>(context, ct) is var (body, fault) && body is not null
            ? Answer(context, await parts.Operators.SetPasswordAsync(context, Target(context), body.Password, body.Current), Added)
            : AdminJson.Fail(fault!);
}
