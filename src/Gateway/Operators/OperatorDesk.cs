using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Storage;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>Where operators are added, changed and removed: the API, the command line and pages come here.</summary>
public sealed class OperatorDesk(IConfigStore store, Configurator configurator, Journal journal, SnapshotSource snapshots, SignIn signIn, TimeProvider time)
{
    private readonly OperatorChanges changes = new(configurator, journal, time);

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<Operator> List() => [.. snapshots.Current.Operators.Values.OrderBy(static person => person.Name, StringComparer.Ordinal)];

    /// <summary>Null when there is none.</summary>
    public Operator? Find(string name) => snapshots.Current.Operators.GetValueOrDefault(name);

    /// <summary>Adds an operator with a password; null for one that the gate makes, which is shown this once.</summary>
    public async ValueTask<Administered> AddAsync(HttpContext context, OperatorRequest asked, string? password)
    {
        var (roles, wrong) = Check(asked);
        if (password is not null && !OperatorPassword.IsPassword(password))
        {
            wrong.Add(OperatorPassword.Rule);
        }

        if (wrong.Count > 0)
        {
            return Administered.Invalid(wrong);
        }

        var made = password is null ? OperatorPassword.Generate() : null;
        var hash = await Task.Run(() => OperatorPassword.Hash(password ?? made!), context.RequestAborted);
        return await AddAsync(context, "operator-add", New(asked, roles) with { PasswordHash = hash }, made);
    }

    /// <summary>
    /// Makes a link with which a person chooses a password: somebody new, who has these roles, or an operator that there is,
    /// where no roles are named. It takes the place of an earlier one; until it is used, the password that holds goes on.
    /// </summary>
    public async ValueTask<Administered> InviteAsync(HttpContext context, OperatorRequest asked)
    {
        var (secret, invitation) = Invitation.New(time.GetUtcNow());
        if (asked.Roles.Count == 0 && Find(asked.Name) is not null)
        {
            return await WithAsync(context, "operator-invite", asked.Name, person => person with { Invitation = invitation }, secret);
        }

        var (roles, wrong) = Check(asked);
        return wrong.Count > 0 ? Administered.Invalid(wrong) : await AddAsync(context, "operator-invite", New(asked, roles) with { Invitation = invitation }, secret);
    }

    /// <summary>Gives an operator these roles and this identity, in place of those before, for open sessions too.</summary>
    public async ValueTask<Administered> ChangeAsync(HttpContext context, OperatorRequest asked)
    {
        var (roles, wrong) = Check(asked);
        return wrong.Count > 0 ? Administered.Invalid(wrong) : await changes.MakeAsync(context, snapshot =>
            snapshot.Operators.GetValueOrDefault(asked.Name) is not { } person ? Planned<Administered>.No(Administered.No(AdministeredOutcome.NotFound, asked.Name))
            : !roles.HasFlag(Roles.Administrator) && IsLastAdministrator(snapshot, person) ? Planned<Administered>.No(Administered.No(AdministeredOutcome.LastAdministrator, asked.Name))
            : Save("operator-change", person with { Roles = roles, Identity = asked.Identity }));
    }

    /// <summary>Removes an operator and ends every session.</summary>
    public ValueTask<Administered> RemoveAsync(HttpContext context, string name) => changes.MakeAsync(context, snapshot =>
        snapshot.Operators.GetValueOrDefault(name) is not { } person ? Planned<Administered>.No(Administered.No(AdministeredOutcome.NotFound, name))
        : IsLastAdministrator(snapshot, person) ? Planned<Administered>.No(Administered.No(AdministeredOutcome.LastAdministrator, name))
        : new Planned<Administered>(
            new OperatorAction("operator-remove", Detail: OperatorChanges.Describe(person)),
            async cancel => await store.RemoveOperatorAsync(name, cancel),
            new Administered(AdministeredOutcome.Done, person) { Name = name }));

    /// <summary>
    /// Sets a password, which ends every session of the operator; null for one that the gate makes. An administrator sets any, and need not give the one
    /// that holds now. Whoever is none sets the own, with the one that holds now: a session that was left open must not be enough to take the
    /// operator's name over for good.
    /// </summary>
    public async ValueTask<Administered> SetPasswordAsync(HttpContext context, string name, string? password, string? current)
    {
        if (await MayNotAsync(context, name, current) is { } refused)
        {
            return refused;
        }

        if (password is not null && !OperatorPassword.IsPassword(password))
        {
            return Administered.Invalid([OperatorPassword.Rule]);
        }

        var made = password is null ? OperatorPassword.Generate() : null;
        var hash = await Task.Run(() => OperatorPassword.Hash(password ?? made!), context.RequestAborted);
        var done = await WithAsync(context, "operator-password", name, person => person with { PasswordHash = hash, Stamp = Operator.NewStamp(), Invitation = null }, made);
        if (done.Outcome == AdministeredOutcome.Done)
        {
            signIn.Unlock(name);
        }

        return done;
    }

    /// <summary>Lets an operator sign in who was locked after failed sign-ins.</summary>
    public ValueTask<Administered> UnlockAsync(HttpContext context, string name) => changes.MakeAsync(context, snapshot =>
        snapshot.Operators.GetValueOrDefault(name) is not { } person ? Planned<Administered>.No(Administered.No(AdministeredOutcome.NotFound, name))
        : new Planned<Administered>(
            new OperatorAction("operator-unlock", Detail: OperatorChanges.Describe(person)),
            _ =>
            {
                signIn.Unlock(name);
                return ValueTask.CompletedTask;
            },
            new Administered(AdministeredOutcome.Done, person) { Name = name }));

    /// <summary>Somebody who was invited and has not answered cannot administer yet.</summary>
    private static bool IsLastAdministrator(Snapshot snapshot, Operator person) =>
        Administers(person) && !snapshot.Operators.Values.Any(other => other.Name != person.Name && Administers(other));

    private static bool Administers(Operator person) => person.Roles.HasFlag(Roles.Administrator) && person.HasPassword;

    private Operator New(OperatorRequest asked, Roles roles) => new()
    {
        Name = asked.Name,
        Identity = asked.Identity,
        Roles = roles,
        PasswordHash = Operator.NoPassword,
        Stamp = Operator.NewStamp(),
        Created = time.GetUtcNow(),
    };

    private ValueTask<Administered> AddAsync(HttpContext context, string verb, Operator person, string? secret) => changes.MakeAsync(context, snapshot =>
        snapshot.Operators.ContainsKey(person.Name) ? Planned<Administered>.No(Administered.No(AdministeredOutcome.Exists, person.Name)) : Save(verb, person, secret));

    private ValueTask<Administered> WithAsync(HttpContext context, string verb, string name, Func<Operator, Operator> change, string? secret) => changes.MakeAsync(context, snapshot =>
        snapshot.Operators.GetValueOrDefault(name) is { } person ? Save(verb, change(person), secret) : Planned<Administered>.No(Administered.No(AdministeredOutcome.NotFound, name)));

    private Planned<Administered> Save(string verb, Operator changed, string? secret = null) => new(
        new OperatorAction(verb, Detail: OperatorChanges.Describe(changed)),
        cancel => store.SaveOperatorAsync(changed, cancel),
        new Administered(AdministeredOutcome.Done, changed, secret) { Name = changed.Name });

    private async ValueTask<Administered?> MayNotAsync(HttpContext context, string name, string? current)
    {
        var actor = Actor.Of(context)!;
        if (actor.HasAny(Roles.Administrator) && (current is null || actor.Name != name))
        {
            return null;
        }

        if (actor.Name != name)
        {
            await changes.Record.ForbiddenAsync(context, actor, "the password of another operator");
            return Administered.No(AdministeredOutcome.Forbidden, name);
        }

        var (person, fault, wait) = await signIn.CheckAsync(context, name, current ?? string.Empty, new OperatorAction("operator-password", Detail: "own"));
        return person is not null ? null
            : fault == SignInFault.Wait ? new Administered(AdministeredOutcome.Wait) { Name = name, Wait = wait }
            : Administered.No(AdministeredOutcome.WrongPassword, name);
    }

    private static (Roles Roles, List<string> Wrong) Check(OperatorRequest asked)
    {
        var wrong = new List<string>();
        if (!Operator.IsName(asked.Name))
        {
            wrong.Add(Operator.NameRule);
        }

        var roles = RoleText.Parse(asked.Roles, out var unknown);
        if (roles is null or Roles.None)
        {
            wrong.Add($"{(unknown is null ? "name at least one role" : $"`{unknown}` is no role")}: {string.Join(", ", RoleText.All.Select(static role => $"`{role}`"))}");
        }

        if (asked.Identity is { Length: 0 or > 256 } || asked.Identity?.Any(char.IsControl) == true)
        {
            wrong.Add("an identity has 1 to 256 characters and no control characters");
        }

        return (roles ?? Roles.None, wrong);
    }
}
