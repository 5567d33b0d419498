using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Admin;

/// <summary>An operator to add.</summary>
/// <param name="Identity">The identity of grants that work for this person.</param>
/// <param name="Password">Made by the gate when left out.</param>
public sealed record OperatorBody(string Name, IReadOnlyList<string> Roles, string? Identity = null, string? Password = null);

/// <summary>What an operator is from now on.</summary>
public sealed record OperatorChange(IReadOnlyList<string> Roles, string? Identity = null);

/// <summary>A password to set.</summary>
/// <param name="Password">Made by the gate when left out.</param>
/// <param name="Current">The one that holds now; needed for one's own without the administrator's role.</param>
public sealed record PasswordBody(string? Password = null, string? Current = null);

/// <summary>An operator, without the password and its hash.</summary>
public sealed record OperatorReply(string Name, IReadOnlyList<string> Roles, string? Identity, DateTimeOffset Created);

/// <summary>All operators.</summary>
public sealed record OperatorList(IReadOnlyList<OperatorReply> Operators);

/// <summary>An operator whose password was set.</summary>
/// <param name="Password">The password when the gate made it, which is shown this once; else null.</param>
public sealed record OperatorAdded(string Name, IReadOnlyList<string> Roles, string? Identity, DateTimeOffset Created, string? Password);

/// <summary><c>/api/v1/operators</c>.</summary>
internal sealed class OperatorEndpoints(AdminParts parts, AdminChanges changes)
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
            .Describe<OperatorReply>("operators.change", "Gives an operator other roles and another identity, at once", 200, 400, 404, 413, 415, 503);
        group.MapDelete("/operators/{operator}", (HttpContext context, CancellationToken _) => RemoveAsync(context))
            .Describe<OperatorReply>("operators.remove", "Removes an operator and ends every session, at once", 200, 404, 503);
        group.MapPut("/operators/{operator}/password", (HttpContext context, CancellationToken ct) => SetPasswordAsync(context, ct))
            .Accepts<PasswordBody>("application/json")
            .Describe<OperatorAdded>("operators.password", "Sets a password, which ends every session of the operator; one's own, or with the administrator's role any", 200, 400, 403, 404, 413, 415, 429, 503);
        group.MapDelete("/operators/{operator}/lock", (HttpContext context, CancellationToken _) => UnlockAsync(context))
            .Describe<OperatorReply>("operators.unlock", "Lets an operator sign in who was locked after failed sign-ins", 200, 404, 503);
    }

    private static string Target(HttpContext context) => context.GetRouteValue("operator") as string ?? string.Empty;

    private static OperatorReply Reply(Operator person) => new(person.Name, RoleText.Of(person.Roles), person.Identity, person.Created);

    private static string Describe(Operator person) => $"{person.Name}: {string.Join(", ", RoleText.Of(person.Roles))}; identity {person.Identity ?? "none"}";

    private IResult List() => AdminJson.Ok(new OperatorList(
        [.. parts.Snapshots.Current.Operators.Values.OrderBy(static person => person.Name, StringComparer.Ordinal).Select(Reply)]));

    private async Task<IResult> AddAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<OperatorBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var (roles, wrong) = Check(body.Roles, body.Identity);
        if (!Operator.IsName(body.Name))
        {
            wrong.Insert(0, Operator.NameRule);
        }

        if (body.Password is { } given && !OperatorPassword.IsPassword(given))
        {
            wrong.Add(OperatorPassword.Rule);
        }

        if (wrong.Count > 0)
        {
            return AdminJson.Fail(AdminFault.Invalid("the operator cannot be added as described", wrong));
        }

        var password = body.Password ?? OperatorPassword.Generate();
        var person = new Operator
        {
            Name = body.Name,
            Identity = body.Identity,
            Roles = roles,
            PasswordHash = await Task.Run(() => OperatorPassword.Hash(password), ct),
            Stamp = Operator.NewStamp(),
            Created = parts.Time.GetUtcNow(),
        };
        return await changes.MakeAsync(context, snapshot => snapshot.Operators.ContainsKey(person.Name)
            ? PlannedChange.No(AdminFault.Conflict($"there is already an operator `{person.Name}`"))
            : PlannedChange.Yes(new OperatorAction("operator-add", Detail: Describe(person)), async cancel =>
            {
                await parts.Store.SaveOperatorAsync(person, cancel);
                return AdminJson.Ok(Added(person, body.Password is null ? password : null), 201);
            }));
    }

    private static OperatorAdded Added(Operator person, string? password) => new(person.Name, RoleText.Of(person.Roles), person.Identity, person.Created, password);

    private async Task<IResult> ChangeAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<OperatorChange>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        var (roles, wrong) = Check(body.Roles, body.Identity);
        return wrong.Count > 0
            ? AdminJson.Fail(AdminFault.Invalid("the operator cannot be changed as described", wrong))
            : await WithAsync(context, "operator-change", person => person with { Roles = roles, Identity = body.Identity }, async (changed, cancel) =>
            {
                await parts.Store.SaveOperatorAsync(changed, cancel);
                return AdminJson.Ok(Reply(changed));
            });
    }

    private Task<IResult> RemoveAsync(HttpContext context) => WithAsync(context, "operator-remove", static person => person, async (person, cancel) =>
    {
        await parts.Store.RemoveOperatorAsync(person.Name, cancel);
        return AdminJson.Ok(Reply(person));
    });

    private Task<IResult> UnlockAsync(HttpContext context) => WithAsync(context, "operator-unlock", static person => person, (person, _) =>
    {
        parts.SignIn.Unlock(person.Name);
        return ValueTask.FromResult(AdminJson.Ok(Reply(person)));
    });

    private async Task<IResult> SetPasswordAsync(HttpContext context, CancellationToken ct)
    {
        var (body, fault) = await AdminJson.ReadAsync<PasswordBody>(context, ct);
        if (body is null)
        {
            return AdminJson.Fail(fault!);
        }

        if (await MayNotAsync(context, body) is { } refusal)
        {
            return refusal;
        }

        if (body.Password is { } given && !OperatorPassword.IsPassword(given))
        {
            return AdminJson.Fail(AdminFault.Invalid(OperatorPassword.Rule));
        }

        var password = body.Password ?? OperatorPassword.Generate();
        var hash = await Task.Run(() => OperatorPassword.Hash(password), ct);
        return await WithAsync(context, "operator-password", person => person with { PasswordHash = hash, Stamp = Operator.NewStamp() }, async (changed, cancel) =>
        {
            await parts.Store.SaveOperatorAsync(changed, cancel);
            parts.SignIn.Unlock(changed.Name);
            return AdminJson.Ok(Added(changed, body.Password is null ? password : null));
        });
    }

    /// <summary>A session that was left open must not be enough to take the operator's name over for good.</summary>
    private async ValueTask<IResult?> MayNotAsync(HttpContext context, PasswordBody body)
    {
        var actor = Actor.Of(context)!;
        if (actor.HasAny(Roles.Administrator))
        {
            return null;
        }

        if (actor.Name != Target(context))
        {
            await changes.Record.ForbiddenAsync(context, actor, "the password of another operator");
            return AdminJson.Fail(new AdminFault(403, AdminCodes.Forbidden, "the password of another operator needs the role `administrator`"));
        }

        var (person, fault, wait) = await parts.SignIn.CheckAsync(context, actor.Name, body.Current ?? string.Empty, new OperatorAction("operator-password", Detail: "own"));
        return person is not null ? null
            : fault == SignInFault.Wait ? SessionEndpoints.TooMany(context, wait, SignInResult.No(fault, wait).Message)
            : AdminJson.Fail(AdminFault.Invalid("`current` is not the password that holds now"));
    }

    private Task<IResult> WithAsync(HttpContext context, string verb, Func<Operator, Operator> change, Func<Operator, CancellationToken, ValueTask<IResult>> apply)
    {
        var name = Target(context);
        return changes.MakeAsync(context, snapshot => snapshot.Operators.GetValueOrDefault(name) is { } person && change(person) is var changed
            ? PlannedChange.Yes(new OperatorAction(verb, Detail: Describe(changed)), cancel => apply(changed, cancel))
            : PlannedChange.No(AdminFault.NotFound("operator", name)));
    }

    private static (Roles Roles, List<object> Wrong) Check(IReadOnlyList<string> names, string? identity)
    {
        var wrong = new List<object>();
        var roles = RoleText.Parse(names, out var unknown);
        if (roles is null or Roles.None)
        {
            wrong.Add($"{(unknown is null ? "name at least one role" : $"`{unknown}` is no role")}: {string.Join(", ", RoleText.All.Select(static role => $"`{role}`"))}");
        }

        if (identity is { Length: 0 or > 256 } || identity?.Any(char.IsControl) == true)
        {
            wrong.Add("an identity has 1 to 256 characters and no control characters");
        }

        return (roles ?? Roles.None, wrong);
    }
}
