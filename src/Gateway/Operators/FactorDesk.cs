using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>
/// Where operators set up their second factor and turn it off, and administrators reset that of others: the API, the command
/// line and pages come here. INVARIANT: a session that was left open is not enough; password, and the code where there is one,
/// are asked for again.
/// </summary>
public sealed class FactorDesk(Factors factors, SignIn signIn, SnapshotSource snapshots, TimeProvider time)
{
    /// <summary>How long a secret waits for the first code of its device.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, (Enrolment Enrolment, DateTimeOffset Until)> begun = new(StringComparer.Ordinal);

    /// <summary>Whether everybody has to have one.</summary>
    public bool IsRequired => snapshots.Current.RequiresSecondFactor;

    /// <summary>How many recovery codes are left.</summary>
    public ValueTask<int> RecoveryCodesAsync(string name, CancellationToken ct) => factors.RecoveryCodesAsync(name, ct);

    /// <summary>Begins to set one up, or another in its place; an earlier beginning of the same person ends.</summary>
    /// <param name="code">Of the one there is; null where there is none.</param>
    public async ValueTask<(Administered Done, Enrolment? Enrolment)> BeginAsync(HttpContext context, Actor actor, string password, string? code)
    {
        // As it was before what is shown for it, so that it takes the place of no other.
        if (snapshots.Current.Operators.GetValueOrDefault(actor.Name) is not { } person)
        {
            return (Administered.No(AdministeredOutcome.NotFound, actor.Name), null);
        }

        if (await MayNotAsync(context, actor, password, code) is { } refused)
        {
            return (refused, null);
        }

        var enrolment = Enrolment.New(person);
        begun[actor.Name] = (enrolment, time.GetUtcNow() + Patience);
        return (new Administered(AdministeredOutcome.Done) { Name = actor.Name }, enrolment);
    }

    /// <summary>Turns on what was begun, once the device has shown the right code. After a wrong one it goes on.</summary>
    public async ValueTask<(Administered Done, Enrolment? Enrolment, IReadOnlyList<string> Codes)> ConfirmAsync(HttpContext context, Actor actor, string code)
    {
        if (!begun.TryGetValue(actor.Name, out var waits) || time.GetUtcNow() >= waits.Until)
        {
            return (Administered.No(AdministeredOutcome.NotBegun, actor.Name), null, []);
        }

        var (done, codes) = await factors.EnrolAsync(context, waits.Enrolment, code);
        if (done.Outcome == AdministeredOutcome.Done)
        {
            begun.TryRemove(actor.Name, out _);
        }

        return (done, waits.Enrolment, codes);
    }

    /// <summary>Turns one's own off, unless everybody has to have one.</summary>
    public async ValueTask<Administered> TurnOffAsync(HttpContext context, Actor actor, string password, string? code) =>
        IsRequired ? Administered.No(AdministeredOutcome.FactorRequired, actor.Name)
        : await MayNotAsync(context, actor, password, code) ?? await factors.TurnOffAsync(context, actor.Name);

    /// <summary>Turns off that of somebody whose device is lost, and ends every session of that operator.</summary>
    public ValueTask<Administered> ResetAsync(HttpContext context, string name) => factors.ResetAsync(context, name);

    private async ValueTask<Administered?> MayNotAsync(HttpContext context, Actor actor, string password, string? code)
    {
        var (fault, wait) = await signIn.ProveAsync(context, actor.Name, password, code, new OperatorAction("factor", Detail: "own"));
        return fault switch
        {
            null => null,
            SignInFault.Wait => new Administered(AdministeredOutcome.Wait) { Name = actor.Name, Wait = wait },
            SignInFault.Code or SignInFault.WrongCode => Administered.No(AdministeredOutcome.WrongCode, actor.Name),
            SignInFault.Unavailable => Administered.No(AdministeredOutcome.NotRecorded, actor.Name),
            _ => Administered.No(AdministeredOutcome.WrongPassword, actor.Name),
        };
    }
}
