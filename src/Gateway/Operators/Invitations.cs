using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Storage;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>Whom a link is for.</summary>
/// <param name="Name">Null where the person chooses it: the first operator.</param>
public sealed record Invited(string? Name);

/// <summary>
/// The door for people who come with a link, and the link of the first operator, which a gate without operators prints when it
/// starts. INVARIANT: a link is used once, and that of the first operator only while there is none; attempts are counted like
/// those to sign in.
/// </summary>
public sealed class Invitations(IConfigStore store, Configurator configurator, Journal journal, SnapshotSource snapshots, SignIn signIn, TimeProvider time)
{
    /// <summary>What the first operator may do: everything.</summary>
    public const Roles OfTheFirst = Roles.Administrator | Roles.Approver;

    private readonly OperatorChanges changes = new(configurator, journal, time);
    private volatile Invitation? first;

    /// <summary>Where the pages of links are, with the secret behind it.</summary>
    public static string PathOf(string secret) => "welcome/" + secret;

    /// <summary>The secret of a new link for the first operator; null where there is one. An earlier link ends.</summary>
    public string? Offer()
    {
        if (snapshots.Current.Operators.Count > 0)
        {
            return null;
        }

        (var secret, first) = Invitation.New(time.GetUtcNow());
        return secret;
    }

    /// <summary>Whom the link is for; null, and it counts as an attempt, where it does not hold or nobody may try now.</summary>
    public async ValueTask<(Invited? Invited, TimeSpan Wait)> OpenAsync(HttpContext context, string secret)
    {
        if (signIn.WaitAt(context) is var wait && wait > TimeSpan.Zero)
        {
            return (null, wait);
        }

        if (Find(snapshots.Current, secret) is { } invited)
        {
            return (invited, TimeSpan.Zero);
        }

        await signIn.LinkFailedAsync(context);
        return (null, TimeSpan.Zero);
    }

    /// <summary>Sets the password of whom the link is for, and the link is used up.</summary>
    /// <param name="name">Of the first operator; of others the link knows it.</param>
    public async ValueTask<Administered> AcceptAsync(HttpContext context, string secret, string name, string password)
    {
        var (invited, wait) = await OpenAsync(context, secret);
        if (invited is null)
        {
            return new Administered(wait > TimeSpan.Zero ? AdministeredOutcome.Wait : AdministeredOutcome.LinkEnded) { Wait = wait };
        }

        name = invited.Name ?? name;
        List<string> wrong = [.. Operator.IsName(name) ? Array.Empty<string>() : [Operator.NameRule], .. OperatorPassword.IsPassword(password) ? Array.Empty<string>() : [OperatorPassword.Rule]];
        if (wrong.Count > 0)
        {
            return Administered.Invalid(wrong);
        }

        var hash = await Task.Run(() => OperatorPassword.Hash(password), context.RequestAborted);
        context.Features.Set(Actor.Invited(name));
        var done = await changes.MakeAsync(context, snapshot => Find(snapshot, secret) is not { } still || (still.Name ?? name) != name
            ? Planned<Administered>.No(Administered.No(AdministeredOutcome.LinkEnded, name))
            : still.Name is null ? First(name, hash) : Answered(snapshot.Operators[name], hash));
        if (done.Outcome == AdministeredOutcome.Done)
        {
            signIn.Unlock(name);
        }

        return done;
    }

    private Invited? Find(Snapshot snapshot, string secret)
    {
        var now = time.GetUtcNow();
        if (first is { } open && snapshot.Operators.Count == 0 && open.Fits(secret, now))
        {
            return new Invited(null);
        }

        return snapshot.Operators.Values.FirstOrDefault(person => person.Invitation?.Fits(secret, now) == true) is { } found ? new Invited(found.Name) : null;
    }

    private Planned<Administered> First(string name, string hash)
    {
        var person = new Operator { Name = name, Roles = OfTheFirst, PasswordHash = hash, Stamp = Operator.NewStamp(), Created = time.GetUtcNow() };
        return new Planned<Administered>(
            new OperatorAction("operator-add", Detail: $"{OperatorChanges.Describe(person)}; by the link that was printed at the start"),
            async cancel =>
            {
                await store.SaveOperatorAsync(person, cancel);
                first = null;
            },
            new Administered(AdministeredOutcome.Done, person) { Name = name });
    }

    private Planned<Administered> Answered(Operator person, string hash)
    {
        var changed = person with { PasswordHash = hash, Stamp = Operator.NewStamp(), Invitation = null };
        return new Planned<Administered>(
            new OperatorAction("operator-password", Detail: $"{OperatorChanges.Describe(changed)}; by a link"),
            cancel => store.SaveOperatorAsync(changed, cancel),
            new Administered(AdministeredOutcome.Done, changed) { Name = changed.Name });
    }
}
