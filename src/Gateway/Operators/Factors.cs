using System.Globalization;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Storage;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>
/// Second factors: what fits them, and how they come and go. INVARIANT: a code is taken once, over restarts too; the store says
/// so before anybody is let in.
/// </summary>
public sealed class Factors(IConfigStore store, Configurator configurator, Journal journal, TimeProvider time)
{
    private readonly OperatorChanges changes = new(configurator, journal, time);

    /// <summary>Takes a code of the device, or a recovery code; what it was, in words, or null when it fits neither.</summary>
    public async ValueTask<string?> UseAsync(string name, string typed)
    {
        if (await store.FindFactorAsync(name) is not { } factor)
        {
            return null;
        }

        if (TimeCodes.Match(factor.Secret, Plain(typed), time.GetUtcNow(), factor.UsedStep) is { } step)
        {
            return await store.UseFactorStepAsync(name, step) ? "second factor" : null;
        }

        return RecoveryCodes.HashOf(name, typed) is { } hash && await store.UseRecoveryCodeAsync(name, hash) is { } left
            ? string.Create(CultureInfo.InvariantCulture, $"recovery code, {left} left")
            : null;
    }

    /// <summary>How many recovery codes are left.</summary>
    public ValueTask<int> RecoveryCodesAsync(string name, CancellationToken ct) => store.CountRecoveryCodesAsync(name, ct);

    /// <summary>Turns a factor on, in place of an earlier one, once the device has shown the right code. The recovery codes are shown this once.</summary>
    public async ValueTask<(Administered Done, IReadOnlyList<string> Codes)> EnrolAsync(HttpContext context, Enrolment enrolment, string typed)
    {
        var name = enrolment.Operator;
        var now = time.GetUtcNow();
        if (TimeCodes.Match(enrolment.Secret, Plain(typed), now, -1) is not { } step)
        {
            return (Administered.No(AdministeredOutcome.WrongCode, name), []);
        }

        var codes = RecoveryCodes.New();
        var factor = new SecondFactor(enrolment.Secret, step, now);
        var done = await changes.MakeAsync(context, snapshot => snapshot.Operators.GetValueOrDefault(name) is { } person && person.FactorSince == enrolment.Replaces
            ? Change("factor-on", person, _ => store.SaveFactorAsync(name, factor, [.. codes.Select(code => RecoveryCodes.HashOf(name, code)!)]))
            : Planned<Administered>.No(Administered.No(AdministeredOutcome.NotBegun, name)));
        return (done, done.Outcome == AdministeredOutcome.Done ? codes : []);
    }

    /// <summary>Turns it off, for whoever has shown password and code.</summary>
    public ValueTask<Administered> TurnOffAsync(HttpContext context, string name) => ChangeAsync(context, "factor-off", name, async _ => await store.RemoveFactorAsync(name));

    /// <summary>Turns off somebody else's, whose device is lost, and ends every session of that operator.</summary>
    public ValueTask<Administered> ResetAsync(HttpContext context, string name) => ChangeAsync(context, "factor-reset", name, async person =>
    {
        await store.SaveOperatorAsync(person with { Stamp = Operator.NewStamp() });
        await store.RemoveFactorAsync(name);
    });

    /// <summary>People read codes in groups.</summary>
    private static string Plain(string typed) => typed.Replace(" ", "", StringComparison.Ordinal);

    private ValueTask<Administered> ChangeAsync(HttpContext context, string verb, string name, Func<Operator, ValueTask> change) => changes.MakeAsync(context, snapshot =>
        snapshot.Operators.GetValueOrDefault(name) is { } person ? Change(verb, person, change) : Planned<Administered>.No(Administered.No(AdministeredOutcome.NotFound, name)));

    private static Planned<Administered> Change(string verb, Operator person, Func<Operator, ValueTask> change) =>
        new(new OperatorAction(verb, Detail: person.Name), _ => change(person), new Administered(AdministeredOutcome.Done, person) { Name = person.Name });
}
